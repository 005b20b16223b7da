import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { examine } from '../../src/blockstore/reconcile.ts';
import { handleRequest, type RequestDependencies } from '../../src/ec2-query-api/handle-request.ts';
import type { AccountId } from '../../src/model/ids.ts';
import { type Database, openDatabase } from '../../src/store/sqlite/open-database.ts';
import { longestHold } from '../support/event-loop-delay.ts';
import { createSagaRig, type RunningService, type SagaRig, zone } from '../support/saga-rig.ts';
import { fakeDependencies, form, secretAccessKey, signedPost } from '../unit/ec2-query-api/support/fake-service.ts';

/** Nobody waits longer than this for what somebody else has asked for. */
const mostMs = 50;

const large = '123456789012' as AccountId;
const sharer = '210987654321' as AccountId;
const tagger = '333333333333' as AccountId;
const counts = { volumes: 50_000, tagged: 1_000, snapshots: 10_000, shared: 3_000, recycled: 10_000, attached: 5_000 };

let rig: SagaRig;
let service: RunningService;
let other: Database;
let deps: Omit<RequestDependencies, 'lookUpAccessKey'>;

beforeAll(async () => {
  rig = createSagaRig();
  service = await rig.start({ takesUp: false });
  deps = { ...fakeDependencies(), blockstore: service.blockstore, zones: [zone] };
  other = openDatabase(rig.databaseFile);
  fill(other);
});
afterAll(async () => {
  other.$client.close();
  await rig.close();
});

/** A request as anybody's comes, signature and all, ready to be sent; it has to succeed. What it takes to sign it is the client's. */
function prepare(accountId: AccountId, params: Readonly<Record<string, string>>): () => Promise<Buffer> {
  const request = signedPost(form({ Version: '2016-11-15', ...params }));
  return async () => {
    const answer = await handleRequest(request, { ...deps, lookUpAccessKey: async () => ({ secretAccessKey, accountId }) });
    if (answer.status !== 200) {
      throw new Error(`${params.Action} was refused: ${answer.body.toString().slice(0, 500)}`);
    }
    return answer.body;
  };
}

const numbered = (prefix: string, texts: readonly string[]) =>
  Object.fromEntries(texts.map((text, index) => [`${prefix}.${index + 1}`, text]));
const taggedIds = Array.from({ length: counts.tagged }, (_, index) => volumeIdOf('b', index + 1));
const manyTags = (value: string) =>
  Object.assign(
    {},
    ...Array.from({ length: 48 }, (_, index) => ({ [`Tag.${index + 1}.Key`]: keyOf(index), [`Tag.${index + 1}.Value`]: value })),
  );
const slowPatterns = Array.from({ length: 200 }, (_, index) => `*a?${'a'.repeat(40)}*${String(index).padStart(3, '0')}`);

interface Case {
  readonly name: string;
  readonly by: AccountId;
  readonly params: Readonly<Record<string, string>>;
  /** How many times the text stands in the answer. */
  readonly expected?: readonly [text: string, count: number];
}

