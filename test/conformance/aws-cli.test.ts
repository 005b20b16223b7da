import { afterAll, beforeAll, test } from 'vitest';
import { startSimulatedService } from '../support/simulated-service.ts';
import { liveVolumeByCli } from './support/volume-life-by-cli.ts';

let service: Awaited<ReturnType<typeof startSimulatedService>>;

beforeAll(async () => {
  service = await startSimulatedService();
});

afterAll(() => service.close());

// Every command is a Python that starts anew, which takes a second or more.
test('a volume lives its whole life through the AWS CLI', { timeout: 300_000 }, () => liveVolumeByCli(service));
