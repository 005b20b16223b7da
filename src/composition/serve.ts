import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { createBlockstore } from '../blockstore/create-blockstore.ts';
import { allSagas } from '../blockstore/sagas/all-sagas.ts';
import type { SagaDependencies } from '../blockstore/sagas/saga-dependencies.ts';
import { unnamedHosts, unnamedSentence } from '../blockstore/unnamed-hosts.ts';
import { mayLeaveRemains, wipingServers } from '../blockstore/wipes.ts';
import type { CheckedYaml } from '../checked-yaml/checked-yaml.ts';
import { CommandFailed, exitCodes } from '../cli/exit-codes.ts';
import type { Output } from '../cli/output.ts';
import type { ServeOptions } from '../cli/program-dependencies.ts';
import { createEndpoint } from '../ec2-query-api/endpoint.ts';
import { createRequestLimits } from '../ec2-query-api/limits/request-limits.ts';
import type { Retention } from '../model/recycled.ts';
import { dayMs } from '../model/snapshot-lock.ts';
import type { Operation } from '../saga/operation.ts';
import type { RunResult } from '../saga/runner.ts';
import { defaultStateFolder, simulatedStateFolder } from '../settings/default-state-folder.ts';
import { readSettings } from '../settings/read-settings.ts';
import { refuseWrongPlaces } from '../settings/refuse-wrong-places.ts';
import type { Settings } from '../settings/settings.ts';
import { openSqliteStore } from '../store/sqlite/sqlite-store.ts';
import { lockState } from '../store/sqlite/state-lock.ts';
import { serveMetrics } from '../telemetry/metrics-endpoint.ts';
import { pinoLog, type ServiceLog } from '../telemetry/pino-log.ts';
import { buildResolvers, buildSite } from './build-site.ts';
import { endpointLimits, namesOfHost } from './endpoint-settings.ts';
import { eraseSecrets } from './erase-secrets.ts';
import { firstAccount, firstStartText, makeFirstKey } from './first-start.ts';
import { guardSite } from './guard-site.ts';
import { createHostReachability } from './host-reachability.ts';
import { crashingStore } from './injected-faults.ts';
import { httpUrl, listenAddress } from './listen-address.ts';
import { measuredSite } from './measured-site.ts';
import { operatorAccount } from './operator-account.ts';
import { pruneDatabase } from './prune-database.ts';
import { resolverHealthLine } from './resolver-health-line.ts';
import { createServiceTallies, currentMeasurements } from './service-measurements.ts';
import { markSite, refuseOtherSite, type SiteKind } from './site-kind.ts';
import { startWorker } from './start-worker.ts';
import { openStateFolder, type StateFolder } from './state-folder.ts';
import { watchInstances } from './watch-instances.ts';
import { wipeSite } from './wipe-site.ts';

const metricsListen = 'metrics.listen';
const progressEveryMs = 1_000;
/** How long a stop waits for operations under way; what is left goes on at the next start. */
const stopTimeoutMs = 15_000;
/**
 * By how much the heap grows over what is in use before it is cleared up. V8's own choice is up to three times as much: under many requests that was most
 * of the memory of the process, and nothing but garbage.
 */
const heapGrowthPercent = 75;

/**
 * Runs the service until SIGTERM or SIGINT; SIGHUP, which comes when the log was put aside or a terminal is closed, begins the log's file anew.
 * Throws what `explainFailure` explains when it cannot start, having changed nothing that it did not find.
 */
export async function serve(options: ServeOptions, output: Output): Promise<void> {
  setFlagsFromString(`--heap-growing-percent=${heapGrowthPercent}`);
  const stopped = signalled('SIGTERM', 'SIGINT');
  let log: ServiceLog | undefined;
  // From the first moment on: without anybody who listens the signal ends the process.
  process.on('SIGHUP', () => {
    log?.reopen();
    log?.info({ signal: 'SIGHUP' }, 'the log is begun anew');
  });
  const service = await startService(options, output);
  log = service.log;
  const signal = await stopped;
  service.log.info({ signal }, 'stopping');
  await service.stop();
}

export interface Service {
  readonly host: string;
  readonly port: number;
  /** Of the settings' `metrics`. */
  readonly metricsUrl?: string;
  readonly log: ServiceLog;
  stop(): Promise<void>;
}

