import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AccountId, AttachmentId, InstanceId, OperationId, SnapshotId, VolumeId } from '../../src/model/ids.ts';
import type { Claim } from '../../src/saga/operation.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import type { NewAttachment, NewOperation, NewVolume, Reach, Store } from '../../src/store/store.ts';

export const accountId = '123456789012' as AccountId;
export const reach: Reach = { path: '/dev/it', bytes: 1, portal: '192.0.2.10:3260', lun: 1 };
export const failure = { operationState: 'undone', reason: 'for the operator', shown: 'for the owner' } as const;

/** A store in a file of its own, and short ways to fill it. */
export interface StoreFixture {
  readonly file: string;
  readonly store: Store;
  readonly time: { nowMs: number };
  reopen(): Store;
  newOperation(resourceId: string, kind?: string): Promise<NewOperation>;
  newVolume(rest?: Partial<NewVolume>): Promise<NewVolume>;
  newAttachment(volumeId: VolumeId, rest?: Partial<NewAttachment>): Promise<NewAttachment>;
  creatingVolume(): Promise<{ readonly volumeId: VolumeId; readonly claim: Claim }>;
  volume(): Promise<VolumeId>;
  attaching(): Promise<{ readonly volumeId: VolumeId; readonly attachmentId: AttachmentId; readonly claim: Claim }>;
  attached(): Promise<{ readonly volumeId: VolumeId; readonly attachmentId: AttachmentId }>;
  pendingSnapshot(volumeId: VolumeId): Promise<{ readonly snapshotId: SnapshotId; readonly claim: Claim }>;
  close(): void;
}

export function claimOf({ id, generation }: { readonly id: OperationId; readonly generation: number }): Claim {
  return { operationId: id, generation };
}

/** The operation that was begun; throws when it was refused. */
export function begun(result: {
  readonly outcome: string;
  readonly reason?: string;
  readonly operation?: { id: OperationId; generation: number };
}): Claim {
  if (result.operation === undefined) {
    throw new Error(`refused: ${result.reason}`);
  }
  return claimOf(result.operation);
}

export function createStoreFixture(): StoreFixture {
  const folder = mkdtempSync(join(tmpdir(), 'vbs-store-'));
  const file = join(folder, 'vbs.db');
  const time = { nowMs: 1_000 };
  let drawn = 0;
  const opened: Store[] = [];
  const open = (): Store => {
    const store = openSqliteStore({
      file,
      clock: () => time.nowMs,
      newUuid() {
        drawn += 1;
        return `uuid-${drawn}`;
      },
    });
    opened.push(store);
    return store;
  };
  const store = open();
  const fixture: StoreFixture = {
    file,
    store,
    time,
    reopen: open,
    async newOperation(resourceId, kind = 'test') {
      return { id: await store.issueId('operation'), kind, version: 1, resourceId, accountId, input: { of: resourceId }, owner: 'me' };
    },
    async newVolume(rest = {}) {
      const id = await store.issueId('volume');
      return { id, accountId, sizeGiB: 1, type: 'gp3', zone: 'z', volumeServer: 's', createdAtMs: 0, tags: [], ...rest };
    },
    async newAttachment(volumeId, rest = {}) {
      return {
        id: await store.issueId('attachment'),
        accountId,
        volumeId,
        instanceId: 'i-00000001' as InstanceId,
        device: '/dev/sdf',
        deviceSlot: 'f',
        generation: ((await store.volumes(accountId, [volumeId]))[0]?.attachmentsBegun ?? 0) + 1,
        readOnly: false,
        shared: false,
        placement: { vmmHost: 'vmm1', domain: 'dom1' },
        attachedAtMs: 0,
        deleteOnTermination: false,
        target: `iqn:${volumeId}`,
        initiatorName: 'iqn:me',
        chapUser: 'user',
        chapSecret: 'sixteen-letters_',
        ...rest,
      };
    },
    async creatingVolume() {
      const volume = await fixture.newVolume();
      const operation = await fixture.newOperation(volume.id);
      return { volumeId: volume.id, claim: begun(await store.beginCreateVolume({ volume, operation })) };
    },
    async volume() {
      const { volumeId, claim } = await fixture.creatingVolume();
      await store.finishCreateVolume(claim, volumeId);
      return volumeId;
    },
    async attaching() {
      const volumeId = await fixture.volume();
      const attachment = await fixture.newAttachment(volumeId);
      const operation = await fixture.newOperation(volumeId);
      return { volumeId, attachmentId: attachment.id, claim: begun(await store.beginAttach({ attachment, operation })) };
    },
    async attached() {
      const { volumeId, attachmentId, claim } = await fixture.attaching();
      await store.finishAttach(claim, attachmentId, reach);
      return { volumeId, attachmentId };
    },
    async pendingSnapshot(volumeId) {
      const id = await store.issueId('snapshot');
      const snapshot = { id, accountId, volumeId, volumeSizeGiB: 1, volumeServer: 's', description: '', startedAtMs: 0, tags: [] };
      return { snapshotId: id, claim: begun(await store.beginCreateSnapshot({ snapshot, operation: await fixture.newOperation(id) })) };
    },
    close() {
      for (const each of opened) {
        each.close();
      }
      rmSync(folder, { recursive: true });
    },
  };
  return fixture;
}
