import { setImmediate as nextTurn } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { afterEach, describe, expect, it } from 'vitest';
import { Failure } from '../../src/model/failure.ts';
import type { InstanceId, VolumeId } from '../../src/model/ids.ts';
import {
  caller,
  createSagaRig,
  onVmm1,
  onVmm2,
  type RunningService,
  type SagaRig,
  type ServiceOptions,
  stranger,
  zone,
} from '../support/saga-rig.ts';

const newVolume = { zone, sizeGiB: 1, tags: [], dryRun: false } as const;
const concurrency = 16;

let rig: SagaRig | undefined;
afterEach(async () => {
  letGo();
  await rig?.close();
});

/** What a host that hangs waits for. */
let letGo: () => void = () => undefined;

function hangingHost(): () => Promise<void> {
  const released = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  return () => released;
}

async function start(options: ServiceOptions = {}): Promise<{ readonly rig: SagaRig; readonly service: RunningService }> {
  rig = createSagaRig();
  return { rig, service: await rig.start({ concurrency, ...options }) };
}

async function available(service: RunningService, who = stranger, count = 1): Promise<readonly VolumeId[]> {
  const made = await Promise.all(Array.from({ length: count }, () => service.blockstore.volumes.create(who, newVolume)));
  await service.settle();
  return made.map(({ id }) => id);
}

const attach = (service: RunningService, who: typeof caller, volumeId: VolumeId, instanceId: InstanceId, device = '/dev/sdf') =>
  service.blockstore.attachments.attach(who, { volumeId, instanceId, device, dryRun: false });

const createMany = (service: RunningService, who: typeof caller, count: number) =>
  Promise.all(Array.from({ length: count }, () => service.blockstore.volumes.create(who, newVolume)));

async function attachedDevices(service: RunningService, who: typeof caller): Promise<readonly string[]> {
  const volumes = await service.store.volumes(who.accountId);
  return volumes
    .flatMap(({ attachments }) => attachments)
    .filter(({ state }) => state === 'attached')
    .map(({ device }) => device);
}

const devices = (count: number) => Array.from({ length: count }, (_, index) => `/dev/xvd${letter(index / 26 + 1)}${letter(index % 26)}`);
const letter = (index: number) => String.fromCharCode(97 + Math.floor(index));

async function refusal(task: Promise<unknown>): Promise<string | undefined> {
  const cause = await task.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (cause !== undefined && !(cause instanceof Failure)) throw cause;
  return cause?.reason.kind;
}

