import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { examine } from '../../src/blockstore/reconcile.ts';
import { lastingStorageMemory } from '../../src/composition/storage-memory.ts';
import { volumeServerFromPattern } from '../../src/drivers/command/driver-from-pattern.ts';
import { contextHere, shippedBackends, withStorage } from '../contract/shipped-backend.ts';
import { operatorOf } from '../support/operator-of.ts';
import { caller, createSagaRig, type RunningService, type SagaRig } from '../support/saga-rig.ts';
import { createVolume } from '../support/scenarios.ts';
import { shownState } from '../support/shown-state.ts';

let rig: SagaRig;
let service: RunningService;
let scratch: string;
let folder: string;
beforeEach(async () => {
  rig = createSagaRig();
  service = await rig.start();
  scratch = mkdtempSync(join(tmpdir(), 'vbs-other-storage-'));
  folder = join(scratch, 'srv');
});
afterEach(async () => {
  rmSync(scratch, { recursive: true });
  await rig.close();
});

/** As a start of the service on the same database. Answers the volume server's name. */
function serveFromFolder(): string {
  const servers = service.sagaDependencies.site.volumeServers as Map<string, object>;
  const [[name, host] = ['', {}]] = servers;
  const pattern = shippedBackends.pattern('volume-server', 'file');
  const context = withStorage(
    pattern,
    contextHere(pattern, { stateFolder: folder }),
    lastingStorageMemory(service.store, name, randomUUID),
  );
  servers.set(name, { ...host, volumes: volumeServerFromPattern(pattern, context) });
  return name;
}

function unmount(): void {
  renameSync(folder, join(scratch, 'not-mounted'));
  mkdirSync(folder);
}

function mount(): void {
  rmSync(folder, { recursive: true });
  renameSync(join(scratch, 'not-mounted'), folder);
}

it('a volume server without its file system is not compared with the database, and says why', async () => {
  serveFromFolder();
  await createVolume(service);
  await service.settle();
  unmount();
  serveFromFolder();
  const findings = await examine(service.sagaDependencies, 'everything');
  expect(findings).toEqual([
    { kind: 'unseen', host: expect.any(String), reason: expect.stringMatching(/the folder .*srv .*Mount the file system/) },
  ]);
});

it('a delete does not end as done where the volume cannot be, and ends once the file system is mounted', async () => {
  serveFromFolder();
  const volumeId = await createVolume(service);
  await service.settle();
  unmount();
  serveFromFolder();
  await service.blockstore.volumes.delete(caller, { volumeId, dryRun: false });
  await service.settle();
  expect(await shownState(service)).toEqual([expect.stringMatching(/^volume (?:deleting|error)$/)]);
  expect(readdirSync(folder)).toEqual([]);
  mount();
  const volumes = () => readdirSync(join(folder, 'volumes')).filter((name) => !name.startsWith('vbs-storage-'));
  expect(volumes()).toEqual([`${volumeId}.raw`]);
  const [stopped] = await service.store.operations({ limit: 1 });
  expect(stopped).toMatchObject({ kind: 'delete-volume', failure: expect.stringContaining('Mount the file system') });
  await service.blockstore.volumes.delete(caller, { volumeId, dryRun: false });
  await service.settle();
  expect(await shownState(service)).toEqual([]);
  expect(volumes()).toEqual([]);
});

it('a volume that is asked for meanwhile ends in error, and nothing is made of it', async () => {
  serveFromFolder();
  await createVolume(service);
  await service.settle();
  unmount();
  serveFromFolder();
  await createVolume(service).catch(() => undefined);
  await service.settle();
  expect(readdirSync(folder)).toEqual([]);
});

it('another folder is used once the operator says so, and what is not in it is reported as missing', async () => {
  const server = serveFromFolder();
  const volumeId = await createVolume(service);
  await service.settle();
  const operator = operatorOf(service.store);
  const [before] = await operator.storage.list();
  expect(before).toEqual({ volumeServer: server, storage: expect.objectContaining({ state: 'known' }), volumes: 1, snapshots: 0 });
  unmount();
  expect(await operator.storage.accept('no-such-server')).toMatchObject({ outcome: 'refused', next: expect.stringContaining(server) });
  expect(await examine(service.sagaDependencies, 'everything')).toMatchObject([{ kind: 'unseen' }]);
  expect(await operator.storage.accept(server)).toEqual({ outcome: 'asked' });
  expect(await examine(service.sagaDependencies, 'everything')).toMatchObject([{ kind: 'missing', thing: 'volume', name: volumeId }]);
  const [after] = await operator.storage.list();
  expect(after?.storage).toMatchObject({ state: 'known' });
  expect(after?.storage).not.toEqual(before?.storage);
});

it('a folder of which nothing is remembered is not marked when the database has volumes and none of them is there', async () => {
  const server = serveFromFolder();
  await createVolume(service);
  await service.settle();
  unmount();
  // As a database of before an upgrade.
  const forgetful = { ...service.store, storage: async () => ({ state: 'nothing' as const }) };
  const memory = lastingStorageMemory(forgetful, server, randomUUID);
  const pattern = shippedBackends.pattern('volume-server', 'file');
  const context = withStorage(pattern, contextHere(pattern, { stateFolder: folder }), memory);
  await expect(volumeServerFromPattern(pattern, context).volume.list()).rejects.toMatchObject({
    message: expect.stringContaining('none of the 1 volumes and snapshots'),
  });
  expect(readdirSync(folder)).toEqual([]);
});
