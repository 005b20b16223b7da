import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EC2Client } from '@aws-sdk/client-ec2';
import { execa } from 'execa';
import type { TinyVm } from '../../scripts/tiny-vm/tiny-vm.ts';
import { startTestVm } from './tiny-vm.ts';

const program = fileURLToPath(new URL('../../bin/vbs.js', import.meta.url));
export const instanceId = 'i-0123456789abcdef0';
const key = { accessKeyId: 'AKIAEXAMPLEFORTESTS2', secretAccessKey: 'another/secret+of/the/tests/and/nobody' };

/** The embedded default with one real VM: files, a tgtd of the service's own, QEMU; the service is a process that can be killed. */
export interface RealService {
  readonly client: EC2Client;
  readonly vm: TinyVm;
  readonly stateFolder: string;
  /** `settings` are added to those of the embedded default. */
  start(environment?: Readonly<Record<string, string>>, settings?: object): Promise<void>;
  /** Resolves when the process that runs has ended, by itself or not, with the signal that ended it. */
  ended(): Promise<NodeJS.Signals | null>;
  /** As a power cut ends it; tgtd and the VM stay. */
  kill(): Promise<void>;
  /** Runs `vbs` on the service's state folder; answers its standard output. */
  vbs(...words: readonly string[]): Promise<string>;
  tgtadm(...words: readonly string[]): Promise<string>;
  /** What tgtd, the VM and the data folder hold of ours, sorted. */
  inventory(): Promise<readonly string[]>;
  log(): string;
  stop(): Promise<void>;
}

/** The VM is `domain` on the host `here`; `settings` come besides. */
export async function prepareRealService({
  domain = 'tiny',
  settings = {},
}: {
  readonly domain?: string;
  readonly settings?: object;
} = {}): Promise<RealService> {
  const stateFolder = mkdtempSync(join(tmpdir(), 'vbs-real-'));
  const vm = await startTestVm(domain);
  const config = join(stateFolder, 'vbs.yaml');
  const logFile = join(stateFolder, 'vbs.log');
  const qmpSocket = join(dirname(vm.qmpSocket), '{domain}.qmp');
  const ofVm = {
    vmmHosts: [{ name: 'here', vmm: { driver: 'qemu', settings: { qmpSocket, detachTimeoutSeconds: 10 } } }],
    instances: [{ id: instanceId, vmmHost: 'here', domain }],
    ...settings,
  };
  const vbs = async (...words: readonly string[]) => (await execa(process.execPath, [program, ...words, '--state', stateFolder])).stdout;
  await vbs('credentials', 'add', '--new-state', '--access-key-id', key.accessKeyId, '--secret-access-key', key.secretAccessKey);

  let service: ChildProcess | undefined;
  let port = 0;
  const end = async (signal: NodeJS.Signals) => {
    const ended = service;
    service = undefined;
    if (ended !== undefined && ended.exitCode === null && ended.signalCode === null) {
      const exit = once(ended, 'exit');
      ended.kill(signal);
      await exit;
    }
  };
  const tgtadm = async (...words: readonly string[]) =>
    (await execa('tgtadm', ['--lld', 'iscsi', ...words], { env: { TGT_IPC_SOCKET: join(stateFolder, 'tgtd', 'control') } })).stdout;

  return {
    get client() {
      return new EC2Client({ endpoint: `http://127.0.0.1:${port}`, region: 'us-east-1', credentials: key });
    },
    vm,
    stateFolder,
    async start(environment = {}, changed = {}) {
      writeFileSync(config, JSON.stringify({ ...ofVm, ...changed }));
      const log = openSync(logFile, 'a');
      service = spawn(process.execPath, [program, 'serve', '--config', config, '--state', stateFolder, '--listen', `127.0.0.1:${port}`], {
        stdio: ['ignore', 'pipe', log],
        env: { ...process.env, ...environment },
      });
      const output = service.stdout;
      if (output === null) {
        throw new Error('the service has no output');
      }
      let said = '';
      // Read to its end: a service whose output nobody reads any more dies at its next word.
      port = await new Promise<number>((resolve, reject) => {
        output.on('data', (chunk: Buffer) => {
          said += chunk.toString();
          const answered = /answers at http:\/\/127\.0\.0\.1:(\d+)/.exec(said);
          if (answered !== null) {
            resolve(Number(answered[1]));
          }
        });
        output.on('end', () => reject(new Error(`the service did not start: ${said}${readFileSync(logFile, 'utf8')}`)));
      });
    },
    async ended() {
      const running = service;
      if (running === undefined) {
        throw new Error('no service runs');
      }
      if (running.exitCode === null && running.signalCode === null) {
        await once(running, 'exit');
      }
      return running.signalCode;
    },
    kill: () => end('SIGKILL'),
    vbs,
    tgtadm,
    async inventory() {
      const targets = [...(await tgtadm('--op', 'show', '--mode', 'target')).matchAll(/^Target \d+: (\S+)$/gm)].map(
        ([, name]) => `target ${name}`,
      );
      const accounts = [...(await tgtadm('--op', 'show', '--mode', 'account')).matchAll(/^ {4}(\S+)/gm)].map(
        ([, name]) => `account ${name}`,
      );
      const { stdout: files } = await execa('find', [
        join(stateFolder, 'data'),
        '-type',
        'f',
        '!',
        '-name',
        'vbs-storage-*',
        '-printf',
        'file %P\n',
      ]);
      const { output } = await vm.run('cat /sys/block/vd*/serial 2>/dev/null');
      const disks = output
        .split(/\s+/)
        .filter((serial) => serial.startsWith('vol'))
        .map((serial) => `disk ${serial}`);
      return [...targets, ...accounts, ...files.split('\n').filter(Boolean), ...disks].sort();
    },
    log: () => readFileSync(logFile, 'utf8'),
    async stop() {
      await end('SIGTERM');
      await vm.stop();
      await tgtadm('--op', 'delete', '--mode', 'system').catch(() => undefined);
      rmSync(stateFolder, { recursive: true });
    },
  };
}
