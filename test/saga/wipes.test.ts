import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { examine } from '../../src/blockstore/reconcile.ts';
import { mayLeaveRemains, noticeRemains, wipeNext } from '../../src/blockstore/wipes.ts';
import { bytesPerGiB } from '../../src/model/size.ts';
import { dayMs } from '../../src/model/snapshot-lock.ts';
import { failureOf } from '../support/failure-of.ts';
import type { DeedFault, LookFault, Verb } from '../support/faults.ts';
import { Crash } from '../support/mortal-store.ts';
import { caller, createSagaRig, type RunningService, type SagaRig } from '../support/saga-rig.ts';
import { createSnapshot, createVolume } from '../support/scenarios.ts';
import { shownState } from '../support/shown-state.ts';
import { wipeEverything } from '../support/wipe-everything.ts';

const volumeServer = 'simulated';
const pieceBytes = bytesPerGiB / 4;
const capacityBytes = 4 * bytesPerGiB;

let rig: SagaRig;
beforeEach(() => {
  rig = createSagaRig({ wipesLater: true, capacityBytes });
});
afterEach(() => rig.close());

async function deletedVolume(service: RunningService): Promise<string> {
  const volumeId = await createVolume(service);
  await service.settle();
  await service.blockstore.volumes.delete(caller, { volumeId, dryRun: false });
  await service.settle();
  return volumeId;
}

const free = async () => (await rig.world.volumeServer.freeBytes()).value;
const notice = ({ sagaDependencies }: RunningService) => noticeRemains(sagaDependencies, volumeServer);
const wipePiece = ({ sagaDependencies }: RunningService) => wipeNext(sagaDependencies, { volumeServer, pieceBytes });
const backlog = async ({ store }: RunningService) =>
  (await store.wipes()).map(
    ({ name, bytes, wipedBytes, failure }) => `${name} ${wipedBytes}/${bytes}${failure ? ` ${failure.reason}` : ''}`,
  );

