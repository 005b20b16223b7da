import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SshServer, startSshServer } from '../support/ssh-server.ts';

let server: SshServer;
beforeAll(async () => {
  server = await startSshServer();
});
afterAll(async () => {
  await server.stop();
});

const longTimeMs = 60_000;

describe('a command on a host behind ssh', () => {
  it.each([
    ["a quote: it's", ''],
    ['a substitution: $(touch /tmp/vbs-pwned) `id` $HOME', '"double" \\backslash\\'],
    ['a line\nand another', 'tab\there'],
    ['; rm -rf nothing & | > <', "'; id; '"],
    ['--option', '*?[a-z]~ ! #comment'],
    ['umlaut ä, snowman ☃', "''''"],
  ])('gets its arguments as they are: %j %j', async (one, other) => {
    const result = await server.host().run({ argv: ['printf', '%s\\0', one, other, 'end'], timeoutMs: longTimeMs });
    expect(result).toMatchObject({ exitCode: 0, timedOut: false, stderr: '' });
    expect(result.stdout.split('\0')).toEqual([one, other, 'end', '']);
    expect(existsSync('/tmp/vbs-pwned')).toBe(false);
  });

  it('gets the small environment of a local one, with what is added', async () => {
    const { stdout } = await server.host().run({ argv: ['env'], env: { EXTRA: "it's $HOME" }, timeoutMs: longTimeMs });
    const lines = stdout
      .trim()
      .split('\n')
      .filter((line) => !/^(PWD|SHLVL|_)=/.test(line));
    expect(lines.sort()).toEqual(["EXTRA=it's $HOME", 'LC_ALL=C', expect.stringContaining('PATH=/usr/local/sbin:')]);
  });

  it('is given its standard input, which is closed otherwise', async () => {
    const host = server.host();
    expect(await host.run({ argv: ['cat'], stdin: 'given\nü', timeoutMs: longTimeMs })).toMatchObject({ exitCode: 0, stdout: 'given\nü' });
    expect(await host.run({ argv: ['cat'], timeoutMs: longTimeMs })).toMatchObject({ exitCode: 0, stdout: '' });
  });

  it.each([0, 1, 5, 107, 124, 126, 127, 255])('is seen to exit with %i', async (exitCode) => {
    const result = await server.host().run({ argv: ['sh', '-c', `echo out; echo err >&2; exit ${exitCode}`], timeoutMs: longTimeMs });
    expect(result).toMatchObject({ exitCode, timedOut: false, stdout: 'out\n', stderr: 'err\n' });
  });

  it('that a signal ended has no exit', async () => {
    const result = await server.host().run({ argv: ['sh', '-c', 'kill -KILL $$'], timeoutMs: longTimeMs });
    expect(result).toMatchObject({ timedOut: false });
    expect(result).not.toHaveProperty('exitCode');
  });

  it('is ended there at its time limit with all its children, even when it ignores SIGTERM', async () => {
    const pidFile = join(server.folder, 'pids');
    const script = `trap '' TERM; sleep 300 & echo $$ $! > ${pidFile}; wait; wait; sleep 300`;
    const result = await server.host().run({ argv: ['sh', '-c', script], timeoutMs: 500 });
    expect(result).toMatchObject({ timedOut: true });
    expect(result).not.toHaveProperty('exitCode');
    const pids = readFileSync(pidFile, 'utf8').trim().split(' ').map(Number);
    expect(pids).toHaveLength(2);
    await expect.poll(() => pids.map(isRunning), { timeout: 10_000 }).toEqual([false, false]);
  });

  it('that is not installed there is named with its package', async () => {
    await expect(server.host().run({ argv: ['targetcli'], timeoutMs: longTimeMs })).rejects.toMatchObject({
      name: 'DriverError',
      kind: 'unavailable',
      message: 'targetcli is not installed on vs1: install it with apt-get install targetcli-fb',
    });
  });

  it('that writes without end is cut off, and what it wrote is not taken for an answer', async () => {
    await expect(server.host().run({ argv: ['yes'], timeoutMs: longTimeMs })).rejects.toMatchObject({
      kind: 'unknown',
      message: expect.stringContaining('wrote more than'),
    });
  });

  it('shares the connection of those before it', async () => {
    const host = server.host();
    await host.run({ argv: ['true'], timeoutMs: longTimeMs });
    const before = server.connectionCount();
    for (let each = 0; each < 3; each += 1) await host.run({ argv: ['true'], timeoutMs: longTimeMs });
    expect(server.connectionCount()).toBe(before);
  });

  it('is read by the shell that read those before it', async () => {
    const host = server.host();
    const shellOf = async () => (await host.run({ argv: ['sh', '-c', 'ps -o ppid= -p $PPID'], timeoutMs: longTimeMs })).stdout;
    const shell = await shellOf();
    expect(shell).toMatch(/^ *\d+\n$/);
    expect(await shellOf()).toBe(shell);
    server.cutConnections();
    await expect
      .poll(() => host.run({ argv: ['true'], timeoutMs: longTimeMs }).then(({ exitCode }) => exitCode, String), { timeout: longTimeMs })
      .toBe(0);
    expect(await shellOf()).not.toBe(shell);
  });

  it('has its own output alone, whatever one before it left running', async () => {
    const host = server.host();
    const end = join(server.folder, 'left-running-has-written');
    const left = await host.run({ argv: ['sh', '-c', `(sleep 1; echo late; echo > ${end}) & echo now`], timeoutMs: longTimeMs });
    expect(left).toMatchObject({ exitCode: 0, stdout: 'now\n' });
    await expect.poll(() => existsSync(end), { timeout: longTimeMs }).toBe(true);
    expect(await host.run({ argv: ['echo', 'mine'], timeoutMs: longTimeMs })).toMatchObject({ exitCode: 0, stdout: 'mine\n' });
  });

  it('shows what it is given to read to nobody who looks at processes', async () => {
    const search = ['sh', '-c', 'grep -l -a -F -f - /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null'];
    // The search finds what is there to be found.
    expect((await server.host().run({ argv: search, stdin: 'vbs-no-secret', timeoutMs: longTimeMs })).stdout).toBe('');
    const shown = await server.host().run({ argv: [...search, 'vbs-shown'], stdin: 'vbs-shown', timeoutMs: longTimeMs });
    expect(shown.stdout).toContain('/cmdline');
  });

  it('keeps nobody waiting who is done with it', async () => {
    const program = [
      `import { sshHost } from './src/drivers/command/ssh-host.ts';`,
      `import { systemClock } from './src/drivers/command/clock.ts';`,
      `const context = { stateFolder: ${JSON.stringify(join(server.folder, 'other-state'))}, clock: systemClock, newMark: () => 'm' + Date.now() };`,
      `const { stdout } = await sshHost('vs1', ${JSON.stringify(server.address)}, context).run({ argv: ['echo', 'done'], timeoutMs: 10_000 });`,
      'process.stdout.write(stdout);',
    ].join('\n');
    // Well below what the shell waits for another command.
    const { stdout } = await execa(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program], {
      timeout: longTimeMs,
    });
    expect(stdout).toBe('done');
  });

  it('runs beside more others than the server allows on one connection', async () => {
    const host = server.host();
    const results = await Promise.all(
      Array.from({ length: 12 }, (_, each) => host.run({ argv: ['sh', '-c', `sleep 0.3; echo ${each}`], timeoutMs: longTimeMs })),
    );
    expect(results.map(({ stdout }) => stdout)).toEqual(Array.from({ length: 12 }, (_, each) => `${each}\n`));
  });
});

