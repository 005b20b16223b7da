import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { SshAddress } from '../../src/drivers/command/ssh-host.ts';

/** A shell on a host, logged in to once, as somebody has who types there. */
export interface ShellSession {
  /** Runs a script in it. Throws when it does not end with 0. */
  run(script: string): Promise<void>;
  end(): Promise<void>;
}

export async function openShellSession({ host, port, user, identityFile, knownHostsFile }: SshAddress): Promise<ShellSession> {
  const options = [
    'IdentitiesOnly=yes',
    `UserKnownHostsFile=${knownHostsFile}`,
    'StrictHostKeyChecking=yes',
    'LogLevel=ERROR',
    'BatchMode=yes',
  ];
  const words = [
    '-F',
    'none',
    '-T',
    '-i',
    identityFile,
    ...options.flatMap((option) => ['-o', option]),
    '-p',
    String(port),
    `${user}@${host}`,
  ];
  const ssh = spawn('ssh', [...words, 'sh'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(ssh, 'exit');
  const lines = createInterface(ssh.stdout)[Symbol.asyncIterator]();
  let count = 0;
  const session: ShellSession = {
    async run(script) {
      count += 1;
      const mark = `end-of-script-${count}`;
      ssh.stdin.write(`(\nset -e\n${script}\n) 2>&1 < /dev/null\necho "${mark} $?"\n`);
      const said: string[] = [];
      for (;;) {
        const { value: line, done } = await lines.next();
        if (done) throw new Error(`the shell on ${host} has ended: ${said.join('\n')}`);
        if (line === `${mark} 0`) return;
        if (line.startsWith(`${mark} `)) throw new Error(`${script}\nended with ${line}: ${said.join('\n')}`);
        said.push(line);
      }
    },
    async end() {
      ssh.stdin.end();
      await ended;
    },
  };
  await session.run('true');
  return session;
}
