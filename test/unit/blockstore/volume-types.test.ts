import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Blockstore } from '../../../src/blockstore/blockstore.ts';
import { createBlockstore } from '../../../src/blockstore/create-blockstore.ts';
import type { VolumeServerHost } from '../../../src/blockstore/site.ts';
import { volumeTypesWith } from '../../../src/model/volume-type.ts';
import { failureOf } from '../../support/failure-of.ts';
import { caller, createSagaRig, type RunningService, type SagaRig, zone } from '../../support/saga-rig.ts';

let rig: SagaRig;
let service: RunningService;
let blockstore: Blockstore;

/** A site with a second volume server, where the volumes of one type go. */
beforeEach(async () => {
  rig = createSagaRig();
  service = await rig.start();
  const [simulated] = rig.site.volumeServers.values();
  const volumeServers = new Map<string, VolumeServerHost>([...rig.site.volumeServers, ['fast', simulated as VolumeServerHost]]);
  const volumeTypes = volumeTypesWith({ io2: { offered: true, volumeServer: 'fast', sizeGiB: [4, 8] }, st1: { offered: false } });
  const { store, owner, worker, sagaDependencies } = service;
  blockstore = createBlockstore({
    store,
    owner,
    site: { ...rig.site, volumeServers, volumeTypes },
    resolver: { name: 'none', resolve: async () => ({ outcome: 'not-known' }), list: async () => [] },
    operatorAccount: caller.accountId,
    retention: { volumesMs: 0, snapshotsMs: 0 },
    mostOpenOperations: 10,
    clock: sagaDependencies.clock,
    sleep: async () => undefined,
    newSecret: () => '',
    startOperation: worker.start,
  });
});
afterEach(() => rig.close());

const rest = { zone, tags: [], dryRun: false };

it('puts new volumes on the volume server of their type, and those of other types on the first one', async () => {
  expect(await blockstore.volumes.create(caller, { ...rest, type: 'io2', iops: 100, sizeGiB: 4 })).toMatchObject({ volumeServer: 'fast' });
  expect(await blockstore.volumes.create(caller, { ...rest, type: 'gp3', sizeGiB: 4 })).toMatchObject({ volumeServer: 'simulated' });
  expect(await blockstore.volumes.create(caller, { ...rest, sizeGiB: 4 })).toMatchObject({ type: 'gp2', volumeServer: 'simulated' });
});

it('refuses what a type of the site does not allow', async () => {
  const { volumes } = blockstore;
  expect(await failureOf(volumes.create(caller, { ...rest, type: 'io2', iops: 100, sizeGiB: 9 }))).toMatchObject({ parameter: 'Size' });
  expect(await failureOf(volumes.create(caller, { ...rest, type: 'st1', sizeGiB: 125 }))).toMatchObject({ parameter: 'VolumeType' });
});

it('does not move contents from one volume server to another, be it by a type of a volume, a copy or a modification', async () => {
  const { volumes, snapshots, modifications } = blockstore;
  const { id: volumeId } = await volumes.create(caller, { ...rest, type: 'gp3', sizeGiB: 4 });
  await service.settle();
  const { id: snapshotId } = await snapshots.create(caller, { volumeId, description: '', tags: [], dryRun: false });
  await service.settle();
  const io2 = { type: 'io2', iops: 100 } as const;
  for (const refused of [
    volumes.create(caller, { ...rest, ...io2, snapshotId }),
    volumes.copy(caller, { ...io2, sourceVolumeId: volumeId, tags: [], dryRun: false }),
    modifications.modify(caller, { volumeId, ...io2, dryRun: false }),
  ]) {
    expect(await failureOf(refused)).toMatchObject({ kind: 'unsupported', reason: expect.stringContaining('another volume server') });
  }
  const copy = await volumes.copy(caller, { type: 'gp3', sourceVolumeId: volumeId, tags: [], dryRun: false });
  expect(copy.volumeServer).toBe('simulated');
  await service.settle();
});
