import {
  CreateTagsCommand,
  CreateVolumeCommand,
  DescribeRegionsCommand,
  DescribeVolumesCommand,
  EC2Client,
  type EC2ServiceException,
} from '@aws-sdk/client-ec2';
import { afterEach, describe, expect, it } from 'vitest';
import { openOperator } from '../../src/composition/open-operator.ts';
import type { AccountId } from '../../src/model/ids.ts';
import { type SimulatedService, startSimulatedService } from '../support/simulated-service.ts';

const other = { accessKeyId: 'AKIAEXAMPLEFORTESTS9', secretAccessKey: 'another/secret/of/nobody', accountId: '999999999999' as AccountId };

let service: SimulatedService | undefined;
const clients: EC2Client[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await service?.close();
});

async function start(settings: object = {}): Promise<SimulatedService> {
  service = await startSimulatedService(undefined, settings);
  const opened = openOperator(service.stateFolder);
  await opened.operator.credentials.add(other);
  opened.close();
  return service;
}

function clientOf(
  { endpoint, region }: SimulatedService,
  credentials: Pick<SimulatedService, 'accessKeyId' | 'secretAccessKey'>,
  maxAttempts: number,
) {
  const client = new EC2Client({ endpoint, region, credentials, maxAttempts });
  clients.push(client);
  return client;
}

async function refusalOf(task: Promise<unknown>): Promise<EC2ServiceException> {
  return task.then(
    () => Promise.reject(new Error('it was not refused')),
    (cause: EC2ServiceException) => cause,
  );
}

describe('an account that asks too often', () => {
  it('is told so as EC2 tells it, whatever it asks, and others are not', async () => {
    const running = await start({ limits: { requests: { describe: { burst: 3, perSecond: 0.001 } } } });
    const client = clientOf(running, running, 1);
    // A dry run counts too, as on EC2.
    await refusalOf(client.send(new DescribeRegionsCommand({ DryRun: true })));
    await client.send(new DescribeRegionsCommand({}));
    await client.send(new DescribeRegionsCommand({}));
    const refusal = await refusalOf(client.send(new DescribeRegionsCommand({})));
    expect(refusal.name).toBe('RequestLimitExceeded');
    expect(refusal.$metadata.httpStatusCode).toBe(503);
    expect(refusal.message).toMatch(/^Request limit exceeded\./);
    await clientOf(running, other, 1).send(new DescribeRegionsCommand({}));
    await client.send(new DescribeVolumesCommand({}));
  });

  it('is served in the end by an SDK that tries again by itself', async () => {
    const running = await start({ limits: { requests: { describe: { burst: 1, perSecond: 4 } } } });
    const client = clientOf(running, running, 10);
    const answers = await Promise.all([1, 2, 3].map(() => client.send(new DescribeRegionsCommand({}))));
    expect(Math.max(...answers.map(({ $metadata }) => $metadata.attempts ?? 0))).toBeGreaterThan(1);
  });

  it('spends nothing of an account whose signature it cannot prove', async () => {
    const running = await start({ limits: { requests: { describe: { burst: 1, perSecond: 0.001 } } } });
    const forger = clientOf(running, { ...running, secretAccessKey: 'wrong' }, 1);
    for (let request = 0; request < 3; request += 1) {
      expect((await refusalOf(forger.send(new DescribeRegionsCommand({})))).name).toBe('AuthFailure');
    }
    await clientOf(running, running, 1).send(new DescribeRegionsCommand({}));
  });

  it('has no more open operations than the settings allow', async () => {
    const running = await start({ operations: { openPerAccount: 3 }, simulation: { latencyFactor: 1 } });
    const client = clientOf(running, running, 1);
    const results = await Promise.all(
      Array.from({ length: 8 }, () =>
        client.send(new CreateVolumeCommand({ AvailabilityZone: 'us-east-1a', Size: 1 })).then(
          () => 'made',
          (cause: EC2ServiceException) => cause.name,
        ),
      ),
    );
    expect(results.filter((result) => result === 'made')).toHaveLength(3);
    expect(results.filter((result) => result === 'RequestLimitExceeded')).toHaveLength(5);
  });
});

describe('a list in a request', () => {
  it('has a thousand values at the most', async () => {
    const running = await start();
    const client = clientOf(running, running, 1);
    const ids = (count: number) => Array.from({ length: count }, (_, index) => `vol-${String(index).padStart(8, '0')}`);
    expect((await refusalOf(client.send(new DescribeVolumesCommand({ VolumeIds: ids(1_000) })))).name).toBe('InvalidVolume.NotFound');
    const refusal = await refusalOf(client.send(new DescribeVolumesCommand({ VolumeIds: ids(1_001) })));
    expect(refusal.name).toBe('InvalidParameterValue');
    expect(refusal.message).toContain('more than 1000 values');
    const tags = await refusalOf(client.send(new CreateTagsCommand({ Resources: ids(1_001), Tags: [{ Key: 'a', Value: 'b' }] })));
    expect(tags.name).toBe('InvalidParameterValue');
  });
});
