import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AccountId, InstanceId, VolumeId } from '../../../src/model/ids.ts';
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';
import { dumpDatabase } from '../../support/database-dump.ts';
import { accountId, begun, createStoreFixture, failure, type StoreFixture } from '../../support/store-fixture.ts';

let fixture: StoreFixture;
let client: Sqlite.Database;
beforeEach(() => {
  fixture = createStoreFixture();
  client = new Sqlite(fixture.file);
});
afterEach(() => {
  client.close();
  fixture.close();
});

/** Copies a row of a table with some columns changed, past all code: what the database itself refuses. */
function copyRow(table: string, id: string, changes: Readonly<Record<string, string | number | null>>): void {
  const row = client.prepare<[string], Record<string, unknown>>(`SELECT * FROM "${table}" WHERE id = ?`).get(id);
  const copy = { ...row, ...changes };
  const columns = Object.keys(copy);
  client.prepare(`INSERT INTO "${table}" (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`).run(Object.values(copy));
}

const unique = /UNIQUE constraint failed/;

describe('the database itself refuses', () => {
  it('a second active writable attachment of a volume, in whichever state the first is', async () => {
    const { attachmentId } = await fixture.attached();
    const elsewhere = { instance_id: 'i-2', vmm_host: 'vmm2', domain: 'dom2', device_slot: 'z' };
    for (const state of ['attaching', 'attached', 'detaching', 'busy']) {
      client.prepare('UPDATE attachments SET state = ?').run(state);
      const id = await fixture.store.issueId('attachment');
      expect(() => copyRow('attachments', attachmentId, { id, ...elsewhere })).toThrow(unique);
    }
    client.prepare("UPDATE attachments SET state = 'detached'").run();
    copyRow('attachments', attachmentId, { id: await fixture.store.issueId('attachment'), state: 'attached', ...elsewhere });
  });

  it('a volume twice in an instance or in a domain, though several may have it', async () => {
    const { attachmentId } = await fixture.attached();
    client.prepare('UPDATE attachments SET shared = 1').run();
    const copy = async (changes: Readonly<Record<string, string>>) =>
      copyRow('attachments', attachmentId, { id: await fixture.store.issueId('attachment'), device_slot: 'z', ...changes });
    await expect(copy({ vmm_host: 'vmm2', domain: 'dom2' })).rejects.toThrow(unique);
    await expect(copy({ instance_id: 'i-2' })).rejects.toThrow(unique);
    await copy({ instance_id: 'i-2', vmm_host: 'vmm2', domain: 'dom2' });
  });

  it('a second use of a device in an instance, and in a domain', async () => {
    const { attachmentId } = await fixture.attached();
    const volume_id = await fixture.volume();
    const copy = async (changes: Readonly<Record<string, string>>) =>
      copyRow('attachments', attachmentId, { id: await fixture.store.issueId('attachment'), volume_id, ...changes });
    await expect(copy({ vmm_host: 'vmm2', domain: 'dom2' })).rejects.toThrow(unique);
    await expect(copy({ instance_id: 'vmm1/dom1' })).rejects.toThrow(unique);
    await copy({ device_slot: 'g' });
  });

  it('a second open operation on a resource, and takes any number of ended ones', async () => {
    const { volumeId, claim } = await fixture.creatingVolume();
    for (const state of ['running', 'undoing', 'stuck']) {
      client.prepare('UPDATE operations SET state = ?').run(state);
      const id = await fixture.store.issueId('operation');
      expect(() => copyRow('operations', claim.operationId, { id })).toThrow(unique);
    }
    for (const state of ['done', 'undone', 'halted']) {
      copyRow('operations', claim.operationId, { id: await fixture.store.issueId('operation'), state });
    }
    expect((await fixture.store.operations({ resourceId: volumeId, limit: 10 })).length).toBe(4);
  });

  it('an id that was not issued, one that was issued before, and a state that there is not', async () => {
    const volumeId = await fixture.volume();
    expect(() => copyRow('volumes', volumeId, { id: 'vol-00000000' })).toThrow(/FOREIGN KEY/);
    expect(() => copyRow('ids', volumeId, { uuid: 'another' })).toThrow(unique);
    expect(() => client.prepare("UPDATE volumes SET state = 'lost'").run()).toThrow(/CHECK/);
    expect(() => client.prepare('UPDATE volumes SET size_gib = 0').run()).toThrow(/CHECK/);
    expect(() => client.prepare('DELETE FROM ids').run()).toThrow(/FOREIGN KEY/);
  });

  it('a client token twice in an account and an action', async () => {
    const { store } = fixture;
    const clientToken = { action: 'CreateVolume', token: 't', parametersHash: 'h' };
    const begin = async (account: AccountId) => {
      const volume = await fixture.newVolume({ accountId: account });
      return store.beginCreateVolume({ volume, clientToken, operation: await fixture.newOperation(volume.id) });
    };
    begun(await begin(accountId));
    expect(await begin(accountId)).toEqual({ outcome: 'refused', reason: 'client-token-used' });
    begun(await begin('210987654321' as AccountId));
    expect(await store.volumes(accountId)).toHaveLength(1);
  });
});

