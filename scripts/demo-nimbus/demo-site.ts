import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { stringify } from 'yaml';
import { openOperator } from '../../src/composition/open-operator.ts';
import { startService } from '../../src/composition/serve.ts';
import type { AccountId } from '../../src/model/ids.ts';
import { makeAuthority } from '../stand-in-nimbus/certificates.ts';
import { alice, capturedWorkspaces } from '../stand-in-nimbus/nimbus-workspace.ts';
import { startStandInNimbus } from '../stand-in-nimbus/stand-in-nimbus.ts';

export interface DemoSite {
  readonly nimbusUrl: string;
  readonly endpoint: string;
  readonly region: string;
  readonly zone: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly settings: string;
  readonly settingsFile: string;
  readonly serviceLog: string;
  /** Runs the `vbs` command with the settings; answers its standard output. */
  vbs(...words: readonly string[]): Promise<string>;
  stop(): Promise<void>;
}

const silent = { write: () => undefined, writeError: () => undefined, line: () => undefined, error: () => undefined };

/** Starts both: Nimbus as the paper patched it, behind TLS with client certificates, and the simulated service with Alice's credential. */
export async function startDemoSite({
  repository,
  stateFolder,
}: {
  readonly repository: string;
  readonly stateFolder: string;
}): Promise<DemoSite> {
  mkdirSync(stateFolder, { recursive: true });
  const authority = await makeAuthority(join(stateFolder, 'certificates'));
  const server = await authority.issue('nimbus', '/O=Grid/CN=nimbus', { hosts: ['127.0.0.1'] });
  const credential = await authority.issue('alice', alice);
  const elasticDb = join(stateFolder, 'elastic.db');
  await execa('sqlite3', [elasticDb, elasticTable()]);
  const nimbus = await startStandInNimbus({ workspaces: capturedWorkspaces, isPatched: true, tls: { ca: authority.ca, ...server } });
  const resolver = {
    kind: 'nimbus',
    mode: 'rp-query',
    url: nimbus.url,
    tls: { ca: authority.ca, ...credential },
    elasticDb: { file: elasticDb },
    hosts: { 'vmm1.example.org': 'vmm1', 'vmm2.example.org': 'vmm2' },
  };
  const settings = stringify({ resolvers: [resolver] });
  const settingsFile = join(stateFolder, 'vbs.yaml');
  const serviceLog = join(stateFolder, 'vbs.log');
  // The simulated hypervisors are to have the domains that Nimbus tells of.
  const domains = capturedWorkspaces.map(({ id }) => `vmm${id}/wrksp-${id}`);
  writeFileSync(settingsFile, `${settings}${stringify({ simulation: { domains }, log: { file: serviceLog } })}`);
  const serviceState = join(stateFolder, 'vbs');
  const opened = openOperator(serviceState, { make: true });
  const key = await opened.operator.credentials.add({ accountId: '000000000000' as AccountId });
  opened.close();
  if (key === undefined) {
    throw new Error(`the new state folder ${serviceState} has that access key already`);
  }
  const service = await startService({ config: settingsFile, simulate: true, listen: '127.0.0.1:0', state: serviceState }, silent);
  return {
    nimbusUrl: nimbus.url,
    endpoint: `http://${service.host}:${service.port}`,
    region: 'us-east-1',
    zone: 'us-east-1a',
    accessKeyId: key.accessKeyId,
    secretAccessKey: key.secretAccessKey,
    settings,
    settingsFile,
    serviceLog,
    vbs: async (...words) =>
      (await execa(process.execPath, [join(repository, 'bin', 'vbs.js'), ...words, '--config', settingsFile])).stdout,
    async stop() {
      await service.stop();
      await nimbus.close();
    },
  };
}

/** As the EC2 front end of Nimbus keeps its ids. */
function elasticTable(): string {
  const rows = capturedWorkspaces.map(({ elasticId, id, reservationId }) => `('${elasticId}', '${id}', '${reservationId}', NULL)`);
  return `CREATE TABLE instances (elastic_id TEXT, manager_id TEXT, reservation_id TEXT, sshkey TEXT); INSERT INTO instances VALUES ${rows.join(', ')};`;
}
