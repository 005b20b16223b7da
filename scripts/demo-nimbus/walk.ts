import { EC2 } from '@aws-sdk/client-ec2';
import { aws } from '../quickstart/aws-command.ts';
import { until, type Voice } from '../quickstart/voice.ts';
import type { DemoSite } from './demo-site.ts';

const stepTimeoutMs = 120_000;
/** A workspace of Nimbus' own client, and one that was launched through its EC2 front end. */
const instanceIds = ['1', 'i-e8d60ed1'] as const;

/** Attaches a volume to each, and takes it away again. Throws when something is not as it should be. */
export async function walk(site: DemoSite, voice: Voice): Promise<void> {
  const { endpoint, region, zone, accessKeyId, secretAccessKey } = site;
  const ec2 = new EC2({ endpoint, region, credentials: { accessKeyId, secretAccessKey } });
  const volumeOf = async (volumeId: string) => (await ec2.describeVolumes({ VolumeIds: [volumeId] })).Volumes?.[0];
  const waitFor = (what: string, volumeId: string, isSo: (volume: Awaited<ReturnType<typeof volumeOf>>) => boolean) => {
    const looking = until(
      async () => (isSo(await volumeOf(volumeId)) ? true : undefined),
      stepTimeoutMs,
      () => `${volumeId} is not ${what}`,
    );
    return voice.during(`waiting until ${volumeId} is ${what}`, looking);
  };
  try {
    voice.line(`\nThe settings that tell the service of Nimbus:\n`);
    voice.result(site.settings);

    voice.heading('Who says where the instances are');
    for (const instanceId of instanceIds) {
      voice.command('', `vbs resolve ${instanceId} --explain`);
      voice.result(await site.vbs('resolve', instanceId, '--explain'));
    }

    for (const instanceId of instanceIds) {
      voice.heading(`A volume for the instance ${instanceId}`);
      const created = await aws(voice, 'create-volume', { Size: 1, AvailabilityZone: zone }, (input) => ec2.createVolume(input));
      const volumeId = created.VolumeId ?? '';
      await waitFor('available', volumeId, (volume) => volume?.State === 'available');
      const device = '/dev/sdf';
      await aws(voice, 'attach-volume', { VolumeId: volumeId, InstanceId: instanceId, Device: device }, (input) => ec2.attachVolume(input));
      await waitFor('attached', volumeId, (volume) => volume?.Attachments?.[0]?.State === 'attached');
      const shown = await aws(voice, 'describe-instances', { InstanceIds: [instanceId] }, (input) => ec2.describeInstances(input));
      const mapping = shown.Reservations?.[0]?.Instances?.[0]?.BlockDeviceMappings?.[0];
      if (mapping?.Ebs?.VolumeId !== volumeId) throw new Error(`${instanceId} is shown without its volume`);
      await aws(voice, 'detach-volume', { VolumeId: volumeId }, (input) => ec2.detachVolume(input));
      await waitFor('available', volumeId, (volume) => volume?.State === 'available');
      await aws(voice, 'delete-volume', { VolumeId: volumeId }, (input) => ec2.deleteVolume(input));
    }

    voice.heading('An instance that Nimbus does not know');
    const { VolumeId: volumeId = '' } = await ec2.createVolume({ Size: 1, AvailabilityZone: zone });
    await waitFor('available', volumeId, (volume) => volume?.State === 'available');
    const refusal = await ec2.attachVolume({ VolumeId: volumeId, InstanceId: '999', Device: '/dev/sdf' }).then(
      () => undefined,
      (error: Error) => error,
    );
    if (refusal?.name !== 'InvalidInstanceID.NotFound') throw new Error(`it was to be refused, and: ${refusal?.message ?? 'it was not'}`);
    voice.line(`  refused with ${refusal.name}: ${refusal.message}`);
    await ec2.deleteVolume({ VolumeId: volumeId });
  } finally {
    ec2.destroy();
  }
}
