import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AttachSite } from './attach-site.ts';
import { openMonitor, type QmpMonitor } from './qmp-monitor.ts';
import { until } from './until.ts';

const bytes = 1024 ** 3;
/** Far from the numbers that the service takes. */
const tid = '1000';
const serial = 'volhand';
const target = 'iqn.2009-11.org.vbs:hand';
const initiatorName = 'iqn.2009-11.org.vbs:hand-host';
const user = 'hand';
const secret = 'sixteen-letters_';
const names = { secret: 'hand-secret', node: 'hand-node', device: 'hand-disk' };
const waiting = { everyMs: 5, timeoutMs: 30_000 };

/**
 * What is typed to give a VM a disk from tgtd. `withLooks`: the commands that the service gives too, with all by which it makes sure before and after
 * that nothing else stands there and that it was done. Without: the least that gives the same, with nothing looked at but the disk in the end.
 */
export async function attachmentByHand({ folder, portal, qmpSocket, tgtadm }: AttachSite, { withLooks }: { readonly withLooks: boolean }) {
  const file = join(folder, 'by-hand');
  const lookAtTargets = async (): Promise<void> => {
    if (withLooks) await tgtadm('--op', 'show', '--mode', 'target');
  };
  const lookAtDisk = async (monitor: QmpMonitor): Promise<void> => {
    if (!withLooks) return;
    await monitor.execute('qom-list', { path: '/objects' });
    await monitor.execute('query-named-block-nodes', { flat: true });
    await monitor.execute('qom-list', { path: '/machine/peripheral' });
  };
  await writeFile(file, '');
  await truncate(file, bytes);
  const inTarget = ['--mode', 'target', '--tid', tid];

  return {
    async attach(): Promise<void> {
      if (withLooks) {
        const monitor = await openMonitor(qmpSocket);
        await monitor.execute('query-status', {});
        await monitor.execute('query-uuid', {});
        monitor.close();
      }
      await lookAtTargets();
      await tgtadm('--op', 'new', ...inTarget, '--targetname', target);
      await tgtadm('--op', 'new', '--mode', 'logicalunit', '--tid', tid, '--lun', '1', '--backing-store', file, '--bsoflags', 'sync');
      await tgtadm(
        '--op',
        'update',
        '--mode',
        'logicalunit',
        '--tid',
        tid,
        '--lun',
        '1',
        '--params',
        `scsi_id=${serial},scsi_sn=${serial}`,
      );
      await lookAtTargets();
      await lookAtTargets();
      if (withLooks) {
        // An account of that name could have another secret.
        await tgtadm('--op', 'delete', '--mode', 'account', '--user', user).catch(() => undefined);
      }
      await tgtadm('--op', 'new', '--mode', 'account', '--user', user, '--password', secret);
      await tgtadm('--op', 'bind', '--mode', 'account', '--tid', tid, '--user', user);
      await tgtadm('--op', 'bind', ...inTarget, '--initiator-name', initiatorName);
      await lookAtTargets();
      const monitor = await openMonitor(qmpSocket);
      await lookAtDisk(monitor);
      await monitor.execute('object-add', { 'qom-type': 'secret', id: names.secret, data: secret });
      await monitor.execute('blockdev-add', {
        driver: 'raw',
        'node-name': names.node,
        cache: { direct: true, 'no-flush': false },
        discard: 'unmap',
        file: {
          driver: 'iscsi',
          transport: 'tcp',
          portal,
          target,
          lun: 1,
          'initiator-name': initiatorName,
          user,
          'password-secret': names.secret,
        },
      });
      await lookAtDisk(monitor);
      await monitor.execute('device_add', { driver: 'virtio-blk-pci', id: names.device, drive: names.node, serial });
      await untilDevice(monitor, true);
      if (withLooks) {
        await monitor.execute('qom-list', { path: '/objects' });
        await monitor.execute('query-named-block-nodes', { flat: true });
        await monitor.execute('qom-get', { path: `/machine/peripheral/${names.device}`, property: 'drive' });
        await monitor.execute('qom-get', { path: `/machine/peripheral/${names.device}`, property: 'serial' });
      }
      monitor.close();
    },

    async detach(): Promise<void> {
      const monitor = await openMonitor(qmpSocket);
      await monitor.execute('device_del', { id: names.device });
      await untilDevice(monitor, false);
      await until(
        () =>
          monitor.execute('blockdev-del', { 'node-name': names.node }).then(
            () => true,
            () => undefined,
          ),
        { ...waiting, describe: () => 'QEMU does not let the disk go' },
      );
      await monitor.execute('object-del', { id: names.secret });
      monitor.close();
      await tgtadm('--op', 'delete', ...inTarget, '--force');
      await tgtadm('--op', 'delete', '--mode', 'account', '--user', user);
    },
  };
}

function untilDevice(monitor: QmpMonitor, isWanted: boolean): Promise<true> {
  return until(
    async () => {
      const devices = (await monitor.execute('qom-list', { path: '/machine/peripheral' })) as readonly { readonly name: string }[];
      return devices.some(({ name }) => name === names.device) === isWanted ? true : undefined;
    },
    { ...waiting, describe: () => `the VM's disk did not ${isWanted ? 'come' : 'go'}` },
  );
}
