import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { systemClock } from '../../../../src/drivers/command/clock.ts';
import { localHost } from '../../../../src/drivers/command/local-host.ts';

const host = localHost('here', systemClock);

it('gives a program its arguments as they are, and a small environment', async () => {
  const text = '$(id); `id` "two words" *';
  expect(await host.run({ argv: ['printf', '%s', text], timeoutMs: 5_000 })).toMatchObject({
    exitCode: 0,
    timedOut: false,
    stdout: text,
    stderr: '',
  });
  const { stdout } = await host.run({ argv: ['env'], env: { EXTRA: 'yes' }, timeoutMs: 5_000 });
  expect(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.split('=')[0])
      .sort(),
  ).toEqual(['EXTRA', 'LC_ALL', 'PATH']);
});

it('closes standard input unless there is something for it', async () => {
  expect(await host.run({ argv: ['cat'], timeoutMs: 5_000 })).toMatchObject({ exitCode: 0, stdout: '' });
  expect(await host.run({ argv: ['cat'], stdin: 'given', timeoutMs: 5_000 })).toMatchObject({ exitCode: 0, stdout: 'given' });
  // A program that does not read what it is given is no error.
  expect(await host.run({ argv: ['true'], stdin: 'x'.repeat(1_000_000), timeoutMs: 5_000 })).toMatchObject({ exitCode: 0 });
});

it('tells an exit and a signal apart', async () => {
  expect(await host.run({ argv: ['sh', '-c', 'echo no >&2; exit 5'], timeoutMs: 5_000 })).toMatchObject({ exitCode: 5, stderr: 'no\n' });
  const killed = await host.run({ argv: ['sh', '-c', 'kill -KILL $$'], timeoutMs: 5_000 });
  expect(killed.exitCode).toBeUndefined();
  expect(killed.timedOut).toBe(false);
});

it('ends the whole process group at the time limit, even one that ignores SIGTERM', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vbs-host-'));
  const pidFile = join(folder, 'pids');
  const script = `trap '' TERM; sleep 300 & echo $$ $! > ${pidFile}; wait; wait; sleep 300`;
  const result = await host.run({ argv: ['sh', '-c', script], timeoutMs: 300 });
  expect(result).toMatchObject({ timedOut: true });
  expect(result).not.toHaveProperty('exitCode');
  const pids = (await readFile(pidFile, 'utf8')).trim().split(' ').map(Number);
  expect(pids).toHaveLength(2);
  await expect.poll(() => Promise.all(pids.map(isRunning))).toEqual([false, false]);
  await rm(folder, { recursive: true });
});

it('names the program and its package when it is not installed', async () => {
  await expect(host.run({ argv: ['targetcli'], timeoutMs: 1_000 })).rejects.toMatchObject({
    name: 'DriverError',
    kind: 'unavailable',
    message: 'targetcli is not installed on here: install it with apt-get install targetcli-fb',
  });
  await expect(host.run({ argv: ['/no/such/script'], stdin: 'x', timeoutMs: 1_000 })).rejects.toMatchObject({ kind: 'unavailable' });
});

it('ends a program that writes without end, and does not take what it wrote for an answer', async () => {
  await expect(host.run({ argv: ['yes'], timeoutMs: 20_000 })).rejects.toMatchObject({
    kind: 'unknown',
    message: expect.stringContaining('wrote more than'),
  });
});

/** A process that has ended and that nobody has waited for yet (a zombie) does not run. */
async function isRunning(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return status !== undefined && !/\) Z /.test(status);
}

it('keeps its time limits while the clock is set back', async () => {
  let hours = 0;
  const clock = {
    ...systemClock,
    nowMs: () => {
      hours += 1;
      return Date.now() - hours * 3_600_000;
    },
  };
  const { timedOut, durationMs } = await localHost('here', clock).run({ argv: ['sh', '-c', "trap '' TERM; sleep 300"], timeoutMs: 200 });
  expect(timedOut).toBe(true);
  expect(durationMs).toBeGreaterThanOrEqual(200);
}, 10_000);
