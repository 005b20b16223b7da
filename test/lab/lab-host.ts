import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import type { SshAddress } from '../../src/drivers/command/ssh-host.ts';

export interface RunOptions {
  readonly stdin?: string;
  /** 3 minutes when missing: in emulation on a busy machine commands take twenty times as long as elsewhere. */
  readonly timeoutMs?: number;
}

export interface RunResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The volume server or a Xen node. */
export interface LabHost {
  readonly name: string;
  /** On the storage network. */
  readonly address: string;
  /** For any OpenSSH client, and for `sshHost` of the service. */
  readonly ssh: SshAddress;
  /** Runs a program as root and answers whatever exit it has. Rejects when the host could not be reached or gave no answer in time. */
  run(argv: readonly string[], options?: RunOptions): Promise<RunResult>;
}

export interface LabHostRequest {
  readonly name: string;
  readonly address: string;
  readonly ssh: SshAddress;
  readonly sshConfigFile: string;
  /** For the socket of the connection that all commands share. Its path must be short. */
  readonly controlSocket: string;
  readonly connectTimeoutMs: number;
}

export interface ConnectedLabHost extends LabHost {
  /** Ends the connection. Commands after that would each open one of their own. */
  disconnect(): Promise<void>;
}

/** ssh's own exit code for what went wrong between here and there. */
const connectionFailed = 255;

/** Connects once, trying again until the time is up, and lets all commands go over that connection: a handshake takes a second in emulation. */
export async function connectLabHost(request: LabHostRequest): Promise<ConnectedLabHost> {
  const { name, address, ssh, sshConfigFile, controlSocket, connectTimeoutMs } = request;
  const options = ['-F', sshConfigFile, '-o', 'BatchMode=yes', '-o', `ControlPath=${controlSocket}`];
  const disconnect = await keepConnection(
    ['ssh', ...options, '-o', 'ConnectTimeout=20', '-M', '-N', name],
    controlSocket,
    connectTimeoutMs,
  );
  return {
    name,
    address,
    ssh,
    disconnect,
    async run(argv, { stdin, timeoutMs = 180_000 } = {}) {
      const input = stdin === undefined ? { stdin: 'ignore' as const } : { input: stdin };
      const { exitCode, stdout, stderr, timedOut } = await execa('ssh', [...options, name, argv.map(shellQuoted).join(' ')], {
        ...input,
        timeout: timeoutMs,
        reject: false,
      });
      if (timedOut || exitCode === undefined || exitCode === connectionFailed) {
        throw new Error(`${name} ${timedOut ? `gave no answer in ${timeoutMs} ms` : 'could not be reached'}: ${argv.join(' ')}\n${stderr}`);
      }
      return { exitCode, stdout, stderr };
    },
  };
}

async function keepConnection(argv: readonly string[], controlSocket: string, timeoutMs: number): Promise<() => Promise<void>> {
  const deadlineMs = Date.now() + timeoutMs;
  for (;;) {
    // In the foreground, and not by ControlPersist: that would go on in the background, out of sight, and hold our pipes open.
    const master = spawn('setpriv', ['--pdeathsig', 'TERM', ...argv], { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
    const ended = once(master, 'exit');
    let complaint = '';
    master.stderr.on('data', (chunk) => {
      complaint += chunk;
    });
    let isOver = false;
    while (!isOver && !existsSync(controlSocket) && Date.now() < deadlineMs) {
      isOver = await Promise.race([ended.then(() => true), sleep(50, false)]);
    }
    const disconnect = async () => {
      master.kill();
      await ended;
    };
    if (!isOver && existsSync(controlSocket)) return disconnect;
    await disconnect();
    if (Date.now() >= deadlineMs) throw new Error(`no ssh connection in ${timeoutMs} ms: ${argv.join(' ')}\n${complaint}`);
  }
}

/** ssh hands the far shell one line, which has to come out as these words. */
function shellQuoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