/** Starts everything; resolves when requests are answered. */
export async function startService(options: ServeOptions, output: Output): Promise<Service> {
  const checked = readSettings(options.config);
  refuseWrongPlaces(checked);
  const settings = checked.value;
  listenAddress(options.listen ?? settings.listen);
  if (settings.metrics !== undefined) {
    listenAddress(settings.metrics.listen, metricsListen);
  }
  if (options.faults !== undefined && options.simulate !== true) {
    throw new CommandFailed(exitCodes.wrongUsage, '--faults is for a simulated site; add --simulate');
  }
  const kind: SiteKind = options.simulate === true ? 'simulated' : 'real';
  const folder = openStateFolder(options.state ?? settings.state ?? (kind === 'simulated' ? simulatedStateFolder() : defaultStateFolder()));
  const lock = lockState(folder.lock);
  if (lock === undefined) {
    throw new CommandFailed(
      exitCodes.refused,
      `another server uses the state folder ${folder.path}; stop it first, or give this one a folder of its own with --state`,
    );
  }
  // What was started is stopped in the reverse order: at the end, and when the start fails on the way.
  const stops: (() => void | Promise<void>)[] = [lock.release];
  const stop = async () => {
    for (const stopOne of stops.splice(0).reverse()) {
      await stopOne();
    }
  };
  try {
    refuseOtherSite(folder, kind);
    return { ...(await startWithin(options, checked, folder, stops, output)), stop };
  } catch (cause) {
    await stop();
    throw cause;
  }
}

