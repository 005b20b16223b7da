import { readFileSync, statSync } from 'node:fs';

/**
 * A file whose content may be exchanged while the service runs: a renewed certificate, a new password. Each call looks whether it has
 * changed, which costs one stat, and reads it again if so. Throws what `readFileSync` throws.
 */
export function watchedFile(path: string): () => Buffer {
  let seen = '';
  let content = Buffer.alloc(0);
  return () => {
    const { mtimeMs, size, ino } = statSync(path);
    const now = `${mtimeMs} ${size} ${ino}`;
    if (now !== seen) {
      content = readFileSync(path);
      seen = now;
    }
    return content;
  };
}
