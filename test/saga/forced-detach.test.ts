import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { examine } from '../../src/blockstore/reconcile.ts';
import type { InstanceId, VolumeId } from '../../src/model/ids.ts';
import { failureOf } from '../support/failure-of.ts';
import { fenced, operatorOf } from '../support/operator-of.ts';
import { caller, createSagaRig, onVmm1, onVmm2, type RunningService, type SagaRig } from '../support/saga-rig.ts';
import { attach, createVolume, detach } from '../support/scenarios.ts';
import { disagreements, shownState } from '../support/shown-state.ts';

let rig: SagaRig;
let service: RunningService;
beforeEach(async () => {
  rig = createSagaRig();
  service = await rig.start({ pollEveryMs: 5 });
});
afterEach(() => rig.close());

async function attached(instanceId: InstanceId): Promise<VolumeId> {
  const volumeId = await createVolume(service);
  await service.settle();
  await attach(service, volumeId, instanceId);
  await service.settle();
  return volumeId;
}

async function detachByForce(volumeId: VolumeId): Promise<void> {
  await service.blockstore.attachments.detach(caller, { volumeId, force: true, dryRun: false });
  await service.settle();
}

/** Clears the bar, and waits for the operation that does it. */
async function clear(volumeId: VolumeId): Promise<string | undefined> {
  const verdict = await operatorOf(service.store).volumes.clear(volumeId, fenced);
  if (verdict.operationId === undefined) {
    throw new Error(JSON.stringify(verdict));
  }
  const { operationId } = verdict;
  await expect.poll(async () => (await service.store.operation(operationId))?.state).toMatch(/done|halted/);
  return (await service.store.operation(operationId))?.failure;
}

describe.each([
  { host: 'vmm1', instanceId: onVmm1, other: onVmm2, domain: 'dom1' },
  { host: 'vmm2', instanceId: onVmm2, other: onVmm1, domain: 'dom2' },
] as const)('a forced detach on $host', ({ host, instanceId, other, domain }) => {
  it('detaches, and bars nothing, when the host is seen to have let go', async () => {
    const volumeId = await attached(instanceId);
    rig.world.stopDomain(domain);
    await detachByForce(volumeId);
    expect(await shownState(service)).toEqual(['volume available']);
    expect(await service.store.openBars()).toEqual([]);
    expect(rig.world.inventory()).toEqual([`volume ${volumeId}`]);
  });

  it.each([
    { what: 'does not answer', lose: () => rig.world.loseHost(host), find: () => rig.world.findHost(host) },
    {
      what: 'has a guest that holds its disk',
      lose: (volumeId: VolumeId) => rig.world.guest(domain).hold(volumeId),
      find: (volumeId: VolumeId) => rig.world.guest(domain).release(volumeId),
    },
  ])('takes nothing away from a host that $what, and bars the volume', async ({ lose, find }) => {
    const volumeId = await attached(instanceId);
    const inventory = rig.world.inventory();
    lose(volumeId);
    await detachByForce(volumeId);
    expect(rig.world.inventory()).toEqual(inventory);
    expect(await shownState(service)).toEqual([`volume in-use, busy to ${instanceId}`]);
    const [bar] = await service.store.openBars();
    expect(bar).toMatchObject({
      volumeId,
      target: `iqn.2009-11.org.vbs:${volumeId}`,
      reason: expect.stringMatching(/^a forced detach could not prove .*: disk: /),
    });
    const barred = { kind: 'volume-barred', volumeId, operationId: bar?.operationId };
    expect(await failureOf(attach(service, volumeId, other))).toEqual(barred);
    expect(await failureOf(service.blockstore.volumes.delete(caller, { volumeId, dryRun: false }))).toEqual(barred);
    const report = await operatorOf(service.store).volumes.show(volumeId);
    expect(report).toMatchObject({ reason: bar?.reason, next: expect.stringContaining(`vbs volumes clear ${volumeId} --fenced`) });
    expect(report?.failedCommand).toMatchObject({
      operationId: bar?.operationId,
      step: 'disk',
      host,
      argv: expect.arrayContaining(['simulated']),
    });
    expect((await service.blockstore.volumes.health().of(await service.store.volumes(caller.accountId, [volumeId])))[0]).toMatchObject({
      status: 'impaired',
      barred: { operationId: bar?.operationId },
    });

    find(volumeId);
    await detach(service, volumeId);
    await service.settle();
    expect(await shownState(service)).toEqual(['volume available']);
    expect(await service.store.openBars()).toEqual([]);
    expect(rig.world.inventory()).toEqual([`volume ${volumeId}`]);
    expect(await failureOf(attach(service, volumeId, other))).toBeUndefined();
  });

  it('is completed on the word of the operator that a host which does not answer is fenced', async () => {
    const volumeId = await attached(instanceId);
    rig.world.loseHost(host);
    await detachByForce(volumeId);
    rig.world.fenceHost(host);
    expect(await clear(volumeId)).toBeUndefined();
    expect(await shownState(service)).toEqual(['volume available']);
    expect(await service.store.openBars()).toEqual([]);
    expect(rig.world.inventory()).toEqual([`volume ${volumeId}`]);
    const [operation] = await service.store.operations({ resourceId: volumeId, limit: 1 });
    const journal = operation === undefined ? [] : await service.store.entries(operation.id);
    expect(journal[0]).toMatchObject({ step: 'clear', direction: 'operator', output: fenced, startedAtMs: expect.any(Number) });
    expect(journal.find(({ step }) => step === 'disk')?.output).toMatchObject({ proof: 'stated', unseen: expect.any(String) });
  });

  it('is not completed on the word of the operator when the host answers and has it still', async () => {
    const volumeId = await attached(instanceId);
    const inventory = rig.world.inventory();
    rig.world.guest(domain).hold(volumeId);
    await detachByForce(volumeId);
    expect(await clear(volumeId)).toContain('still holds');
    expect(await service.store.openBars()).toHaveLength(1);
    expect(rig.world.inventory()).toEqual(inventory);
  });

  it('is not completed on a word that the volume server sees to be wrong', async () => {
    const volumeId = await attached(instanceId);
    rig.world.loseHost(host);
    await detachByForce(volumeId);
    expect(await clear(volumeId)).toContain('still active');
    expect(await service.store.openBars()).toHaveLength(1);
    expect(await shownState(service)).toEqual([`volume in-use, busy to ${instanceId}`]);
  });

  it('lets nothing be made anew of a volume that is barred', async () => {
    const volumeId = await attached(instanceId);
    rig.world.loseHost(host);
    await detachByForce(volumeId);
    rig.world.loseExports();
    const findings = await examine(service.sagaDependencies, 'everything');
    expect(findings.map(({ kind }) => kind)).toEqual(['unseen']);
    const [attachment] = await service.store.liveAttachments();
    const operation = {
      id: await service.store.issueId('operation'),
      kind: 'restore-attachment',
      version: 1,
      resourceId: volumeId,
      accountId: undefined,
      input: {},
    };
    expect(attachment && (await service.store.beginRestore({ attachmentId: attachment.id, operation }))).toEqual({
      outcome: 'refused',
      reason: 'attachment-state',
    });
  });

  it('leaves the bar as it is when it is asked for again', async () => {
    const volumeId = await attached(instanceId);
    rig.world.loseHost(host);
    await detachByForce(volumeId);
    const bars = await service.store.openBars();
    await detachByForce(volumeId);
    expect(await service.store.openBars()).toEqual(bars);
  });
});

