import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openOperator } from '../../src/composition/open-operator.ts';
import { startService } from '../../src/composition/serve.ts';
import type { AccountId } from '../../src/model/ids.ts';

export interface SimulatedService {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
  readonly stateFolder: string;
  close(): Promise<void>;
}

const key = {
  accessKeyId: 'AKIAEXAMPLEFORTESTS1',
  secretAccessKey: 'a/secret+of/the/tests/and/of/nobody/else',
  accountId: '123456789012' as AccountId,
};

/** The whole service over the simulated site, without delays, in a state folder of its own on a free port. The folder is removed with it. */
export async function startSimulatedService(
  stateFolder: string = mkdtempSync(join(tmpdir(), 'vbs-simulated-')),
  settings: object = {},
): Promise<SimulatedService> {
  const config = join(stateFolder, 'vbs.yaml');
  const log = { level: 'warn', file: join(stateFolder, 'vbs.log') };
  writeFileSync(config, JSON.stringify({ log, simulation: { latencyFactor: 0 }, ...settings }));
  const opened = openOperator(stateFolder, { make: true });
  await opened.operator.credentials.add(key);
  opened.close();
  const silent = { write: () => undefined, writeError: () => undefined, line: () => undefined, error: () => undefined };
  const service = await startService({ config, simulate: true, listen: '127.0.0.1:0', state: stateFolder }, silent);
  return {
    endpoint: `http://${service.host}:${service.port}`,
    ...key,
    region: 'us-east-1',
    stateFolder,
    async close() {
      await service.stop();
      rmSync(stateFolder, { recursive: true, force: true });
    },
  };
}