describe('the store', () => {
  it('never issues an id again that it issued before, even when the same is drawn', async () => {
    const draws = ['same', 'same', 'same', 'other'];
    const store = openSqliteStore({ file: fixture.file, clock: () => 0, newUuid: () => draws.shift() ?? randomUUID() });
    const [first, second] = [await store.issueId('volume'), await store.issueId('volume')];
    expect(second).not.toBe(first);
    expect(draws).toEqual([]);
    store.close();
  });

  it('refuses what is not in the state that it must be in, and changes nothing', async () => {
    const { store } = fixture;
    const { volumeId, attachmentId } = await fixture.attached();
    const free = await fixture.volume();
    const { snapshotId } = await fixture.pendingSnapshot(free);
    const { volumeId: creating } = await fixture.creatingVolume();
    const operation = await fixture.newOperation('other');
    const attachment = async (id: VolumeId, instanceId: string) => fixture.newAttachment(id, { instanceId: instanceId as InstanceId });
    const attachments = [await attachment(volumeId, 'i-9'), await attachment(creating, 'i-9'), await attachment(free, 'i-9')];
    const [again, tooEarly, sameDomain] = attachments;
    const snapshotOf = await fixture.newVolume({ snapshotId });
    const before = dumpDatabase(fixture.file);
    const refusals = [
      again && (await store.beginAttach({ attachment: again, operation })),
      tooEarly && (await store.beginAttach({ attachment: tooEarly, operation })),
      sameDomain && (await store.beginAttach({ attachment: sameDomain, operation })),
      await store.beginDeleteVolume({ accountId, volumeId, operation }),
      await store.beginDeleteVolume({ accountId, volumeId: free, operation }),
      await store.beginDeleteVolume({ accountId: '210987654321' as AccountId, volumeId: free, operation }),
      await store.beginDeleteSnapshot({ accountId, snapshotId, operation }),
      await store.beginCreateVolume({ volume: snapshotOf, operation }),
      await store.beginDetach({ accountId: '210987654321' as AccountId, attachmentId, operation }),
    ];
    expect(refusals.map((refusal) => refusal && 'reason' in refusal && refusal.reason)).toEqual([
      'volume-state',
      'volume-state',
      'device-in-use',
      'volume-state',
      'volume-being-copied',
      'volume-state',
      'snapshot-state',
      'snapshot-state',
      'attachment-state',
    ]);
    expect(dumpDatabase(fixture.file)).toEqual(before);
  });

  it('refuses to delete a snapshot from which a volume is being filled', async () => {
    const { store } = fixture;
    const { snapshotId, claim } = await fixture.pendingSnapshot(await fixture.volume());
    await store.finishCreateSnapshot(claim, snapshotId);
    const volume = await fixture.newVolume({ snapshotId });
    begun(await store.beginCreateVolume({ volume, operation: await fixture.newOperation(volume.id) }));
    const operation = await fixture.newOperation(snapshotId);
    expect(await store.beginDeleteSnapshot({ accountId, snapshotId, operation })).toEqual({
      outcome: 'refused',
      reason: 'snapshot-in-use',
    });
  });

  it('empties the secret of an attachment that is over, whether it was detached or failed', async () => {
    const { store } = fixture;
    const { volumeId, attachmentId } = await fixture.attached();
    expect((await store.attachmentPlan(attachmentId))?.chapSecret).toBe('sixteen-letters_');
    await store.finishDetach(
      begun(await store.beginDetach({ accountId, attachmentId, operation: await fixture.newOperation(volumeId) })),
      attachmentId,
      'seen gone',
    );
    const failed = await fixture.attaching();
    await store.failAttach(failed.claim, failed.attachmentId, failure);
    expect(JSON.stringify(dumpDatabase(fixture.file))).not.toContain('sixteen-letters_');
    expect(await store.liveAttachments()).toEqual([]);
  });

  it('keeps everything over a new opening of its file, which only its owner may read', async () => {
    const { volumeId } = await fixture.attached();
    const before = dumpDatabase(fixture.file);
    const again = fixture.reopen();
    expect(dumpDatabase(fixture.file)).toEqual(before);
    expect((await again.volumes(accountId)).map(({ id }) => id)).toEqual([volumeId]);
    for (const file of [fixture.file, `${fixture.file}-wal`, `${fixture.file}-shm`]) {
      expect(statSync(file).mode & 0o777).toBe(0o600);
    }
  });

  it('keeps access keys by their id, and no second one of an id', async () => {
    const { accessKeys } = fixture.store;
    const key = { accessKeyId: 'AKIA1', secretAccessKey: 'secret', accountId, createdAtMs: 1 };
    expect(await accessKeys.add(key)).toBe(true);
    expect(await accessKeys.add({ ...key, secretAccessKey: 'another' })).toBe(false);
    expect(await accessKeys.find('AKIA1')).toEqual(key);
    expect(await accessKeys.find('AKIA2')).toBeUndefined();
    expect(await accessKeys.list()).toEqual([key]);
    expect(await accessKeys.remove('AKIA1')).toBe(true);
    expect(await accessKeys.remove('AKIA1')).toBe(false);
  });

  it('keeps temporary access keys as they are, and removes those that have expired', async () => {
    const { accessKeys } = fixture.store;
    const lasting = { accessKeyId: 'AKIA3', secretAccessKey: 'secret', accountId, createdAtMs: 1 };
    const temporary = (accessKeyId: string, expiresAtMs: number) => ({
      ...lasting,
      accessKeyId,
      session: { tokenSha256: 'of the token', expiresAtMs },
    });
    for (const key of [lasting, temporary('ASIA1', 99), temporary('ASIA2', 100)]) await accessKeys.add(key);
    expect(await accessKeys.find('ASIA1')).toEqual(temporary('ASIA1', 99));
    await accessKeys.removeExpired(100);
    expect(await accessKeys.list()).toEqual([lasting, temporary('ASIA2', 100)]);
  });
});

