import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { lockState } from '../../../src/store/sqlite/state-lock.ts';

const folder = mkdtempSync(join(tmpdir(), 'vbs-lock-'));
afterAll(() => rmSync(folder, { recursive: true }));

const holder = fileURLToPath(new URL('../../support/lock-holder.ts', import.meta.url));

describe('the lock of a state folder', () => {
  it('is refused while somebody holds it, and free again when it is given back', () => {
    const file = join(folder, 'one');
    const first = lockState(file);
    expect(first).toBeDefined();
    expect(lockState(file)).toBeUndefined();
    first?.release();
    const second = lockState(file);
    expect(second).toBeDefined();
    second?.release();
  });

  it('holds over processes, and goes with its process when that is killed', async () => {
    const file = join(folder, 'two');
    const process_ = spawn(process.execPath, ['--import', 'tsx', holder, file], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [said] = (await once(process_.stdout, 'data')) as [Buffer];
    expect(said.toString()).toBe('held\n');
    expect(lockState(file)).toBeUndefined();
    process_.kill('SIGKILL');
    await once(process_, 'exit');
    const freed = await vi.waitFor(() => {
      const lock = lockState(file);
      expect(lock).toBeDefined();
      return lock;
    });
    freed?.release();
  });

  it('says what is wrong with a file that cannot be a lock', () => {
    expect(() => lockState(join(folder, 'no', 'such', 'folder'))).toThrow();
  });
});
