import { type SQL, sql } from 'drizzle-orm';
import { openOperationStates } from '../../saga/operation.ts';
import type { HostUse, Store } from '../store.ts';
import { type GuardedQuery, runBatch } from './guarded-batch.ts';
import type { WriteContext } from './operation-writes.ts';
import {
  attachments,
  bars,
  openOperations,
  operations,
  recycleBin,
  siteFacts,
  snapshotLocks,
  snapshotPermissions,
  snapshots,
  steps,
  tags,
  volumeModifications,
  volumes,
  wipes,
} from './schema.ts';
import { storageFactOf } from './storages.ts';

const isOpen = sql`${operations.state} IN ${openOperationStates}`;

/** What the rows know hosts by: their names in the settings, which people change. */
export function createHostRows(context: WriteContext): Pick<Store, 'hostUses' | 'renameHost' | 'forgetVolumeServer'> {
  const { database, clock, noteEnded } = context;
  const change = (statement: SQL): Omit<GuardedQuery<never>, 'otherwise'> => ({ query: { run: () => database.run(statement) } });
  /** Counts as a change when it is true, within the transaction. */
  const holds = (condition: () => boolean) => ({ query: { run: () => ({ changes: condition() ? 1 : 0 }) }, expect: 1 });

  const counts = (query: SQL) => new Map(database.all<{ name: string; count: number }>(query).map(({ name, count }) => [name, count]));
  const usesNow = (): readonly HostUse[] => {
    const kept = sql`state <> 'deleted' GROUP BY volume_server`;
    const ofVolumes = counts(sql`SELECT volume_server AS name, count(*) AS count FROM ${volumes} WHERE ${kept}`);
    const ofSnapshots = counts(sql`SELECT volume_server AS name, count(*) AS count FROM ${snapshots} WHERE ${kept}`);
    const ofWipes = counts(sql`SELECT volume_server AS name, count(*) AS count FROM ${wipes} GROUP BY volume_server`);
    const ofAttachments = counts(
      sql`SELECT vmm_host AS name, count(*) AS count FROM ${attachments} WHERE state <> 'detached' GROUP BY vmm_host`,
    );
    const servers = [...new Set([...ofVolumes.keys(), ...ofSnapshots.keys(), ...ofWipes.keys()])].sort();
    return [
      ...servers.map((name): HostUse => {
        const countIn = (found: ReadonlyMap<string, number>) => found.get(name) ?? 0;
        return { kind: 'volume-server', name, volumes: countIn(ofVolumes), snapshots: countIn(ofSnapshots), wipes: countIn(ofWipes) };
      }),
      ...[...ofAttachments].sort().map(([name, count]): HostUse => ({ kind: 'vmm-host', name, attachments: count })),
    ];
  };
  const isUsed = (kind: HostUse['kind'], name: string) => usesNow().some((use) => use.kind === kind && use.name === name);

  const renamedServer = (from: string, to: string) => [
    change(sql`UPDATE ${volumes} SET volume_server = ${to} WHERE volume_server = ${from}`),
    change(sql`UPDATE ${snapshots} SET volume_server = ${to} WHERE volume_server = ${from}`),
    // What both names have is one and the same, and seen last under the new one.
    change(sql`UPDATE OR IGNORE ${wipes} SET volume_server = ${to} WHERE volume_server = ${from}`),
    change(sql`DELETE FROM ${wipes} WHERE volume_server = ${from}`),
    // It keeps what it has where it did, and the new name may have been seen with it by now.
    change(sql`UPDATE OR IGNORE ${siteFacts} SET name = ${storageFactOf(to)} WHERE name = ${storageFactOf(from)}`),
    change(sql`DELETE FROM ${siteFacts} WHERE name = ${storageFactOf(from)}`),
    ...['$.volumeServer', '$.deletion.volumeServer'].map((path) =>
      change(
        sql`UPDATE ${operations} SET input = json_set(input, ${path}, ${to}) WHERE ${isOpen} AND json_extract(input, ${path}) = ${from}`,
      ),
    ),
  ];
  const renamedVmmHost = (from: string, to: string) => [
    // A VM that is named directly bears the name of its host.
    change(sql`UPDATE ${attachments} SET instance_id = ${to} || substr(instance_id, length(${from}) + 1)
      WHERE vmm_host = ${from} AND state <> 'detached' AND substr(instance_id, 1, length(${from}) + 1) = ${from} || '/'`),
    change(sql`UPDATE ${attachments} SET vmm_host = ${to} WHERE vmm_host = ${from}`),
    change(sql`UPDATE ${operations} SET input = json_set(input, '$.vmmHosts', (SELECT json_group_array(iif(value = ${from}, ${to}, value))
      FROM json_each(input, '$.vmmHosts'))) WHERE ${isOpen} AND json_type(input, '$.vmmHosts') = 'array'`),
  ];

  return {
    async hostUses() {
      return usesNow();
    },

    async renameHost({ kind, from, to, merge }) {
      return runBatch<'not-used' | 'used-already' | 'collides'>(
        database,
        [
          { ...holds(() => isUsed(kind, from)), otherwise: 'not-used' },
          { ...holds(() => merge || !isUsed(kind, to)), otherwise: 'used-already' },
          ...(kind === 'volume-server' ? renamedServer(from, to) : renamedVmmHost(from, to)),
        ],
        { 'attachments.': 'collides' },
      );
    },

    async forgetVolumeServer({ name, statement }) {
      const ofServer = sql`(SELECT id FROM ${volumes} WHERE volume_server = ${name} AND state <> 'deleted'
        UNION SELECT id FROM ${snapshots} WHERE volume_server = ${name} AND state <> 'deleted')`;
      const concerned = sql`${isOpen} AND (resource_id IN ${ofServer} OR json_extract(input, '$.volumeServer') = ${name})`;
      const now = clock();
      const reason = `lost with its volume server ${name}, as ${statement.by} said`;
      noteEnded();
      return runBatch<'not-used'>(database, [
        { ...holds(() => isUsed('volume-server', name)), otherwise: 'not-used' },
        change(sql`UPDATE ${openOperations} SET count = count - (SELECT count(*) FROM ${operations}
          WHERE ${operations.accountId} = ${openOperations.accountId} AND ${concerned})`),
        change(sql`INSERT INTO ${steps} (operation_id, sequence, step, direction, outcome, output, commands, started_at_ms, ended_at_ms)
          SELECT id, (SELECT coalesce(max(sequence), 0) + 1 FROM ${steps} WHERE operation_id = ${operations.id}), 'abandon', 'operator', 'done',
            ${JSON.stringify(statement)}, '[]', ${now}, ${now} FROM ${operations} WHERE ${concerned}`),
        change(sql`UPDATE ${operations} SET state = 'abandoned', failure = ${reason}, ended_at_ms = ${now}, generation = generation + 1
          WHERE ${concerned}`),
        change(sql`UPDATE ${bars} SET cleared_at_ms = ${now}, proof = ${reason} WHERE cleared_at_ms IS NULL AND volume_id IN ${ofServer}`),
        change(sql`UPDATE ${attachments} SET state = 'detached', detached_at_ms = ${now}, chap_secret = '', state_reason = ${reason}
          WHERE state <> 'detached' AND volume_id IN ${ofServer}`),
        change(sql`UPDATE ${volumeModifications} SET state = 'failed', state_reason = ${reason}, ended_at_ms = ${now}
          WHERE state IN ('modifying', 'optimizing') AND volume_id IN ${ofServer}`),
        ...[tags, recycleBin].map((table) => change(sql`DELETE FROM ${table} WHERE resource_id IN ${ofServer}`)),
        ...[snapshotPermissions, snapshotLocks].map((table) => change(sql`DELETE FROM ${table} WHERE snapshot_id IN ${ofServer}`)),
        change(sql`DELETE FROM ${wipes} WHERE volume_server = ${name}`),
        change(sql`DELETE FROM ${siteFacts} WHERE name = ${storageFactOf(name)}`),
        ...[volumes, snapshots].map((table) =>
          change(sql`UPDATE ${table} SET state = 'deleted', deleted_at_ms = ${now}, state_reason = ${reason}
            WHERE volume_server = ${name} AND state <> 'deleted'`),
        ),
      ]);
    },
  };
}
