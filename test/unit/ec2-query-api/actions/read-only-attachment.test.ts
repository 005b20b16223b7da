import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createBlockstore } from '../../../../src/blockstore/create-blockstore.ts';
import { reconcile } from '../../../../src/blockstore/reconcile.ts';
import type { Site } from '../../../../src/blockstore/site.ts';
import type { VolumeId } from '../../../../src/model/ids.ts';
import { failureOf } from '../../../support/failure-of.ts';
import { caller, onVmm1, onVmm2 } from '../../../support/saga-rig.ts';
import { createVolume } from '../../../support/scenarios.ts';
import { type ApiRig, startApiRig } from '../support/api-rig.ts';

let api: ApiRig;
let volumeId: VolumeId;

beforeEach(async () => {
  api = await startApiRig();
  volumeId = await createVolume(api.service);
  await api.settle();
});
afterEach(() => api.close());

const tag = (value: string) =>
  api.ask({ Action: 'CreateTags', 'ResourceId.1': volumeId, 'Tag.1.Key': 'vbs:read-only', 'Tag.1.Value': value });
const attachment = (InstanceId: string) => ({ Action: 'AttachVolume', VolumeId: volumeId, InstanceId, Device: '/dev/sdf' });
const attach = async (instanceId: string) => {
  await api.ask(attachment(instanceId));
  await api.settle();
};
const detach = async () => {
  await api.ask({ Action: 'DetachVolume', VolumeId: volumeId });
  await api.settle();
};
const write = (domain: string) => () => api.rig.world.guest(domain).write(volumeId, 0, Buffer.from('new'));
const attachmentStates = async () =>
  (await api.service.store.volumes(caller.accountId)).flatMap(({ attachments }) => attachments.map(({ state }) => state));

describe.each([
  ['a host that takes devices', onVmm1, 'dom1'],
  ['a host that takes exports', onVmm2, 'dom2'],
])('a volume with the tag vbs:read-only, on %s', (_where, instanceId, domain) => {
  test('is read and cannot be written to, until it is attached without the tag', async () => {
    await attach(instanceId);
    api.rig.world.guest(domain).write(volumeId, 0, Buffer.from('old'));
    await detach();
    await tag('true');
    await attach(instanceId);
    expect(await attachmentStates()).toEqual(['attached']);
    expect(write(domain)).toThrow('read-only');
    expect(api.rig.world.guest(domain).read(volumeId, 0, 3).toString()).toBe('old');
    // What it was attached as, it stays, whatever becomes of the tag.
    await tag('false');
    expect(write(domain)).toThrow('read-only');
    await detach();
    await attach(instanceId);
    write(domain)();
    expect(api.rig.world.guest(domain).read(volumeId, 0, 3).toString()).toBe('new');
  });

  test('is read-only again when what it lost is made anew', async () => {
    await tag('true');
    await attach(instanceId);
    api.rig.world.loseExports();
    expect(() => api.rig.world.guest(domain).read(volumeId, 0, 3)).toThrow('not reachable');
    const { store, owner, worker, sagaDependencies } = api.service;
    const { begun } = await reconcile({ store, owner, site: api.rig.site, clock: sagaDependencies.clock }, 'everything');
    for (const operation of begun) {
      worker.start(operation);
    }
    await api.settle();
    expect(begun).toHaveLength(1);
    api.rig.world.guest(domain).read(volumeId, 0, 3);
    expect(write(domain)).toThrow('read-only');
  });
});

test('a tag that is neither true nor false is refused, and nothing is attached', async () => {
  await tag('yes');
  expect(await api.refusal(attachment(onVmm1))).toBe('InvalidParameterValue');
  expect(await attachmentStates()).toEqual([]);
});

test('a volume is not attached for writing where it cannot be attached read-only', async () => {
  await tag('true');
  const withoutExports = new Map(
    [...api.rig.site.volumeServers].map(([name, { volumes, exports }]) => [
      name,
      { volumes, exports: { ...exports, exportsReadOnly: false } },
    ]),
  );
  const withoutDisks = new Map(
    [...api.rig.site.vmmHosts].map(([name, host]) => [name, { ...host, vmm: { ...host.vmm, takesReadOnly: false } }]),
  );
  for (const [site, reason] of [
    [{ ...api.rig.site, volumeServers: withoutExports }, 'volume server cannot refuse writes'],
    [{ ...api.rig.site, vmmHosts: withoutDisks }, 'cannot take a disk that is read-only'],
  ] as readonly (readonly [Site, string])[]) {
    const { store, owner } = api.service;
    const { attachments } = createBlockstore({
      store,
      owner,
      site,
      resolver: {
        name: 'one',
        resolve: async () => ({ outcome: 'resolved', placement: { vmmHost: 'vmm1', domain: 'dom1' } }),
        list: async () => [],
      },
      operatorAccount: caller.accountId,
      retention: { volumesMs: 0, snapshotsMs: 0 },
      mostOpenOperations: 10,
      clock: () => 0,
      sleep: async () => undefined,
      newSecret: () => '',
      startOperation: () => undefined,
    });
    const failure = await failureOf(attachments.attach(caller, { volumeId, instanceId: onVmm1, device: '/dev/sdf', dryRun: false }));
    expect(failure).toMatchObject({ kind: 'unsupported', reason: expect.stringContaining(reason) });
  }
  expect(await attachmentStates()).toEqual([]);
});
