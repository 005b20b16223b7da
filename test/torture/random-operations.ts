import { createHash } from 'node:crypto';
import { createOperator } from '../../src/blockstore/operator.ts';
import { examine, reconcile } from '../../src/blockstore/reconcile.ts';
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
import { disagreements } from '../support/shown-state.ts';
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

const weights = {
  'create volume': 14,
  'create volume from snapshot': 7,
  'delete volume': 10,
  attach: 24,
  detach: 20,
  'create snapshot': 7,
  'copy snapshot': 2,
  'delete snapshot': 6,
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
  const rig = createSagaRig({
    time,
    latencyMs: (verb) => Math.ceil(realisticLatencyMs[verb] * (0.5 + latency.below(100) / 100)),
    source: {
      async meet(call) {
        const fault = await faults.meet(call);
        if (fault !== undefined && fault.kind !== 'delay' && (call.verb === 'domain.look' || call.verb === 'volume.free')) {
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
    service: await rig.start({ concurrency: 16 }),
    asked: 0,
    isOver: false,
  };
  for (const { placement } of rig.world.instances) {
    model.setRunning(`${placement.vmmHost}/${placement.domain}`, true);
  }
  try {
    const others = [crashNowAndThen(run), rebootNowAndThen(run), keepGuard(run), useDisks(run)];
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
        'stuck, and retried by the operator': count(run, 'retried'),
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
  const liveVolumes = [...volumes.values()].filter(({ state }) => state !== 'gone');
  const liveSnapshots = [...snapshots.values()].filter(({ state }) => state !== 'gone');
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
  } else if (action === 'delete snapshot' && snapshot !== undefined) {
    await ask(run, action, {}, () => blockstore.snapshots.delete(caller, { snapshotId: snapshot, dryRun }));
  } else if (volume === undefined) {
    await ask(run, 'create volume', {}, () => blockstore.volumes.create(caller, { zone, type: 'gp3', sizeGiB: 1, tags, dryRun }));
  } else if (action === 'delete volume') {
    await ask(run, action, {}, () => blockstore.volumes.delete(caller, { volumeId: volume, dryRun }));
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
    await ask(run, action, named, () => blockstore.attachments.detach(caller, { volumeId: volume, ...named, dryRun }));
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
  if (volumes >= mostVolumes && action.startsWith('create volume')) {
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
    run.service = await rig.start({ concurrency: 16 });
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
      if (choice.chance(0.1)) {
        await retryStuck(run, service);
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

/** By the operator's own verb: `vbs operations retry`. */
async function retryStuck(run: Run, { store }: RunningService): Promise<number> {
  const { operations } = createOperator({ store, clock: run.time.clock, randomText: () => '' });
  const stuck = await operations.list({ states: ['stuck'], limit: 1_000 });
  for (const { id } of stuck) {
    await operations.retry(id, { by: 'the torture' });
    count(run, 'retried', 1);
  }
  return stuck.length;
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
  const { rig, time, faults } = run;
  faults.stop();
  releaseAll(
    rig,
    [...run.model.volumes.keys()].filter((id) => run.model.volumes.get(id)?.attachment !== undefined),
  );
  keepLog(run);
  run.service?.kill();
  // Commands that the dead process had given still end.
  await time.sleep(60_000);
  const healed = await rig.start({ concurrency: 16, pollEveryMs: 5 });
  run.service = healed;
  await healed.settle();
  await retryStuck(run, healed);
  await quiet(run, healed);
  // What could not be restored a moment ago is left alone for a minute.
  await time.sleep(60_000);
  await restore(healed, 'everything');
  await quiet(run, healed);
  return healed;
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
    if (shown !== (expected.state === 'gone' ? undefined : wanted)) {
      wrong(`${expected.id} is ${shown ?? 'gone'}, and should be ${wanted}`);
    }
    const isSettled = ['available', 'in-use', 'error', 'gone'].includes(expected.state);
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
    if (found !== (state === 'gone' ? undefined : state) || open !== undefined || !['completed', 'error', 'gone'].includes(state)) {
      wrong(`${id} is ${found ?? 'gone'}, and should be ${state}, with ${open?.kind ?? 'nothing'} under way`);
    }
  }
  for (const complaint of await disagreements(service, rig.world.inventory())) {
    problems.push(`the site differs from the database: ${complaint}`);
    if (complaint.startsWith('left')) {
      count(run, 'leftovers', 1);
    }
  }
  for (const { kind, host, ...rest } of await examine(service.sagaDependencies, 'everything')) {
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
  const again = /asking again goes on from where it is/;
  for (const { id, state, stateReason, attachments, sizeGiB } of await blockstore.volumes.list(caller)) {
    if (attachments[0]?.state === 'busy') {
      await follow(attachments[0].stateReason, again, `${id} is still attached after a detach`, () =>
        blockstore.attachments.detach(caller, { volumeId: id, dryRun }),
      );
    } else if (state === 'error') {
      await follow(stateReason, /asking again goes on|Everything was undone/, `${id} is in error`, () =>
        blockstore.volumes.delete(caller, { volumeId: id, dryRun }),
      );
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
      await follow(stateReason, /asking again goes on|Everything was undone/, `${id} is in error`, () =>
        blockstore.snapshots.delete(caller, { snapshotId: id, dryRun }),
      );
    }
  }
  await quiet(run, service);
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
  for (const { id, state } of await blockstore.volumes.list(caller)) {
    if (state === 'in-use') {
      await blockstore.attachments.detach(caller, { volumeId: id, dryRun });
    }
  }
  await quiet(run, service);
  for (const { id } of await blockstore.volumes.list(caller)) {
    await blockstore.volumes.delete(caller, { volumeId: id, dryRun });
  }
  for (const { id } of await blockstore.snapshots.list(caller)) {
    await blockstore.snapshots.delete(caller, { snapshotId: id, dryRun });
  }
  await quiet(run, service);
  keepLog(run);
  const left = [
    ...run.rig.world.inventory(),
    ...(await blockstore.volumes.list(caller)).map(({ id }) => `the database still has ${id}`),
    ...(await blockstore.snapshots.list(caller)).map(({ id }) => `the database still has ${id}`),
  ];
  count(run, 'leftovers', left.length);
  run.problems.push(...left.map((line) => `left when everything was taken away: ${line}`));
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
