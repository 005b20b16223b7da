import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import type { Blockstore } from '../../src/blockstore/blockstore.ts';
import { createBlockstore } from '../../src/blockstore/create-blockstore.ts';
import { operationPlaces } from '../../src/blockstore/operation-places.ts';
import { allSagas } from '../../src/blockstore/sagas/all-sagas.ts';
import type { Patience, SagaDependencies } from '../../src/blockstore/sagas/saga-dependencies.ts';
import type { Site } from '../../src/blockstore/site.ts';
import type { BuiltSite } from '../../src/composition/built-site.ts';
import { faultySite } from '../../src/composition/faulty-site.ts';
import { siteOfWorld } from '../../src/composition/simulated-site.ts';
import type { FaultSource } from '../../src/drivers/faults/fault.ts';
import type { SimulatedInstance } from '../../src/drivers/simulated/instances.ts';
import type { SimulatedVerb } from '../../src/drivers/simulated/latency.ts';
import { createSimulatedWorld, type SimulatedWorld } from '../../src/drivers/simulated/simulated-world.ts';
import type { Caller } from '../../src/model/caller.ts';
import type { AccountId, InstanceId } from '../../src/model/ids.ts';
import type { Retention } from '../../src/model/recycled.ts';
import { chainResolvers } from '../../src/resolvers/chain.ts';
import type { InstanceResolver } from '../../src/resolvers/cloud-resolver.ts';
import { directResolver } from '../../src/resolvers/direct/direct-resolver.ts';
import { staticResolver } from '../../src/resolvers/static/static-resolver.ts';
import type { SagaDefinition } from '../../src/saga/definition.ts';
import { createOperationWorker, type OperationWorker } from '../../src/saga/operation-worker.ts';
import type { RunResult } from '../../src/saga/runner.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import type { Store } from '../../src/store/store.ts';
import { createFaults, type Faults } from './faults.ts';
import { Crash, type MortalStore, mortalStore } from './mortal-store.ts';

export const caller: Caller = { accountId: '123456789012' as AccountId, accessKeyId: 'AKIAEXAMPLEFORTESTS3' };
export const stranger: Caller = { accountId: '210987654321' as AccountId, accessKeyId: 'AKIAEXAMPLEFORTESTS4' };
export const zone = 'us-east-1a';
/** A VM whose host takes devices, and one whose host takes exports. */
export const onVmm1 = 'i-00000001' as InstanceId;
export const onVmm2 = 'i-00000002' as InstanceId;
/** These tests end services in their own process, which no write to a disk could make any harder; without it they take half the time. */
const memoryFolder = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
let migrated: Buffer | undefined;

/** An empty database with all migrations; made once, since a rig is made for nearly every test. */
function emptyDatabase(folder: string): Buffer {
  if (migrated === undefined) {
    const file = join(folder, 'empty.db');
    openSqliteStore({ file, clock: Date.now, newUuid: randomUUID }).close();
    migrated = readFileSync(file);
  }
  return migrated;
}

/** Whatever has become of operations, how many are open is counted right, and each is of an account but those of the whole site. */
function requireCountedOperations(file: string): void {
  const database = new Sqlite(file, { readonly: true });
  const counted = database.prepare('SELECT account_id, count FROM open_operations WHERE count > 0 ORDER BY account_id').all();
  const open = database
    .prepare(
      `SELECT account_id, count(*) AS count FROM operations WHERE state IN ('running', 'undoing', 'stuck') AND account_id IS NOT NULL
       GROUP BY account_id ORDER BY account_id`,
    )
    .all();
  const nobodys = database.prepare(`SELECT id, kind FROM operations WHERE account_id IS NULL AND kind <> 'reconcile-site'`).all();
  database.close();
  if (nobodys.length > 0) {
    throw new Error(`operations of nobody: ${JSON.stringify(nobodys)}`);
  }
  if (JSON.stringify(counted) !== JSON.stringify(open)) {
    throw new Error(`open operations are counted as ${JSON.stringify(counted)}, and are ${JSON.stringify(open)}`);
  }
}

/** Longer than any test, so that a worker that is to find something by itself is told so. */
const neverMs = 3_600_000;

export interface SagaRigOptions {
  /** Without it nothing takes time, and a sleep only moves the rig's clock on. */
  readonly time?: { clock(): number; sleep(milliseconds: number): Promise<void> };
  readonly latencyMs?: (verb: SimulatedVerb) => number;
  /** Decides about faults in place of those that tests arm; a process that has died begins nothing more on any host. */
  readonly source?: FaultSource;
  /** What is put between the database and every service. */
  readonly observe?: (store: Store) => Store;
  readonly newSecret?: () => string;
  readonly lateCommandMs?: number;
  /** Whether what is unmade waits to be wiped, as on thick LVM. */
  readonly wipesLater?: boolean;
  readonly capacityBytes?: number;
  /** The VMs of its world; without it, the simulated site's own. */
  readonly instances?: readonly SimulatedInstance[];
  readonly patience?: Pick<Patience, 'attempts' | 'backoffMs' | 'settleMs'>;
  /** In place of the simulated world; whoever built it closes it. */
  readonly built?: Pick<BuiltSite, 'site' | 'instances'>;
}

/** A site and a database file, which outlive every service that runs over them. */
export interface SagaRig {
  readonly world: SimulatedWorld;
  readonly site: Site;
  readonly faults: Faults;
  readonly databaseFile: string;
  /** The rig's own time; a sleep of a service takes no real time and moves it on. */
  readonly time: { nowMs: number };
  /** A new process of the service: it takes up what earlier ones left. */
  start(options?: ServiceOptions): Promise<RunningService>;
  close(): Promise<void>;
}

