import { afterAll, beforeAll, test } from 'vitest';
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
