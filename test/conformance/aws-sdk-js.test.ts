import { DescribeVolumesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openOperator } from '../../src/composition/open-operator.ts';
import type { AccountId } from '../../src/model/ids.ts';
import { startSimulatedService } from '../support/simulated-service.ts';
import { askForAttributesBySdk } from './support/attributes-by-sdk.ts';
import { liveVolumeBySdk } from './support/volume-life-by-sdk.ts';

let service: Awaited<ReturnType<typeof startSimulatedService>>;

beforeAll(async () => {
  service = await startSimulatedService();
});

afterAll(() => service.close());

test('a volume lives its whole life through the AWS SDK for JavaScript', { timeout: 120_000 }, () => liveVolumeBySdk(service));

test('attributes, settings, tags, modifications and copies go through the AWS SDK for JavaScript', { timeout: 120_000 }, () =>
  askForAttributesBySdk(service),
);

test('a temporary key goes through the AWS SDK for JavaScript with its session token, and not without', async () => {
  const opened = openOperator(service.stateFolder);
  const key = await opened.operator.credentials.add({ accountId: '123456789012' as AccountId, lifetimeMs: 60_000 });
  opened.close();
  const { accessKeyId = '', secretAccessKey = '', sessionToken = '' } = key ?? {};
  const ask = async (credentials: { readonly sessionToken?: string }) => {
    const { endpoint, region } = service;
    const client = new EC2Client({ endpoint, region, credentials: { accessKeyId, secretAccessKey, ...credentials }, maxAttempts: 1 });
    try {
      return await client.send(new DescribeVolumesCommand());
    } finally {
      client.destroy();
    }
  };
  expect(await ask({ sessionToken })).toMatchObject({ Volumes: expect.any(Array) });
  await expect(ask({})).rejects.toMatchObject({ name: 'AuthFailure' });
  await expect(ask({ sessionToken: `${sessionToken}x` })).rejects.toMatchObject({ name: 'AuthFailure' });
});
