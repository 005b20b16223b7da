import * as z from 'zod';
import { writeValue } from '../command/value-type.ts';
import { DriverError } from '../driver-error.ts';
import type { Look } from '../thing.ts';
import type { DiskSource, DiskSpec } from '../vmm.ts';
import { answerAs } from './qmp-answer.ts';
import type { Qmp } from './qmp-client.ts';

export type ExportSource = Extract<DiskSource, { kind: 'export' }>;

/** A disk in QEMU is three objects: the secret for the login, the block node that is logged in, and the device that the guest sees. */
export interface PartNames {
  readonly secret: string;
  /** At most 31 characters (QEMU's limit for node names): nine and the 21 of a volume id. */
  readonly node: string;
  readonly device: string;
}

/** The same volume always gets the same names, so that a later process finds what an earlier one made. */
export function partNamesOf(volumeId: string): PartNames {
  return { secret: `vbs-secret-${volumeId}`, node: `vbs-node-${volumeId}`, device: `vbs-disk-${volumeId}` };
}

/** The volume id as EC2 shows it in the guest: without its dash, for a virtio serial holds 20 bytes. */
export function serialOf(volumeId: string): string {
  return volumeId.replace('-', '');
}

/** What QEMU has of a volume. */
export interface DiskParts {
  readonly secret: boolean;
  readonly node: FoundNode | undefined;
  readonly device: FoundDevice | undefined;
}

export interface FoundDevice {
  readonly node: string;
  readonly serial: string;
  /** It lies in a root port beside another device. A guest looks at the first place of a port only (PCI Express has no other), and never sees it. */
  readonly isOutOfSight: boolean;
}

export interface FoundNode {
  readonly bytes: number;
  readonly readOnly: boolean;
  /** What it is logged in to; `undefined` when QEMU describes it in a way that this driver does not know. */
  readonly source: { readonly portal: string; readonly target: string; readonly lun: number } | undefined;
}

const properties = z.array(z.object({ name: z.string(), type: z.string() }));
const blockNodes = z.array(
  z.object({ 'node-name': z.string().optional(), file: z.string(), ro: z.boolean(), image: z.object({ 'virtual-size': z.number() }) }),
);
const iscsiDescription = z.object({ file: z.object({ portal: z.string(), target: z.string(), lun: z.coerce.number() }) });

const deviceValues = z.tuple([z.string(), z.string(), z.string(), z.number()]);
const rootPortType = 'child<pcie-root-port>';
const peripherals = '/machine/peripheral';
const objects = '/objects';

export async function findParts(qmp: Qmp, volumeId: string): Promise<DiskParts> {
  const { device } = partNamesOf(volumeId);
  const [secret, node, devices] = await Promise.all([hasSecret(qmp, volumeId), findNode(qmp, volumeId), childrenOf(qmp, peripherals)]);
  const isPlugged = devices.some(({ name }) => name === device);
  return { secret, node, device: isPlugged ? deviceAt(devices, await deviceProperties(qmp, device)) : undefined };
}

/** The same for a disk that was just plugged: its device is asked at once, and not after a look whether there is one. */
export async function findPluggedParts(qmp: Qmp, volumeId: string): Promise<DiskParts> {
  const { device: name } = partNamesOf(volumeId);
  const [secret, node, devices, found] = await Promise.all([
    hasSecret(qmp, volumeId),
    findNode(qmp, volumeId),
    childrenOf(qmp, peripherals),
    deviceProperties(qmp, name),
  ]);
  return { secret, node, device: deviceAt(devices, found) };
}

async function hasSecret(qmp: Qmp, volumeId: string): Promise<boolean> {
  const { secret } = partNamesOf(volumeId);
  return (await childrenOf(qmp, objects)).some(({ name }) => name === secret);
}

async function findNode(qmp: Qmp, volumeId: string): Promise<FoundNode | undefined> {
  const names = partNamesOf(volumeId);
  const node = (await nodesOf(qmp)).find((found) => found['node-name'] === names.node);
  return node === undefined ? undefined : { bytes: node.image['virtual-size'], readOnly: node.ro, source: parseSource(node.file) };
}

/** Whether the guest still has the device. A device that is being unplugged counts until it is really gone. */
export async function hasDevice(qmp: Qmp, volumeId: string): Promise<boolean> {
  const { device } = partNamesOf(volumeId);
  return (await childrenOf(qmp, peripherals)).some(({ name }) => name === device);
}

/** The volumes of which any part is there, and whether it is the device: without one the guest has no disk. */
export async function findVolumes(qmp: Qmp): Promise<ReadonlyMap<string, { readonly hasDevice: boolean }>> {
  const [nodes, secrets, devices] = await Promise.all([nodesOf(qmp), childrenOf(qmp, objects), childrenOf(qmp, peripherals)]);
  const names = [...secrets, ...nodes.map((node) => ({ name: node['node-name'] ?? '' })), ...devices].map(({ name }) => name);
  const found = new Map<string, { readonly hasDevice: boolean }>();
  for (const name of names) {
    const [, part, volumeId] = /^vbs-(secret|node|disk)-(vol-[0-9a-f]+)$/.exec(name) ?? [];
    // Devices come last.
    if (volumeId !== undefined) found.set(volumeId, { hasDevice: part === 'disk' });
  }
  return found;
}

