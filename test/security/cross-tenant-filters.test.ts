import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { actions } from '../../src/ec2-query-api/actions/table.ts';
import type { Params } from '../unit/ec2-query-api/support/api-rig.ts';
import { documentedFilters } from './support/filter-names.ts';
import { parametersOfAllActions } from './support/id-parameters.ts';
import { instancesOf, startTenants, type Tenant, type Tenants } from './support/tenants.ts';
import { leaksIn, type Told, toldBy } from './support/told.ts';

/** What a filter that finds something of the caller's is given; of those that find by what others have, too. */
const ownValues: Readonly<Record<string, (tenant: Tenant) => string>> = {
  'attachment.device': ({ device }) => device,
  'attachment.instance-id': ({ instanceIds }) => instanceIds[0] ?? '',
  'block-device-mapping.device-name': ({ device }) => device,
  'block-device-mapping.volume-id': ({ volumes }) => volumes.inUse,
  description: ({ name }) => `description-of-${name}-0`,
  'instance-id': ({ instanceIds }) => instanceIds[0] ?? '',
  'ip-address': ({ name }) => instancesOf(name)[0]?.publicIpAddress ?? '',
  key: ({ name }) => `key-of-${name}`,
  'owner-id': ({ accountId }) => accountId,
  'private-ip-address': ({ name }) => instancesOf(name)[0]?.privateIpAddress ?? '',
  'resource-id': ({ volumes }) => volumes.available,
  'snapshot-id': ({ snapshots }) => snapshots.completed,
  'tag-key': ({ name }) => `key-of-${name}`,
  value: ({ name }) => `value-of-${name}`,
  'volume-id': ({ volumes }) => volumes.available,
};

/** Filters of which no value is anybody's. */
const ofNobody: ReadonlySet<string> = new Set([
  ...['action.code', 'action.description', 'action.event-id', 'attachment.attach-time', 'attachment.delete-on-termination'],
  ...['attachment.status', 'availability-zone', 'availability-zone-id', 'block-device-mapping.attach-time'],
  ...['block-device-mapping.delete-on-termination', 'block-device-mapping.status', 'create-time', 'encrypted', 'endpoint'],
  ...['event.description', 'event.event-id', 'event.event-type', 'event.not-after', 'event.not-before', 'fast-restored', 'group-name'],
  ...['instance-state-code', 'instance-state-name', 'lock-state', 'message', 'modification-state', 'multi-attach-enabled'],
  ...['operator.managed', 'operator.principal', 'opt-in-status', 'original-iops', 'original-size', 'original-volume-type'],
  ...['originalMultiAttachEnabled', 'owner-alias', 'progress', 'region-name', 'resource-type', 'size', 'start-time'],
  ...['state', 'status', 'storage-tier', 'target-iops', 'target-size', 'target-volume-type', 'targetMultiAttachEnabled'],
  ...['volume-size', 'volume-status.details-name', 'volume-status.details-status', 'volume-status.status', 'volume-type', 'zone-id'],
  ...['zone-name', 'zone-type', 'group-long-name', 'parent-zone-id', 'parent-zone-name'],
]);

/** Nobody here has a volume that was made of a snapshot, and an instance has no tag but its name. */
const findsNothingOfOwn: ReadonlySet<string> = new Set(['DescribeVolumes snapshot-id', 'DescribeInstances tag-key']);

let tenants: Tenants;
let secrets: readonly string[];
let before: ReturnType<Tenants['dump']>;

beforeAll(async () => {
  tenants = await startTenants();
  secrets = tenants.secretsFrom('visitor');
  before = tenants.dump();
});
afterAll(() => tenants.close());

const filteredActions = parametersOfAllActions().flatMap(({ action, kind }) => (kind === 'filter' ? [action] : []));

/** As EC2 takes them: the values of one filter are alternatives. */
function filterBy(name: string, values: readonly string[]): Params {
  return {
    'Filter.1.Name': name,
    ...Object.fromEntries(values.map((value, index) => [`Filter.1.Value.${index + 1}`, value])),
  };
}

async function ask(params: Params): Promise<Told> {
  const told = toldBy(await tenants.as('visitor', params), [params['Filter.1.Name'] ?? '']);
  expect(leaksIn(told, secrets)).toEqual([]);
  return told;
}

const isServed = async (action: string, name: string) =>
  !(await ask({ Action: action, ...filterBy(name, ['*']) })).text.includes('is invalid');

test('every action with filters is known, and has some', () => {
  expect(filteredActions.length).toBeGreaterThan(8);
  expect(filteredActions.every((action) => Object.hasOwn(actions, action))).toBe(true);
});

describe.each(filteredActions)('the filters of %s', (action) => {
  // A tag's own key is a part of the filter's name.
  const names = [...documentedFilters(action).filter((name) => name !== 'tag'), 'tag-key', 'tag:key-of-neighbour'];

  test('are decided about, every one that EC2 documents and that is served', async () => {
    const undecided: string[] = [];
    for (const name of documentedFilters(action)) {
      if (name !== 'tag' && !Object.hasOwn(ownValues, name) && !ofNobody.has(name) && (await isServed(action, name))) undecided.push(name);
    }
    expect(undecided).toEqual([]);
  });

  test('find what is the caller’s own', async () => {
    for (const name of names) {
      const own = Object.hasOwn(ownValues, name) ? ownValues[name] : undefined;
      if (own === undefined || findsNothingOfOwn.has(`${action} ${name}`) || !(await isServed(action, name))) continue;
      const value = own(tenants.of.visitor);
      const { text } = await ask({ Action: action, ...filterBy(name, [value]) });
      expect(text, `${name} ${value}`).toContain('<item>');
    }
  });

  test('find nothing by what is another account’s, as by what there is not', async () => {
    for (const name of names) {
      if (!(await isServed(action, name))) continue;
      for (const extra of [{}, { DryRun: 'true' }]) {
        const toNothing = await ask({ Action: action, ...filterBy(name, ['of nobody']), ...extra });
        // As many as one request may have.
        for (let at = 0; at < secrets.length; at += 200) {
          const values = secrets.slice(at, at + 200).filter((text) => text.length <= 255);
          expect(await ask({ Action: action, ...filterBy(name, values), ...extra }), name).toEqual(toNothing);
        }
      }
    }
    expect(tenants.dump()).toEqual(before);
  });

  test('find only the caller’s own by wildcards', async () => {
    for (const name of names) {
      for (const pattern of ['*', '*neighbour*', '??*', '*2222*']) await ask({ Action: action, ...filterBy(name, [pattern]) });
    }
  });
});
