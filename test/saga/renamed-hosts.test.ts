import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Operator } from '../../src/blockstore/operator.ts';
import { reconcile } from '../../src/blockstore/reconcile.ts';
import type { VmmHost, VolumeServerHost } from '../../src/blockstore/site.ts';
import type { VolumeId } from '../../src/model/ids.ts';
import { dumpDatabase } from '../support/database-dump.ts';
import { fenced, operatorOf } from '../support/operator-of.ts';
import { createSagaRig, onVmm1, onVmm2, type RunningService, type SagaRig } from '../support/saga-rig.ts';
import { attach, createSnapshot, createVolume, detach } from '../support/scenarios.ts';
import { disagreements, shownState } from '../support/shown-state.ts';

let rig: SagaRig;
let service: RunningService;
beforeEach(async () => {
  rig = createSagaRig();
  service = await rig.start();
});
afterEach(() => rig.close());

async function attached(instanceId = onVmm1): Promise<VolumeId> {
  const volumeId = await createVolume(service);
  await service.settle();
  await attach(service, volumeId, instanceId);
  await service.settle();
  return volumeId;
}

/** Lets the settings call a host otherwise, or, without a name, not at all; the host stays what it is. */
function callHost<Host>(hosts: ReadonlyMap<string, Host>, from: string, to?: string): void {
  const changed = hosts as Map<string, Host>;
  const host = changed.get(from) as Host;
  changed.delete(from);
  if (to !== undefined) changed.set(to, host);
}
const callServer = (from: string, to?: string) => callHost<VolumeServerHost>(rig.site.volumeServers, from, to);
const callVmmHost = (from: string, to?: string) => callHost<VmmHost>(rig.site.vmmHosts, from, to);

async function restart(): Promise<void> {
  service.kill();
  await service.worker.stop(1_000);
  service = await rig.start();
}

async function findings(): Promise<{ readonly begun: number; readonly shown: readonly string[]; readonly reasons: string }> {
  const { findings: found, begun } = await reconcile({ ...service.sagaDependencies, owner: service.owner }, 'everything');
  begun.forEach(service.worker.start);
  await service.settle();
  const shown = found.map((finding) => [finding.kind, 'thing' in finding ? finding.thing : '-', finding.host].join(' ')).sort();
  return { begun: begun.length, shown, reasons: found.map((finding) => ('reason' in finding ? finding.reason : '')).join('\n') };
}

async function volumeOf(volumeId: VolumeId) {
  return (await service.store.everyVolume()).find(({ id }) => id === volumeId);
}

/** Beside no server, with what the settings call hosts. */
function operator(isServed = false): Operator {
  const names = () => ({ volumeServers: new Set(rig.site.volumeServers.keys()), vmmHosts: new Set(rig.site.vmmHosts.keys()) });
  return operatorOf(service.store, () => (isServed ? undefined : { release: () => undefined }), Date.now, names);
}

