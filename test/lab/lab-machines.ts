import type { GuestRequest } from './guest.ts';
import { hubDevices, nodeDevices } from './storage-network.ts';

export interface XenNode {
  readonly name: string;
  /** Names of the DomUs that run on it from the start. Not of digits alone, which xl takes for a domain id. */
  readonly domUs: readonly string[];
  /** None when missing. */
  readonly disks?: readonly NodeDisk[];
}

/** A disk of the node's own, which it has as `/dev/disk/by-id/virtio-NAME`. */
export interface NodeDisk {
  readonly name: string;
  /** Is there before the node starts, and as large as the disk is to be. */
  readonly file: string;
  readonly isReadOnly?: true;
}

export const volumeServerName = 'vs1';

/** A machine of the lab before it is started. */
export interface LabMachine extends Pick<GuestRequest, 'name' | 'memoryMiB' | 'dom0MemoryMiB' | 'settings' | 'devices'> {
  /** On the storage network. */
  readonly address: string;
}

/** dom0's memory is also that of the images it starts DomUs from. A DomU has 128 MiB, and Xen keeps some for each. */
const memoryMiB = { volumeServer: 768, xen: 96, dom0: 640, domU: 144 };

/** The volume server first, then the nodes. */
export function labMachines(folder: string, dataDisk: string, nodes: readonly XenNode[]): readonly LabMachine[] {
  return [volumeServer(folder, dataDisk, nodes), ...nodes.map((node, index) => xenNode(folder, node, index))];
}

function volumeServer(folder: string, dataDisk: string, nodes: readonly XenNode[]): LabMachine {
  const address = '10.77.0.1';
  const disk = ['-drive', `if=none,id=data,file=${dataDisk},format=raw,cache=unsafe,discard=unmap`, '-device', 'virtio-blk-pci,drive=data'];
  const nodeNames = nodes.map(({ name }) => name);
  return {
    name: volumeServerName,
    address,
    memoryMiB: memoryMiB.volumeServer,
    settings: { role: 'volume-server', name: volumeServerName, address },
    devices: [...disk, ...hubDevices(folder, nodeNames, '52:54:00:77:00:01')],
  };
}

function xenNode(folder: string, { name, domUs, disks = [] }: XenNode, index: number): LabMachine {
  // The volume server's last number is 1; nodes begin at 11.
  const lastNumber = 11 + index;
  const address = `10.77.0.${lastNumber}`;
  return {
    name,
    address,
    memoryMiB: memoryMiB.xen + memoryMiB.dom0 + memoryMiB.domU * domUs.length,
    dom0MemoryMiB: memoryMiB.dom0,
    settings: { role: 'xen-node', name, address, domus: domUs.join(',') },
    devices: [...disks.flatMap(nodeDisk), ...nodeDevices(folder, name, `52:54:00:77:00:${lastNumber}`)],
  };
}

function nodeDisk({ name, file, isReadOnly }: NodeDisk): readonly string[] {
  const access = isReadOnly ? 'readonly=on' : 'discard=unmap';
  const drive = `if=none,id=disk-${name},file=${file},format=raw,cache=unsafe,${access}`;
  return ['-drive', drive, '-device', `virtio-blk-pci,drive=disk-${name},serial=${name}`];
}
