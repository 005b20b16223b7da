import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { pinoLog } from '../../../src/telemetry/pino-log.ts';

it.each(['err', 'error', 'cause'])('writes an error under the name %s with its message and its cause', (name) => {
  const folder = mkdtempSync(join(tmpdir(), 'vbs-log-'));
  const file = join(folder, 'vbs.log');
  pinoLog({ level: 'info', file, mostMiB: 1, files: 1 }).error(
    { [name]: new Error('the outer one', { cause: new Error('the inner one') }) },
    'something failed',
  );
  const line = JSON.parse(readFileSync(file, 'utf8'));
  expect(line).toMatchObject({ msg: 'something failed', [name]: { message: 'the outer one', cause: { message: 'the inner one' } } });
  rmSync(folder, { recursive: true });
});

it('fails nobody when it cannot be written', () => {
  const log = pinoLog({ level: 'info', file: '/dev/full', mostMiB: 1, files: 1 });
  for (let line = 0; line < 3; line += 1) {
    expect(() => log.info({ line }, 'said')).not.toThrow();
  }
});
