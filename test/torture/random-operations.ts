import { createHash } from 'node:crypto';
import { emptyRecycleBin } from '../../src/blockstore/empty-recycle-bin.ts';
import { createOperator } from '../../src/blockstore/operator.ts';
import { examine, reconcile } from '../../src/blockstore/reconcile.ts';
import { noticeRemains, wipeNext, wipingServers } from '../../src/blockstore/wipes.ts';
import { DriverError } from '../../src/drivers/driver-error.ts';
import { faultKinds } from '../../src/drivers/faults/fault.ts';
import { type SeededFaults, seededFaults } from '../../src/drivers/faults/seeded-faults.ts';
import { realisticLatencyMs } from '../../src/drivers/simulated/latency.ts';
import { Failure } from '../../src/model/failure.ts';
import type { InstanceId, SnapshotId, VolumeId } from '../../src/model/ids.ts';
import type { TaggableId } from '../../src/model/tag.ts';
import { openOperationStates } from '../../src/saga/operation.ts';
import { dumpDatabase } from '../support/database-dump.ts';
import { Crash } from '../support/mortal-store.ts';
import { caller, createSagaRig, type RunningService, type SagaRig, zone } from '../support/saga-rig.ts';
import { disagreements, inventoryByDatabase } from '../support/shown-state.ts';
import { wipeEverything } from '../support/wipe-everything.ts';
import { expectedContents, type KnownContents } from './known-contents.ts';
import { observedStore } from './observed-store.ts';
import { randomChoice } from './random-choice.ts';
import { type Asked, createReferenceModel, type ReferenceModel } from './reference-model.ts';
import type { TortureReport } from './torture-report.ts';
import { createVirtualTime, type VirtualTime } from './virtual-time.ts';

export interface TortureOptions {
  readonly seed: number;
  /** How many requests that change something the clients make together. */
  readonly operations: number;
  readonly clients: number;
  /** Told now and then how far it is. */
  readonly onProgress?: (operations: number) => void;
}

const startMs = 1_700_000_000_000;
/** No secret is without it, so that one search finds every secret, whole or in its first half. */
const secretMark = 'sEcReT';
const mostVolumes = 96;
const mostSnapshots = 48;
/** As in guard-site.ts. */
const exportsEveryMs = 5_000;
const everythingEvery = 12;
/** How long what is deleted can be had back. */
const retentionMs = 120_000;
const retention = { volumesMs: retentionMs, snapshotsMs: retentionMs };
/** Longer than any command that was given before a host lost its power. */
const fencedMs = 20_000;
const wipeEveryMs = 2_000;
const wipePieceBytes = 1024 ** 3;

const weights = {
  'create volume': 14,
  'create volume from snapshot': 7,
  'delete volume': 10,
  attach: 24,
  detach: 20,
  'create snapshot': 7,
  'copy volume': 3,
  'copy snapshot': 2,
  'delete snapshot': 6,
  'take a volume back': 3,
  'take a snapshot back': 2,
  'lock snapshot': 3,
  'unlock snapshot': 3,
  modify: 5,
  tag: 3,
  untag: 2,
} as const;
type ActionName = keyof typeof weights;

interface Run {
  readonly options: TortureOptions;
  readonly time: VirtualTime;
  readonly rig: SagaRig;
  readonly model: ReferenceModel;
  readonly faults: SeededFaults;
  readonly contents: KnownContents;
  readonly problems: string[];
  readonly answers: string[];
  readonly logs: string[];
  readonly counts: Map<string, number>;
  /** The VMM hosts without power. */
  readonly fenced: Set<string>;
  service: RunningService | undefined;
  asked: number;
  isOver: boolean;
}