describe('a volume server that the settings call otherwise', () => {
  it('is a finding with what to do, and nothing on it is unknown, missing or made anew', async () => {
    const volumeId = await attached();
    await createSnapshot(service, volumeId);
    await service.settle();
    callServer('simulated', 'new-name');
    await restart();
    const inventory = rig.world.inventory();
    const { begun, shown, reasons } = await findings();
    expect(shown).toEqual([
      'elsewhere access new-name',
      'elsewhere export new-name',
      'elsewhere snapshot new-name',
      'elsewhere volume new-name',
      'unnamed - simulated',
    ]);
    expect(begun).toBe(0);
    expect(reasons).toContain('no volume server simulated, which has 1 volume, 1 snapshot: put it back and restart;');
    expect(reasons).toContain('"vbs servers rename simulated new-name"');
    expect(reasons).toContain('leave it alone');
    expect(rig.world.inventory()).toEqual(inventory);
  });

  it('has all that the old name had once it is renamed: what is attached is detached, what was under way goes on', async () => {
    const volumeId = await attached();
    rig.world.guest('dom1').write(volumeId, 0, Buffer.from('kept'));
    const cut = await createVolume(service);
    service.kill();
    await service.worker.stop(1_000);
    callServer('simulated', 'new-name');
    service = await rig.start({ takesUp: false });
    expect(await operator().servers.rename({ kind: 'volume-server', from: 'simulated', to: 'new-name', merge: false })).toEqual({
      outcome: 'done',
      was: { kind: 'volume-server', name: 'simulated', volumes: 2, snapshots: 0, wipes: 0 },
    });
    await restart();
    await service.settle();
    expect(await findings()).toMatchObject({ begun: 0, shown: [] });
    expect((await volumeOf(cut))?.state).toBe('available');
    expect(rig.world.guest('dom1').read(volumeId, 0, 4).toString()).toBe('kept');
    await detach(service, volumeId);
    await service.settle();
    expect(await disagreements(service, rig.world.inventory())).toEqual([]);
  });

  it('is not renamed while a server runs, onto a name that the settings have not, or onto one that has things, unless that is wanted', async () => {
    const first = await attached();
    callServer('simulated', 'new-name');
    await restart();
    // Made before anybody noticed.
    await createVolume(service);
    await service.settle();
    const before = dumpDatabase(rig.databaseFile);
    const request = { kind: 'volume-server', from: 'simulated', to: 'new-name', merge: false } as const;
    expect(await operator(true).servers.rename(request)).toMatchObject({ reason: 'a server uses the state folder' });
    expect(await operator().servers.rename({ ...request, to: 'tpyo' })).toMatchObject({ reason: expect.stringContaining('server tpyo') });
    expect(await operator().servers.rename({ ...request, from: 'tpyo' })).toMatchObject({ reason: expect.stringContaining('tpyo') });
    expect(await operator().servers.rename(request)).toMatchObject({ reason: expect.stringContaining('already') });
    expect(dumpDatabase(rig.databaseFile)).toEqual(before);
    expect(await operator().servers.rename({ ...request, merge: true })).toMatchObject({ outcome: 'done' });
    expect(await findings()).toMatchObject({ shown: [] });
    expect((await volumeOf(first))?.volumeServer).toBe('new-name');
  });
});

describe('a VMM host that the settings call otherwise', () => {
  it('is a finding, its disks are not unknown and plugged nowhere else, and all is well once it is renamed', async () => {
    await attached();
    await attached(onVmm2);
    callVmmHost('vmm1', 'xen-one');
    await restart();
    const inventory = rig.world.inventory();
    const { shown, reasons, begun } = await findings();
    expect(shown).toEqual(['elsewhere disk xen-one', 'elsewhere session xen-one', 'unnamed - vmm1']);
    expect(reasons).toContain('no VMM host vmm1, which has 1 attachment');
    expect(reasons).toContain('"vbs servers rename vmm1 xen-one --vmm-host"');
    expect({ begun, inventory: rig.world.inventory() }).toEqual({ begun: 0, inventory });
    const request = { kind: 'vmm-host', from: 'vmm1', to: 'xen-one', merge: false } as const;
    expect(await operator().servers.rename(request)).toMatchObject({ outcome: 'done', was: { attachments: 1 } });
    expect((await findings()).shown).toEqual([]);
  });

  it('gets nothing plugged in under its old name, which is another machine now, while it has the disk', async () => {
    await attached();
    const other = rig.site.vmmHosts.get('vmm2') as VmmHost;
    callVmmHost('vmm1', 'xen-one');
    (rig.site.vmmHosts as Map<string, VmmHost>).set('vmm1', other);
    await restart();
    rig.world.loseExports();
    const { shown, begun, reasons } = await findings();
    expect({ shown, begun }).toEqual({
      begun: 0,
      shown: [
        'elsewhere disk xen-one',
        'elsewhere session xen-one',
        'missing access simulated',
        'missing disk vmm1',
        'missing export simulated',
      ],
    });
    expect(reasons).toContain('the database has it on vmm1; leave it alone: one of the two is a copy or was moved by hand');
  });

  it('takes the direct names of its VMs along', async () => {
    const volumeId = await attached('vmm1/dom3' as typeof onVmm1);
    callVmmHost('vmm1', 'xen-one');
    await operator().servers.rename({ kind: 'vmm-host', from: 'vmm1', to: 'xen-one', merge: false });
    const volume = await volumeOf(volumeId);
    expect(volume?.attachments).toMatchObject([{ instanceId: 'xen-one/dom3', placement: { vmmHost: 'xen-one', domain: 'dom3' } }]);
  });
});

