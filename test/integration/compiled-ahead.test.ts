import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

test('what the build compiled ahead is taken by the next process, and not refused', async () => {
  const loader = fileURLToPath(new URL('../../bin/load-bundle.js', import.meta.url));
  const program = `import { loadBundle } from ${JSON.stringify(loader)}; console.log(loadBundle().script.cachedDataRejected);`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
  expect(stdout.trim()).toBe('false');
});
