import { statSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { prune } from '../../src/blockstore/pruning.ts';
import { openOperator } from '../../src/composition/open-operator.ts';
import { pruneDatabase } from '../../src/composition/prune-database.ts';
import type { InstanceId, OperationId, SnapshotId, VolumeId } from '../../src/model/ids.ts';
import { operatorOf } from '../support/operator-of.ts';
import { recordingLog } from '../support/recording-log.ts';
import { startSimulatedService } from '../support/simulated-service.ts';
import { accountId, begun, createStoreFixture, failure, reach, type StoreFixture } from '../support/store-fixture.ts';

const dayMs = 24 * 60 * 60 * 1_000;
let fixture: StoreFixture;
beforeEach(() => {
  fixture = createStoreFixture();
});
afterEach(() => fixture.close());

/** Everything that has ended by now is older than what is kept. */
const later = () => {
  fixture.time.nowMs += 100 * dayMs;
};
const pruneNow = (changed: Partial<Parameters<typeof prune>[1]> = {}) => {
  const beforeMs = fixture.time.nowMs - 90 * dayMs;
  const order = { beforeMs, clientTokensBeforeMs: beforeMs, findings: [], isDryRun: false, ...changed };
  return prune({ store: fixture.store, rest: async () => true }, order);
};
const nothing = { operations: 0, attachments: 0, volumes: 0, snapshots: 0, clientTokens: 0, ids: 0 };
const rows = (table: string, where = 'true'): number => {
  const client = new Sqlite(fixture.file, { readonly: true });
  const count = client.prepare(`SELECT count(*) FROM ${table} WHERE ${where}`).pluck().get();
  client.close();
  return Number(count);
};
const write = (text: string) => {
  const client = new Sqlite(fixture.file);
  client.exec(text);
  client.close();
};
const operationsOf = async (resourceId: string) => (await fixture.store.operations({ resourceId, limit: 100 })).map(({ id }) => id);

async function deleteVolume(volumeId: VolumeId): Promise<OperationId> {
  const operation = await fixture.newOperation(volumeId, 'delete-volume');
  await fixture.store.finishDeleteVolume(begun(await fixture.store.beginDeleteVolume({ accountId, volumeId, operation })), volumeId);
  return operation.id;
}
async function attachAndDetach(volumeId: VolumeId, slot = 1): Promise<void> {
  const { store } = fixture;
  const attachment = await fixture.newAttachment(volumeId, { instanceId: `i-${slot}` as InstanceId });
  const claim = begun(await store.beginAttach({ attachment, operation: await fixture.newOperation(volumeId, 'attach-volume') }));
  await store.record(claim, await store.intend(claim, { step: 'export', direction: 'do' }), { outcome: 'done', commands: [] });
  await store.finishAttach(claim, attachment.id, reach);
  const operation = await fixture.newOperation(volumeId, 'detach-volume');
  await store.finishDetach(begun(await store.beginDetach({ accountId, attachmentId: attachment.id, operation })), attachment.id, 'seen');
}

describe('what is over for long', () => {
  it('goes: operations with their journals, attachments, and the rows of volumes and snapshots that are gone', async () => {
    const volumeId = await fixture.volume();
    await attachAndDetach(volumeId);
    const { snapshotId, claim } = await fixture.pendingSnapshot(volumeId);
    await fixture.store.finishCreateSnapshot(claim, snapshotId);
    const operation = await fixture.newOperation(snapshotId);
    const deletion = begun(await fixture.store.beginDeleteSnapshot({ accountId, snapshotId, operation }));
    await fixture.store.finishDeleteSnapshot(deletion, snapshotId);
    await deleteVolume(volumeId);
    expect(await pruneNow()).toEqual(nothing);
    later();
    expect(await pruneNow()).toMatchObject({ operations: 6, attachments: 1, volumes: 1, snapshots: 1 });
    for (const table of ['operations', 'steps', 'attachments', 'volumes', 'snapshots']) {
      expect([table, rows(table)]).toEqual([table, 0]);
    }
    expect(rows('ids', `kind = 'volume' AND id = '${volumeId}'`)).toBe(1);
    expect(rows('ids', `kind = 'snapshot' AND id = '${snapshotId}'`)).toBe(1);
    expect(rows('ids', "kind IN ('operation', 'attachment')")).toBe(0);
    expect(await pruneNow()).toEqual(nothing);
  });

  it('is told and left by a dry run', async () => {
    await deleteVolume(await fixture.volume());
    later();
    const told = await pruneNow({ isDryRun: true });
    expect(told).toMatchObject({ operations: 2, volumes: 1 });
    expect(rows('operations')).toBe(2);
    expect(await pruneNow()).toMatchObject({ operations: 2, volumes: 1 });
  });
});

describe('what is kept whatever its age', () => {
  it('the last operation of a volume that is there, and with its end the ones before it go', async () => {
    const volumeId = await fixture.volume();
    for (let round = 0; round < 5; round += 1) {
      fixture.time.nowMs += 1;
      await attachAndDetach(volumeId);
    }
    const [last] = await operationsOf(volumeId);
    later();
    expect(await pruneNow()).toMatchObject({ operations: 10, attachments: 5, volumes: 0 });
    expect(await operationsOf(volumeId)).toEqual([last]);
    expect((await fixture.store.operation(last as OperationId))?.kind).toBe('detach-volume');
  });

  it('what is open, and what its resource had', async () => {
    const { volumeId, claim } = await fixture.attaching();
    later();
    expect(await pruneNow()).toMatchObject({ operations: 0, attachments: 0 });
    await fixture.store.intend(claim, { step: 'export', direction: 'do' });
    expect(await operationsOf(volumeId)).toHaveLength(2);
  });

  it('what is stuck, with its journal', async () => {
    const { attachmentId, claim } = await fixture.attaching();
    await fixture.store.intend(claim, { step: 'export', direction: 'do' });
    await fixture.store.turnBack(claim, 'it failed');
    await fixture.store.failAttach(claim, attachmentId, { ...failure, operationState: 'stuck' });
    later();
    await pruneNow();
    expect((await fixture.store.operation(claim.operationId))?.state).toBe('stuck');
    expect(await fixture.store.entries(claim.operationId)).toHaveLength(1);
  });

  it('what an open bar refers to, until the bar has been closed for as long', async () => {
    const { volumeId, attachmentId } = await fixture.attached();
    const detach = async () =>
      begun(await fixture.store.beginDetach({ accountId, attachmentId, operation: await fixture.newOperation(volumeId) }));
    const barring = await detach();
    await fixture.store.failDetach(barring, attachmentId, { ...failure, operationState: 'halted' }, 'may reach it');
    fixture.time.nowMs += 1;
    const halted = await detach();
    await fixture.store.failDetach(halted, attachmentId, { ...failure, operationState: 'halted' });
    later();
    await pruneNow();
    expect(await operationsOf(volumeId)).toEqual([halted.operationId, barring.operationId]);
    await fixture.store.finishDetach(await detach(), attachmentId, 'fenced');
    await pruneNow();
    expect(await operationsOf(volumeId)).toContain(barring.operationId);
    expect(rows('bars')).toBe(1);
    later();
    await pruneNow();
    expect(await operationsOf(volumeId)).toHaveLength(1);
    expect([rows('bars'), rows('attachments')]).toEqual([0, 0]);
  });

  it('abandoned operations of what is there: they tell what they may have left', async () => {
    const { volumeId, claim } = await fixture.creatingVolume();
    await fixture.store.turnBack(claim, 'it failed');
    await fixture.store.failCreateVolume(claim, volumeId, { ...failure, operationState: 'stuck' });
    const release = { what: 'volume', volumeId, shown: 'it failed' } as const;
    const request = { operationId: claim.operationId, statement: { by: 'root' }, failure: 'abandoned', release };
    expect(await fixture.store.abandon(request)).toBe(true);
    fixture.time.nowMs += 1;
    const operation = await fixture.newOperation(volumeId);
    const deletion = begun(await fixture.store.beginDeleteVolume({ accountId, volumeId, operation }));
    await fixture.store.failDeleteVolume(deletion, volumeId, { ...failure, operationState: 'halted' });
    later();
    expect(await pruneNow()).toMatchObject({ operations: 0 });
    expect(await operationsOf(volumeId)).toHaveLength(2);
  });

  it('what waits to be wiped', async () => {
    const volumeId = await fixture.volume();
    await deleteVolume(volumeId);
    await fixture.store.beginWipe({ volumeServer: 's', name: `del-${volumeId}`, was: volumeId, bytes: 1 });
    later();
    expect(await pruneNow()).toMatchObject({ operations: 0, volumes: 0 });
    await fixture.store.finishWipe({ volumeServer: 's', name: `del-${volumeId}` });
    expect(await pruneNow()).toMatchObject({ operations: 2, volumes: 1 });
  });

  it('what a comparison with the hosts has just found', async () => {
    const volumeId = await fixture.volume();
    await deleteVolume(volumeId);
    later();
    expect(await pruneNow({ findings: [{ name: `iqn.2009-11.org.vbs:${volumeId}` }] })).toMatchObject({ operations: 0, volumes: 0 });
    expect(await pruneNow()).toMatchObject({ operations: 2, volumes: 1 });
  });

  it('the last comparison of the site', async () => {
    const { store } = fixture;
    await store.beginReconcile(await fixture.newOperation('site', 'reconcile-site'));
    const [operation] = await store.operations({ limit: 1 });
    await store.finishReconcile({ operationId: operation?.id as OperationId, generation: 1 });
    later();
    expect(await pruneNow()).toMatchObject({ operations: 0 });
  });

  it('a client token whose volume is still being made; others go', async () => {
    const make = async (token: string) => {
      const volume = await fixture.newVolume();
      const clientToken = { action: 'CreateVolume', token, parametersHash: 'h' };
      const operation = await fixture.newOperation(volume.id);
      return { volume, claim: begun(await fixture.store.beginCreateVolume({ volume, clientToken, operation })) };
    };
    const { claim, volume } = await make('done');
    await fixture.store.finishCreateVolume(claim, volume.id);
    const slow = await make('slow');
    later();
    expect(await pruneNow()).toMatchObject({ clientTokens: 1 });
    expect(await fixture.store.clientToken(accountId, 'CreateVolume', 'done')).toBeUndefined();
    expect(await fixture.store.clientToken(accountId, 'CreateVolume', 'slow')).toEqual({ parametersHash: 'h', resourceId: slow.volume.id });
    await fixture.store.finishCreateVolume(slow.claim, slow.volume.id);
    expect(await pruneNow()).toMatchObject({ clientTokens: 1 });
  });

  it('a snapshot that was copied from one that is gone, and what refers to a volume that is gone', async () => {
    const volumeId = await fixture.volume();
    const { snapshotId, claim } = await fixture.pendingSnapshot(volumeId);
    await fixture.store.finishCreateSnapshot(claim, snapshotId);
    await deleteVolume(volumeId);
    later();
    expect(await pruneNow()).toMatchObject({ operations: 2, volumes: 1, snapshots: 0 });
    const [kept] = await fixture.store.snapshots(accountId, [snapshotId as SnapshotId]);
    expect(kept).toMatchObject({ volumeId, state: 'completed' });
  });
});

it('is done in pieces that hold nobody up, though there is much, and old rows that stay are not looked at again and again', async () => {
  const volumeId = await fixture.volume();
  await deleteVolume(await fixture.volume());
  later();
  const long = 'x'.repeat(20_000);
  write(`
    PRAGMA foreign_keys = OFF; BEGIN;
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
      INSERT INTO operations (id, kind, version, resource_id, input, state, owner, generation, lease_until_ms, created_at_ms, ended_at_ms)
      SELECT 'op-' || i, 'test', 1, CASE i % 2 WHEN 0 THEN '${volumeId}' ELSE 'vol-' || i END, '{}', 'done', '', 1, 0, i, i FROM n;
    INSERT INTO steps SELECT id, 1, 'a', 'do', 'done', '${long}', NULL, '[]', 0, 1 FROM operations WHERE id LIKE 'op-%' AND ended_at_ms % 10 = 0;
    COMMIT;`);
  const startedAtMs = performance.now();
  let longestMs = 0;
  let pieceBeganAtMs = startedAtMs;
  let pieces = 0;
  const rest = async () => {
    longestMs = Math.max(longestMs, performance.now() - pieceBeganAtMs);
    pieces += 1;
    await new Promise((resolve) => setImmediate(resolve));
    pieceBeganAtMs = performance.now();
    return true;
  };
  const beforeMs = fixture.time.nowMs - 90 * dayMs;
  const counts = await prune({ store: fixture.store, rest }, { beforeMs, clientTokensBeforeMs: beforeMs, findings: [], isDryRun: false });
  expect(counts.operations).toBeGreaterThanOrEqual(5_000);
  expect(rows('operations', `resource_id = '${volumeId}'`)).toBe(1);
  expect(pieces).toBeGreaterThan(100);
  expect(pieces).toBeLessThan(6_000);
  // A piece takes 4 ms and a wait for the disk; a busy machine may stand still for longer.
  expect(longestMs).toBeLessThan(500);
  expect((await fixture.store.space()).freeBytes).toBeGreaterThan(1_000_000);
});

it.each(['as it was made', 'compacted'])('finds rows by the indexes that were made for it in a database %s', async (how) => {
  if (how === 'compacted') await fixture.store.compact();
  const client = new Sqlite(fixture.file, { readonly: true });
  const planOf = (text: string) => JSON.stringify(client.prepare(`EXPLAIN QUERY PLAN ${text}`).all());
  // SQLite takes the younger one of two that would do: that of those that are not over (migration 0011).
  expect(planOf("SELECT id FROM attachments WHERE volume_id = 'v' AND state <> 'detached'")).toContain('attachments_by_volume');
  expect(planOf("SELECT id FROM attachments WHERE volume_id = 'v'")).toContain('attachments_of_volume');
  const last = "SELECT id FROM operations WHERE resource_id = 'v' ORDER BY created_at_ms DESC, id DESC LIMIT 1";
  expect(planOf(last)).toContain('operations_by_resource');
  client.close();
});

it('gives free space back, and keeps what there is', async () => {
  const volumeId = await fixture.volume();
  write(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
    INSERT INTO client_tokens SELECT '1', 'a', i, '${'h'.repeat(500)}', 'vol-1', 0 FROM n`);
  later();
  expect(await pruneNow()).toMatchObject({ clientTokens: 2_000 });
  await fixture.store.eraseEndedSecrets();
  const before = statSync(fixture.file).size;
  await fixture.store.compact();
  expect(statSync(fixture.file).size).toBeLessThan(before / 2);
  expect((await fixture.store.space()).freeBytes).toBe(0);
  expect((await fixture.store.volumes(accountId, [volumeId])).length).toBe(1);
});

it('goes on by itself, again and again, until it is stopped', async () => {
  const log = recordingLog();
  await deleteVolume(await fixture.volume());
  later();
  const dependencies = { store: fixture.store, clock: () => fixture.time.nowMs, log, operationsMs: 90 * dayMs, clientTokensMs: dayMs };
  const pruner = pruneDatabase({ ...dependencies, firstAfterMs: 0, everyMs: 1 });
  await expect.poll(() => rows('operations')).toBe(0);
  await deleteVolume(await fixture.volume());
  later();
  await expect.poll(() => rows('operations')).toBe(0);
  await pruner.stop();
  await deleteVolume(await fixture.volume());
  later();
  expect(rows('operations')).toBe(2);
});

it('is asked for by the operator beside a server, and the file is made smaller only when none runs', async () => {
  const service = await startSimulatedService();
  const { operator, close } = openOperator(service.stateFolder);
  const request = { olderThanMs: dayMs, isDryRun: true, rest: async () => undefined };
  expect(await operator.operations.prune(request)).toEqual(nothing);
  expect(await operator.database.compact()).toBe(false);
  close();
  await service.close();
  expect(await operatorOf(fixture.store).database.compact()).toBe(false);
  expect(await operatorOf(fixture.store, () => ({ release: () => undefined })).database.compact()).toBe(true);
});

it('spares what the last comparison that the operator asked for has found', async () => {
  const { store } = fixture;
  const volumeId = await fixture.volume();
  await deleteVolume(volumeId);
  const operation = await fixture.newOperation('site', 'reconcile-site');
  await store.beginReconcile(operation);
  const claim = { operationId: operation.id, generation: 1 };
  const output = { findings: [{ kind: 'unknown', thing: 'volume', host: 's', name: volumeId }], begun: [] };
  await store.record(claim, await store.intend(claim, { step: 'compare', direction: 'do' }), { outcome: 'done', output, commands: [] });
  await store.finishReconcile(claim);
  later();
  const request = { olderThanMs: 90 * dayMs, isDryRun: false, rest: async () => undefined };
  expect(await operatorOf(store, undefined, () => fixture.time.nowMs).operations.prune(request)).toMatchObject({
    operations: 0,
    volumes: 0,
  });
});
