import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for files with secrets, for as long as a test runs. */
export function secretFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'vbs-secrets-'));
  return {
    folder,
    file(name: string, secret: string): string {
      const path = join(folder, name);
      writeFileSync(path, `${secret}\n`, { mode: 0o600 });
      return path;
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}
