import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AttackedService, victimInstance } from './attacked-service.ts';
import { createQueryClient, type PreparedRequest } from './query-client.ts';
import { until } from './until.ts';

export interface VictimSample {
  /** From when it was due to be sent to its whole answer, in milliseconds. */
  readonly latenciesMs: readonly number[];
  /** Of GET /healthz, which costs nothing but a turn of the event loop. */
  readonly loopMs: readonly number[];
  /** What was answered by anything but 200, or not at all. */
  readonly failures: readonly string[];
}

const everyMs = 20;
/** One of so many comes over a new connection, as from a client that has just begun. */
const newConnectionOneIn = 10;
const timeoutMs = 60_000;
const connections = 16;

/** Asks for one volume of the victim's at fixed times, whether or not the one before was answered, until `work` is done. */
export async function sampleVictim<Value>(
  attacked: AttackedService,
  work: () => Promise<Value>,
): Promise<{ readonly sample: VictimSample; readonly value: Value }> {
  const { service, victim, victimVolumeIds } = attacked;
  const client = createQueryClient(service, victim);
  const kept = new Agent({ keepAlive: true, maxSockets: connections });
  const prepared = client.prepare('DescribeVolumes', { 'VolumeId.1': victimVolumeIds[1] ?? '' });
  const sample = { latenciesMs: [] as number[], loopMs: [] as number[], failures: [] as string[] };
  const underWay = new Set<Promise<void>>();
  let isDone = false;
  const asking = (async () => {
    const startedAtMs = performance.now();
    for (let index = 0; !isDone; index += 1) {
      const dueAtMs = startedAtMs + index * everyMs;
      await sleep(Math.max(0, dueAtMs - performance.now()));
      const probes = [
        exchange(service, 'POST', '/', index % newConnectionOneIn === 0 ? false : kept, prepared).then((status) => {
          sample.latenciesMs.push(performance.now() - dueAtMs);
          if (status !== 200) sample.failures.push(String(status));
        }),
        exchange(service, 'GET', '/healthz', kept).then(() => void sample.loopMs.push(performance.now() - dueAtMs)),
      ];
      for (const probe of probes) {
        const settled: Promise<void> = probe
          .catch((cause: Error) => void sample.failures.push(cause.message))
          .finally(() => underWay.delete(settled));
        underWay.add(settled);
      }
    }
  })();
  try {
    const value = await work();
    isDone = true;
    await asking;
    await Promise.all(underWay);
    return { sample, value };
  } finally {
    isDone = true;
    await asking;
    kept.destroy();
    client.close();
  }
}

function exchange(
  { host, port }: { readonly host: string; readonly port: number },
  method: string,
  path: string,
  agent: Agent | false,
  prepared?: PreparedRequest,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = prepared?.headers ?? {};
    const outgoing = request({ agent, host, port, method, path, headers, timeout: timeoutMs }, (answer) => {
      answer.resume();
      answer.once('end', () => resolve(answer.statusCode ?? 0));
      answer.once('error', reject);
    });
    outgoing.once('timeout', () => outgoing.destroy(new Error('no answer within a minute')));
    outgoing.once('error', reject);
    outgoing.end(prepared?.body);
  });
}

const pollMs = 25;
/** Thirty times as long as it should take: whoever waits longer has given up. */
const attachTimeoutMs = 75_000;

/** How long it takes from the request to `attached`, of one volume after the other; each is detached again. */
export async function attachTimes({ service, victim, attachableIds }: AttackedService, runs: number): Promise<readonly number[]> {
  const client = createQueryClient(service, victim);
  const times: number[] = [];
  try {
    for (let run = 0; run < runs; run += 1) {
      const VolumeId = attachableIds[run % attachableIds.length] ?? '';
      const becomes = (text: string) =>
        until(async () => ((await client.ask('DescribeVolumes', { 'VolumeId.1': VolumeId })).includes(text) ? true : undefined), {
          everyMs: pollMs,
          timeoutMs: attachTimeoutMs,
          describe: () => `the victim's volume is not ${text} in time`,
        });
      const startedAtMs = performance.now();
      await client.ask('AttachVolume', { VolumeId, InstanceId: victimInstance(0), Device: '/dev/sdp' });
      await becomes('<status>attached</status>');
      times.push(performance.now() - startedAtMs);
      await client.ask('DetachVolume', { VolumeId });
      await becomes('<status>available</status>');
    }
  } finally {
    client.close();
  }
  return times;
}

/** Until the victim is as it was before: its instance can be found, and nothing is attached that an attack kept from being detached. */
export async function restoreVictim({ service, victim, attachableIds }: AttackedService): Promise<void> {
  const client = createQueryClient(service, victim);
  try {
    for (const VolumeId of attachableIds) {
      await until(
        async () => {
          const isFound = (await client.status(client.prepare('DescribeInstances', { 'InstanceId.1': victimInstance(0) }))) === 200;
          const isFree = (await client.ask('DescribeVolumes', { 'VolumeId.1': VolumeId })).includes('<status>available</status>');
          // Refused as long as it is on its way somewhere.
          if (!isFree) await client.status(client.prepare('DetachVolume', { VolumeId }));
          return isFound && isFree ? true : undefined;
        },
        { everyMs: 500, timeoutMs: 300_000, describe: () => 'the victim is not as it was before the attack' },
      );
    }
  } finally {
    client.close();
  }
}
