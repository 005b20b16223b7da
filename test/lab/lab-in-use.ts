import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { SshAddress } from '../../src/drivers/command/ssh-host.ts';
import { type DomU, domUOn } from './dom-u.ts';
import { plugCable, resetGuest } from './guest-controls.ts';
import { takeInventory } from './inventory.ts';
import { startLab, twoNodes } from './lab.ts';
import { type ConnectedLabHost, connectLabHost, type LabHost } from './lab-host.ts';
import { volumeServerName, type XenNode } from './lab-machines.ts';

/** What tests need of a lab. */
export interface LabInUse {
  /** Throws when there is no host of that name. After a `reset` it has to be asked for again. */
  host(name: string): LabHost;
  /** Names of the Xen nodes. */
  readonly nodes: readonly string[];
  address(host: string): Promise<SshAddress>;
  run(host: string, script: string): Promise<string>;
  domU(name: string): DomU;
  /** Where the nodes reach the volume server. */
  volumeServerAddress(): Promise<string>;
  inventory(): Promise<readonly string[]>;
  /** See `resetGuest`. DomUs of a node that is reset are started with it. */
  reset(host: string): Promise<void>;
  /** Whether a host's cable to the storage network is in. */
  cable(host: string, isIn: boolean): Promise<void>;
  stop(): Promise<void>;
}

const bootTimeoutMs = 900_000;

/** Where each DomU runs, when its node is there. */
export const nodeOf: Readonly<Record<string, string>> = { domu1: 'xen1', domu2: 'xen2' };

/** The lab that runs in the folder VBS_LAB_FOLDER, or else one that is started and ended with the tests. */
export async function openLab(
  nodes: readonly XenNode[] = twoNodes,
  onProgress: (message: string) => void = () => undefined,
): Promise<LabInUse> {
  const running = process.env.VBS_LAB_FOLDER;
  if (running !== undefined) return labIn(running, async () => undefined);
  const folder = mkdtempSync(join(tmpdir(), 'vbs-lab-'));
  const lab = await startLab({ folder, nodes, onProgress });
  return labIn(folder, async () => {
    await lab.stop();
    rmSync(folder, { recursive: true, force: true });
  });
}

async function labIn(folder: string, stop: () => Promise<void>): Promise<LabInUse> {
  const sshConfigFile = join(folder, 'ssh_config');
  const controls = mkdtempSync(join(tmpdir(), 'vbs-lab-ssh-'));
  const address = async (name: string): Promise<SshAddress> => {
    const { stdout } = await execa('ssh', ['-G', '-F', sshConfigFile, name]);
    const value = (key: string) => new RegExp(`^${key} (.*)$`, 'm').exec(stdout)?.[1] ?? '';
    return {
      host: value('hostname'),
      port: Number(value('port')),
      user: value('user'),
      identityFile: value('identityfile'),
      knownHostsFile: value('userknownhostsfile'),
    };
  };
  const connected = async (name: string): Promise<ConnectedLabHost> => {
    const controlSocket = join(controls, name);
    return connectLabHost({ name, address: '', ssh: await address(name), sshConfigFile, controlSocket, connectTimeoutMs: 120_000 });
  };
  const names = [...readFileSync(sshConfigFile, 'utf8').matchAll(/^Host (\S+)$/gm)].map(([, name = '']) => name);
  const hosts = new Map(await Promise.all(names.map(async (name) => [name, await connected(name)] as const)));
  const host = (name: string): ConnectedLabHost => {
    const found = hosts.get(name);
    if (found === undefined) throw new Error(`the lab has no host ${name}`);
    return found;
  };
  const run = async (name: string, script: string): Promise<string> => {
    const { exitCode, stdout, stderr } = await host(name).run(['sh', '-c', script], { timeoutMs: 300_000 });
    if (exitCode !== 0) throw new Error(`${script} on ${name} exited with ${exitCode}: ${stderr}`);
    return stdout.trim();
  };
  return {
    nodes: names.filter((name) => name !== volumeServerName),
    host,
    address,
    run,
    async volumeServerAddress() {
      const addresses = await run('vs1', "ip -4 -o addr show scope global | sed -n 's|.* inet \\([0-9.]*\\)/.*|\\1|p'");
      // The emulator's own network, which every guest has.
      return addresses.split('\n').find((each) => each !== '10.0.2.15') ?? '';
    },
    domU: (name) => domUOn(host(nodeOf[name] ?? ''), name),
    inventory: () => takeInventory([...hosts.values()]),
    async reset(name) {
      // The guest knows nothing of its connections afterwards.
      await host(name).disconnect();
      await resetGuest(folder, name, bootTimeoutMs);
      hosts.set(name, await connected(name));
    },
    cable: (name, isIn) => plugCable(folder, name, isIn),
    async stop() {
      await Promise.all([...hosts.values()].map(({ disconnect }) => disconnect()));
      rmSync(controls, { recursive: true, force: true });
      await stop();
    },
  };
}