export interface ServiceOptions {
  readonly pollEveryMs?: number;
  readonly concurrency?: number;
  readonly isBlocked?: (host: string) => boolean;
  readonly mostOpenOperations?: number;
  /** Without it, the service takes nothing up at its start, as one that runs beside another. */
  readonly takesUp?: boolean;
  /** In place of the site's own list of instances. */
  readonly resolver?: (usual: InstanceResolver) => InstanceResolver;
  /** Without it, the caller's. */
  readonly operatorAccount?: AccountId;
  /** Without it, the site has no recycle bin. */
  readonly retention?: Partial<Retention>;
  readonly definitions?: (sagas: readonly SagaDefinition[]) => readonly SagaDefinition[];
}

export interface RunningService {
  readonly store: Store;
  readonly mortal: MortalStore;
  readonly blockstore: Blockstore;
  readonly worker: OperationWorker;
  readonly sagaDependencies: SagaDependencies;
  readonly owner: string;
  readonly results: readonly RunResult[];
  readonly interruptions: readonly unknown[];
  /** Waits until nothing runs. */
  settle(): Promise<void>;
  /** Ends the process without a word. */
  kill(): void;
}

export function createSagaRig(options: SagaRigOptions = {}): SagaRig {
  const folder = mkdtempSync(join(memoryFolder, 'vbs-sagas-'));
  const databaseFile = join(folder, 'vbs.db');
  writeFileSync(databaseFile, emptyDatabase(folder));
  const time = { nowMs: 1_700_000_000_000 };
  // No two things happen in the same millisecond, so that the order of their times is their order.
  const { clock, sleep } = options.time ?? {
    clock: (): number => {
      time.nowMs += 1;
      return time.nowMs;
    },
    sleep: async (milliseconds: number): Promise<void> => {
      time.nowMs += milliseconds;
      // Whoever waits for a commit comes to it meanwhile, as in any real time.
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
  const world = createSimulatedWorld({
    clock,
    sleep,
    latencyMs: options.latencyMs ?? (() => 0),
    ...(options.wipesLater !== undefined && { wipesLater: options.wipesLater }),
    ...(options.capacityBytes !== undefined && { capacityBytes: options.capacityBytes }),
    ...(options.instances && { instances: options.instances }),
  });
  const { site: healthy, instances } = options.built ?? siteOfWorld(world, { zones: [zone], iqnPrefix: 'iqn.2009-11.org.vbs' });
  const faults = createFaults();
  const site = faults.inject(healthy);
  const services: RunningService[] = [];
  let drawn = 0;
  const draw = (): number => {
    drawn += 1;
    return drawn;
  };

  const start = async (serviceOptions: ServiceOptions = {}): Promise<RunningService> => {
    const owner = `service-${services.length + 1}`;
    const opened = openSqliteStore({ file: databaseFile, clock, newUuid: () => `uuid-${draw()}` });
    const mortal = mortalStore(options.observe?.(opened) ?? opened);
    const { store } = mortal;
    const { source } = options;
    const ownSource: FaultSource = {
      meet(call) {
        if (mortal.isDead()) {
          throw new Crash(call.verb);
        }
        return source?.meet(call);
      },
    };
    const serviceSite = source === undefined ? site : faultySite(healthy, { source: ownSource, clock, sleep, timeLimitMs: 5_000 });
    const sagaDependencies = {
      store,
      site: serviceSite,
      clock,
      sleep,
      patience: { ...(options.patience ?? { attempts: 3, backoffMs: 10, settleMs: 100 }), progressEveryMs: neverMs },
    };
    const sagas = allSagas(sagaDependencies);
    const results: RunResult[] = [];
    const interruptions: unknown[] = [];
    const worker = createOperationWorker({
      journal: store,
      queue: store,
      definitions: serviceOptions.definitions?.(sagas) ?? sagas,
      owner,
      concurrency: serviceOptions.concurrency ?? 4,
      placeOf: operationPlaces(serviceSite),
      isBlocked: serviceOptions.isBlocked ?? (() => false),
      pollEveryMs: serviceOptions.pollEveryMs ?? neverMs,
      lateCommandMs: options.lateCommandMs ?? 0,
      sleep,
      onResult: (_operation, result) => void results.push(result),
      onInterrupted: (_operation, cause) => void interruptions.push(cause),
    });
    const usualResolver = chainResolvers([staticResolver(instances), directResolver([...site.vmmHosts.keys()])]);
    const blockstore = createBlockstore({
      store,
      site: serviceSite,
      resolver: serviceOptions.resolver?.(usualResolver) ?? usualResolver,
      operatorAccount: serviceOptions.operatorAccount ?? caller.accountId,
      retention: { volumesMs: 0, snapshotsMs: 0, ...serviceOptions.retention },
      mostOpenOperations: serviceOptions.mostOpenOperations ?? 10_000,
      owner,
      clock,
      sleep,
      newSecret: options.newSecret ?? (() => createHash('sha256').update(`secret-${draw()}`).digest('base64url').slice(0, 16)),
      startOperation: worker.start,
    });
    const service: RunningService = {
      store,
      mortal,
      blockstore,
      worker,
      sagaDependencies,
      owner,
      results,
      interruptions,
      settle: () => worker.whenIdle(),
      kill() {
        mortal.die();
        void worker.stop(0);
      },
    };
    services.push(service);
    worker.begin(serviceOptions.takesUp === false ? [] : await worker.claimAbandoned());
    return service;
  };

  return {
    world,
    site,
    faults,
    databaseFile,
    time,
    start,
    async close() {
      for (const { worker, store } of services) {
        await worker.stop(0);
        store.close();
      }
      world.close();
      requireCountedOperations(databaseFile);
      rmSync(folder, { recursive: true });
    },
  };
}
