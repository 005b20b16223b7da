import type { Finding } from '../blockstore/findings.ts';
import type { ResolverHealth } from '../resolvers/cloud-resolver.ts';
import type { ResolverAsk } from '../resolvers/guard-resolver.ts';
import { type Operation, openOperationStates } from '../saga/operation.ts';
import type { OperationWorker } from '../saga/operation-worker.ts';
import type { RunResult } from '../saga/runner.ts';
import type { Store, Wipe } from '../store/store.ts';
import type { Measurement, Sample } from '../telemetry/measurement.ts';
import { createTally } from '../telemetry/tally.ts';
import type { HostAnswer } from './measured-site.ts';

/** What the parts of the service tell as it happens. */
export interface ServiceTallies {
  /** The kinds of operation that there can be. */
  expectOperations(kinds: readonly string[]): void;
  operationEnded(operation: Pick<Operation, 'kind'>, outcome: RunResult['outcome'] | 'interrupted', durationMs: number): void;
  resolverAsked(ask: ResolverAsk): void;
  hostAnswered(answer: HostAnswer): void;
  compared(outcome: 'done' | 'failed', findings: readonly Finding[]): void;
  readonly measurements: readonly Measurement[];
}

export function createServiceTallies({ clock }: { readonly clock: () => number }): ServiceTallies {
  const operations = createTally({
    name: 'vbs_operations',
    help: 'Operations that this process has worked on, by how that ended: failed is taken back or stopped where it was, interrupted is taken up again.',
    labels: ['kind', 'outcome'],
    seconds: { name: 'vbs_operation_seconds', help: 'Time from the beginning of these operations to their end, waiting included.' },
  });
  const resolvers = createTally({
    name: 'vbs_resolver_asks',
    help: 'Questions to resolvers by what came of them; left-alone were not asked, since the circuit was open.',
    labels: ['resolver', 'question', 'outcome'],
    seconds: { name: 'vbs_resolver_ask_seconds', help: 'Time that these questions took.' },
  });
  const hosts = createTally({
    name: 'vbs_host_answers',
    help: 'Answers of hosts to what their drivers asked or ordered: ok, or the kind of the error.',
    labels: ['host', 'outcome'],
  });
  const commands = createTally({
    name: 'vbs_host_commands',
    help: 'Commands that drivers ran on hosts, by exit. Some programs say by an exit other than 0 that something is not there.',
    labels: ['host', 'exit'],
    seconds: { name: 'vbs_host_command_seconds', help: 'Time that these commands took.' },
  });
  const comparisons = createTally({
    name: 'vbs_reconcile_comparisons',
    help: 'Comparisons of all that the hosts have with the database.',
    labels: ['outcome'],
  });
  for (const outcome of ['done', 'failed']) {
    comparisons.expect({ outcome });
  }
  let found: readonly Sample[] = [];
  let comparedAtMs: number | undefined;

  return {
    expectOperations(kinds) {
      for (const kind of kinds) {
        for (const outcome of ['done', 'failed', 'stuck']) operations.expect({ kind, outcome });
      }
    },
    operationEnded: ({ kind }, outcome, durationMs) => operations.count({ kind, outcome }, durationMs),
    resolverAsked: ({ resolver, question, outcome, durationMs }) => resolvers.count({ resolver, question, outcome }, durationMs),
    hostAnswered({ host, outcome, commands: ran }) {
      hosts.count({ host, outcome });
      for (const { exitCode, durationMs } of ran) {
        commands.count({ host, exit: exitCode === undefined ? 'unseen' : exitCode === 0 ? '0' : 'other' }, durationMs);
      }
    },
    compared(outcome, findings) {
      comparisons.count({ outcome });
      if (outcome === 'done') {
        found = countFindings(findings);
        comparedAtMs = clock();
      }
    },
    measurements: [
      ...[operations, resolvers, hosts, commands, comparisons].flatMap((tally) => tally.measurements),
      {
        name: 'vbs_reconcile_findings',
        help: 'What the last comparison has found, by kind and thing; see docs/operating.md.',
        kind: 'gauge',
        labels: ['kind', 'thing'],
        read: () => found,
      },
      {
        name: 'vbs_reconcile_last_comparison_timestamp_seconds',
        help: 'When the hosts were last compared with the database.',
        kind: 'gauge',
        labels: [],
        read: () => (comparedAtMs === undefined ? [] : [{ labels: {}, value: comparedAtMs / 1_000 }]),
      },
    ],
  };
}