describe('operations of several accounts', () => {
  it('do not wait for 1,500 creates of one of them', async () => {
    const { rig, service } = await start({ operatorAccount: stranger.accountId });
    const [volumeId] = await available(service);
    const before = rig.faults.asked.length;
    rig.faults.arm('volume.make', hangingHost());
    await createMany(service, caller, 1_500);
    await attach(service, stranger, volumeId as VolumeId, onVmm2);
    // Its host hangs all the while, so that an attach that waits for any create is never done.
    await expect.poll(() => attachedDevices(service, stranger)).toEqual(['/dev/sdf']);
    expect(rig.faults.asked.slice(before).filter((deed) => deed === 'volume.make')).toHaveLength(concurrency);
    letGo();
    await service.settle();
    expect((await service.store.volumes(caller.accountId)).every(({ state }) => state === 'available')).toBe(true);
  });

  it('are taken in turns after a restart too, whoever came first', async () => {
    const { rig, service: first } = await start({ operatorAccount: stranger.accountId });
    const [volumeId] = await available(first);
    await first.worker.stop(0);
    await createMany(first, caller, 200);
    await attach(first, stranger, volumeId as VolumeId, onVmm2);
    first.kill();
    rig.faults.arm('volume.make', hangingHost());
    const second = await rig.start({ concurrency, operatorAccount: stranger.accountId });
    await expect.poll(() => attachedDevices(second, stranger)).toEqual(['/dev/sdf']);
    letGo();
    await second.settle();
  });

  it('tell whose they are, whatever began them', async () => {
    const { rig, service } = await start({ operatorAccount: stranger.accountId, retention: { snapshotsMs: 1 } });
    const { volumes, snapshots, modifications, attachments } = service.blockstore;
    const [volumeId] = (await available(service)) as [VolumeId];
    const dryRun = false;
    const { id: snapshotId } = await snapshots.create(stranger, { volumeId, description: '', tags: [], dryRun });
    await service.settle();
    await snapshots.copy(stranger, { snapshotId, description: '', tags: [], dryRun });
    await volumes.copy(stranger, { sourceVolumeId: volumeId, tags: [], dryRun });
    await service.settle();
    await modifications.modify(stranger, { volumeId, sizeGiB: 2, dryRun });
    await service.settle();
    await attach(service, stranger, volumeId, onVmm1);
    await service.settle();
    await attachments.detach(stranger, { volumeId, dryRun });
    await service.settle();
    await volumes.delete(stranger, { volumeId, dryRun });
    await service.settle();
    const database = new Sqlite(rig.databaseFile, { readonly: true });
    const kinds = database.prepare('SELECT kind, account_id AS account FROM operations ORDER BY kind').all();
    database.close();
    const account = stranger.accountId;
    const expected = ['attach', 'copy', 'create', 'delete', 'detach', 'modify'].map((verb) => ({ kind: `${verb}-volume`, account }));
    expect(kinds).toEqual(expect.arrayContaining([...expected, { kind: 'copy-snapshot', account }, { kind: 'create-snapshot', account }]));
    expect(kinds).not.toContainEqual(expect.objectContaining({ account: null }));
    // What is read back of them is what the worker goes by after a restart.
    expect((await service.store.operations({ limit: 100 })).every(({ accountId }) => accountId === account)).toBe(true);
  });
});

describe('a host that hangs', () => {
  // Only the hosts that take devices have sessions, of which vmm1 is one.
  const hungVerb = 'session.make';

  it('holds no more than half of the slots for one account, which goes on with the others', async () => {
    const { rig, service } = await start();
    const volumeIds = await available(service, caller, 41);
    rig.faults.arm(hungVerb, hangingHost());
    const hung = devices(40);
    for (const [index, device] of hung.entries()) {
      await attach(service, caller, volumeIds[index] as VolumeId, onVmm1, device);
    }
    await attach(service, caller, volumeIds[40] as VolumeId, onVmm2, '/dev/sdf');
    await expect.poll(() => attachedDevices(service, caller)).toEqual(['/dev/sdf']);
    await expect.poll(() => rig.faults.asked.filter((deed) => deed === hungVerb).length).toBe((concurrency * 1.5) / 2);
    letGo();
    await service.settle();
    expect(await attachedDevices(service, caller)).toHaveLength(41);
  });

  it('is tried by two operations at a time once it is known not to answer', async () => {
    const { rig, service } = await start({ isBlocked: (host) => host === 'vmm1' });
    const volumeIds = await available(service, caller, 11);
    rig.faults.arm(hungVerb, hangingHost());
    for (const [index, device] of devices(10).entries()) {
      await attach(service, caller, volumeIds[index] as VolumeId, onVmm1, device);
    }
    await attach(service, caller, volumeIds[10] as VolumeId, onVmm2, '/dev/sdf');
    await expect.poll(() => attachedDevices(service, caller)).toEqual(['/dev/sdf']);
    expect(rig.faults.asked.filter((deed) => deed === hungVerb)).toHaveLength(2);
    letGo();
    await service.settle();
    expect(await attachedDevices(service, caller)).toHaveLength(11);
  });
});

