import { afterEach, beforeEach, expect, it } from 'vitest';
import { showFinding } from '../../src/blockstore/findings.ts';
import { examine } from '../../src/blockstore/reconcile.ts';
import { dumpDatabase } from '../support/database-dump.ts';
import { fenced, operatorOf } from '../support/operator-of.ts';
import { caller, createSagaRig, onVmm1, onVmm2, type SagaRig } from '../support/saga-rig.ts';
import { attach, createVolume } from '../support/scenarios.ts';

let rig: SagaRig;
beforeEach(() => {
  rig = createSagaRig();
});
afterEach(() => rig.close());

it('a secret of an attachment is in its own row of the database, and nowhere else whatever goes wrong and whoever asks', async () => {
  const service = await rig.start({ pollEveryMs: 5 });
  const operator = operatorOf(service.store);
  const volumeId = await createVolume(service);
  await service.settle();
  const secrets = new Set<string>();
  const said: unknown[] = [];
  const look = async () => {
    for (const plan of (await service.store.inventory('everything')).attachments) {
      secrets.add(plan.chapSecret);
    }
    said.push(
      await operator.volumes.list(),
      await operator.volumes.show(volumeId),
      await service.blockstore.volumes.list(caller),
      (await examine(service.sagaDependencies, 'everything')).map(showFinding),
      service.results,
      service.interruptions.map(String),
    );
    const { operations, steps, ...rest } = dumpDatabase(rig.databaseFile) as Record<string, readonly unknown[]>;
    said.push(operations, steps, { ...rest, attachments: [] });
  };

  // Fails with the secret at hand, gets stuck, is abandoned, and is cleared by a detach that does not reach its host.
  rig.faults.arm('disk.make', 'is refused');
  rig.faults.arm('access.unmake', 'is refused');
  await attach(service, volumeId, onVmm1);
  await service.settle();
  await look();
  const [stuck] = await service.store.operations({ limit: 1 });
  expect(stuck?.state).toBe('stuck');
  expect(stuck && (await operator.operations.abandon(stuck.id, fenced))).toEqual({ outcome: 'asked' });
  await look();
  rig.faults.disarm();
  rig.world.fenceHost('vmm1');
  await operator.volumes.clear(volumeId, fenced);
  await expect.poll(async () => (await service.store.openBars()).length).toBe(0);
  await attach(service, volumeId, onVmm2);
  await service.settle();
  await look();
  rig.world.loseHost('vmm2');
  await service.blockstore.attachments.detach(caller, { volumeId, force: true, dryRun: false });
  await service.settle();
  await look();

  expect(secrets.size).toBe(2);
  const text = JSON.stringify(said);
  expect(text).toContain('abandoned');
  for (const secret of secrets) {
    expect(secret).toHaveLength(16);
    expect(text).not.toContain(secret);
  }
});