/** What is read when somebody asks. */
export function currentMeasurements({
  store,
  worker,
  health,
  kinds,
  wipingServers,
  clock,
}: {
  readonly store: Pick<Store, 'openOperations' | 'wipes'>;
  readonly worker: Pick<OperationWorker, 'waiting'>;
  readonly health: () => readonly ResolverHealth[];
  readonly kinds: readonly string[];
  /** The volume servers on which what is deleted is wiped afterwards. */
  readonly wipingServers: readonly string[];
  readonly clock: () => number;
}): readonly Measurement[] {
  const wipes = (name: string, help: string, sum: (backlog: readonly Wipe[]) => number): Measurement => ({
    name,
    help,
    kind: 'gauge',
    labels: ['volume_server'],
    async read() {
      const all = await store.wipes();
      return [...new Set([...wipingServers, ...all.map(({ volumeServer }) => volumeServer)])].map((server) => ({
        labels: { volume_server: server },
        value: sum(all.filter(({ volumeServer }) => volumeServer === server)),
      }));
    },
  });
  return [
    wipes('vbs_wipe_backlog', 'Deleted volumes and snapshots that wait to be wiped.', (backlog) => backlog.length),
    wipes('vbs_wipe_backlog_bytes', 'What is still to be written over of them.', (backlog) =>
      backlog.reduce((left, { bytes, wipedBytes }) => left + bytes - wipedBytes, 0),
    ),
    wipes('vbs_wipe_backlog_held_bytes', 'The space that they take until they are wiped.', (backlog) =>
      backlog.reduce((held, { bytes }) => held + bytes, 0),
    ),
    wipes(
      'vbs_wipe_failing',
      'Those of them that could not be gone on with the last time; see "vbs wipes list".',
      (backlog) => backlog.filter(({ failure }) => failure !== undefined).length,
    ),
    {
      name: 'vbs_open_operations',
      help: 'Operations that are not over: running, undoing, and stuck ones, which wait for the operator.',
      kind: 'gauge',
      labels: ['kind', 'state'],
      async read() {
        const open = await store.openOperations();
        return [...new Set([...kinds, ...open.map(({ kind }) => kind)])].flatMap((kind) =>
          openOperationStates.map((state) => ({
            labels: { kind, state },
            value: open.find((each) => each.kind === kind && each.state === state)?.count ?? 0,
          })),
        );
      },
    },
    {
      name: 'vbs_waiting_operations',
      help: 'Open operations that wait for their turn in this process.',
      kind: 'gauge',
      labels: [],
      read: () => [{ labels: {}, value: worker.waiting().operations }],
    },
    {
      name: 'vbs_accounts_with_waiting_operations',
      help: 'How many accounts these belong to; what their attachments have lost is counted as another.',
      kind: 'gauge',
      labels: [],
      read: () => [{ labels: {}, value: worker.waiting().groups }],
    },
    {
      name: 'vbs_oldest_open_operation_age_seconds',
      help: 'How long ago the oldest operation that is not over was begun; 0 when there is none.',
      kind: 'gauge',
      labels: [],
      async read() {
        const began = (await store.openOperations()).map(({ oldestCreatedAtMs }) => oldestCreatedAtMs);
        return [{ labels: {}, value: began.length === 0 ? 0 : Math.max(0, clock() - Math.min(...began)) / 1_000 }];
      },
    },
    {
      name: 'vbs_resolver_circuit',
      help: 'The state of a resolver that is 1: closed is asked, open is left alone after failures, trying is asked once more.',
      kind: 'gauge',
      labels: ['resolver', 'state'],
      read: () =>
        health().flatMap(({ name, circuit }) =>
          (['closed', 'open', 'trying'] as const).map((state) => ({
            labels: { resolver: name, state },
            value: state === circuit ? 1 : 0,
          })),
        ),
    },
    {
      name: 'process_resident_memory_bytes',
      help: 'Memory of this process.',
      kind: 'gauge',
      labels: [],
      read: () => [{ labels: {}, value: process.memoryUsage.rss() }],
    },
    {
      name: 'process_cpu_seconds_total',
      help: 'Processor time of this process.',
      kind: 'counter',
      labels: [],
      read() {
        const { user, system } = process.cpuUsage();
        return [{ labels: {}, value: (user + system) / 1e6 }];
      },
    },
    {
      name: 'process_start_time_seconds',
      help: 'When this process began.',
      kind: 'gauge',
      labels: [],
      read: () => [{ labels: {}, value: (clock() - process.uptime() * 1_000) / 1_000 }],
    },
  ];
}

function countFindings(findings: readonly Finding[]): readonly Sample[] {
  const counts = new Map<string, { readonly labels: { readonly kind: string; readonly thing: string }; value: number }>();
  for (const finding of findings) {
    const labels = { kind: finding.kind, thing: 'thing' in finding ? finding.thing : '' };
    const counted = counts.get(`${labels.kind} ${labels.thing}`) ?? { labels, value: 0 };
    counted.value += 1;
    counts.set(`${labels.kind} ${labels.thing}`, counted);
  }
  return [...counts.values()];
}