describe('what is deleted on a volume server that wipes afterwards', () => {
  it('is gone for its owner at once, and keeps its space until it was wiped piece by piece', async () => {
    const service = await rig.start();
    const volumeId = await deletedVolume(service);
    expect(await shownState(service)).toEqual([]);
    expect(rig.world.inventory()).toEqual([`remains del-${volumeId}`]);
    expect(await free()).toBe(capacityBytes - bytesPerGiB);

    await notice(service);
    await notice(service);
    expect(await backlog(service)).toEqual([`del-${volumeId} 0/${bytesPerGiB}`]);
    for (const quarter of [1, 2, 3, 4]) {
      expect(await wipePiece(service)).toMatchObject({ outcome: 'wiped', bytes: pieceBytes });
      expect(await backlog(service)).toEqual([`del-${volumeId} ${quarter * pieceBytes}/${bytesPerGiB}`]);
      expect(await free()).toBe(capacityBytes - bytesPerGiB);
    }
    expect(await wipePiece(service)).toMatchObject({ outcome: 'removed' });
    expect(await wipePiece(service)).toBeUndefined();
    expect(await backlog(service)).toEqual([]);
    expect(rig.world.inventory()).toEqual([]);
    expect(await free()).toBe(capacityBytes);
  });

  it('waits behind what was deleted before it', async () => {
    const service = await rig.start();
    const first = await deletedVolume(service);
    await notice(service);
    const second = await deletedVolume(service);
    await notice(service);
    const removed = (await wipeEverything(service, pieceBytes)).filter(({ outcome }) => outcome === 'removed');
    expect(removed.map(({ wipe }) => wipe.name)).toEqual([`del-${first}`, `del-${second}`]);
  });

  it('is told to whoever finds no room because of it', async () => {
    const service = await rig.start();
    for (let made = 0; made < 3; made += 1) {
      await deletedVolume(service);
    }
    await createVolume(service);
    await service.settle();
    expect(await failureOf(createVolume(service))).toEqual({
      kind: 'insufficient-capacity',
      what: 'volume',
      sizeGiB: 1,
      waitingGiB: 3,
    });
    await wipeEverything(service);
    await createVolume(service);
    await service.settle();
    expect(await shownState(service)).toEqual(['volume available', 'volume available']);
  });

  it('is wiped too when its creation was undone', async () => {
    const service = await rig.start();
    const volumeId = await createVolume(service);
    await service.settle();
    const snapshotId = await createSnapshot(service, volumeId);
    await service.settle();
    rig.faults.arm('volume.copy', 'is refused');
    await createVolume(service, snapshotId);
    await service.settle();
    rig.faults.disarm();
    expect(rig.world.inventory().filter((line) => line.startsWith('remains'))).toHaveLength(1);
    await wipeEverything(service);
    expect(rig.world.inventory()).toEqual([`snapshot ${snapshotId}`, `volume ${volumeId}`]);
  });

  it('is left alone, and reported, when the database has it still', async () => {
    const service = await rig.start({ retention: { snapshotsMs: dayMs } });
    const volumeId = await createVolume(service);
    await service.settle();
    const snapshotId = await createSnapshot(service, volumeId);
    await service.settle();
    await service.blockstore.snapshots.delete(caller, { snapshotId, dryRun: false });
    // As a database does that is older than the deletion.
    await rig.world.volumeServer.volume.unmake({ volumeId, bytes: bytesPerGiB });
    await rig.world.volumeServer.snapshot.unmake({ snapshotId, volumeId, bytes: bytesPerGiB });
    await rig.world.volumeServer.volume.make({ volumeId: 'vol-0123456789abcdef0', bytes: bytesPerGiB });
    await rig.world.volumeServer.volume.unmake({ volumeId: 'vol-0123456789abcdef0', bytes: bytesPerGiB });
    await notice(service);
    expect(await backlog(service)).toEqual([]);
    expect(await wipePiece(service)).toBeUndefined();
    const found = await examine(service.sagaDependencies, 'everything');
    expect(found.map((finding) => ('name' in finding ? `${finding.kind} ${finding.thing} ${finding.name}` : finding.kind)).sort()).toEqual(
      [
        `missing volume ${volumeId}`,
        `unknown remains del-${snapshotId}`,
        `unknown remains del-${volumeId}`,
        'unknown remains del-vol-0123456789abcdef0',
      ].sort(),
    );
  });

  it('is no finding of a comparison, whether or not anybody has noticed it before', async () => {
    const service = await rig.start();
    await deletedVolume(service);
    expect(await examine(service.sagaDependencies, 'everything')).toEqual([]);
    await wipePiece(service);
    expect(await examine(service.sagaDependencies, 'everything')).toEqual([]);
    expect(await backlog(service)).toHaveLength(1);
  });
});