describe('a connection', () => {
  it('that is lost during a command leaves it unknown, and the next command finds its way again', async () => {
    const host = server.host();
    const begun = join(server.folder, 'begun');
    const running = host.run({ argv: ['sh', '-c', `echo > ${begun}; sleep 5`], timeoutMs: longTimeMs });
    const outcome = expect(running).rejects.toMatchObject({
      kind: 'unknown',
      message: expect.stringMatching(/^the connection to vs1 was lost while it ran/),
    });
    await expect.poll(() => existsSync(begun), { timeout: longTimeMs }).toBe(true);
    server.cutConnections();
    await outcome;
    expect(await host.run({ argv: ['echo', 'again'], timeoutMs: longTimeMs })).toMatchObject({ exitCode: 0, stdout: 'again\n' });
  });

  it.each([
    ['to a host whose key is not known', { knownHostsFile: '/dev/null' }, /Host key verification failed/],
    ['to a host that has another key', { knownHostsFile: 'impostor' }, /Host key verification failed/],
    ['with a key that the host does not take', { identityFile: 'other-identity' }, /Permission denied \(publickey/],
    ['to a port where nobody listens', { port: 1 }, /Connection refused/],
    ['to a name that there is not', { host: 'no-such-host.invalid' }, /Could not resolve hostname/],
  ])('%s cannot be made, and nothing was run', async (_, changes, reason) => {
    writeFileSync(
      join(server.folder, 'impostor'),
      `[127.0.0.1]:${server.address.port} ${readFileSync(join(server.folder, 'identity.pub'), 'utf8')}`,
    );
    const paths = Object.fromEntries(
      Object.entries(changes).map(([name, value]) => [
        name,
        /^[a-z]+(-identity)?$/.test(String(value)) ? join(server.folder, String(value)) : value,
      ]),
    );
    await expect(server.host(paths).run({ argv: ['true'], timeoutMs: longTimeMs })).rejects.toMatchObject({
      name: 'DriverError',
      kind: 'unavailable',
      retryable: true,
      message: expect.stringMatching(reason),
    });
  });
});

/** A process that has ended and that nobody has waited for yet (a zombie) does not run. */
function isRunning(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