/** Random requests of many clients at once, under faults, crashes and reboots; then everything has to be as the model says, and all of it can be taken away. */
export async function tortureRandomOperations(options: TortureOptions): Promise<TortureReport> {
  const { seed, operations, clients } = options;
  const time = createVirtualTime(startMs);
  const model = createReferenceModel();
  const faults = seededFaults({ seed, clock: () => time.nowMs, longestDelayMs: 2_000, longestOutageMs: 20_000 });
  let secrets = 0;
  const latency = randomChoice(seed, 'latency');
  const fenced = new Set<string>();
  const rig = createSagaRig({
    time,
    latencyMs: (verb) => Math.ceil(realisticLatencyMs[verb] * (0.5 + latency.below(100) / 100)),
    source: {
      async meet(call) {
        const fault = await faults.meet(call);
        const isFault = (fault !== undefined && fault.kind !== 'delay') || fenced.has(call.host);
        if (isFault && (call.verb === 'domain.look' || call.verb === 'volume.free')) {
          model.hostFailed();
        }
        return fault;
      },
    },
    observe: (store) => observedStore(store, model),
    newSecret() {
      secrets += 1;
      return `${secretMark}${createHash('sha256').update(`${seed} ${secrets}`).digest('base64url').slice(0, 10)}`;
    },
    // No command but a copy takes longer, and copies are told apart by the volume server itself.
    lateCommandMs: 8_000,
    wipesLater: true,
    patience: { attempts: 3, backoffMs: 200, settleMs: 5_000 },
  });
  const run: Run = {
    options,
    time,
    rig,
    model,
    faults,
    contents: expectedContents(),
    problems: [],
    answers: [],
    logs: [],
    counts: new Map(),
    fenced,
    service: await rig.start({ concurrency: 16, retention }),
    asked: 0,
    isOver: false,
  };
  for (const { placement } of rig.world.instances) {
    model.setRunning(`${placement.vmmHost}/${placement.domain}`, true);
  }
  try {
    const others = [crashNowAndThen, rebootNowAndThen, keepGuard, useDisks, keepWiping, fenceWhatIsBarred].map((keep) => keep(run));
    await Promise.all(Array.from({ length: clients }, (_, number) => beClient(run, number)));
    run.isOver = true;
    await Promise.all(others);
    const healed = await heal(run);
    await expectModel(run, healed);
    const actions = await followNextActions(run, healed);
    await expectModel(run, healed);
    await clearEverything(run, healed);
    const secretsFound = countSecrets(run);
    run.problems.push(...model.violations.map((violation) => `against the reference model: ${violation}`));
    run.problems.push(...(await tellStories(run.problems, healed)));
    const ended = await healed.store.operations({ limit: 1_000_000 });
    const ends = (state: string) => ended.filter((operation) => operation.state === state).length;
    return {
      problems: run.problems,
      figures: {
        operations,
        clients,
        accepted: count(run, 'accepted'),
        'refused, each with a true reason': count(run, 'refused'),
        'lost in a crash': count(run, 'lost'),
        'operations done': ends('done'),
        'operations undone': ends('undone'),
        'operations halted': ends('halted'),
        'operations open in the end': ended.filter(({ state }) => openOperationStates.some((open) => open === state)).length,
        'driver calls': faults.calls,
        faults: faultKinds.map((kind) => `${kind} ${faults.met[kind]}`).join(', '),
        'crashes and restarts': count(run, 'crashes'),
        'restarts of the export server': count(run, 'exports lost'),
        'restarts of VMs': count(run, 'VM restarts'),
        'stuck, and retried or abandoned by the operator': `${count(run, 'retried')}, ${count(run, 'abandoned')}`,
        'rolled back by the operator': count(run, 'rolled back'),
        'volumes cleared by the operator, of hosts without power': count(run, 'cleared'),
        'taken out of the recycle bin by owners, deleted there': `${count(run, 'taken back')}, ${count(run, 'bin emptied')}`,
        'pieces wiped, wipes ended': `${count(run, 'pieces wiped')}, ${count(run, 'wipes ended')}`,
        'next actions followed in the end': actions,
        'reads by VMs': count(run, 'reads'),
        'foreign bytes read': run.contents.foreignBytes,
        'volumes and snapshots in a wrong state': count(run, 'wrong'),
        'leftovers in the inventory': count(run, 'leftovers'),
        'occurrences of secrets': secretsFound,
        'secrets drawn': secrets,
        'simulated hours': ((time.nowMs - startMs) / 3_600_000).toFixed(1),
      },
    };
  } finally {
    run.isOver = true;
    await rig.close();
  }
}

function count(run: Run, name: string, more = 0): number {
  const sum = (run.counts.get(name) ?? 0) + more;
  run.counts.set(name, sum);
  return sum;
}

/** The service, when it runs; a client whose service is down waits for the next one. */
async function serviceOf(run: Run): Promise<RunningService> {
  while (run.service === undefined) {
    await run.time.sleep(100);
  }
  return run.service;
}

async function beClient(run: Run, number: number): Promise<void> {
  const { options, time } = run;
  const choice = randomChoice(options.seed, `client ${number}`);
  while (run.asked < options.operations) {
    run.asked += 1;
    if (run.asked % 1_000 === 0) {
      options.onProgress?.(run.asked);
    }
    await askSomething(run, choice);
    await time.sleep(choice.below(9_000));
  }
}

type Choice = ReturnType<typeof randomChoice>;