const cases: readonly Case[] = [
  { name: 'a list of 50,000 volumes', by: large, params: { Action: 'DescribeVolumes' }, expected: ['<volumeType>', counts.volumes] },
  {
    name: 'a filter over 50,000 volumes',
    by: large,
    params: { Action: 'DescribeVolumes', 'Filter.1.Name': 'size', 'Filter.1.Value.1': '7' },
    expected: ['<volumeType>', counts.volumes / 100],
  },
  {
    name: 'a filter with wildcards over their tags, by pages',
    by: large,
    params: { Action: 'DescribeVolumes', MaxResults: '1000', 'Filter.1.Name': 'tag:Name', 'Filter.1.Value.1': '*no?such*' },
    expected: ['<volumeType>', 0],
  },
  {
    name: '200 values with wildcards over 48,000 tags',
    by: tagger,
    params: { Action: 'DescribeVolumes', 'Filter.1.Name': 'tag-key', ...numbered('Filter.1.Value', slowPatterns) },
    expected: ['<volumeType>', 0],
  },
  {
    name: 'a thousand ids with 48 tags each',
    by: tagger,
    params: { Action: 'DescribeVolumes', ...numbered('VolumeId', taggedIds) },
    expected: ['<key>', counts.tagged * 48],
  },
  {
    name: 'a page of a thousand with 48 tags each',
    by: tagger,
    params: { Action: 'DescribeVolumes', MaxResults: '1000' },
    expected: ['<key>', counts.tagged * 48],
  },
  {
    name: 'the smallest page of the states of 50,000 volumes',
    by: large,
    params: { Action: 'DescribeVolumeStatus', MaxResults: '5' },
    expected: ['<volumeStatus>', 5],
  },
  { name: 'all their states', by: large, params: { Action: 'DescribeVolumeStatus' }, expected: ['<volumeStatus>', counts.volumes] },
  {
    name: 'the snapshots that another account shares with everyone',
    by: tagger,
    params: { Action: 'DescribeSnapshots' },
    expected: ['<snapshotId>', counts.shared],
  },
  {
    name: 'the smallest page of them',
    by: tagger,
    params: { Action: 'DescribeSnapshots', MaxResults: '5' },
    expected: ['<snapshotId>', 5],
  },
  {
    name: 'all snapshots, by who may restore them',
    by: large,
    params: { Action: 'DescribeSnapshots', 'RestorableBy.1': 'self' },
    expected: ['<snapshotId>', counts.snapshots],
  },
  {
    name: 'the tags of 50,000 volumes',
    by: large,
    params: { Action: 'DescribeTags' },
    expected: ['<resourceId>', counts.volumes],
  },
  {
    name: 'a filter over 48,000 tags',
    by: tagger,
    params: { Action: 'DescribeTags', 'Filter.1.Name': 'value', ...numbered('Filter.1.Value', slowPatterns) },
    // Those that end with 000 or with 100 to 199.
    expected: ['<resourceId>', 101 * 48],
  },
  {
    name: 'the modifications of 50,000 volumes',
    by: large,
    params: { Action: 'DescribeVolumesModifications' },
    expected: ['<modificationState>', counts.volumes],
  },
  { name: 'a recycle bin', by: large, params: { Action: 'ListVolumesInRecycleBin' }, expected: ['<volumeId>', counts.recycled] },
  { name: 'the locks', by: large, params: { Action: 'DescribeLockedSnapshots' }, expected: ['<lockState>', counts.snapshots] },
  {
    name: '48 tags for a thousand volumes',
    by: tagger,
    params: { Action: 'CreateTags', ...numbered('ResourceId', taggedIds), ...manyTags('another value') },
  },
  {
    name: 'what a thousand volumes have not',
    by: tagger,
    params: { Action: 'DeleteTags', ...numbered('ResourceId', taggedIds), ...manyTags('none') },
  },
];

describe('holds the event loop for no longer than 50 ms', { timeout: 300_000 }, () => {
  test.each(cases)('$name', async ({ by, params, expected }) => {
    let answer: Buffer | undefined;
    const ask = prepare(by, params);
    const heldMs = await longestHold(async () => {
      answer = await ask();
    });
    if (expected !== undefined) {
      expect((answer?.toString('latin1').split(expected[0]).length ?? 0) - 1).toBe(expected[1]);
    }
    expect(heldMs).toBeLessThan(mostMs);
  });

  test('a list that another process has changed', async () => {
    const ask = prepare(large, { Action: 'DescribeVolumes' });
    await ask();
    let size = 0;
    let answer: Buffer | undefined;
    const heldMs = await longestHold(async () => {
      size += 1;
      other.$client.prepare("UPDATE tags SET value = ? WHERE resource_id = ? AND key = 'Name'").run(`changed ${size}`, volumeIdOf('a', 1));
      answer = await ask();
    });
    expect(answer?.includes(`changed ${size}`)).toBe(true);
    expect(heldMs).toBeLessThan(mostMs);
  });

  test('a comparison of everything with the hosts', async () => {
    const heldMs = await longestHold(async () => {
      // The hosts have nothing of it.
      expect((await examine({ store: service.store, site: rig.site }, 'everything')).length).toBeGreaterThan(counts.volumes);
    });
    expect(heldMs).toBeLessThan(mostMs);
  });

  test('all of it at the same time', async () => {
    const asks = cases.map(({ by, params }) => prepare(by, params));
    const heldMs = await longestHold(async () => {
      await Promise.all(asks.map((ask, index) => afterTurns(index).then(ask)));
    });
    expect(heldMs).toBeLessThan(mostMs);
  });
});

