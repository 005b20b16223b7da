import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AttackPlan, allAtOnce, attackPlans } from './support/attack-plans.ts';
import { type AttackedService, startAttackedService, victimInstance } from './support/attacked-service.ts';
import { type Attacker, startAttacker } from './support/attacker.ts';
import { type Cleanup, withCleanup } from './support/cleanup.ts';
import { distributionOf } from './support/distribution.ts';
import { measureFairShares } from './support/fair-shares.ts';
import { memoryOf } from './support/process-memory.ts';
import { createQueryClient } from './support/query-client.ts';
import { figure, type Report } from './support/report.ts';
import { until } from './support/until.ts';
import { attachTimes, restoreVictim, sampleVictim } from './support/victim.ts';

export interface AttackOptions {
  /** Part of the names of the attacks to run; without it all, and the shares. */
  readonly only: string | undefined;
  /** Of each of the hundred accounts whose shares are measured. */
  readonly operations: number;
}

const targets = { p99Ms: 100, attachTimes: 1.2, memoryMB: 100, restSeconds: 10, share: 0.8 } as const;
const volumes = { victim: 150, attacker: 50_000 };
const attachRuns = 3;
/** Long enough that what time-outs are to end has come to its end. */
const leastSeconds = 15;
const restTimeoutSeconds = 60;
/** The connections of the one who measures, and what the database opens now and then. */
const strayDescriptors = 20;

interface Outcome {
  readonly name: string;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly failures: number;
  /** To attaches without an attack, just before. */
  readonly attachTimes: number;
  readonly loopMs: number;
  readonly memoryMB: number;
  readonly restSeconds: number;
  readonly logKB: number;
  readonly toll: string;
}

/** How the service serves one account while another one attacks it. Answers whether every target was met. */
export async function benchmarkAttacks(report: Report, { only, operations }: AttackOptions): Promise<'met' | 'missed'> {
  report.heading('What a victim notices of attacks by another account');
  const missed: string[] = [];
  await withCleanup(async (cleanup) => {
    const attacked = await startAttackedService(volumes, cleanup);
    await attacked.setListed(0);
    const all = attackPlans(attacked);
    const plans = [{ name: 'no attack', orders: [] }, ...all, allAtOnce(all)].filter(({ name }) => name.includes(only ?? ''));
    const outcomes: Outcome[] = [];
    for (const plan of plans) {
      const outcome = await attack(attacked, plan, cleanup);
      outcomes.push(outcome);
      report.line(`  ${row(outcome).join(', ')}; the attackers: ${outcome.toll}`);
      missed.push(...missedBy(outcome));
    }
    report.table(['attack', 'p50 ms', 'p99 ms', 'failed', 'attach', 'loop ms', 'memory MB', 'rest s', 'log KB'], outcomes.map(row));
  });
  if (only === undefined) {
    const { leastShare, accepted, counted } = await measureFairShares(operations);
    report.line(
      `  100 accounts, ${accepted} operations taken; when ${counted} were done, the least share was ${figure(leastShare)} of fair`,
    );
    if (leastShare < targets.share) missed.push(`a share of ${figure(leastShare)} of fair`);
  }
  report.line(
    `  targets: p99 ${targets.p99Ms} ms, nothing failed, an attach ${targets.attachTimes} times, memory +${targets.memoryMB} MB, rest ${targets.restSeconds} s, shares ${targets.share}`,
  );
  for (const what of missed) report.line(`  NOT MET: ${what}`);
  return missed.length === 0 ? 'met' : 'missed';
}

