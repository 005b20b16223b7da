import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EC2Client } from '@aws-sdk/client-ec2';
import { execa } from 'execa';
import { type LabInUse, nodeOf } from './lab-in-use.ts';

const program = fileURLToPath(new URL('../../bin/vbs.js', import.meta.url));
const key = { accessKeyId: 'AKIAEXAMPLEFORTESTS3', secretAccessKey: 'a/third/secret+of/the/tests/and/nobody' };
export const instances = { domu1: 'i-00000000000000001', domu2: 'i-00000000000000002' } as const;

/** The built service on this machine, with the hosts of a lab. */
export interface LabService {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
  readonly stateFolder: string;
  readonly client: EC2Client;
  /** Runs `vbs …` as a user of the service, and answers its JSON. */
  vbs(...words: readonly string[]): Promise<unknown>;
  /** What the service did with a resource, with every command. */
  operations(resource: string): Promise<string>;
  log(): string;
  /** By SIGKILL, in the middle of whatever it does. */
  kill(): Promise<void>;
  /** After `kill`: with the same state, at the same address. */
  startAgain(): Promise<void>;
  stop(): Promise<void>;
}

export interface LabBackends {
  /** Of all Xen hosts; open-iscsi when missing. */
  readonly initiator?: string;
  readonly volumes: { readonly driver: string; readonly settings: Readonly<Record<string, string>> };
  readonly exports: { readonly driver: string; readonly settings: Readonly<Record<string, string>> };
}

/** `settings` come besides. */
export async function startLabService(lab: LabInUse, backends: LabBackends, settings: object = {}): Promise<LabService> {
  const folder = mkdtempSync(join(tmpdir(), 'vbs-ls-'));
  const config = join(folder, 'vbs.yaml');
  const logFile = join(folder, 'vbs.log');
  const vmmHost = async (name: string) => ({
    name,
    ssh: await lab.address(name),
    vmm: { driver: 'xen-xl' },
    initiator: { driver: backends.initiator ?? 'open-iscsi' },
  });
  writeFileSync(
    config,
    JSON.stringify({
      listen: '127.0.0.1:0',
      volumeServers: [
        { name: 'vs1', ssh: await lab.address('vs1'), wipeMiBps: 10_000, volumes: backends.volumes, exports: backends.exports },
      ],
      vmmHosts: await Promise.all(lab.nodes.map(vmmHost)),
      instances: Object.entries(instances)
        .map(([domain, id]) => ({ id, vmmHost: nodeOf[domain] ?? '', domain }))
        .filter(({ vmmHost }) => lab.nodes.includes(vmmHost)),
      ...settings,
    }),
  );
  const vbs = (...words: readonly string[]) => execa(process.execPath, [program, ...words, '--state', folder]);
  await vbs('credentials', 'add', '--new-state', '--access-key-id', key.accessKeyId, '--secret-access-key', key.secretAccessKey);
  const serve = async (...words: readonly string[]): Promise<{ readonly process: ChildProcess; readonly endpoint: string }> => {
    const service = spawn(process.execPath, [program, 'serve', '--config', config, '--state', folder, ...words], {
      stdio: ['ignore', 'pipe', openSync(logFile, 'a')],
    });
    let said = '';
    for await (const chunk of service.stdout ?? []) {
      said += String(chunk);
      const endpoint = /answers at (http:\S+)/.exec(said)?.[1];
      if (endpoint !== undefined) return { process: service, endpoint };
    }
    throw new Error(`the service did not start: ${said}${readFileSync(logFile, 'utf8')}`);
  };
  let running = await serve();
  const { endpoint } = running;
  const end = async (signal: NodeJS.Signals) => {
    const { process } = running;
    if (process.exitCode !== null || process.signalCode !== null) return;
    const exit = once(process, 'exit');
    process.kill(signal);
    await exit;
  };
  return {
    endpoint,
    ...key,
    region: 'us-east-1',
    stateFolder: folder,
    // A host that is slow to answer is one that does not answer (503), which a client asks again.
    client: new EC2Client({ endpoint, region: 'us-east-1', credentials: key, maxAttempts: 10 }),
    async vbs(...words) {
      const { stdout } = await vbs(...words, '--endpoint', endpoint, '--json');
      return JSON.parse(stdout);
    },
    async operations(resource) {
      const { stdout } = await vbs('operations', 'list', '--resource', resource, '--json');
      const ids = (JSON.parse(stdout) as readonly { readonly id: string }[]).map(({ id }) => id);
      return (await Promise.all(ids.map(async (id) => (await vbs('operations', 'show', id)).stdout))).join('\n');
    },
    log: () => readFileSync(logFile, 'utf8'),
    kill: () => end('SIGKILL'),
    async startAgain() {
      running = await serve('--listen', new URL(endpoint).host);
    },
    async stop() {
      await end('SIGTERM');
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}
