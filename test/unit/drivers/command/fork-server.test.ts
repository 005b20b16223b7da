import { readFile } from 'node:fs/promises';
import { afterEach, expect, it, vi } from 'vitest';
import { forkServerProgram } from '../../../../src/composition/package-folder.ts';
import { systemClock } from '../../../../src/drivers/command/clock.ts';
import { type ForkServer, forkServer } from '../../../../src/drivers/command/fork-server.ts';
import type { Host } from '../../../../src/drivers/command/host.ts';

const timeoutMs = 30_000;
const servers: ForkServer[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

it('runs commands in the service itself until its process has begun, and there from then on', async () => {
  const server = newServer();
  const host = server.host('here');
  expect(await parentOf(host)).toBe(process.pid);
  server.start();
  await expect.poll(() => parentOf(host), { timeout: timeoutMs }).not.toBe(process.pid);
  // Standard input, environment, output, exit and times come through.
  const seen = await host.run({ argv: ['sh', '-c', 'cat; echo "$EXTRA" >&2; exit 3'], stdin: 'given', env: { EXTRA: 'yes' }, timeoutMs });
  expect(seen).toMatchObject({ exitCode: 3, stdout: 'given', stderr: 'yes\n', timedOut: false });
  expect(seen.startedAtMs).toBeGreaterThan(0);
});

it('passes on why a program could not be started, and a time limit', async () => {
  const { host } = await startedServer();
  await expect(host.run({ argv: ['targetcli'], timeoutMs })).rejects.toMatchObject({
    name: 'DriverError',
    kind: 'unavailable',
    message: 'targetcli is not installed on here: install it with apt-get install targetcli-fb',
  });
  const ended = await host.run({ argv: ['sleep', '300'], timeoutMs: 100 });
  expect(ended).toMatchObject({ timedOut: true });
  expect(ended).not.toHaveProperty('exitCode');
});

it('calls a command unknown whose process was lost, and goes on without it', async () => {
  const { host, pid } = await startedServer();
  const lost = host.run({ argv: ['sh', '-c', 'read -r line; echo "$line"'], timeoutMs: 2_000 });
  const sleeping = host.run({ argv: ['sleep', '1'], timeoutMs });
  process.kill(pid, 'SIGKILL');
  await expect(sleeping).rejects.toMatchObject({ name: 'DriverError', kind: 'unknown', retryable: true });
  await lost.catch(() => undefined);
  expect(await parentOf(host)).toBe(process.pid);
});

it('lets its process end when the service closes it, and not before the commands under way', async () => {
  const { server, host, pid } = await startedServer();
  const late = host.run({ argv: ['sleep', '0.2'], timeoutMs }).catch(() => 'not told any more');
  server.close();
  await late;
  await vi.waitFor(async () => expect(await isRunning(pid)).toBe(false), { timeout: timeoutMs });
});

it('takes no notice of the signals that stop the service', async () => {
  const { host, pid } = await startedServer();
  process.kill(pid, 'SIGTERM');
  process.kill(pid, 'SIGINT');
  expect(await parentOf(host)).toBe(pid);
});

function newServer(): ForkServer {
  const server = forkServer(forkServerProgram, systemClock);
  servers.push(server);
  return server;
}

async function startedServer() {
  const server = newServer();
  const host = server.host('here');
  server.start();
  let pid = process.pid;
  await vi.waitFor(
    async () => {
      pid = await parentOf(host);
      expect(pid).not.toBe(process.pid);
    },
    { timeout: timeoutMs },
  );
  return { server, host, pid };
}

/** The process that started a command. */
async function parentOf(host: Host): Promise<number> {
  const { stdout } = await host.run({ argv: ['sh', '-c', 'echo $PPID'], timeoutMs });
  return Number(stdout);
}

async function isRunning(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return status !== undefined && !/\) Z /.test(status);
}
