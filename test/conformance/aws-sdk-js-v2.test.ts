import { afterAll, beforeAll, test } from 'vitest';
import { startSimulatedService } from '../support/simulated-service.ts';
import { liveVolumeBySdkV2 } from './support/volume-life-by-sdk-v2.ts';

let service: Awaited<ReturnType<typeof startSimulatedService>>;

beforeAll(async () => {
  service = await startSimulatedService();
});

afterAll(() => service.close());

test('a volume lives its whole life through version 2 of the AWS SDK for JavaScript', { timeout: 120_000 }, () =>
  liveVolumeBySdkV2(service),
);
