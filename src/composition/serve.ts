import { randomBytes, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { createBlockstore } from '../blockstore/create-blockstore.ts';
import { operationPlaces } from '../blockstore/operation-places.ts';
import { allSagas } from '../blockstore/sagas/all-sagas.ts';
import type { SagaDependencies } from '../blockstore/sagas/saga-dependencies.ts';
import type { Site } from '../blockstore/site.ts';
import { mayLeaveRemains, wipingServers } from '../blockstore/wipes.ts';
import type { CheckedYaml } from '../checked-yaml/checked-yaml.ts';
import { CommandFailed, exitCodes } from '../cli/exit-codes.ts';
import type { Output } from '../cli/output.ts';
import type { ServeOptions } from '../cli/program-dependencies.ts';
import { createEndpoint, defaultEndpointLimits, type EndpointLimits } from '../ec2-query-api/endpoint.ts';
import { createRequestLimits } from '../ec2-query-api/limits/request-limits.ts';
import type { AccountId } from '../model/ids.ts';
import type { Retention } from '../model/recycled.ts';
import { dayMs } from '../model/snapshot-lock.ts';
import type { ResolverChain } from '../resolvers/chain.ts';
import type { SagaDefinition } from '../saga/definition.ts';
import type { Operation } from '../saga/operation.ts';
import { createOperationWorker } from '../saga/operation-worker.ts';
import type { RunResult } from '../saga/runner.ts';
import { defaultStateFolder } from '../settings/default-state-folder.ts';
import { readSettings } from '../settings/read-settings.ts';
import type { Settings } from '../settings/settings.ts';
import { openSqliteStore } from '../store/sqlite/sqlite-store.ts';
import { lockState } from '../store/sqlite/state-lock.ts';
import type { Store } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';
import { serveMetrics } from '../telemetry/metrics-endpoint.ts';
import { pinoLog, type ServiceLog } from '../telemetry/pino-log.ts';
import type { BuiltSite } from './built-site.ts';
import { type ResolverSite, siteResolvers } from './cloud-resolvers.ts';
import { eraseSecrets } from './erase-secrets.ts';
import { faultySite } from './faulty-site.ts';
import { guardSite } from './guard-site.ts';
import { createHostReachability } from './host-reachability.ts';
import { crashingStore, seededInjection } from './injected-faults.ts';
import { reloadedInstances } from './listed-instances.ts';
import { measuredSite } from './measured-site.ts';
import { operatorOn } from './open-operator.ts';
import { operatorAccount } from './operator-account.ts';
import { pruneDatabase } from './prune-database.ts';
import { createServiceTallies, currentMeasurements, type ServiceTallies } from './service-measurements.ts';
import { openStateFolder, type StateFolder } from './state-folder.ts';
import { watchInstances } from './watch-instances.ts';
import { wipeSite } from './wipe-site.ts';

/** The account of the access key that the first start makes. */
const firstAccount = '000000000000' as AccountId;
const metricsListen = 'metrics.listen';
const progressEveryMs = 1_000;
const pollEveryMs = 5_000;
/** How long a stop waits for operations under way; what is left goes on at the next start. */
const stopTimeoutMs = 15_000;

/**
 * Runs the service until SIGTERM or SIGINT; SIGHUP, which comes when the log was put aside or a terminal is closed, begins the log's file anew.
 * Throws what `explainFailure` explains when it cannot start, having changed nothing that it did not find.
 */
export async function serve(options: ServeOptions, output: Output): Promise<void> {
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
  const settings = checked.value;
  listenAddress(options.listen ?? settings.listen);
  if (settings.metrics !== undefined) {
    listenAddress(settings.metrics.listen, metricsListen);
  }
  if (options.faults !== undefined && options.simulate !== true) {
    throw new CommandFailed(exitCodes.wrongUsage, '--faults is for a simulated site; add --simulate');
  }
  const folder = openStateFolder(options.state ?? settings.state ?? defaultStateFolder());
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
  const store = crashingStore(opened, settings.faults.crash, (point) => {
    output.error(`vbs: faults.crash: the process ends ${point.moment} its journal write ${point.number}, ${point.write}`);
    process.kill(process.pid, 'SIGKILL');
  });
  const tallies = createServiceTallies({ clock: Date.now });
  const built = await buildSite(options, checked, folder, log);
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
  ];
  const metrics =
    settings.metrics &&
    (await startMetrics(settings.metrics.listen, {
      measurements,
      log,
      limits: endpointLimits(settings),
      hostNames: [...hostNames, listenAddress(settings.metrics.listen, metricsListen).host],
      describeHealth: () =>
        health().map(({ name, circuit, asked, failed }) => `resolver ${name}: circuit ${circuit}, asked ${asked}, failed ${failed}`),
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

/** A simulated site has its own list of instances; clouds may be asked for more. */
function buildResolvers(
  options: ServeOptions,
  checked: CheckedYaml<Settings>,
  folder: StateFolder,
  built: BuiltSite,
  telling: Pick<ResolverSite, 'log' | 'onAsked'>,
): Promise<ResolverChain> {
  const isListedInFile = options.config !== undefined && options.simulate !== true;
  const instances = isListedInFile ? reloadedInstances(options.config, built.instances, telling.log) : () => built.instances;
  return siteResolvers(checked, { instances, vmmHosts: [...built.site.vmmHosts.keys()], stateFolder: folder.path, ...telling });
}

/** Loads only the one that is asked for: half of the code that a start would read is the other's. */
async function buildSite(options: ServeOptions, checked: CheckedYaml<Settings>, folder: StateFolder, log: Log): Promise<BuiltSite> {
  const { faults, simulation } = checked.value;
  const seed = options.faults ?? faults.seed;
  if (seed !== undefined) {
    log.warn({ seed }, 'faults are put into the drivers; this is for tests only');
  }
  if (options.simulate) {
    const { simulatedSite } = await import('./simulated-site.ts');
    const built = simulatedSite(checked.value, folder.simulatedWorld);
    if (seed === undefined) {
      return built;
    }
    return { ...built, site: faultySite(built.site, seededInjection(seed, faults.rates, simulation.latencyFactor)) };
  }
  const { realSite } = await import('./real-site.ts');
  return realSite(checked, folder, log, { injection: seed === undefined ? undefined : seededInjection(seed, faults.rates, 1) });
}

interface WorkerDependencies {
  readonly store: Store;
  readonly site: Site;
  readonly owner: string;
  readonly concurrency: number;
  readonly lateCommandMs: number;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly log: Log;
  readonly tallies: Pick<ServiceTallies, 'operationEnded'>;
  readonly isSilent: (host: string) => boolean;
  readonly onEnded: (operation: Operation, result: RunResult) => void;
}

function startWorker(
  definitions: readonly SagaDefinition[],
  { store, site, owner, concurrency, lateCommandMs, sleep, log, tallies, onEnded, isSilent }: WorkerDependencies,
) {
  const ended = (operation: Operation, outcome: RunResult['outcome'] | 'interrupted') =>
    tallies.operationEnded(operation, outcome, Date.now() - operation.createdAtMs);
  return createOperationWorker({
    journal: store,
    queue: store,
    definitions,
    owner,
    concurrency,
    placeOf: operationPlaces(site),
    isBlocked: isSilent,
    pollEveryMs,
    lateCommandMs,
    sleep,
    onResult(operation, result) {
      ended(operation, result.outcome);
      onEnded(operation, result);
      const { id, kind, resourceId } = operation;
      const fields = { operation: id, kind, resource: resourceId, ...result };
      if (result.outcome === 'done') {
        log.info(fields, 'operation done');
      } else {
        log.warn(fields, result.outcome === 'stuck' ? 'operation stuck: an undo failed; see "vbs operations show"' : 'operation failed');
      }
    },
    onInterrupted(operation, cause) {
      ended(operation, 'interrupted');
      log.error({ operation: operation.id, kind: operation.kind, err: cause }, 'operation interrupted; it will be taken up again');
    },
  });
}

function endpointLimits({ limits: { connections, connectionsPerAddress, heldMiB, failedProofs } }: Settings): EndpointLimits {
  const { different, withinSeconds, refusedSeconds } = failedProofs;
  return {
    ...defaultEndpointLimits,
    ...{ connections, connectionsPerAddress, heldBytes: heldMiB * 1_048_576 },
    failedProofs: { different, windowMs: withinSeconds * 1_000, refusedMs: refusedSeconds * 1_000 },
  };
}

/** By which this machine is asked for what it tells anybody. */
function namesOfHost({ hostNames, publicEndpoint }: Settings, listenHost: string): readonly string[] {
  return [...hostNames, hostname(), listenHost, ...(publicEndpoint === undefined ? [] : [publicEndpoint])];
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

function httpUrl({ host, port }: { readonly host: string; readonly port: number }): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Twelve bytes as sixteen characters that need no escaping anywhere: within the 12 to 16 that some initiators ask of a CHAP secret. */
function newChapSecret(): string {
  return randomBytes(12).toString('base64url');
}

async function makeFirstKey(store: Store) {
  const keys = await store.accessKeys.list();
  return keys.length > 0 ? undefined : operatorOn(store).credentials.add({ accountId: firstAccount });
}

function firstStartText(key: { readonly accessKeyId: string; readonly secretAccessKey: string }, url: string, region: string): string {
  return `
First start: an access key was made. It is shown only now; paste this into ~/.aws/config:

[profile vbs]
region = ${region}
endpoint_url = ${url}
aws_access_key_id = ${key.accessKeyId}
aws_secret_access_key = ${key.secretAccessKey}

and try: aws --profile vbs ec2 describe-volumes
(AWS CLI before 2.13 and 1.29 knows no endpoint_url; give it --endpoint-url ${url})
`;
}

function listenAddress(text: string, origin = '--listen'): { host: string; port: number } {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:\s]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) {
    throw new CommandFailed(exitCodes.wrongUsage, `${origin} ${text}: must be HOST:PORT, as 127.0.0.1:8773`);
  }
  return { host: match[1] ?? match[2] ?? '', port };
}

function signalled(...signals: readonly NodeJS.Signals[]): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of signals) {
      process.once(signal, resolve);
    }
  });
}