export interface RootPorts {
  /** The names of those without a device. A port's bus bears its name. */
  readonly free: readonly string[];
  readonly count: number;
}

/** The root ports of a PCI Express machine that were made with a name. A port whose device is on its way out is not free. */
export async function findRootPorts(qmp: Qmp): Promise<RootPorts> {
  const ports = (await childrenOf(qmp, peripherals)).filter(({ type }) => type === rootPortType).map(({ name }) => name);
  const buses = await Promise.all(ports.map(async (name) => ({ name, contents: await childrenOf(qmp, busOf(name)) })));
  // QEMU takes a second device into a port without an error, so nothing but what the bus has tells (7.2).
  const free = buses.filter(({ contents }) => !contents.some(({ name }) => name.startsWith('child['))).map(({ name }) => name);
  return { free, count: ports.length };
}

/** What the parts are together. */
export function judgeParts(parts: DiskParts, spec: DiskSpec, wanted: ExportSource): Look<Record<string, never>> {
  const { secret, node, device } = parts;
  if (!secret && node === undefined && device === undefined) return { state: 'absent' };
  const difference = differenceOf(parts, spec, wanted);
  if (difference !== undefined) return { state: 'different', difference };
  if (node === undefined) return { state: 'partial', missing: 'the block node and the device' };
  if (device === undefined) return { state: 'partial', missing: 'the device' };
  return device.isOutOfSight
    ? { state: 'partial', missing: 'a place where the guest sees it: its root port has another device' }
    : { state: 'present', facts: {} };
}

/** What is wrong with a node for a disk, as far as it is there; `undefined` when nothing is. */
export function differenceOf(parts: DiskParts, spec: DiskSpec, wanted: ExportSource): string | undefined {
  const { node, device } = parts;
  const names = partNamesOf(spec.volumeId);
  if (device !== undefined && (device.node !== names.node || device.serial !== serialOf(spec.volumeId))) {
    return `${names.device} shows ${device.node} with serial ${device.serial}`;
  }
  if (node === undefined) return undefined;
  const { source } = node;
  if (source === undefined) return `${names.node} is no iSCSI disk as this driver makes them`;
  if (source.target !== wanted.target || !isSamePortal(source.portal, wanted.portal) || source.lun !== wanted.lun) {
    return `${names.node} is LUN ${source.lun} of ${source.target} at ${source.portal}`;
  }
  if (node.readOnly !== (spec.readOnly === true)) return `${names.node} is ${node.readOnly ? 'read-only' : 'writable'}`;
  if (node.bytes !== spec.bytes) return `${names.node} has ${node.bytes} bytes, not ${spec.bytes}`;
  return undefined;
}

/** An IPv6 address has several spellings, and QEMU keeps the one that it was given. */
function isSamePortal(one: string, other: string): boolean {
  return one === other || (writeValue(one, 'portal') ?? one) === (writeValue(other, 'portal') ?? other);
}

async function childrenOf(qmp: Qmp, path: string): Promise<z.infer<typeof properties>> {
  return answerAs(properties, await qmp.execute('qom-list', { path }), 'qom-list');
}

async function nodesOf(qmp: Qmp): Promise<z.infer<typeof blockNodes>> {
  return answerAs(blockNodes, await qmp.execute('query-named-block-nodes', { flat: true }), 'query-named-block-nodes');
}

interface DeviceProperties extends Pick<FoundDevice, 'node' | 'serial'> {
  /** The path of the bus that it is plugged into. */
  readonly bus: string;
  /** Slot and function there. */
  readonly address: number;
}

async function deviceProperties(qmp: Qmp, device: string): Promise<DeviceProperties> {
  const path = `${peripherals}/${device}`;
  const property = (name: string) => qmp.execute('qom-get', { path, property: name });
  const found = await Promise.all([property('drive'), property('serial'), property('parent_bus'), property('addr')]);
  const [node, serial, bus, address] = answerAs(deviceValues, found, 'qom-get');
  return { node, serial, bus, address };
}

function deviceAt(devices: z.infer<typeof properties>, { node, serial, bus, address }: DeviceProperties): FoundDevice {
  const isInPort = devices.some(({ name, type }) => type === rootPortType && busOf(name) === bus);
  return { node, serial, isOutOfSight: isInPort && address !== 0 };
}

function busOf(port: string): string {
  return `${peripherals}/${port}/${port}`;
}

/** QEMU gives the options of a node that has no plain file name as `json:{…}`. Throws DriverError `unknown` for one that is cut off. */
function parseSource(file: string): FoundNode['source'] {
  if (!file.startsWith('json:')) return undefined;
  let options: unknown;
  try {
    options = JSON.parse(file.slice('json:'.length));
  } catch (cause) {
    throw new DriverError('unknown', 'QEMU describes a block node by options that cannot be read', { cause });
  }
  const described = iscsiDescription.safeParse(options);
  return described.success ? described.data.file : undefined;
}