describe('clearing a bar', () => {
  it('is refused for a volume that is not barred, and for one that there is not', async () => {
    const volumeId = await attached(onVmm1);
    const { volumes } = operatorOf(service.store);
    expect(await volumes.clear(volumeId, fenced)).toMatchObject({ outcome: 'refused', reason: `${volumeId} is not barred` });
    expect(await volumes.clear('vol-00000000' as VolumeId, fenced)).toMatchObject({
      outcome: 'refused',
      reason: 'there is no volume vol-00000000',
    });
    expect(await shownState(service)).toEqual([`volume in-use, attached to ${onVmm1}`]);
  });

  it('waits for a server when none runs, and is done by the next one', async () => {
    const volumeId = await attached(onVmm2);
    rig.world.loseHost('vmm2');
    await detachByForce(volumeId);
    rig.world.fenceHost('vmm2');
    const beside = await rig.start({ takesUp: false });
    service.kill();
    expect((await operatorOf(beside.store).volumes.clear(volumeId, fenced)).outcome).toBe('asked');
    expect(await shownState(beside)).toEqual([`volume in-use, detaching to ${onVmm2}`]);
    const next = await rig.start();
    await next.settle();
    expect(await shownState(next)).toEqual(['volume available']);
    expect(await next.store.openBars()).toEqual([]);
  });

  it('is done for a VMM host that the settings name no more', async () => {
    const volumeId = await attached(onVmm1);
    rig.world.loseHost('vmm1');
    await detachByForce(volumeId);
    rig.world.fenceHost('vmm1');
    (service.sagaDependencies.site.vmmHosts as Map<string, unknown>).delete('vmm1');
    expect(await clear(volumeId)).toBeUndefined();
    expect(await shownState(service)).toEqual(['volume available']);
    expect(
      await disagreements(
        service,
        rig.world.inventory().filter((line) => !/^(session|disk)/.test(line)),
      ),
    ).toEqual([]);
  });
});
