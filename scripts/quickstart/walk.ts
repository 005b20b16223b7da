import { EC2 } from '@aws-sdk/client-ec2';
import { z } from 'zod';
import { aws } from './aws-command.ts';
import type { QuickstartSite } from './quickstart-site.ts';
import { until, type Voice } from './voice.ts';

const device = '/dev/sdf';
const writtenBytes = 4 * 1024 ** 2;
const stepTimeoutMs = 120_000;

const operations = z.array(z.object({ id: z.string(), kind: z.string() }));

/** A volume's life from its making to its end, with a real VM that writes and reads. Rejects at the first thing that is not as it should be. */
export async function walk(site: QuickstartSite, voice: Voice): Promise<void> {
  const { endpoint, region, zone, instanceId, accessKeyId, secretAccessKey, vm } = site;
  const ec2 = new EC2({ endpoint, region, credentials: { accessKeyId, secretAccessKey }, maxAttempts: 1 });

  const volume = async (volumeId: string) => (await ec2.describeVolumes({ VolumeIds: [volumeId] })).Volumes?.[0];
  const volumeIs = (volumeId: string, wanted: string) =>
    voice.during(
      `waiting until the volume is ${wanted}`,
      until(
        async () => {
          const found = await volume(volumeId);
          const attachment = found?.Attachments?.[0]?.State;
          if (found?.State === 'error' || attachment === 'busy') throw new Error(`${volumeId} is ${attachment ?? found?.State}`);
          return (attachment ?? found?.State) === wanted ? true : undefined;
        },
        stepTimeoutMs,
        () => `${volumeId} did not become ${wanted}`,
      ),
    );
  const inVm = async (command: string) => {
    voice.command('tiny', command);
    const { exitCode, output } = await vm.run(command, stepTimeoutMs);
    voice.result(output.trimEnd());
    if (exitCode !== 0) throw new Error(`the command ended with ${exitCode} in the VM`);
    return output.trim();
  };
  /** The disk of a volume in the VM, by the serial that EC2 gives it. */
  const diskOf = async (volumeId: string) => {
    const found = vm.run(`find-disk ${volumeId.replace('-', '')}`, stepTimeoutMs);
    return (await voice.during('waiting until the VM sees the disk', found)).output.trim();
  };
  const attach = async (volumeId: string) => {
    await aws(voice, 'attach-volume', { VolumeId: volumeId, InstanceId: instanceId, Device: device }, (input) => ec2.attachVolume(input));
    await volumeIs(volumeId, 'attached');
    const disk = await diskOf(volumeId);
    await inVm(`echo "serial $(cat /sys/block/${disk}/serial), $(cat /sys/block/${disk}/size) blocks of 512 bytes"`);
    return disk;
  };
  const detach = async (volumeId: string) => {
    await aws(voice, 'detach-volume', { VolumeId: volumeId }, (input) => ec2.detachVolume(input));
    await volumeIs(volumeId, 'available');
  };
  const requireId = (id: string | undefined) => {
    if (id === undefined) throw new Error('the answer has no id');
    return id;
  };
  const checksumOf = async (disk: string) => inVm(`head -c ${writtenBytes} /dev/${disk} | sha256sum`);

  voice.heading('A new volume of 1 GiB, attached to the VM while it runs');
  const created = await aws(voice, 'create-volume', { Size: 1, AvailabilityZone: zone }, (input) => ec2.createVolume(input));
  const volumeId = requireId(created.VolumeId);
  await volumeIs(volumeId, 'available');
  const disk = await attach(volumeId);

  voice.heading('The VM writes to it');
  const text = `written by the VM of the quickstart at ${new Date().toISOString()}`;
  await inVm(`yes "${text}" | head -c ${writtenBytes} > /tmp/text && dd if=/tmp/text of=/dev/${disk} bs=1M conv=fsync && rm /tmp/text`);
  const writtenChecksum = await checksumOf(disk);

  voice.heading('A snapshot of it, after which it leaves the VM');
  const snapshotted = await aws(voice, 'create-snapshot', { VolumeId: volumeId }, (input) => ec2.createSnapshot(input));
  const snapshotId = requireId(snapshotted.SnapshotId);
  const isCompleted = async () => {
    const found = (await ec2.describeSnapshots({ SnapshotIds: [snapshotId] })).Snapshots?.[0];
    if (found?.State === 'error') throw new Error(`the snapshot failed: ${found.StateMessage}`);
    return found?.State === 'completed' ? true : undefined;
  };
  await voice.during(
    'waiting until the snapshot is completed',
    until(isCompleted, stepTimeoutMs, () => 'the snapshot was not completed'),
  );
  await detach(volumeId);
  await inVm('echo "disks: $(ls /sys/block | wc -w)"');

  voice.heading('A second volume, made from the snapshot');
  const fromSnapshot = { SnapshotId: snapshotId, AvailabilityZone: zone };
  const cloned = await aws(voice, 'create-volume', fromSnapshot, (input) => ec2.createVolume(input));
  const cloneId = requireId(cloned.VolumeId);
  await volumeIs(cloneId, 'available');
  const cloneDisk = await attach(cloneId);
  await inVm(`head -n 1 /dev/${cloneDisk}`);
  const readChecksum = await checksumOf(cloneDisk);
  if (readChecksum !== writtenChecksum) throw new Error(`the VM wrote ${writtenChecksum} and reads ${readChecksum}`);
  voice.line(`\n  The same ${writtenBytes} bytes.`);

  voice.heading('What the service did to attach it: every step and command is kept');
  const attaching = operations
    .parse(JSON.parse(await site.vbs('operations', 'list', '--resource', cloneId, '--json')))
    .find(({ kind }) => kind.includes('attach'));
  if (attaching === undefined) throw new Error(`no operation attached ${cloneId}`);
  voice.command('', `vbs operations show ${attaching.id}`);
  // Its commands without what they printed, which would fill several screens.
  const shown = (await site.vbs('operations', 'show', attaching.id)).split('\n').filter((line) => !/^\s+\|/.test(line));
  voice.result(shown.join('\n'));

  voice.heading('Cleaning up');
  await detach(cloneId);
  for (const id of [cloneId, volumeId]) {
    await aws(voice, 'delete-volume', { VolumeId: id }, (input) => ec2.deleteVolume(input));
  }
  await aws(voice, 'delete-snapshot', { SnapshotId: snapshotId }, (input) => ec2.deleteSnapshot(input));
  const isEmpty = async () => {
    const volumes = (await ec2.describeVolumes({})).Volumes ?? [];
    const snapshots = (await ec2.describeSnapshots({})).Snapshots ?? [];
    return volumes.length + snapshots.length + (await site.targets()).length === 0 ? true : undefined;
  };
  await voice.during(
    'waiting until nothing is left',
    until(isEmpty, stepTimeoutMs, () => 'something is left behind'),
  );
  ec2.destroy();
}
