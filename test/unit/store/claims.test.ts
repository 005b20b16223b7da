import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LostClaim } from '../../../src/saga/journal.ts';
import type { Claim } from '../../../src/saga/operation.ts';
import { dumpDatabase } from '../../support/database-dump.ts';
import { accountId, begun, createStoreFixture, failure, reach, type StoreFixture } from '../../support/store-fixture.ts';

let fixture: StoreFixture;
beforeEach(() => {
  fixture = createStoreFixture();
});
afterEach(() => fixture.close());

const kinds = [{ kind: 'test', version: 1 }];
const leaseMs = 30_000;

/** Lets another server take over, and tries the write with the old claim: it must be refused and change nothing. */
async function expectLost(claim: Claim, write: () => Promise<unknown>): Promise<void> {
  const [taken] = await fixture.store.claimAbandoned({ owner: 'another', kinds, afterRestart: true, dropped: [] });
  expect(taken?.generation).toBe(claim.generation + 1);
  const before = dumpDatabase(fixture.file);
  await expect(write()).rejects.toBeInstanceOf(LostClaim);
  expect(dumpDatabase(fixture.file)).toEqual(before);
}

describe('a write with a claim that was taken over is refused', () => {
  it('in the journal', async () => {
    const { store } = fixture;
    const { claim } = await fixture.creatingVolume();
    const sequence = await store.intend(claim, { step: 'volume', direction: 'do' });
    await expectLost(claim, () => store.intend(claim, { step: 'contents', direction: 'do' }));
    await expectLost({ ...claim, generation: 2 }, () => store.record(claim, sequence, { outcome: 'done', commands: [] }));
    await expectLost({ ...claim, generation: 3 }, () => store.record(claim, sequence, { outcome: 'failed', error: '', commands: [] }));
    const next = { step: 'contents', direction: 'do' } as const;
    await expectLost({ ...claim, generation: 4 }, () => store.recordAndIntend(claim, sequence, { outcome: 'done', commands: [] }, next));
    await expectLost({ ...claim, generation: 5 }, () => store.turnBack(claim, 'volume: failed'));
  });

  it('at the ends of a volume', async () => {
    const { store } = fixture;
    const { volumeId, claim } = await fixture.creatingVolume();
    await expectLost(claim, () => store.finishCreateVolume(claim, volumeId));
    await expectLost({ ...claim, generation: 2 }, () => store.failCreateVolume(claim, volumeId, failure));
  });

  it('at the ends of a volume’s deletion', async () => {
    const { store } = fixture;
    const volumeId = await fixture.volume();
    const claim = begun(await store.beginDeleteVolume({ accountId, volumeId, operation: await fixture.newOperation(volumeId) }));
    await expectLost(claim, () => store.finishDeleteVolume(claim, volumeId));
    await expectLost({ ...claim, generation: 2 }, () => store.failDeleteVolume(claim, volumeId, failure));
  });

  it('at the ends of an attachment', async () => {
    const { store } = fixture;
    const { attachmentId, claim } = await fixture.attaching();
    await expectLost(claim, () => store.finishAttach(claim, attachmentId, reach));
    await expectLost({ ...claim, generation: 2 }, () => store.failAttach(claim, attachmentId, failure));
  });

  it('at the ends of a detachment', async () => {
    const { store } = fixture;
    const { volumeId, attachmentId } = await fixture.attached();
    const claim = begun(await store.beginDetach({ accountId, attachmentId, operation: await fixture.newOperation(volumeId) }));
    await expectLost(claim, () => store.finishDetach(claim, attachmentId, 'seen gone'));
    await expectLost({ ...claim, generation: 2 }, () => store.failDetach(claim, attachmentId, failure));
  });

  it('at the progress and the ends of a snapshot', async () => {
    const { store } = fixture;
    const { snapshotId, claim } = await fixture.pendingSnapshot(await fixture.volume());
    await expectLost(claim, () => store.reportSnapshotProgress(claim, snapshotId, 50));
    await expectLost({ ...claim, generation: 2 }, () => store.finishCreateSnapshot(claim, snapshotId));
    await expectLost({ ...claim, generation: 3 }, () => store.failCreateSnapshot(claim, snapshotId, failure));
  });

  it('at the ends of a snapshot’s deletion', async () => {
    const { store } = fixture;
    const { snapshotId, claim: made } = await fixture.pendingSnapshot(await fixture.volume());
    await store.finishCreateSnapshot(made, snapshotId);
    const claim = begun(await store.beginDeleteSnapshot({ accountId, snapshotId, operation: await fixture.newOperation(snapshotId) }));
    await expectLost(claim, () => store.finishDeleteSnapshot(claim, snapshotId));
    await expectLost({ ...claim, generation: 2 }, () => store.failDeleteSnapshot(claim, snapshotId, failure));
  });
});