async function askSomething(run: Run, choice: Choice): Promise<void> {
  const { blockstore } = await serviceOf(run);
  const { volumes, snapshots } = run.model;
  const isLive = ({ state }: { readonly state: string }) => state !== 'gone' && state !== 'recycled';
  const liveVolumes = [...volumes.values()].filter(isLive);
  const liveSnapshots = [...snapshots.values()].filter(isLive);
  const action = tooMany(liveVolumes.length, liveSnapshots.length, choice.weighted<ActionName>(weights));
  // Now and then something that is gone is meant, or something in whatever state.
  const volume = (choice.chance(0.03) ? choice.oneOf([...volumes.values()]) : pickFor(action, liveVolumes, choice))?.id as VolumeId;
  const snapshot = (choice.chance(0.03) ? choice.oneOf([...snapshots.values()]) : choice.oneOf(liveSnapshots))?.id as SnapshotId;
  const dryRun = false;
  const tags = [{ key: 'Name', value: `data ${choice.below(100)}` }];
  if (action === 'create volume') {
    const sizeGiB = 1 + choice.below(4);
    await ask(run, action, {}, () => blockstore.volumes.create(caller, { zone, type: 'gp3', sizeGiB, tags, dryRun }));
  } else if (action === 'create volume from snapshot' && snapshot !== undefined) {
    await ask(run, action, {}, () => blockstore.volumes.create(caller, { zone, type: 'gp3', snapshotId: snapshot, tags, dryRun }));
  } else if (action === 'copy snapshot' && snapshot !== undefined) {
    await ask(run, action, {}, () => blockstore.snapshots.copy(caller, { snapshotId: snapshot, description: '', tags, dryRun }));
  } else if (action === 'take a volume back') {
    const isRecycled = ({ state }: { readonly state: string }) => state === 'recycled' || choice.chance(0.05);
    const volumeId = choice.oneOf([...volumes.values()].filter(isRecycled))?.id as VolumeId | undefined;
    if (volumeId !== undefined) {
      await ask(run, action, { takesBack: true }, () => blockstore.recycleBin.restoreVolume(caller, { volumeId, dryRun }));
    }
  } else if (action === 'take a snapshot back') {
    const isRecycled = ({ state }: { readonly state: string }) => state === 'recycled' || choice.chance(0.05);
    const snapshotId = choice.oneOf([...snapshots.values()].filter(isRecycled))?.id as SnapshotId | undefined;
    if (snapshotId !== undefined) {
      await ask(run, action, { takesBack: true }, () => blockstore.recycleBin.restoreSnapshot(caller, { snapshotId, dryRun }));
    }
  } else if (action === 'lock snapshot' && snapshot !== undefined) {
    const coolOffHours = 72;
    const mode = choice.chance(0.5) ? ({ mode: 'compliance', coolOffHours } as const) : ({ mode: 'governance' } as const);
    await ask(run, action, {}, () =>
      blockstore.snapshotLocks.lock(caller, { snapshotId: snapshot, ...mode, until: { durationDays: 1 + choice.below(9) }, dryRun }),
    );
  } else if (action === 'unlock snapshot' && snapshot !== undefined) {
    await ask(run, action, {}, () => blockstore.snapshotLocks.unlock(caller, { snapshotId: snapshot, dryRun }));
  } else if (action === 'delete snapshot' && snapshot !== undefined) {
    await ask(run, action, {}, () => blockstore.snapshots.delete(caller, { snapshotId: snapshot, dryRun }));
  } else if (volume === undefined) {
    await ask(run, 'create volume', {}, () => blockstore.volumes.create(caller, { zone, type: 'gp3', sizeGiB: 1, tags, dryRun }));
  } else if (action === 'delete volume') {
    await ask(run, action, {}, () => blockstore.volumes.delete(caller, { volumeId: volume, dryRun }));
  } else if (action === 'copy volume') {
    const sizeGiB = (volumes.get(volume)?.sizeGiB ?? 1) + choice.below(2);
    await ask(run, action, {}, () => blockstore.volumes.copy(caller, { sourceVolumeId: volume, sizeGiB, type: 'gp3', tags, dryRun }));
  } else if (action === 'create snapshot') {
    await ask(run, action, {}, () => blockstore.snapshots.create(caller, { volumeId: volume, description: '', tags, dryRun }));
  } else if (action === 'modify') {
    const sizeGiB = (volumes.get(volume)?.sizeGiB ?? 1) + choice.below(3);
    await ask(run, action, {}, () => blockstore.modifications.modify(caller, { volumeId: volume, sizeGiB, type: 'gp2', dryRun }));
  } else if (action === 'attach') {
    const { placement, instanceId } = choice.oneOf(run.rig.world.instances) ?? {};
    const vm = `${placement?.vmmHost}/${placement?.domain}`;
    const named = (choice.chance(0.2) ? vm : instanceId) as InstanceId;
    const device = choice.oneOf(['/dev/sdf', 'xvdf', '/dev/sdg', '/dev/sdh', '/dev/sdi', '/dev/sdj']) ?? '';
    await ask(run, action, { vm, device }, () =>
      blockstore.attachments.attach(caller, { volumeId: volume, instanceId: named, device, dryRun }),
    );
  } else if (action === 'detach') {
    const named = choice.chance(0.1) ? { instanceId: choice.oneOf(run.rig.world.instances)?.instanceId as InstanceId } : {};
    const force = choice.chance(0.2);
    await ask(run, action, named, () => blockstore.attachments.detach(caller, { volumeId: volume, ...named, force, dryRun }));
  } else {
    const resourceIds: TaggableId[] = snapshot === undefined ? [volume] : [volume, snapshot];
    const key = `key ${choice.below(4)}`;
    await ask(run, action, {}, () =>
      action === 'untag'
        ? blockstore.tags.remove(caller, { resourceIds, tags: [{ key }], dryRun })
        : blockstore.tags.put(caller, { resourceIds, tags: [{ key, value: `${choice.below(100)}` }], dryRun }),
    );
  }
}

