import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { systemClock } from '../../src/drivers/command/clock.ts';
import type { BootedHost } from '../../src/drivers/command/prepared-host.ts';
import { type SshAddress, sshHost } from '../../src/drivers/command/ssh-host.ts';

/** A real sshd on this machine, as the user that runs the tests. */
export interface SshServer {
  readonly address: SshAddress;
  /** Holds keys, the scripts of remote hosts, and the state folder of `host`. */
  readonly folder: string;
  /** A host behind it; `changes` replace parts of its address. */
  host(changes?: Partial<SshAddress>): BootedHost;
  /** Cuts every connection off, as a machine that goes away. What runs behind them goes on. */
  cutConnections(): void;
  /** How many connections were ever made. */
  connectionCount(): number;
  stop(): Promise<void>;
}

export async function startSshServer(): Promise<SshServer> {
  const folder = mkdtempSync(join(tmpdir(), 'vbs-ssh-test-'));
  const file = (name: string) => join(folder, name);
  for (const key of ['host-key', 'identity', 'other-identity']) {
    await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file(key)]);
  }
  writeFileSync(file('authorized-keys'), readFileSync(file('identity.pub')), { mode: 0o600 });
  writeFileSync(
    file('sshd-config'),
    [
      `HostKey ${file('host-key')}`,
      `AuthorizedKeysFile ${file('authorized-keys')}`,
      // The folder for temporary files is everybody's, which sshd would not have for keys.
      'StrictModes no',
      'UsePAM no',
      'PermitRootLogin yes',
      'PasswordAuthentication no',
      // Fewer than what tests run at once: the rest has to find another way.
      'MaxSessions 4',
      '',
    ].join('\n'),
  );
  if (userInfo().uid === 0) {
    // sshd of root does not start without it; the distribution's unit makes it.
    mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  }
  const connections = new Set<ChildProcess>();
  let count = 0;
  // One sshd for each connection, as from inetd: so the port is the system's choice, and a connection is one process to end.
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    count += 1;
    const connection = spawn('/usr/sbin/sshd', ['-i', '-e', '-f', file('sshd-config')], { stdio: [socket, socket, 'ignore'] });
    connections.add(connection);
    connection.once('exit', () => {
      connections.delete(connection);
      socket.destroy();
    });
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const bound = server.address();
      resolve(typeof bound === 'object' && bound !== null ? bound.port : 0);
    });
  });
  const [type, key] = readFileSync(file('host-key.pub'), 'utf8').split(' ');
  writeFileSync(file('known-hosts'), `[127.0.0.1]:${port} ${type} ${key}\n`);
  const address = {
    host: '127.0.0.1',
    port,
    user: userInfo().username,
    identityFile: file('identity'),
    knownHostsFile: file('known-hosts'),
  };
  const cutConnections = () => {
    for (const connection of connections) connection.kill('SIGKILL');
  };
  return {
    address,
    folder,
    host: (changes = {}) =>
      sshHost('vs1', { ...address, ...changes }, { stateFolder: file('state'), clock: systemClock, newMark: randomUUID }),
    cutConnections,
    connectionCount: () => count,
    async stop() {
      // The clients end with them.
      cutConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}