describe('an operation', () => {
  it('that has ended takes no more writes', async () => {
    const { store } = fixture;
    const { volumeId, claim } = await fixture.creatingVolume();
    await store.finishCreateVolume(claim, volumeId);
    const before = dumpDatabase(fixture.file);
    await expect(store.intend(claim, { step: 'volume', direction: 'do' })).rejects.toBeInstanceOf(LostClaim);
    await expect(store.finishCreateVolume(claim, volumeId)).rejects.toBeInstanceOf(LostClaim);
    await expect(store.failCreateVolume(claim, volumeId, failure)).rejects.toBeInstanceOf(LostClaim);
    expect(dumpDatabase(fixture.file)).toEqual(before);
  });

  it('does not end when its resource is not in the state that it left it in', async () => {
    const { store } = fixture;
    const { claim } = await fixture.creatingVolume();
    const other = await fixture.volume();
    const before = dumpDatabase(fixture.file);
    await expect(store.finishCreateVolume(claim, other)).rejects.toThrow(claim.operationId);
    await expect(store.failCreateVolume(claim, other, failure)).rejects.toThrow(claim.operationId);
    await expect(store.finishDeleteVolume(claim, other)).rejects.toThrow(claim.operationId);
    expect(dumpDatabase(fixture.file)).toEqual(before);
  });

  it('is taken over by another server only when its lease is over', async () => {
    const { store, time } = fixture;
    const { claim } = await fixture.creatingVolume();
    const request = { owner: 'another', kinds, afterRestart: false, dropped: [] };
    time.nowMs += leaseMs - 1;
    expect(await store.claimAbandoned(request)).toEqual([]);
    await store.renewLeases('me');
    time.nowMs += leaseMs;
    expect(await store.claimAbandoned(request)).toEqual([]);
    time.nowMs += 1;
    expect(await store.claimAbandoned({ ...request, owner: 'me' })).toEqual([]);
    expect(await store.claimAbandoned(request)).toMatchObject([{ id: claim.operationId, generation: 2, state: 'running' }]);
    expect(await store.claimAbandoned(request)).toEqual([]);
  });

  it('is taken up again by its own server only when that dropped it', async () => {
    const { store } = fixture;
    const { claim } = await fixture.creatingVolume();
    await fixture.creatingVolume();
    const dropped = [claim.operationId];
    expect(await store.claimAbandoned({ owner: 'another', kinds, afterRestart: false, dropped })).toEqual([]);
    expect(await store.claimAbandoned({ owner: 'me', kinds, afterRestart: false, dropped })).toMatchObject([
      { id: claim.operationId, generation: 2 },
    ]);
  });

  it('is left to a server that knows its saga in its version', async () => {
    const { store } = fixture;
    await fixture.creatingVolume();
    const request = { owner: 'another', afterRestart: true, dropped: [] };
    for (const unknown of [[], [{ kind: 'test', version: 2 }], [{ kind: 'other', version: 1 }]]) {
      expect(await store.claimAbandoned({ ...request, kinds: unknown })).toEqual([]);
    }
    expect(await store.claimAbandoned({ ...request, kinds })).toHaveLength(1);
  });

  it('that is stuck keeps its resource, and is undone further after a restart or when the operator says so', async () => {
    const { store } = fixture;
    const { volumeId, claim } = await fixture.creatingVolume();
    await store.turnBack(claim, 'volume: failed');
    await store.failCreateVolume(claim, volumeId, { ...failure, operationState: 'stuck' });
    const request = { owner: 'another', kinds, afterRestart: false, dropped: [claim.operationId] };
    expect(await store.claimAbandoned(request)).toEqual([]);
    expect(await store.beginDeleteVolume({ accountId, volumeId, operation: await fixture.newOperation(volumeId) })).toEqual({
      outcome: 'refused',
      reason: 'operation-under-way',
    });
    expect(await store.retryStuck(claim.operationId, { by: 'root' })).toBe(true);
    expect(await store.retryStuck(claim.operationId, { by: 'root' })).toBe(false);
    expect(await store.claimAbandoned(request)).toMatchObject([{ state: 'undoing', generation: 2 }]);
    await store.failCreateVolume({ ...claim, generation: 2 }, volumeId, { ...failure, operationState: 'stuck' });
    expect(await store.claimAbandoned({ ...request, afterRestart: true })).toMatchObject([{ state: 'undoing', generation: 3 }]);
  });
});