function tooMany(volumes: number, snapshots: number, action: ActionName): ActionName {
  if (volumes >= mostVolumes && (action.startsWith('create volume') || action === 'copy volume')) {
    return 'delete volume';
  }
  return snapshots >= mostSnapshots && (action === 'create snapshot' || action === 'copy snapshot') ? 'delete snapshot' : action;
}

/** Mostly what the action can be done to: requests that are refused are quick, and it is the others that can go wrong. */
function pickFor(action: ActionName, volumes: ReadonlyArray<{ readonly id: string; readonly state: string }>, choice: Choice) {
  const wanted = { attach: ['available'], detach: ['in-use'], 'delete volume': ['available', 'error'], modify: ['available', 'in-use'] };
  const states: readonly string[] | undefined = Object.hasOwn(wanted, action) ? wanted[action as keyof typeof wanted] : undefined;
  const fitting = volumes.filter(({ state }) => states === undefined || states.includes(state));
  return choice.chance(0.85) && fitting.length > 0 ? choice.oneOf(fitting) : choice.oneOf(volumes);
}

/** Makes a request and holds its answer to the model. */
async function ask(run: Run, action: ActionName, asked: Asked, request: () => Promise<unknown>): Promise<void> {
  const { model, problems } = run;
  const from = model.now;
  try {
    const answer = await request();
    run.answers.push(JSON.stringify(answer ?? null));
    count(run, 'accepted', 1);
    count(run, 'taken back', asked.takesBack === true ? 1 : 0);
  } catch (cause) {
    if (cause instanceof Crash) {
      count(run, 'lost', 1);
      return;
    }
    if (!(cause instanceof Failure)) {
      problems.push(`${action} was answered by an error of the service: ${cause instanceof Error ? cause.stack : String(cause)}`);
      return;
    }
    run.answers.push(JSON.stringify(cause.reason));
    count(run, 'refused', 1);
    if (!model.isTrue(cause.reason, { from, to: model.now }, asked)) {
      problems.push(`${action} was refused for a reason that was never true: ${JSON.stringify(cause.reason)}`);
    }
  }
}

/** The process dies at some write, and another one starts a moment later. */
async function crashNowAndThen(run: Run): Promise<void> {
  const { time, rig, options } = run;
  const choice = randomChoice(options.seed, 'crashes');
  for (;;) {
    await sleepUnlessOver(run, 1_000 + choice.below(15_000));
    if (run.isOver) {
      return;
    }
    const { mortal } = await serviceOf(run);
    mortal.expect({ atWrite: 1 + choice.below(12), moment: choice.chance(0.5) ? 'before' : 'after' });
    for (let waitedMs = 0; !mortal.isDead() && !run.isOver && waitedMs < 60_000; waitedMs += 100) {
      await time.sleep(100);
    }
    if (!mortal.isDead()) {
      mortal.expect({ atWrite: Number.POSITIVE_INFINITY, moment: 'before' });
      continue;
    }
    count(run, 'crashes', 1);
    keepLog(run);
    run.service?.kill();
    run.service = undefined;
    await time.sleep(choice.below(3_000));
    run.service = await rig.start({ concurrency: 16, retention });
  }
}

/** The export server restarts, VMs restart, and guests hold on to their disks for a while. */
async function rebootNowAndThen(run: Run): Promise<void> {
  const { time, rig, model, options } = run;
  const choice = randomChoice(options.seed, 'reboots');
  for (;;) {
    await sleepUnlessOver(run, choice.below(20_000));
    if (run.isOver) {
      return;
    }
    const { placement } = choice.oneOf(rig.world.instances) ?? {};
    const domain = placement?.domain ?? '';
    const vm = `${placement?.vmmHost}/${domain}`;
    const event = choice.below(3);
    if (event === 0) {
      rig.world.loseExports();
      count(run, 'exports lost', 1);
    } else if (event === 1) {
      rig.world.stopDomain(domain);
      model.setRunning(vm, false);
      await time.sleep(choice.below(30_000));
      rig.world.startDomain(domain);
      model.setRunning(vm, true);
      count(run, 'VM restarts', 1);
    } else {
      const guest = rig.world.guest(domain);
      const held = guest.disks().map(({ volumeId }) => volumeId);
      held.forEach(guest.hold);
      await time.sleep(choice.below(60_000));
      releaseAll(rig, held);
    }
  }
}

