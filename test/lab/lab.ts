import { mkdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { SshAddress } from '../../src/drivers/command/ssh-host.ts';
import { type DomU, domUOn } from './dom-u.ts';
import { type Guest, startGuest } from './guest.ts';
import { takeInventory } from './inventory.ts';
import { type ConnectedLabHost, connectLabHost, type LabHost } from './lab-host.ts';
import { ensureLabImage } from './lab-image.ts';
import { type LabMachine, labMachines, volumeServerName, type XenNode } from './lab-machines.ts';
import { makeKeyPair, writeSshConfig } from './ssh-access.ts';
import { networkSockets } from './storage-network.ts';

export interface LabRequest {
  /** For sockets, logs, keys and disks; made if missing, one lab a folder. Short: the path of a unix socket may have 107 bytes. */
  readonly folder: string;
  readonly onProgress: (message: string) => void;
  /** `twoNodes` when missing. */
  readonly nodes?: readonly XenNode[];
  /** How long each guest may take to boot; 15 minutes when missing, for it takes less than one on an idle machine. */
  readonly bootTimeoutMs?: number;
}

/** A volume server and Xen nodes that can reach each other. They end with this process, however that ends. */
export interface Lab {
  readonly folder: string;
  /** `ssh -F FILE NAME` reaches each host. */
  readonly sshConfigFile: string;
  /** Has volume group `vbs` with thin pool `vbs/pool`, tgtd, and the kernel's targets for iSCSI and NVMe over TCP. */
  readonly volumeServer: LabHost;
  readonly nodes: readonly LabHost[];
  /** Throws when there is no host of that name. */
  host(name: string): LabHost;
  /** Throws when there is no DomU of that name. */
  domU(name: string): DomU;
  /** What all hosts hold; see `takeInventory`. */
  inventory(): Promise<readonly string[]>;
  /** Ends all guests as pulling their plugs would. The folder stays, with logs and disks. */
  stop(): Promise<void>;
}

export const twoNodes: readonly XenNode[] = [
  { name: 'xen1', domUs: ['domu1'] },
  { name: 'xen2', domUs: ['domu2'] },
];

const dataDiskBytes = 12 * 1024 ** 3;
const connectTimeoutMs = 120_000;
const longestSocketPath = 107;
/** What ssh puts behind the name of a control socket while it makes it. */
const controlSuffixLength = 17;

/** Builds the image if there is none yet, boots all guests, and answers when their services and DomUs run. */
export async function startLab(request: LabRequest): Promise<Lab> {
  const { onProgress, nodes = twoNodes, bootTimeoutMs = 900_000 } = request;
  const folder = resolve(request.folder);
  const controlSocket = (name: string) => join(folder, `${name}.control`);
  for (const name of [volumeServerName, ...nodes.map((node) => node.name)]) {
    if (Buffer.byteLength(controlSocket(name)) + controlSuffixLength > longestSocketPath)
      throw new Error(`${folder} is too long a path for the lab's sockets`);
  }

  const image = await ensureLabImage(onProgress);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const dataDisk = join(folder, 'data.img');
  await writeFile(dataDisk, '');
  await truncate(dataDisk, dataDiskBytes);
  const sockets = networkSockets(
    folder,
    nodes.map(({ name }) => name),
  );
  await Promise.all(sockets.map((socket) => rm(socket, { force: true })));
  const machines = labMachines(folder, dataDisk, nodes);
  const { identityFile, publicKey } = await makeKeyPair(folder);

  const boot = async (machine: LabMachine, signal: AbortSignal) => {
    const startedAtMs = Date.now();
    const settings = { ...machine.settings, key: publicKey };
    const guest = await startGuest({ ...machine, settings, folder, image, readyTimeoutMs: bootTimeoutMs, signal });
    onProgress(`${machine.name} is up after ${Math.round((Date.now() - startedAtMs) / 1000)} s`);
    return { machine, guest };
  };
  onProgress(`Booting ${machines.map(({ name }) => name).join(', ')} (half a minute to two minutes)`);
  const booted = await allOrNone(machines.map((machine) => (signal) => boot(machine, signal)));
  const stopGuests = async () => {
    await Promise.all(booted.map(({ guest }) => guest.stop()));
    await Promise.all(sockets.map((socket) => rm(socket, { force: true })));
  };

  try {
    const sshConfigFile = join(folder, 'ssh_config');
    const knownHostsFile = join(folder, 'known_hosts');
    const access = booted.map(({ machine, guest }) => {
      const ssh: SshAddress = { host: '127.0.0.1', port: guest.sshPort, user: 'root', identityFile, knownHostsFile };
      return { name: machine.name, address: machine.address, hostKey: guest.hostKey, ssh };
    });
    await writeFile(knownHostsFile, access.map(({ ssh, hostKey }) => `[${ssh.host}]:${ssh.port} ${hostKey}\n`).join(''));
    await writeSshConfig(sshConfigFile, access);
    const hosts = await Promise.all(
      access.map(({ name, address, ssh }) =>
        connectLabHost({ name, address, ssh, sshConfigFile, controlSocket: controlSocket(name), connectTimeoutMs }),
      ),
    );
    return describeLab({ folder, sshConfigFile, hosts, nodes, stopGuests });
  } catch (error) {
    await stopGuests();
    throw error;
  }
}

interface RunningLab {
  readonly folder: string;
  readonly sshConfigFile: string;
  /** The volume server first. */
  readonly hosts: readonly ConnectedLabHost[];
  readonly nodes: readonly XenNode[];
  readonly stopGuests: () => Promise<void>;
}

function describeLab({ folder, sshConfigFile, hosts, nodes, stopGuests }: RunningLab): Lab {
  const host = (name: string) => {
    const found = hosts.find((candidate) => candidate.name === name);
    if (found === undefined) throw new Error(`the lab has no host ${name}, only ${hosts.map((known) => known.name).join(', ')}`);
    return found;
  };
  return {
    folder,
    sshConfigFile,
    volumeServer: host(volumeServerName),
    nodes: nodes.map(({ name }) => host(name)),
    host,
    domU(name) {
      const node = nodes.find(({ domUs }) => domUs.includes(name));
      if (node === undefined) throw new Error(`the lab has no DomU ${name}, only ${nodes.flatMap(({ domUs }) => domUs).join(', ')}`);
      return domUOn(host(node.name), name);
    },
    inventory: () => takeInventory(hosts),
    async stop() {
      await Promise.all(hosts.map(({ disconnect }) => disconnect()));
      await stopGuests();
    },
  };
}

interface Started {
  readonly guest: Guest;
}

/** Starts all at a time. When one fails, the others are stopped, and it throws what the first one said. */
async function allOrNone<Each extends Started>(starts: readonly ((signal: AbortSignal) => Promise<Each>)[]): Promise<readonly Each[]> {
  const giveUp = new AbortController();
  const starting = starts.map((start) => start(giveUp.signal));
  try {
    return await Promise.all(starting);
  } catch (error) {
    giveUp.abort();
    const settled = await Promise.allSettled(starting);
    await Promise.all(settled.map((one) => (one.status === 'fulfilled' ? one.value.guest.stop() : undefined)));
    throw error;
  }
}
