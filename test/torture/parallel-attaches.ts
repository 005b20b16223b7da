import { AttachVolumeCommand, CreateVolumeCommand, DescribeVolumesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { startSimulatedService } from '../support/simulated-service.ts';
import type { TortureReport } from './torture-report.ts';

const requests = 100;

/** Many clients attach the same volume in the same moment, over HTTP. */
export async function tortureParallelAttaches(): Promise<TortureReport> {
  const service = await startSimulatedService();
  try {
    const { endpoint, region, accessKeyId, secretAccessKey } = service;
    const client = new EC2Client({ endpoint, region, credentials: { accessKeyId, secretAccessKey }, maxAttempts: 1 });
    const { VolumeId = '' } = await client.send(new CreateVolumeCommand({ AvailabilityZone: 'us-east-1a', Size: 1 }));
    const describe = async () => (await client.send(new DescribeVolumesCommand({ VolumeIds: [VolumeId] }))).Volumes?.[0];
    while ((await describe())?.State !== 'available') {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const answers = await Promise.all(
      Array.from({ length: requests }, async (_, number) => {
        const InstanceId = `i-0000000${1 + (number % 8)}`;
        try {
          await client.send(new AttachVolumeCommand({ VolumeId, InstanceId, Device: '/dev/sdf' }));
          return `won by ${InstanceId}`;
        } catch (cause) {
          const { name, message } = cause as Error;
          return `${name}: ${message}`;
        }
      }),
    );
    const winners = answers.filter((answer) => answer.startsWith('won'));
    const winner = winners[0]?.replace('won by ', '');
    const exact = answers.filter((answer) => answer === `VolumeInUse: Volume ${VolumeId} is currently attached to ${winner}`);
    const [attachment, ...others] = (await describe())?.Attachments ?? [];
    const problems = [
      ...(winners.length === 1 ? [] : [`${winners.length} of ${requests} attaches won`]),
      ...(exact.length === requests - 1 ? [] : [...new Set(answers)].filter((answer) => !answer.startsWith('won')).slice(0, 5)),
      ...(attachment?.InstanceId === winner && others.length === 0
        ? []
        : [`the volume is attached to ${attachment?.InstanceId}, not ${winner}`]),
    ];
    return { problems, figures: { attaches: requests, winners: winners.length, 'exact errors (VolumeInUse)': exact.length } };
  } finally {
    await service.close();
  }
}