function releaseAll(rig: SagaRig, volumeIds: readonly string[]): void {
  for (const { placement } of rig.world.instances) {
    const guest = rig.world.guest(placement.domain);
    for (const { volumeId } of guest.disks()) {
      if (volumeIds.includes(volumeId)) {
        guest.release(volumeId);
      }
    }
  }
}

/** What the service itself does beside requests: it compares the hosts with the database, and the operator retries what is stuck. */
async function keepGuard(run: Run): Promise<void> {
  const { options } = run;
  const choice = randomChoice(options.seed, 'operator');
  for (let round = 0; ; round += 1) {
    await sleepUnlessOver(run, exportsEveryMs);
    if (run.isOver) {
      return;
    }
    const service = await serviceOf(run);
    try {
      await restore(service, round % everythingEvery === 0 ? 'everything' : 'exports');
      await emptyBin(run, service);
      if (choice.chance(0.1)) {
        await settleStuck(run, service, choice);
      }
      if (choice.chance(0.1)) {
        await rollBackOne(run, service, choice);
      }
    } catch (cause) {
      if (!(cause instanceof Crash)) {
        run.problems.push(`the hosts could not be compared with the database: ${String(cause)}`);
      }
    }
  }
}

async function restore({ sagaDependencies, owner, worker }: RunningService, scope: 'everything' | 'exports'): Promise<void> {
  const { begun } = await reconcile({ ...sagaDependencies, owner }, scope);
  begun.forEach(worker.start);
}

async function emptyBin(run: Run, { store, owner, worker }: RunningService): Promise<void> {
  const begun = await emptyRecycleBin({ store, owner });
  count(run, 'bin emptied', begun.length);
  begun.forEach(worker.start);
}

const by = 'the torture';

function operatorOf(run: Run, { store }: RunningService) {
  const nothing = new Set<string>();
  const hostNames = () => ({ volumeServers: nothing, vmmHosts: nothing });
  return createOperator({ store, clock: run.time.clock, holdState: () => undefined, randomText: () => '', hostNames });
}

/** By the operator's own verb: `vbs operations retry`. */
async function retryStuck(run: Run, service: RunningService): Promise<void> {
  const { operations } = operatorOf(run, service);
  for (const { id } of await operations.list({ states: ['stuck'], limit: 1_000 })) {
    await operations.retry(id, { by });
    count(run, 'retried', 1);
  }
}

/** Each stuck operation is retried, rolled back or abandoned. What an abandoned one left is nobody's, and barred where a VM may reach it. */
async function settleStuck(run: Run, service: RunningService, choice: Choice): Promise<void> {
  const { operations } = operatorOf(run, service);
  for (const { id } of await operations.list({ states: ['stuck'], limit: 1_000 })) {
    const verb = choice.below(4);
    if (verb === 0) {
      const { outcome } = await operations.abandon(id, { by, statement: 'what it left is looked after' });
      count(run, 'abandoned', outcome === 'asked' ? 1 : 0);
    } else if (verb === 1) {
      await operations.rollback(id, { by });
      count(run, 'rolled back', 1);
    } else {
      await operations.retry(id, { by });
      count(run, 'retried', 1);
    }
  }
}

/** One that is under way turns back after its step, when it is of a kind that can. */
async function rollBackOne(run: Run, service: RunningService, choice: Choice): Promise<void> {
  const { operations } = operatorOf(run, service);
  const underWay = await operations.list({ states: ['running'], limit: 100 });
  const chosen = choice.oneOf(underWay);
  if (chosen !== undefined) {
    const { outcome } = await operations.rollback(chosen.id, { by });
    count(run, 'rolled back', outcome === 'asked' ? 1 : 0);
  }
}

/** A VMM host that may still reach a barred volume loses its power, which is the proof by which the operator clears the volume; then it comes back. */
async function fenceWhatIsBarred(run: Run): Promise<void> {
  const { rig, model, time, options } = run;
  const choice = randomChoice(options.seed, 'fences');
  for (;;) {
    await sleepUnlessOver(run, 5_000 + choice.below(20_000));
    if (run.isOver) {
      return;
    }
    const barred = choice.oneOf([...model.volumes.values()].filter(({ isBarred }) => isBarred === true));
    const host = barred?.attachment?.vm.split('/')[0] as 'vmm1' | 'vmm2' | undefined;
    if (host === undefined) {
      continue;
    }
    run.fenced.add(host);
    rig.world.fenceHost(host);
    // What it was asked a moment ago it does not answer any more.
    model.hostFailed();
    await time.sleep(fencedMs);
    const service = await serviceOf(run);
    for (const { id, isBarred, attachment } of [...model.volumes.values()]) {
      if (isBarred === true && attachment?.vm.startsWith(`${host}/`)) {
        try {
          const { outcome } = await operatorOf(run, service).volumes.clear(id as VolumeId, { by, statement: `${host} has no power` });
          count(run, 'cleared', outcome === 'asked' ? 1 : 0);
        } catch (cause) {
          if (!(cause instanceof Crash)) {
            throw cause;
          }
        }
      }
    }
    await time.sleep(choice.below(30_000));
    rig.world.findHost(host);
    run.fenced.delete(host);
  }
}