describe('an attach', () => {
  it('does not begin when the volume has had another attachment since it was checked', async () => {
    const volumeId = await fixture.volume();
    const late = await fixture.newAttachment(volumeId);
    const early = await fixture.newAttachment(volumeId);
    expect([late.generation, early.generation]).toEqual([1, 1]);
    const { store } = fixture;
    const claim = begun(await store.beginAttach({ attachment: early, operation: await fixture.newOperation(volumeId) }));
    await store.failAttach(claim, early.id, failure);
    // The volume is available again, as it was when the late one was checked.
    expect(await store.beginAttach({ attachment: late, operation: await fixture.newOperation(volumeId) })).toEqual({
      outcome: 'refused',
      reason: 'volume-state',
    });
    const again = await fixture.newAttachment(volumeId);
    expect(again.generation).toBe(2);
    begun(await store.beginAttach({ attachment: again, operation: await fixture.newOperation(volumeId) }));
  });

  it('that may share its volume does not begin when the volume may not be shared any more', async () => {
    const volumeId = await fixture.volume();
    const attachment = await fixture.newAttachment(volumeId, { shared: true });
    const operation = await fixture.newOperation(volumeId);
    expect((await fixture.store.beginAttach({ attachment, operation })).outcome).toBe('refused');
  });
});
