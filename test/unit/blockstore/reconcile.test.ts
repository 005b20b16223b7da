import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { showFinding } from '../../../src/blockstore/findings.ts';
import { examine, reconcile } from '../../../src/blockstore/reconcile.ts';
import { siteResourceId } from '../../../src/blockstore/sagas/reconcile-site.ts';
import type { VolumeServerHost } from '../../../src/blockstore/site.ts';
import { DriverError } from '../../../src/drivers/driver-error.ts';
import type { InstanceId, OperationId, VolumeId } from '../../../src/model/ids.ts';
import { createSagaRig, onVmm1, onVmm2, type RunningService, type SagaRig } from '../../support/saga-rig.ts';
import { attach, createVolume, detach } from '../../support/scenarios.ts';
import { disagreements, shownState } from '../../support/shown-state.ts';

let rig: SagaRig;
let service: RunningService;
beforeEach(async () => {
  rig = createSagaRig();
  service = await rig.start();
});
afterEach(() => rig.close());

async function attached(instanceId: InstanceId): Promise<VolumeId> {
  const volumeId = await createVolume(service);
  await service.settle();
  await attach(service, volumeId, instanceId);
  await service.settle();
  return volumeId;
}

/** Compares, and lets what that begins come to its end. */
async function heal(scope: 'exports' | 'everything' = 'everything', by = service) {
  const { sagaDependencies, owner, worker } = by;
  const { findings, begun } = await reconcile({ ...sagaDependencies, owner }, scope);
  begun.forEach(worker.start);
  await by.settle();
  return { begun, findings: findings.map(({ kind, host, ...rest }) => [kind, 'thing' in rest ? rest.thing : rest.reason, host].join(' ')) };
}