/** The network brings one request after the other. */
async function afterTurns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function volumeIdOf(letter: string, index: number): string {
  return `vol-${letter}${index.toString(16).padStart(16, '0')}`;
}

function keyOf(index: number): string {
  return `${'a'.repeat(100)}${String(index).padStart(2, '0')}`;
}

/** In SQL alone, which takes seconds where anything else would take minutes. */
function fill({ $client }: Database): void {
  const series = (count: number) => `(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count}) SELECT i FROM n)`;
  const id = (prefix: string) => `printf('${prefix}%016x', i)`;
  const issue = (prefix: string, kind: string, count: number) =>
    $client.exec(`INSERT INTO ids SELECT ${id(prefix)}, '${kind}', ${id(prefix)}, 1 FROM ${series(count)}`);
  const makeVolumes = (prefix: string, accountId: string, state: string, count: number) => {
    issue(prefix, 'volume', count);
    $client.exec(`INSERT INTO volumes (id, account_id, size_gib, type, zone, volume_server, state, created_at_ms)
      SELECT ${id(prefix)}, '${accountId}', 1 + i % 100, 'gp3', '${zone}', 'simulated', '${state}', i FROM ${series(count)}`);
  };
  const makeSnapshots = (prefix: string, accountId: string, count: number) => {
    issue(prefix, 'snapshot', count);
    $client.exec(`INSERT INTO snapshots (id, account_id, volume_id, volume_size_gib, volume_server, description, state, progress_percent, started_at_ms,
      completed_at_ms) SELECT ${id(prefix)}, '${accountId}', 'vol-1', 1, 'simulated', 'one of many', 'completed', 100, i, i FROM ${series(count)}`);
  };
  $client.transaction(() => {
    makeVolumes('vol-a', large, 'available', counts.volumes);
    makeVolumes('vol-b', tagger, 'available', counts.tagged);
    makeVolumes('vol-c', large, 'deleting', counts.recycled);
    $client.exec(`INSERT INTO recycle_bin SELECT ${id('vol-c')}, '${large}', 1, 9999999999999 FROM ${series(counts.recycled)}`);
    $client.exec(`INSERT INTO tags SELECT ${id('vol-a')}, '${large}', 'Name', 'data ' || i FROM ${series(counts.volumes)}`);
    const insertTag = $client.prepare(
      `INSERT INTO tags SELECT ${id('vol-b')}, '${tagger}', ?, '${'a'.repeat(240)}' || i FROM ${series(counts.tagged)}`,
    );
    for (let index = 0; index < 48; index += 1) insertTag.run(keyOf(index));
    $client.exec(`INSERT INTO volume_modifications (volume_id, account_id, state, original_size_gib, original_type, target_size_gib, target_type,
      progress_percent, started_at_ms) SELECT ${id('vol-a')}, '${large}', 'completed', 1, 'gp2', 2, 'gp3', 100, i FROM ${series(counts.volumes)}`);
    makeSnapshots('snap-a', large, counts.snapshots);
    makeSnapshots('snap-b', sharer, counts.shared);
    $client.exec(`INSERT INTO snapshot_permissions SELECT ${id('snap-b')}, 'all' FROM ${series(counts.shared)}`);
    $client.exec(`INSERT INTO snapshot_locks SELECT ${id('snap-a')}, 'governance', 1, NULL, NULL, i FROM ${series(counts.snapshots)}`);
    issue('att-a', 'attachment', counts.attached);
    $client.exec(`INSERT INTO attachments (id, volume_id, account_id, instance_id, device, device_slot, vmm_host, domain, state, delete_on_termination,
      attached_at_ms, target, initiator_name, chap_user, chap_secret) SELECT ${id('att-a')}, ${id('vol-a')}, '${large}', ${id('i-')}, '/dev/sdf', 'f', 'vmm1',
      'dom' || i, 'attached', 0, i, 'iqn:' || i, 'iqn:me', 'user', 'secret' FROM ${series(counts.attached)}`);
    $client.exec(`UPDATE volumes SET state = 'in-use' WHERE id IN (SELECT volume_id FROM attachments)`);
  })();
}