describe('a volume server that is lost', () => {
  it('takes along what is known of its storage, or leaves what the new name has been seen with, and is forgotten with it', async () => {
    await createVolume(service);
    await service.settle();
    await service.store.rememberStorage('simulated', 'the right one');
    callServer('simulated', 'new-name');
    await operator().servers.rename({ kind: 'volume-server', from: 'simulated', to: 'new-name', merge: false });
    expect(await service.store.storages()).toEqual([{ volumeServer: 'new-name', state: 'known', id: 'the right one' }]);
    await service.store.rememberStorage('seen', 'seen since');
    callServer('new-name', 'seen');
    await operator().servers.rename({ kind: 'volume-server', from: 'new-name', to: 'seen', merge: false });
    expect(await service.store.storages()).toEqual([{ volumeServer: 'seen', state: 'known', id: 'seen since' }]);
    callServer('seen');
    await operator().servers.forget('seen', fenced);
    expect(await service.store.storages()).toEqual([]);
  });

  it('is forgotten with all that is on it, in the database and for its owners, and no secret is kept', async () => {
    const volumeId = await attached();
    await createSnapshot(service, volumeId);
    await service.settle();
    const cut = await createVolume(service);
    service.kill();
    await service.worker.stop(1_000);
    callServer('simulated');
    service = await rig.start({ takesUp: false });
    expect(await operator().servers.forget('simulated', fenced)).toEqual({
      outcome: 'done',
      was: { kind: 'volume-server', name: 'simulated', volumes: 2, snapshots: 1, wipes: 0 },
    });
    expect(await shownState(service)).toEqual([]);
    expect(await service.store.hostUses()).toEqual([]);
    expect(await service.store.liveAttachments()).toEqual([]);
    const dump = dumpDatabase(rig.databaseFile);
    expect(dump.attachments).toMatchObject([{ state: 'detached', chap_secret: '' }]);
    expect(dump.tags).toEqual([]);
    const [operation] = await service.store.operations({ resourceId: cut, limit: 1 });
    expect(operation).toMatchObject({ state: 'abandoned', failure: 'lost with its volume server simulated, as root said' });
    const journal = operation === undefined ? [] : await service.store.entries(operation.id);
    expect(journal).toContainEqual(expect.objectContaining({ step: 'abandon', output: fenced }));
    // Nothing of it is taken up again.
    await restart();
    await service.settle();
    expect(service.interruptions).toEqual([]);
  });

  it('leaves what is on another one alone', async () => {
    const kept = await attached();
    callServer('simulated', 'kept-server');
    await operator().servers.rename({ kind: 'volume-server', from: 'simulated', to: 'kept-server', merge: false });
    callServer('kept-server', 'simulated');
    await createVolume(service);
    await service.settle();
    callServer('simulated', 'kept-server');
    expect(await operator().servers.forget('simulated', fenced)).toMatchObject({ outcome: 'done', was: { volumes: 1 } });
    expect(await shownState(service)).toEqual([`volume in-use, attached to ${onVmm1}`]);
    expect((await volumeOf(kept))?.attachments).toMatchObject([{ state: 'attached' }]);
  });

  it('is not forgotten while a server runs, or while the settings name it', async () => {
    await attached();
    const before = dumpDatabase(rig.databaseFile);
    expect(await operator().servers.forget('simulated', fenced)).toMatchObject({ reason: 'the settings name the volume server simulated' });
    callServer('simulated');
    expect(await operator(true).servers.forget('simulated', fenced)).toMatchObject({ reason: 'a server uses the state folder' });
    expect(await operator().servers.forget('tpyo', fenced)).toMatchObject({ reason: 'nothing is on a volume server tpyo' });
    expect(dumpDatabase(rig.databaseFile)).toEqual(before);
  });
});