describe('the open operations of an account', () => {
  const mostOpenOperations = 10;

  it('are no more than it may have, however many requests come at once', async () => {
    const { rig, service } = await start({ mostOpenOperations });
    rig.faults.arm('volume.make', hangingHost());
    const tagged = (index: number) => ({ ...newVolume, tags: [{ key: 'n', value: `${index}` }], clientToken: `token-${index}` });
    const results = await Promise.all(
      Array.from({ length: 50 }, (_, index) => refusal(service.blockstore.volumes.create(caller, tagged(index)))),
    );
    expect(results.filter((kind) => kind === undefined)).toHaveLength(mostOpenOperations);
    expect(results.filter((kind) => kind === 'request-limit')).toHaveLength(50 - mostOpenOperations);
    // What was refused has left nothing, and keeps nobody else from anything.
    expect(await service.store.volumes(caller.accountId)).toHaveLength(mostOpenOperations);
    expect(await service.store.tags(caller.accountId)).toHaveLength(mostOpenOperations);
    expect(await refusal(service.blockstore.volumes.create(stranger, newVolume))).toBeUndefined();
    letGo();
    await service.settle();
    const refused = results.indexOf('request-limit');
    expect(await refusal(service.blockstore.volumes.create(caller, tagged(refused)))).toBeUndefined();
    await service.settle();
  });

  it('keep the account from beginning any other kind', async () => {
    const { rig, service } = await start({ mostOpenOperations });
    const { volumes, snapshots, modifications, attachments } = service.blockstore;
    const [volumeId, attachedId] = (await available(service, caller, 2)) as [VolumeId, VolumeId];
    const dryRun = false;
    await attach(service, caller, attachedId, onVmm2);
    const { id: snapshotId } = await snapshots.create(caller, { volumeId, description: '', tags: [], dryRun });
    await service.settle();
    rig.faults.arm('volume.make', hangingHost());
    await createMany(service, caller, mostOpenOperations);
    const requests: Record<string, Promise<unknown>> = {
      'create-volume': volumes.create(caller, newVolume),
      'copy-volume': volumes.copy(caller, { sourceVolumeId: volumeId, tags: [], dryRun }),
      'delete-volume': volumes.delete(caller, { volumeId, dryRun }),
      'modify-volume': modifications.modify(caller, { volumeId, sizeGiB: 2, dryRun }),
      'create-snapshot': snapshots.create(caller, { volumeId, description: '', tags: [], dryRun }),
      'copy-snapshot': snapshots.copy(caller, { snapshotId, description: '', tags: [], dryRun }),
      'delete-snapshot': snapshots.delete(caller, { snapshotId, dryRun }),
      'attach-volume': attach(service, caller, volumeId, onVmm1),
      'detach-volume': attachments.detach(caller, { volumeId: attachedId, dryRun }),
    };
    for (const [kind, request] of Object.entries(requests)) {
      expect(await refusal(request), kind).toBe('request-limit');
    }
    expect((await service.store.volumes(caller.accountId, [volumeId, attachedId])).map(({ state }) => state).sort()).toEqual([
      'available',
      'in-use',
    ]);
  });
});

describe('requests that wait for other attachments of a volume with Multi-Attach', () => {
  it('are no more than a few of an account at a time', async () => {
    const { rig, service } = await start();
    const shared = { ...newVolume, type: 'io1', iops: 100, sizeGiB: 4, multiAttach: true };
    const { id: volumeId } = await service.blockstore.volumes.create(caller, shared);
    await service.settle();
    rig.faults.arm('disk.make', hangingHost());
    await attach(service, caller, volumeId, onVmm2);
    const results: (string | undefined)[] = [];
    const waiting = Array.from({ length: 100 }, async () => {
      results.push(await refusal(attach(service, caller, volumeId, 'i-00000004' as InstanceId)));
    });
    await expect.poll(() => results.filter((kind) => kind === 'request-limit').length).toBe(68);
    letGo();
    await Promise.all(waiting);
    await nextTurn();
    await service.settle();
    // One of those that waited had its turn, and the rest found it so.
    expect(results.filter((kind) => kind === undefined)).toHaveLength(1);
  });
});