describe('reconciling', () => {
  it('brings lost exports back under the same name, portal and secret, so that the I/O of guests goes on', async () => {
    const one = await attached(onVmm1);
    const other = await attached(onVmm2);
    rig.world.guest('dom1').write(one, 0, Buffer.from('one'));
    rig.world.guest('dom2').write(other, 0, Buffer.from('other'));
    const inventory = rig.world.inventory();
    const plans = await service.store.liveAttachments();
    expect(await heal()).toEqual({ begun: [], findings: [] });
    rig.world.loseExports();
    expect(() => rig.world.guest('dom1').read(one, 0, 3)).toThrow('I/O error');
    service.kill();
    const next = await rig.start();
    expect((await heal('exports', next)).findings).toEqual(['missing export simulated', 'missing export simulated']);
    expect(rig.world.inventory()).toEqual(inventory);
    expect((await heal('everything', next)).findings).toEqual([]);
    expect(rig.world.guest('dom1').read(one, 0, 3).toString()).toBe('one');
    expect(rig.world.guest('dom2').read(other, 0, 5).toString()).toBe('other');
    expect(await next.store.liveAttachments()).toEqual(plans);
    for (const { target, initiatorName, chapUser, chapSecret, volumeId, reach } of plans) {
      const access = { target, initiatorName, chapUser, chapSecret };
      expect((await rig.world.exportServer.access.look(access)).value.state).toBe('present');
      const spec = { target, volumeId, path: reach?.path ?? '', bytes: reach?.bytes ?? 0 };
      expect((await rig.world.exportServer.export.look(spec)).value).toEqual({
        state: 'present',
        facts: { portal: reach?.portal, lun: reach?.lun },
      });
    }
  });

  it('gives a VM its disk back that lost it, and its host the session', async () => {
    const volumeId = await attached(onVmm1);
    const inventory = rig.world.inventory();
    const [plan] = await service.store.liveAttachments();
    const { vmm, initiator } = rig.site.vmmHosts.get('vmm1') ?? {};
    const { target, initiatorName, chapUser, chapSecret, reach } = plan ?? {};
    const bytes = reach?.bytes ?? 0;
    await vmm?.disk.unmake({
      domain: 'dom1',
      volumeId,
      device: '/dev/sdf',
      bytes,
      source: { kind: 'device', path: reach?.devicePath ?? '' },
    });
    await initiator?.session.unmake({
      ...{ volumeId, bytes, portal: reach?.portal ?? '', lun: reach?.lun ?? 0, target: target ?? '' },
      ...{ initiatorName: initiatorName ?? '', chapUser: chapUser ?? '', chapSecret: chapSecret ?? '' },
    });
    expect((await heal('exports')).findings).toEqual([]);
    expect((await heal()).findings.sort()).toEqual(['missing disk vmm1', 'missing session vmm1']);
    expect(rig.world.inventory()).toEqual(inventory);
    expect(await shownState(service)).toEqual([`volume in-use, attached to ${onVmm1}`]);
  });

  it('mends a session that is there and has lost its target, once its volume server can be seen', async () => {
    const volumeId = await attached(onVmm1);
    const { vmm, initiator } = rig.site.vmmHosts.get('vmm1') ?? {};
    const [server] = rig.site.volumeServers.entries();
    const { site } = service.sagaDependencies;
    if (vmm === undefined || initiator === undefined || server === undefined) throw new Error('the site has no such host');
    const isBroken = true;
    const list = async () => ({ value: (await initiator.session.list()).value.map((listed) => ({ ...listed, isBroken })), commands: [] });
    const stalled = { vmm, initiator: { ...initiator, session: { ...initiator.session, list } } };
    (site.vmmHosts as Map<string, unknown>).set('vmm1', stalled);
    const [name, { volumes, exports }] = server;
    const silent = async () => Promise.reject(new DriverError('unavailable', 'no answer'));
    (site.volumeServers as Map<string, unknown>).set(name, {
      volumes: { ...volumes, volume: { ...volumes.volume, list: silent } },
      exports,
    });
    expect(await heal()).toEqual({ begun: [], findings: ['unseen no answer simulated', 'missing session vmm1'] });
    (site.volumeServers as Map<string, unknown>).set(name, { volumes, exports });
    const { begun, findings } = await heal();
    expect(findings).toEqual(['missing session vmm1']);
    expect(begun.map(({ kind, resourceId }) => [kind, resourceId])).toEqual([['restore-attachment', volumeId]]);
  });

  it('gives a VM its disk back when it runs again, and waits for that', async () => {
    await attached(onVmm1);
    const inventory = rig.world.inventory();
    rig.world.stopDomain('dom1');
    expect(await heal()).toEqual({ begun: [], findings: ['missing disk vmm1'] });
    rig.world.startDomain('dom1');
    expect((await heal()).begun).toHaveLength(1);
    expect(rig.world.inventory()).toEqual(inventory);
  });

  it('gives no disk to another VM that bears the name by now, and says so', async () => {
    const volumeId = await attached(onVmm1);
    const { vmm } = rig.site.vmmHosts.get('vmm1') ?? {};
    const [plan] = await service.store.liveAttachments();
    const source = { kind: 'device', path: plan?.reach?.devicePath ?? '' } as const;
    await vmm?.disk.unmake({ domain: 'dom1', volumeId, device: '/dev/sdf', bytes: plan?.reach?.bytes ?? 0, source });
    const inventory = rig.world.inventory();
    const host = service.sagaDependencies.site.vmmHosts.get('vmm1');
    const recycled = { ...host?.vmm, domain: async () => ({ value: { state: 'running', uuid: 'of-another' }, commands: [] }) };
    (service.sagaDependencies.site.vmmHosts as Map<string, unknown>).set('vmm1', { ...host, vmm: recycled });
    await heal();
    expect(rig.world.inventory()).toEqual(inventory);
    const [operation] = await service.store.operations({ resourceId: volumeId, limit: 1 });
    expect(operation).toMatchObject({
      kind: 'restore-attachment',
      state: 'halted',
      failure: expect.stringMatching(/^disk: .*another one/),
    });
    expect((await service.store.liveAttachments()).map(({ state }) => state)).toEqual(['attached']);
  });

  it('makes nothing that is there already, and nothing for volumes that are not attached', async () => {
    const volumeId = await attached(onVmm1);
    await createVolume(service);
    await service.settle();
    const asked = rig.faults.asked.length;
    expect(await heal()).toEqual({ begun: [], findings: [] });
    expect(rig.faults.asked.slice(asked)).toEqual([]);
    await detach(service, volumeId);
    await service.settle();
    expect(await heal()).toEqual({ begun: [], findings: [] });
    expect(rig.world.inventory().filter((line) => !line.startsWith('volume'))).toEqual([]);
  });

  it('reports things of ours that the database knows nothing of, and leaves them alone', async () => {
    await attached(onVmm1);
    const stray = { volumeId: 'vol-00000009', bytes: 1024 ** 3 };
    await rig.world.volumeServer.volume.make(stray);
    await rig.world.exportServer.export.make({ ...stray, target: 'iqn.2009-11.org.vbs:vol-00000009', path: '/dev/simulated/vol-00000009' });
    const inventory = rig.world.inventory();
    expect((await heal()).findings).toEqual(['unknown volume simulated', 'unknown export simulated']);
    expect(rig.world.inventory()).toEqual(inventory);
  });

  it('passes on where what nobody knows stands, and what to do about it', async () => {
    const host = service.sagaDependencies.site.vmmHosts.get('vmm1');
    if (host === undefined) throw new Error('the site has no such host');
    const remark = '/local/domain/0/backend/vbd/7/51792 is left of domain 7: xenstore-rm it';
    const list = async () => ({ value: [{ name: '7:vol-00000009', remark }], commands: [] });
    const left = { ...host, vmm: { ...host.vmm, disk: { ...host.vmm.disk, list } } };
    (service.sagaDependencies.site.vmmHosts as Map<string, unknown>).set('vmm1', left);
    expect((await examine(service.sagaDependencies, 'everything')).map(showFinding)).toEqual([
      { kind: 'unknown', thing: 'disk', host: 'vmm1', name: '7:vol-00000009', reason: remark },
    ]);
  });

  it('reports data that is gone, and makes no empty volume in its place', async () => {
    const volumeId = await createVolume(service);
    await service.settle();
    await rig.world.volumeServer.volume.unmake({ volumeId, bytes: 1024 ** 3 });
    expect(await heal()).toEqual({ begun: [], findings: ['missing volume simulated'] });
    expect(rig.world.inventory()).toEqual([]);
  });

  it('concludes nothing about a host of which one listing fails', async () => {
    await attached(onVmm1);
    rig.world.loseExports();
    rig.world.loseHost('export-server');
    expect(await heal()).toMatchObject({ begun: [], findings: [expect.stringMatching(/^unseen .*does not answer/)] });
    rig.world.findHost('export-server');
    expect((await heal()).begun).toHaveLength(1);
  });

  it.each(['volume', 'snapshot', 'access'] as const)(
    'concludes nothing when the listing of each %s fails, though the others tell',
    async (kind) => {
      await attached(onVmm1);
      rig.world.loseExports();
      const servers = service.sagaDependencies.site.volumeServers as Map<string, VolumeServerHost>;
      const whole = servers.get('simulated') as VolumeServerHost;
      const list = async (): Promise<never> => {
        throw new DriverError('unknown', 'the listing broke off');
      };
      const { volumes, exports } = whole;
      const broken = {
        volumes: { ...volumes, ...(kind !== 'access' && { [kind]: { ...volumes[kind], list } }) },
        exports: kind === 'access' ? { ...exports, access: { ...exports.access, list } } : exports,
      };
      servers.set('simulated', broken);
      const stray = { volumeId: 'vol-00000009', bytes: 1024 ** 3 };
      await rig.world.volumeServer.volume.make(stray);
      expect(await heal()).toEqual({ begun: [], findings: ['unseen the listing broke off simulated'] });
      servers.set('simulated', whole);
      expect((await heal()).findings.sort()).toEqual(['missing access simulated', 'missing export simulated', 'unknown volume simulated']);
      expect(
        await disagreements(
          service,
          rig.world.inventory().filter((line) => !line.includes('vol-00000009')),
        ),
      ).toEqual([]);
    },
  );

  it('restores the others when one cannot be restored, and tries that one again after a while', async () => {
    await attached(onVmm1);
    await attached(onVmm2);
    rig.world.loseExports();
    rig.faults.arm('export.make', 'is refused', 1);
    expect((await heal()).begun).toHaveLength(2);
    expect(rig.world.inventory().filter((line) => line.startsWith('export'))).toHaveLength(1);
    const halted = await service.store.operations({ states: ['halted'], limit: 10 });
    expect(halted).toMatchObject([{ kind: 'restore-attachment', failure: 'export: injected fault: export.make on simulated was refused' }]);
    expect((await heal()).begun).toEqual([]);
    rig.time.nowMs += 60_000;
    expect((await heal()).begun).toHaveLength(1);
    expect(await disagreements(service, rig.world.inventory())).toEqual([]);
  });

  it('leaves a target alone that is somebody else’s', async () => {
    const volumeId = await attached(onVmm1);
    rig.world.loseExports();
    const other = { volumeId: 'vol-00000009', bytes: 1024 ** 3 };
    await rig.world.volumeServer.volume.make(other);
    await rig.world.exportServer.export.make({ ...other, target: `iqn.2009-11.org.vbs:${volumeId}`, path: '/dev/simulated/vol-00000009' });
    const inventory = rig.world.inventory();
    await heal();
    expect(rig.world.inventory()).toEqual(inventory);
    expect((await service.store.operations({ states: ['halted'], limit: 10 })).map(({ kind }) => kind)).toEqual(['restore-attachment']);
  });

  it('lets a detach wait for the repair, so that nothing is left behind', async () => {
    const volumeId = await attached(onVmm1);
    rig.world.loseExports();
    const refusals: unknown[] = [];
    rig.faults.arm('export.make', () => detach(service, volumeId).catch((cause: unknown) => void refusals.push(cause)), 1);
    await heal();
    expect(refusals).toMatchObject([{ reason: { kind: 'operation-under-way' } }]);
    await detach(service, volumeId);
    await service.settle();
    expect(await shownState(service)).toEqual(['volume available']);
    expect(rig.world.inventory()).toEqual([`volume ${volumeId}`]);
  });

  it('is not misled by what operations make and take away while it lists', async () => {
    const leaving = await attached(onVmm1);
    const coming = await createVolume(service);
    await service.settle();
    const { store, site } = service.sagaDependencies;
    const server = rig.world.exportServer.export;
    const list = async () => {
      await detach(service, leaving);
      await attach(service, coming, onVmm2);
      await service.settle();
      return server.list();
    };
    const [[name, { volumes, exports }] = ['', undefined as never]] = site.volumeServers;
    const busy = { ...site, volumeServers: new Map([[name, { volumes, exports: { ...exports, export: { ...exports.export, list } } }]]) };
    expect(await examine({ store, site: busy }, 'everything')).toEqual([]);
  });

  it('does it when the operator asks, and keeps in the journal what it found, without a secret', async () => {
    await attached(onVmm1);
    rig.world.loseExports();
    const asked = async (dryRun: boolean): Promise<string> => {
      const id: OperationId = await service.store.issueId('operation');
      const input = { dryRun };
      await service.store.beginReconcile({
        id,
        kind: 'reconcile-site',
        version: 1,
        resourceId: siteResourceId,
        accountId: undefined,
        input,
      });
      const taking = await rig.start({ pollEveryMs: 5 });
      await expect.poll(async () => (await service.store.operation(id))?.state).toBe('done');
      if (!dryRun) {
        await expect.poll(async () => (await service.store.inventory('everything')).changing.size).toBe(0);
      }
      await taking.settle();
      return JSON.stringify(await service.store.entries(id));
    };
    expect(await asked(true)).toContain('"kind":"missing"');
    expect(rig.world.inventory().join()).not.toContain('export');
    const journal = await asked(false);
    expect(journal).not.toContain((await service.store.liveAttachments())[0]?.chapSecret);
    expect(await disagreements(service, rig.world.inventory())).toEqual([]);
  });
});
