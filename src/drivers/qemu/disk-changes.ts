import { DriverError } from '../driver-error.ts';
import type { DiskSpec } from '../vmm.ts';
import { differenceOf, type ExportSource, findParts, findRootPorts, judgeParts, partNamesOf, serialOf } from './disk-parts.ts';
import { requirePortal } from './portal.ts';
import { type Qmp, QmpError } from './qmp-client.ts';

/** Makes the disk, as a thing's `make` has to. When a part cannot be made, those that this call made are taken away again. */
export async function makeParts(qmp: Qmp, spec: DiskSpec, source: ExportSource): Promise<void> {
  const { volumeId } = spec;
  const names = partNamesOf(volumeId);
  // Asked meanwhile, and of no importance when there is nothing to do.
  const portalAnswers = requirePortal(source.portal, source.initiatorName);
  portalAnswers.catch(() => undefined);
  const before = judgeParts(await findParts(qmp, volumeId), spec, source);
  if (before.state === 'present') return;
  if (before.state === 'different') throw new DriverError('conflict', before.difference);
  // What an earlier try left is taken away, even a node that is logged in: its secret may have changed since.
  if (before.state === 'partial' && (await removeNodeAndSecret(qmp, volumeId)) === 'in use') {
    throw new DriverError('refused', `${names.node} is left of an earlier try, and QEMU still uses it`, { retryable: true });
  }
  await portalAnswers;
  try {
    // QEMU does one after the other, and nobody waits between them: without its secret the node is refused, and without the node nothing is found.
    const [, , made] = await Promise.all([
      qmp.execute('object-add', { 'qom-type': 'secret', id: names.secret, data: source.chapSecret }, ['data']),
      qmp.execute('blockdev-add', blockNode(spec, source)),
      findParts(qmp, volumeId),
    ]);
    // The guest must never see another volume: what answered under the target's name is checked before it is plugged.
    const after = differenceOf(made, spec, source);
    if (after !== undefined) throw new DriverError('conflict', after);
    await addDevice(qmp, volumeId);
  } catch (error) {
    // A lost connection says nothing of what was done, and takes the way back with it.
    const isKnown = error instanceof QmpError || (error instanceof DriverError && (error.kind === 'conflict' || error.kind === 'refused'));
    if (isKnown) await removeNodeAndSecret(qmp, volumeId);
    throw error;
  }
}

/**
 * The host caches nothing (`direct`), and a guest's flush reaches the target (`no-flush` off), so what the guest was told is written is on the
 * volume server. A guest's discard reaches it too, which gives a thin volume its space back.
 */
function blockNode({ volumeId, readOnly = false }: DiskSpec, source: ExportSource): Readonly<Record<string, unknown>> {
  const names = partNamesOf(volumeId);
  return {
    driver: 'raw',
    'node-name': names.node,
    // QEMU opens nothing for writing that refuses it, and tells the guest.
    'read-only': readOnly,
    cache: { direct: true, 'no-flush': false },
    discard: 'unmap',
    file: {
      driver: 'iscsi',
      transport: 'tcp',
      portal: source.portal,
      target: source.target,
      lun: source.lun,
      'initiator-name': source.initiatorName,
      user: source.chapUser,
      'password-secret': names.secret,
    },
  };
}

async function addDevice(qmp: Qmp, volumeId: string): Promise<void> {
  const names = partNamesOf(volumeId);
  const device = {
    driver: 'virtio-blk-pci',
    id: names.device,
    drive: names.node,
    serial: serialOf(volumeId),
    // Errors go to the guest, as on EC2. QEMU's default would pause the whole VM when the volume server's space runs out, and a paused VM cannot let go of a disk.
    werror: 'report',
    rerror: 'report',
  };
  try {
    await qmp.execute('device_add', device);
  } catch (error) {
    if (!(error instanceof QmpError) || !error.message.includes('does not support hotplugging')) throw error;
    await addBehindRootPort(qmp, device);
  }
}

/**
 * On a PCI Express machine a disk can only be plugged into a root port, which takes one. QEMU 7.2 takes a second one into it without an error, where
 * the guest never sees it, or with native hot-plug loses the first: so the port has to be free, and the place is said.
 */
async function addBehindRootPort(qmp: Qmp, device: Readonly<Record<string, unknown>>): Promise<void> {
  const { free, count } = await findRootPorts(qmp);
  const [bus] = free;
  if (bus === undefined) {
    const found = count === 0 ? 'no pcie-root-port with an id' : `${count} with an id, and none is free`;
    const mend = 'A q35 machine takes one disk in each: start the VM with as many as it is to have disks';
    throw new DriverError(
      'refused',
      `the VM has no pcie-root-port for one more disk (it has ${found}). ${mend}, here ${count + 1} or more.`,
    );
  }
  await qmp.execute('device_add', { ...device, bus, addr: '0' });
}

/** What QEMU answers to a request that repeats one: by ACPI, and by PCIe native hot-plug, where a guest takes five seconds over it by design. */
const unplugsUnderWay = ['in the process of unplug', 'power indicator blinking'];

/** Only asks: the guest may take its time, or never follow. */
export async function requestUnplug(qmp: Qmp, volumeId: string): Promise<void> {
  try {
    await qmp.execute('device_del', { id: partNamesOf(volumeId).device });
  } catch (error) {
    const isUnderWay =
      error instanceof QmpError && (error.errorClass === 'DeviceNotFound' || unplugsUnderWay.some((text) => error.message.includes(text)));
    if (!isUnderWay) throw error;
  }
}

/** Removes what is left when the device is gone; what is not there is no error. */
export async function removeNodeAndSecret(qmp: Qmp, volumeId: string): Promise<'removed' | 'in use'> {
  const names = partNamesOf(volumeId);
  try {
    await qmp.execute('blockdev-del', { 'node-name': names.node });
  } catch (error) {
    if (!(error instanceof QmpError)) throw error;
    if (error.message.includes('is in use')) return 'in use';
    if (!error.message.includes('Failed to find node')) throw error;
  }
  try {
    await qmp.execute('object-del', { id: names.secret });
  } catch (error) {
    if (!(error instanceof QmpError && error.message.includes('not found'))) throw error;
  }
  return 'removed';
}
