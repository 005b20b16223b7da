import Sqlite from 'better-sqlite3';
import { measuredSite } from '../../../src/composition/measured-site.ts';
import { siteOfWorld } from '../../../src/composition/simulated-site.ts';
import type { SimulatedInstance } from '../../../src/drivers/simulated/instances.ts';
import { createSimulatedWorld } from '../../../src/drivers/simulated/simulated-world.ts';
import type { AccountId, InstanceId } from '../../../src/model/ids.ts';
import { dayMs } from '../../../src/model/snapshot-lock.ts';
import type { ListedInstance } from '../../../src/resolvers/cloud-resolver.ts';
import { dumpDatabase } from '../../support/database-dump.ts';
import { caller, zone } from '../../support/saga-rig.ts';
import { type ApiRig, type Params, startApiRig } from '../../unit/ec2-query-api/support/api-rig.ts';
import { type Answer, call, secretAccessKey } from '../../unit/ec2-query-api/support/fake-service.ts';
import { type Estate, furnish } from './estate.ts';

/** Who asks, who is asked about, one with whom that one shares something, and whose the VMs are that nobody owns. */
export const tenantNames = ['visitor', 'neighbour', 'friend', 'operator'] as const;
export type TenantName = (typeof tenantNames)[number];

export const accountIds: Readonly<Record<TenantName, AccountId>> = {
  visitor: '111111111111' as AccountId,
  neighbour: '222222222222' as AccountId,
  friend: '333333333333' as AccountId,
  operator: caller.accountId,
};

export interface Tenant extends Estate {
  readonly name: TenantName;
  readonly accountId: AccountId;
}

/** A site with several accounts, each with every kind of thing in every state. */
export interface Tenants {
  readonly api: ApiRig;
  readonly of: Readonly<Record<TenantName, Tenant>>;
  /** Sends a request as an account, and gives the answer whatever it is. */
  as(name: TenantName, params: Params): Promise<Answer>;
  /** Every row of the database. */
  dump(): ReturnType<typeof dumpDatabase>;
  /** How many answers hosts have given so far: to questions too. */
  hostAnswers(): number;
  /** Texts that are of other accounts' things and of none of this one's. */
  secretsFrom(name: TenantName): readonly string[];
  close(): Promise<void>;
}

const instancesOfEach = 6;

/** All that depends on how instances have owners: the VMs of the site, and whose each is. */
export function instancesOf(name: TenantName): readonly ListedInstance[] {
  return Array.from({ length: instancesOfEach }, (_, index) => {
    const number = tenantNames.indexOf(name) * 16 + index;
    return {
      id: `i-a00000${number.toString(16).padStart(2, '0')}` as InstanceId,
      placement: { vmmHost: index % 2 === 0 ? 'vmm1' : 'vmm2', domain: `vm${index}-of-${name}` },
      name: `name-of-vm${index}-of-${name}`,
      privateIpAddress: `10.${tenantNames.indexOf(name) + 17}.113.${index + 101}`,
      publicIpAddress: `192.0.2.${tenantNames.indexOf(name) * 16 + index + 101}`,
      // An instance that nobody is named for is the operator's.
      ...(name !== 'operator' && { accountId: accountIds[name] }),
    };
  });
}

/** The domains that no cloud lists: the hosts' own. */
export const controlDomains = ['vmm1/Domain-0', 'vmm2/Domain-0'] as const;

export async function startTenants(): Promise<Tenants> {
  let nowMs = 1_700_000_000_000;
  let answers = 0;
  const time = {
    clock: () => {
      nowMs += 1;
      return nowMs;
    },
    sleep: async (milliseconds: number) => {
      nowMs += milliseconds;
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
  const listed = tenantNames.flatMap(instancesOf);
  const unlisted = controlDomains.map((instanceId): SimulatedInstance => {
    const [vmmHost = '', domain = ''] = instanceId.split('/');
    return { instanceId, placement: { vmmHost, domain } };
  });
  const world = createSimulatedWorld({
    ...time,
    latencyMs: () => 0,
    instances: [...listed.map(({ id, placement }) => ({ instanceId: id, placement })), ...unlisted],
  });
  const { site } = siteOfWorld(world, { zones: [zone], iqnPrefix: 'iqn.2009-11.org.vbs' });
  const counted = measuredSite(site, () => {
    answers += 1;
  });
  const retention = { volumesMs: 7 * dayMs, snapshotsMs: 7 * dayMs };
  const api = await startApiRig({ retention }, { time, built: { site: counted, instances: listed } });
  const as = (name: TenantName, params: Params) =>
    call(params, { ...api.deps, lookUpAccessKey: async () => ({ secretAccessKey, accountId: accountIds[name] }) });
  const of: Partial<Record<TenantName, Tenant>> = {};
  for (const name of tenantNames) {
    const estate = await furnish({
      name,
      instanceIds: instancesOf(name).map(({ id }) => id),
      device: `/dev/sd${'qrst'.charAt(tenantNames.indexOf(name))}`,
      ask: async (params) => {
        const answer = await as(name, params);
        if (answer.status !== 200) throw new Error(`${params.Action} of the ${name} was refused: ${answer.text}`);
        return answer.text;
      },
      settle: api.settle,
      putState: (volumeId, state) => putState(api.rig.databaseFile, volumeId, state),
    });
    of[name] = { ...estate, name, accountId: accountIds[name] };
  }
  const tenants = of as Record<TenantName, Tenant>;
  const share = { Action: 'ModifySnapshotAttribute', OperationType: 'add', 'UserId.1': accountIds.friend };
  await as('neighbour', { ...share, SnapshotId: tenants.neighbour.snapshots.shared });
  const dump = () => dumpDatabase(api.rig.databaseFile);
  return {
    api,
    of: tenants,
    as,
    dump,
    hostAnswers: () => answers,
    secretsFrom: (name) => secretsFrom(dump(), name),
    async close() {
      await api.close();
      world.close();
    },
  };
}

/** As no request can make it on a site where nothing fails. */
function putState(databaseFile: string, volumeId: string, state: string): void {
  const client = new Sqlite(databaseFile);
  client.prepare('UPDATE volumes SET state = ? WHERE id = ?').run(state, volumeId);
  client.close();
}

/** Shorter texts are words of everybody's: states, types and zones. */
const leastSecretLength = 5;

function secretsFrom(dump: ReturnType<typeof dumpDatabase>, name: TenantName): readonly string[] {
  const own = new Set<string>();
  const others = new Set<string>();
  for (const row of Object.values(dump).flat() as Readonly<Record<string, unknown>>[]) {
    if (typeof row.account_id !== 'string') continue;
    const texts = Object.values(row).filter((value): value is string => typeof value === 'string' && value.length >= leastSecretLength);
    for (const text of texts) (row.account_id === accountIds[name] ? own : others).add(text);
  }
  for (const other of tenantNames.filter((each) => each !== name)) {
    for (const { id, name: shownName = '', placement, privateIpAddress = '', publicIpAddress = '' } of instancesOf(other)) {
      for (const text of [id, shownName, placement.domain, privateIpAddress, publicIpAddress]) others.add(text);
    }
  }
  return [...others].filter((text) => !own.has(text));
}