/** The background's own work: what was deleted is wiped. */
async function keepWiping(run: Run): Promise<void> {
  for (let round = 0; !run.isOver; round += 1) {
    await sleepUnlessOver(run, wipeEveryMs);
    const { sagaDependencies } = await serviceOf(run);
    for (const volumeServer of wipingServers(sagaDependencies.site)) {
      try {
        if (round % 10 === 0) {
          await noticeRemains(sagaDependencies, volumeServer);
        }
        const done = await wipeNext(sagaDependencies, { volumeServer, pieceBytes: wipePieceBytes });
        count(run, 'pieces wiped', done?.outcome === 'wiped' ? 1 : 0);
        count(run, 'wipes ended', done?.outcome === 'removed' ? 1 : 0);
      } catch (cause) {
        if (!(cause instanceof Crash || cause instanceof DriverError)) {
          throw cause;
        }
      }
    }
  }
}

/** Guests read what they have and write something new. */
async function useDisks(run: Run): Promise<void> {
  const { options, rig, contents } = run;
  const choice = randomChoice(options.seed, 'guests');
  while (!run.isOver) {
    await sleepUnlessOver(run, choice.below(3_000));
    const { placement } = choice.oneOf(rig.world.instances) ?? {};
    const guest = rig.world.guest(placement?.domain ?? '');
    const disk = choice.oneOf(guest.disks());
    if (disk !== undefined) {
      readDisk(run, guest, disk.volumeId);
      if (choice.chance(0.7)) {
        contents.write(disk.volumeId, `written by ${placement?.domain} at ${run.time.nowMs}`, (data) => {
          guest.write(disk.volumeId, 0, data);
        });
      }
    }
  }
}

function readDisk(run: Run, guest: ReturnType<SagaRig['world']['guest']>, volumeId: string): boolean {
  let read: Buffer;
  try {
    read = guest.read(volumeId, 0, run.contents.bytes);
  } catch {
    // An export is gone for the moment: the guest waits.
    return false;
  }
  count(run, 'reads', 1);
  const complaint = run.contents.judge(run.model, volumeId, read);
  if (complaint !== undefined) {
    run.problems.push(complaint);
  }
  return true;
}

/** Nothing goes wrong any more. What is stuck is retried, by the operator's verb; all else has to come to its end by itself. */
async function heal(run: Run): Promise<RunningService> {
  const { rig, time, faults, fenced } = run;
  faults.stop();
  for (const host of fenced) {
    rig.world.findHost(host as 'vmm1' | 'vmm2');
  }
  fenced.clear();
  releaseAll(
    rig,
    [...run.model.volumes.keys()].filter((id) => run.model.volumes.get(id)?.attachment !== undefined),
  );
  keepLog(run);
  run.service?.kill();
  // Commands that the dead process had given still end.
  await time.sleep(60_000);
  const healed = await rig.start({ concurrency: 16, pollEveryMs: 5, retention });
  run.service = healed;
  await healed.settle();
  await retryStuck(run, healed);
  await quiet(run, healed);
  // What could not be restored a moment ago is left alone for a minute.
  await time.sleep(60_000);
  await restore(healed, 'everything');
  await quiet(run, healed);
  // What only claimed to be zeros is refused when it is to be freed, and wiped again; it is an error when that does not end.
  await wipeEverything(healed, wipePieceBytes);
  return healed;
}

async function wipeAll(run: Run, service: RunningService): Promise<void> {
  const outcomes = await wipeEverything(service, wipePieceBytes);
  const failed = outcomes.filter(({ outcome }) => outcome === 'failed');
  run.problems.push(...failed.map(({ wipe, ...rest }) => `${wipe.name} is not wiped: ${JSON.stringify(rest)}`));
}