describe('wiping', () => {
  const deeds: readonly DeedFault[] = ['is refused', 'times out without effect', 'works and times out', 'works and is refused', 'lies'];
  const looks: readonly LookFault[] = ['cannot tell', 'finds something else'];
  const cases = [
    ...deeds.flatMap((fault) => (['remains.zero', 'remains.unmake'] as const).map((verb) => [verb, fault] as const)),
    ...looks.map((fault) => ['remains.look', fault] as const),
  ] satisfies readonly (readonly [Verb, DeedFault | LookFault])[];

  it.each(cases)('comes to its end when %s %s, and never frees what is not zeros', async (verb, fault) => {
    for (let good = 0; good < 5; good += 1) {
      const service = await rig.start();
      await deletedVolume(service);
      await notice(service);
      for (let piece = 0; piece < good; piece += 1) {
        await wipePiece(service);
      }
      // Longer than the engine tries within one go.
      rig.faults.arm(verb, fault, 3);
      // The simulated host refuses to remove what is not all zeros, so that a removal is the proof.
      await wipeEverything(service, pieceBytes);
      rig.faults.disarm();
      expect(rig.world.inventory()).toEqual([]);
      expect(await free()).toBe(capacityBytes);
    }
  });

  it('says why it does not go on, leaves that alone for a minute, and goes on with the others', async () => {
    const service = await rig.start();
    const first = await deletedVolume(service);
    await notice(service);
    const second = await deletedVolume(service);
    await notice(service);
    rig.faults.arm('remains.zero', 'is refused', 1);
    expect(await wipePiece(service)).toMatchObject({ outcome: 'failed', wipe: { name: `del-${first}` } });
    expect((await backlog(service))[0]).toMatch(new RegExp(`^del-${first} 0/${bytesPerGiB} .+`));
    expect(await wipePiece(service)).toMatchObject({ outcome: 'wiped', wipe: { name: `del-${second}` } });
    rig.time.nowMs += 61_000;
    expect(await wipePiece(service)).toMatchObject({ outcome: 'wiped', wipe: { name: `del-${first}` } });
    expect((await backlog(service))[0]).toBe(`del-${first} ${pieceBytes}/${bytesPerGiB}`);
  });

  it('begins anew when what was wiped turns out not to be zeros', async () => {
    const service = await rig.start();
    const volumeId = await deletedVolume(service);
    await notice(service);
    rig.faults.arm('remains.zero', 'lies', 1);
    for (let piece = 0; piece < 4; piece += 1) {
      expect(await wipePiece(service)).toMatchObject({ outcome: 'wiped' });
    }
    expect(await wipePiece(service)).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('not zeros at 0') });
    expect((await backlog(service))[0]).toMatch(new RegExp(`^del-${volumeId} 0/`));
    expect((await wipeEverything(service, pieceBytes)).map(({ outcome }) => outcome)).toEqual([...Array(4).fill('wiped'), 'removed']);
  });

  it('goes on where it was, whichever write the service died at', async () => {
    let points = 0;
    for (const moment of ['before', 'after'] as const) {
      for (let atWrite = 1, didDie = true; didDie; atWrite += 1) {
        const service = await rig.start();
        await deletedVolume(service);
        const survived = (error: unknown) => {
          if (!(error instanceof Crash)) {
            throw error;
          }
          return [];
        };
        service.mortal.expect({ atWrite, moment });
        const before = await wipeEverything(service, pieceBytes).catch(survived);
        didDie = service.mortal.isDead();
        const wiped = didDie ? service.mortal.writes.filter((write) => write === 'recordWiped').length : 0;
        service.kill();
        const next = await rig.start();
        const after = await wipeEverything(next, pieceBytes);
        const pieces = (outcomes: typeof after) => outcomes.filter(({ outcome }) => outcome === 'wiped').length;
        if (didDie) {
          points += 1;
          // Nothing but the piece that was not written down is wiped again.
          expect(pieces(after)).toBe(4 - wiped + (moment === 'before' && service.mortal.writes.at(-1) === 'recordWiped' ? 1 : 0));
        } else {
          expect([pieces(before), pieces(after)]).toEqual([4, 0]);
        }
        expect(rig.world.inventory()).toEqual([]);
        expect(await backlog(next)).toEqual([]);
        await rig.close();
        rig = createSagaRig({ wipesLater: true, capacityBytes });
      }
    }
    // beginWipe, four times recordWiped, finishWipe; before and after each.
    expect(points).toBe(12);
  });

  it('does no harm when it is done twice at the same time', async () => {
    const service = await rig.start();
    await deletedVolume(service);
    await Promise.all([wipeEverything(service, pieceBytes), wipeEverything(service, pieceBytes), notice(service)]);
    expect(rig.world.inventory()).toEqual([]);
    expect(await backlog(service)).toEqual([]);
  });
});

it.each([
  ['create-volume', 'done', false],
  ['create-volume', 'failed', true],
  ['attach-volume', 'done', false],
  ['delete-volume', 'done', true],
  ['delete-snapshot', 'done', true],
])('is looked for after a %s that is %s: %s', (kind, outcome, expected) => {
  expect(mayLeaveRemains({ kind }, { outcome })).toBe(expected);
});
