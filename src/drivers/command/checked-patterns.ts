import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { Pattern } from './pattern.ts';

/** Shipped backend files as they were read and checked when the service was built, by the hash of their text. A start that need not parse YAML is an eighth shorter. */
export type CheckedPatterns = Readonly<Record<string, Pattern>>;

/** Of a service that is not built there are none. */
export function readCheckedPatterns(file: string): CheckedPatterns {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as CheckedPatterns) : {};
}

/** Under which a text's pattern is kept: a file that somebody changed after the build is not found, and read anew. */
export function keyOfText(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