/** Waits until nothing is under way, as long as that takes. */
async function quiet(run: Run, { store, settle }: RunningService): Promise<void> {
  const patienceMs = Date.now() + 60_000;
  for (;;) {
    await settle();
    const open = await store.operations({ states: ['running', 'undoing'], limit: 1 });
    if (open.length === 0) {
      return;
    }
    if (Date.now() > patienceMs) {
      const [operation] = open;
      run.problems.push(`${operation?.kind} ${operation?.id} of ${operation?.resourceId} does not end`);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
    await run.time.sleep(1);
  }
}

/** The database, the world and the model say the same. */
async function expectModel(run: Run, service: RunningService): Promise<void> {
  const { model, problems, rig } = run;
  const wrong = (what: string) => {
    problems.push(what);
    count(run, 'wrong', 1);
  };
  const volumes = new Map((await service.store.volumes(caller.accountId)).map((volume) => [volume.id as string, volume]));
  for (const expected of model.volumes.values()) {
    const found = volumes.get(expected.id);
    const shown = found && `${found.state} ${found.sizeGiB} GiB ${found.attachments.map(({ state }) => state).join()}`;
    const wanted = `${expected.state} ${expected.sizeGiB} GiB ${expected.attachment?.state ?? ''}`;
    if (shown !== (expected.state === 'gone' || expected.state === 'recycled' ? undefined : wanted)) {
      wrong(`${expected.id} is ${shown ?? 'gone'}, and should be ${wanted}`);
    }
    const isSettled = ['available', 'in-use', 'recycled', 'error', 'gone'].includes(expected.state);
    if (!isSettled || expected.open !== undefined || ['attaching', 'detaching'].includes(expected.attachment?.state ?? '')) {
      wrong(`${expected.id} is left in the state ${wanted} with ${expected.open?.kind ?? 'nothing'} under way`);
    }
    const tags = Object.fromEntries(found?.tags.map(({ key, value }) => [key, value]) ?? []);
    if (found !== undefined && JSON.stringify(Object.entries(tags).sort()) !== JSON.stringify(Object.entries(expected.tags).sort())) {
      wrong(`${expected.id} has the tags ${JSON.stringify(tags)}, and should have ${JSON.stringify(expected.tags)}`);
    }
  }
  const snapshots = new Map((await service.store.snapshots(caller.accountId)).map((snapshot) => [snapshot.id as string, snapshot]));
  for (const { id, state, open } of model.snapshots.values()) {
    const found = snapshots.get(id)?.state;
    const wanted = state === 'gone' ? undefined : state === 'recycled' ? 'deleting' : state;
    if (found !== wanted || open !== undefined || !['completed', 'recycled', 'error', 'gone'].includes(state)) {
      wrong(`${id} is ${found ?? 'gone'}, and should be ${state}, with ${open?.kind ?? 'nothing'} under way`);
    }
  }
  for (const complaint of await disagreements(service, rig.world.inventory())) {
    problems.push(`the site differs from the database: ${complaint}`);
    if (complaint.startsWith('left')) {
      count(run, 'leftovers', 1);
    }
  }
  const { may } = await inventoryByDatabase(service);
  for (const { kind, host, ...rest } of await examine(service.sagaDependencies, 'everything')) {
    // What an abandoned operation left is told to the operator until its owner deletes it.
    if (kind === 'unknown' && 'thing' in rest && may.includes(`${rest.thing} ${rest.name}`)) {
      continue;
    }
    problems.push(`reconciling finds ${kind} on ${host}: ${JSON.stringify('name' in rest ? rest.name : rest)}`);
  }
  for (const { placement } of rig.world.instances) {
    const guest = rig.world.guest(placement.domain);
    for (const { volumeId } of guest.disks()) {
      if (!readDisk(run, guest, volumeId)) {
        wrong(`${placement.domain} cannot read ${volumeId}`);
      }
    }
  }
}

/** What did not succeed names one next action to its owner, and that is done. Answers how many there were. */
async function followNextActions(run: Run, service: RunningService): Promise<number> {
  const { blockstore, store } = service;
  const dryRun = false;
  let followed = 0;
  const follow = async (reason: string | undefined, names: RegExp, what: string, action: () => Promise<unknown>) => {
    if (reason === undefined || !names.test(reason)) {
      run.problems.push(`${what}, and names no next action: ${reason}`);
    }
    followed += 1;
    await action();
  };
  const again = /again goes on from where it is/;
  const remove = /asking again goes on|Everything was undone|Delete what is left/;
  const operator = operatorOf(run, service);
  for (const { volume, bar, next } of await operator.volumes.list()) {
    if (bar !== undefined) {
      // The host answers by now, and is asked to let go.
      await follow(next, /vbs volumes clear/, `${volume.id} is barred`, () =>
        operator.volumes.clear(volume.id, { by, statement: 'its VM has let go' }),
      );
    }
  }
  await quiet(run, service);
  for (const { id, state, stateReason, attachments, sizeGiB } of await blockstore.volumes.list(caller)) {
    if (attachments[0]?.state === 'busy') {
      await follow(attachments[0].stateReason, again, `${id} is still attached after a detach`, () =>
        blockstore.attachments.detach(caller, { volumeId: id, dryRun }),
      );
    } else if (state === 'error') {
      await follow(stateReason, remove, `${id} is in error`, () => blockstore.volumes.delete(caller, { volumeId: id, dryRun }));
    } else {
      const [modification] = await store.modifications(caller.accountId, [id]);
      if (modification?.state === 'failed' && (modification.target.sizeGiB === sizeGiB || attachments.length === 0)) {
        await follow(modification.stateReason, again, `the modification of ${id} failed`, () =>
          blockstore.modifications.modify(caller, { volumeId: id, sizeGiB: modification.target.sizeGiB, type: 'gp2', dryRun }),
        );
      }
    }
  }
  for (const { id, state, stateReason } of await blockstore.snapshots.list(caller)) {
    if (state === 'error') {
      await follow(stateReason, remove, `${id} is in error`, () => blockstore.snapshots.delete(caller, { snapshotId: id, dryRun }));
    }
  }
  await quiet(run, service);
  await wipeAll(run, service);
  for (const { id, state, attachments } of await blockstore.volumes.list(caller)) {
    if (state === 'error' || attachments[0]?.state === 'busy') {
      run.problems.push(`${id} is still ${state} after its next action`);
      count(run, 'wrong', 1);
    }
  }
  return followed;
}

/** All that is left can be taken away in the ordinary way, and nothing is left of it anywhere. */
async function clearEverything(run: Run, service: RunningService): Promise<void> {
  const { blockstore } = service;
  const dryRun = false;
  const unrefused = async (what: string, request: () => Promise<unknown>): Promise<void> => {
    await request().catch((cause: unknown) => {
      if (!(cause instanceof Failure)) {
        throw cause;
      }
      run.problems.push(`in the end ${what} is refused: ${JSON.stringify(cause.reason)}`);
    });
  };
  for (const { id, state } of await blockstore.volumes.list(caller)) {
    if (state === 'in-use') {
      await unrefused(`a detach of ${id}`, () => blockstore.attachments.detach(caller, { volumeId: id, dryRun }));
    }
  }
  await quiet(run, service);
  for (const { id } of await blockstore.volumes.list(caller)) {
    await unrefused(`the deletion of ${id}`, () => blockstore.volumes.delete(caller, { volumeId: id, dryRun }));
  }
  for (const { snapshotId } of await blockstore.snapshotLocks.list(caller)) {
    await unrefused(`the unlocking of ${snapshotId}`, () => blockstore.snapshotLocks.unlock(caller, { snapshotId, dryRun }));
  }
  for (const { id } of await blockstore.snapshots.list(caller)) {
    await unrefused(`the deletion of ${id}`, () => blockstore.snapshots.delete(caller, { snapshotId: id, dryRun }));
  }
  await quiet(run, service);
  await run.time.sleep(retentionMs);
  await emptyBin(run, service);
  await quiet(run, service);
  await wipeAll(run, service);
  keepLog(run);
  const left = [
    ...run.rig.world.inventory(),
    ...(await blockstore.volumes.list(caller)).map(({ id }) => `the database still has ${id}`),
    ...(await blockstore.snapshots.list(caller)).map(({ id }) => `the database still has ${id}`),
  ];
  count(run, 'leftovers', left.length);
  run.problems.push(...left.map((line) => `left when everything was taken away: ${line}`));
}

/** What was done last to the volumes and snapshots that problems name, and what each step said: without it a problem of a long run could not be traced. */
async function tellStories(problems: readonly string[], { store }: RunningService): Promise<readonly string[]> {
  const named = new Set(problems.flatMap((problem) => problem.match(/\b(?:vol|snap)-[0-9a-f]{17}\b/g) ?? []));
  const stories: string[] = [];
  for (const resourceId of named) {
    for (const { id, kind, state, failure } of (await store.operations({ resourceId, limit: 12 })).toReversed()) {
      const steps = (await store.entries(id)).map(
        ({ direction, step, outcome, error }) => `${direction} ${step}: ${outcome}${error === undefined ? '' : ` (${error})`}`,
      );
      stories.push(`${resourceId}: ${kind} is ${state}${failure === undefined ? '' : `, ${failure}`}; ${steps.join('; ')}`);
    }
  }
  return stories;
}

/** What the service would log of its operations. */
function keepLog(run: Run): void {
  const { results = [], interruptions = [] } = run.service ?? {};
  run.logs.push(JSON.stringify(results), ...interruptions.map((cause) => (cause instanceof Error ? (cause.stack ?? '') : String(cause))));
}

function countSecrets({ rig, answers, logs, problems }: Run): number {
  // The whole database is searched: the secrets of attachments are emptied when they are over, and all of them are by now.
  const places = {
    'the database and its journal': JSON.stringify(dumpDatabase(rig.databaseFile)),
    answers: answers.join(),
    logs: logs.join(),
  };
  let found = 0;
  for (const [place, text] of Object.entries(places)) {
    const times = text.split(secretMark).length - 1;
    found += times;
    if (times > 0) {
      problems.push(`secrets stand ${times} times in ${place}`);
    }
  }
  return found;
}

async function sleepUnlessOver(run: Run, milliseconds: number): Promise<void> {
  for (let sleptMs = 0; sleptMs < milliseconds && !run.isOver; sleptMs += 500) {
    await run.time.sleep(Math.min(500, milliseconds - sleptMs));
  }
}