async function attack(attacked: AttackedService, { name, orders, listedInstances = 0 }: AttackPlan, cleanup: Cleanup): Promise<Outcome> {
  const { service, target, logFile } = attacked;
  await attacked.setListed(listedInstances);
  const undisturbedMs = await attachTimes(attacked, attachRuns);
  const before = { memory: memoryOf(service.pid).residentMB, descriptors: descriptorsOf(service.pid), logBytes: sizeOf(logFile) };
  forgetMostMemory(service.pid);
  const attackers: Attacker[] = [];
  const { sample, value: attachMs } = await sampleVictim(attacked, async () => {
    const leastTime = sleep(leastSeconds * 1_000);
    for (const order of orders) attackers.push(await startAttacker(order, target, cleanup));
    const times = await attachTimes(attacked, attachRuns).catch(() => []);
    await leastTime;
    return times;
  });
  const logKB = (sizeOf(logFile) - before.logBytes) / 1_000;
  const memoryMB = memoryOf(service.pid).mostMB - before.memory;
  for (const each of attackers) each.rest();
  const restSeconds = await secondsToRest(attacked, before.descriptors + strayDescriptors);
  const tolls = await Promise.all(attackers.map((each) => each.end()));
  await attacked.setListed(0);
  await untilNothingIsCreating(attacked);
  await restoreVictim(attacked);
  const latencies = distributionOf(sample.latenciesMs);
  return {
    name,
    p50Ms: latencies.median,
    p99Ms: latencies.p99,
    failures: sample.failures.length,
    // What waits for a queue waits only once. One that never came to its end is longer than any.
    attachTimes:
      attachMs.length < attachRuns ? Number.POSITIVE_INFINITY : distributionOf(attachMs).most / distributionOf(undisturbedMs).most,
    loopMs: distributionOf(sample.loopMs).most,
    memoryMB,
    restSeconds,
    logKB,
    toll: [...tolls.map(({ counts }) => JSON.stringify(counts)), ...new Set(sample.failures)].join(' '),
  };
}

/** Until the service holds no more than before, answers at once, and finds the victim's instance in its cloud; the attackers hold what they have, and do nothing more. */
async function secondsToRest({ service, victim, victimVolumeIds }: AttackedService, descriptors: number): Promise<number> {
  const client = createQueryClient(service, victim);
  const startedAtMs = performance.now();
  const seconds = () => (performance.now() - startedAtMs) / 1_000;
  try {
    return await until(
      async () => {
        const askedAtMs = performance.now();
        await client.ask('DescribeVolumes', { 'VolumeId.1': victimVolumeIds[1] ?? '' });
        const isQuick = performance.now() - askedAtMs < targets.p99Ms;
        const isFound = (await client.status(client.prepare('DescribeInstances', { 'InstanceId.1': victimInstance(0) }))) === 200;
        const isAtRest = isQuick && isFound && descriptorsOf(service.pid) <= descriptors;
        return isAtRest || seconds() > restTimeoutSeconds ? seconds() : undefined;
      },
      { everyMs: 100, timeoutMs: 10 * restTimeoutSeconds * 1_000, describe: () => 'the service does not come to rest' },
    );
  } finally {
    client.close();
  }
}

/** What one attack has left to be done is no part of the next one. */
async function untilNothingIsCreating({ service, attacker }: AttackedService): Promise<void> {
  const client = createQueryClient(service, attacker);
  const creating = { 'Filter.1.Name': 'status', 'Filter.1.Value.1': 'creating', MaxResults: '5' };
  try {
    await until(async () => ((await client.ask('DescribeVolumes', creating)).includes('<volumeId>') ? undefined : true), {
      everyMs: 1_000,
      timeoutMs: 300_000,
      describe: () => 'volumes stay in creating',
    });
  } finally {
    client.close();
  }
}

function missedBy({ name, p99Ms, failures, attachTimes: times, memoryMB, restSeconds }: Outcome): readonly string[] {
  return [
    ...(p99Ms > targets.p99Ms ? [`${name}: p99 ${figure(p99Ms)} ms`] : []),
    ...(failures > 0 ? [`${name}: ${failures} of the victim's requests failed`] : []),
    ...(times > targets.attachTimes ? [`${name}: an attach took ${figure(times)} times as long`] : []),
    ...(memoryMB > targets.memoryMB ? [`${name}: memory +${figure(memoryMB)} MB`] : []),
    ...(restSeconds > targets.restSeconds ? [`${name}: rest after ${figure(restSeconds)} s`] : []),
  ];
}

function row({ name, p50Ms, p99Ms, failures, attachTimes: times, loopMs, memoryMB, restSeconds, logKB }: Outcome): readonly string[] {
  const rest = restSeconds > restTimeoutSeconds ? `> ${restTimeoutSeconds}` : figure(restSeconds);
  return [name, figure(p50Ms), figure(p99Ms), String(failures), `${figure(times)}x`, figure(loopMs), figure(memoryMB), rest, figure(logKB)];
}

function descriptorsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** VmHWM begins anew at what the process has now. */
function forgetMostMemory(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