async function startWithin(
  options: ServeOptions,
  checked: CheckedYaml<Settings>,
  folder: StateFolder,
  stops: (() => void | Promise<void>)[],
  output: Output,
): Promise<Omit<Service, 'stop'>> {
  const settings = checked.value;
  const { host, port } = listenAddress(options.listen ?? settings.listen);
  const { level, file, maxMiB: mostMiB, files } = settings.log;
  const log = pinoLog({ level, ...(file !== undefined && { file }), mostMiB, files });
  stops.push(log.close);
  const opened = openSqliteStore({ file: folder.database, clock: Date.now, newUuid: randomUUID });
  stops.push(opened.close);
  await markSite(opened, options.simulate === true ? 'simulated' : 'real');
  const store = crashingStore(opened, settings.faults.crash, (point) => {
    output.error(`vbs: faults.crash: the process ends ${point.moment} its journal write ${point.number}, ${point.write}`);
    process.kill(process.pid, 'SIGKILL');
  });
  const tallies = createServiceTallies({ clock: Date.now });
  const built = await buildSite(options, checked, folder, log, store);
  stops.push(built.close);
  const reachability = createHostReachability();
  const site = measuredSite(built.site, (answer) => {
    tallies.hostAnswered(answer);
    reachability.answered(answer);
  });
  const resolver = await buildResolvers(options, checked, folder, built, { log, onAsked: tallies.resolverAsked });
  const operator = await operatorAccount(store, { settings, firstAccount });
  const owner = randomUUID();
  const sagaDependencies: SagaDependencies = {
    store,
    site,
    clock: Date.now,
    sleep: async (milliseconds) => {
      await sleep(milliseconds);
    },
    patience: { ...settings.operations, progressEveryMs },
  };
  const sagas = allSagas(sagaDependencies);
  const kinds = [...new Set(sagas.map(({ kind }) => kind))];
  tallies.expectOperations(kinds);
  const wiper = wipeSite({ ...sagaDependencies, log });
  const onEnded = (operation: Operation, result: RunResult) => {
    if (mayLeaveRemains(operation, result)) wiper.notice();
  };
  const worker = startWorker(sagas, {
    ...settings.operations,
    ...{ store, site, owner, sleep: sagaDependencies.sleep, log, tallies, onEnded, isSilent: reachability.isSilent },
  });
  const health = () => resolver.health?.() ?? [];
  const hostNames = namesOfHost(settings, host);
  const endpoint = createEndpoint({
    blockstore: createBlockstore({
      store,
      site,
      resolver,
      operatorAccount: operator,
      retention: retentionOf(settings),
      mostOpenOperations: settings.operations.openPerAccount,
      owner,
      clock: Date.now,
      sleep: sagaDependencies.sleep,
      newSecret: newChapSecret,
      startOperation: worker.start,
    }),
    lookUpAccessKey: (accessKeyId) => store.accessKeys.find(accessKeyId),
    signatures: settings.signatures,
    requestLimits: createRequestLimits(settings.limits, Date.now),
    region: settings.region,
    zones: settings.zones,
    clock: Date.now,
    newRequestId: randomUUID,
    log,
    limits: endpointLimits(settings),
    trustedProxies: settings.limits.trustedProxies,
    hostNames,
    ...(settings.publicEndpoint !== undefined && { publicEndpoint: settings.publicEndpoint }),
  });

  const measurements = [
    ...tallies.measurements,
    ...currentMeasurements({ store, worker, health, kinds, wipingServers: wipingServers(site), clock: Date.now }),
    ...(built.measurements ?? []),
  ];
  const metrics =
    settings.metrics &&
    (await startMetrics(settings.metrics.listen, {
      measurements,
      log,
      limits: endpointLimits(settings),
      hostNames: [...hostNames, listenAddress(settings.metrics.listen, metricsListen).host],
      describeHealth: () => health().map(resolverHealthLine),
    }));
  if (metrics !== undefined) {
    stops.push(metrics.close);
  }
  // Claimed before the first request, so that none of what requests begin is taken for an earlier process' work.
  const abandoned = await worker.claimAbandoned();
  await store.resumeTagChanges();
  const listening = await endpoint.listen(host, port).catch((cause: Error) => {
    throw new CommandFailed(exitCodes.refused, `${cause.message} The address is set with --listen.`, { cause });
  });
  stops.push(endpoint.close);
  const url = httpUrl(listening);
  output.line(`vbs answers at ${url} (region ${settings.region}, state folder ${folder.path})`);
  if (metrics !== undefined) {
    output.line(`metrics are at ${metrics.url}`);
  }
  const firstKey = await makeFirstKey(store);
  if (firstKey !== undefined) {
    output.line(...firstStartText(firstKey, url, settings.region).split('\n'));
    await operatorAccount(store, { settings, firstAccount });
  }
  log.info({ url, metrics: metrics?.url, state: folder.path, simulated: options.simulate === true, operatorAccount: operator }, 'started');

  for (const use of unnamedHosts(await store.hostUses(), site)) {
    output.error(`vbs: warning: ${unnamedSentence(use)}`);
    log.warn(use, unnamedSentence(use));
  }
  if (abandoned.length > 0) {
    log.info({ operations: abandoned.map(({ id, kind }) => `${kind} ${id}`) }, 'unfinished operations are taken up');
  }
  worker.begin(abandoned);
  wiper.begin();
  const eraser = eraseSecrets({ store, log });
  built.begin?.();
  const everythingEveryMs = settings.reconcile.everySeconds * 1_000;
  const { operationsDays, clientTokensHours } = settings.retention;
  const kept = { operationsMs: operationsDays * dayMs, clientTokensMs: (clientTokensHours / 24) * dayMs };
  const pruner = pruneDatabase({ store, clock: Date.now, log, ...kept });
  const onCompared: typeof tallies.compared = (outcome, findings) => {
    tallies.compared(outcome, findings);
    if (outcome === 'done') pruner.spare(findings);
  };
  const guard = guardSite(built, { store, site, clock: Date.now, owner, worker, log, everythingEveryMs, onCompared });
  const { when, graceSeconds } = settings.endedInstances;
  // Nobody but a cloud can say that an instance has ended.
  const watch =
    when !== 'never' && settings.resolvers.length > 0
      ? watchInstances({
          ...{ store, site, resolver, retention: retentionOf(settings), owner, clock: Date.now, when, graceMs: graceSeconds * 1_000 },
          ...{ worker, log, everyMs: everythingEveryMs },
        })
      : undefined;
  // The endpoint goes first, then what its requests began.
  stops.splice(-1, 0, eraser.stop, pruner.stop, wiper.stop, guard.stop, ...(watch === undefined ? [] : [watch.stop]), () =>
    worker.stop(stopTimeoutMs),
  );
  return { ...listening, log, ...(metrics && { metricsUrl: metrics.url }) };
}

function retentionOf({ recycleBin: { volumes, snapshots } }: Settings): Retention {
  return { volumesMs: volumes.retentionDays * dayMs, snapshotsMs: snapshots.retentionDays * dayMs };
}

async function startMetrics(listen: string, about: Parameters<typeof serveMetrics>[1]) {
  const metrics = await serveMetrics(listenAddress(listen, metricsListen), about).catch((cause: NodeJS.ErrnoException) => {
    const reason = cause.code === 'EADDRINUSE' ? 'is in use by another process' : `cannot be listened on (${cause.code ?? cause.message})`;
    throw new CommandFailed(exitCodes.refused, `${listen} ${reason}. The address is ${metricsListen} in the settings.`, { cause });
  });
  return { url: `${httpUrl(metrics)}/metrics`, close: metrics.close };
}

/** Twelve bytes as sixteen characters that need no escaping anywhere: within the 12 to 16 that some initiators ask of a CHAP secret. */
function newChapSecret(): string {
  return randomBytes(12).toString('base64url');
}

function signalled(...signals: readonly NodeJS.Signals[]): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of signals) {
      process.once(signal, resolve);
    }
  });
}
