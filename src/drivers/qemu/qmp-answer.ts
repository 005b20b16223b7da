import type * as z from 'zod';
import { DriverError } from '../driver-error.ts';

/** What QEMU answered, as what it should be. Throws DriverError `unknown` for anything else: of what cannot be read nothing is concluded. */
export function answerAs<Schema extends z.ZodType>(schema: Schema, answer: unknown, command: string): z.output<Schema> {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.join('.') ?? '';
  throw new DriverError('unknown', `QEMU answers ${command} with something else than it should${where === '' ? '' : ` (at ${where})`}`);
}
