import type * as z from 'zod';
import { CloudUnavailable } from '../cloud-resolver.ts';

/** What a cloud said in JSON, in the shape that is wanted. `speaker` names it in the message. Throws CloudUnavailable when it is something else. */
export function readJson<Schema extends z.ZodType>(text: string, schema: Schema, speaker: string): z.output<Schema> {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw notJson(text, speaker, cause);
  }
  return requireShape(content, schema, speaker);
}

export function notJson(text: string, speaker: string, cause?: unknown): CloudUnavailable {
  const isMarkup = text.trimStart().startsWith('<');
  return new CloudUnavailable(`${speaker} answered ${isMarkup ? 'with a page of markup' : 'with something'} that is not JSON`, {
    hint: 'does the address lead to the service itself, and not to a proxy, a login page or another service?',
    cause,
  });
}

/** The same of what was read already. `path` is where it stood. */
export function requireShape<Schema extends z.ZodType>(
  content: unknown,
  schema: Schema,
  speaker: string,
  path: readonly PropertyKey[] = [],
): z.output<Schema> {
  const parsed = schema.safeParse(content);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const place = [...path, ...(issue?.path ?? [])];
    const where = place.length === 0 ? '' : ` at ${place.join('.')}`;
    throw new CloudUnavailable(`${speaker} answered JSON of another shape${where}: ${issue?.message ?? 'it does not fit'}`, {
      cause: parsed.error,
    });
  }
  return parsed.data;
}
