import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EC2 } from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openOperator } from '../../../src/composition/open-operator.ts';
import { type Service, startService } from '../../../src/composition/serve.ts';
import type { AccountId } from '../../../src/model/ids.ts';
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';

const key = { accessKeyId: 'AKIAEXAMPLEFORTESTS7', secretAccessKey: 'some/secret+of/the/tests' };
const silent = { write: () => undefined, writeError: () => undefined, line: () => undefined, error: () => undefined };
const patience = { timeout: 60_000, interval: 20 };

let folder: string;
let service: Service | undefined;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vbs-metrics-'));
  const { operator, close } = openOperator(join(folder, 'state'), { make: true });
  await operator.credentials.add({ ...key, accountId: '123456789012' as AccountId });
  close();
});
afterEach(async () => {
  await service?.stop();
  service = undefined;
  rmSync(folder, { recursive: true });
});

const start = (settings: string) => {
  const config = join(folder, 'vbs.yaml');
  writeFileSync(config, `log: { level: error, file: ${join(folder, 'vbs.log')} }\nsimulation: { latencyFactor: 0 }\n${settings}`);
  return startService({ config, simulate: true, listen: '127.0.0.1:0', state: join(folder, 'state') }, silent);
};

async function metrics(): Promise<ReadonlyMap<string, number>> {
  const text = await fetch(service?.metricsUrl ?? '').then((answer) => answer.text());
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]));
}

const cloud = 'resolvers:\n  - { kind: command, name: ours, ids: ^x, failures: 2, argv: [sh, -c, "exit 7", "{id}"] }\n';

describe('the metrics of a service', () => {
  it('count operations, hosts and resolvers, and name no volume and no instance', async () => {
    service = await start(`metrics: { listen: '127.0.0.1:0' }\n${cloud}`);
    const ec2 = new EC2({ endpoint: `http://${service.host}:${service.port}`, region: 'us-east-1', credentials: key, maxAttempts: 1 });
    expect((await metrics()).get('vbs_operations_total{kind="create-volume",outcome="done"}')).toBe(0);
    const { VolumeId = '' } = await ec2.createVolume({ Size: 1, AvailabilityZone: 'us-east-1a' });
    await expect.poll(async () => (await metrics()).get('vbs_operations_total{kind="create-volume",outcome="done"}'), patience).toBe(1);
    for (let time = 0; time < 3; time += 1) {
      await expect(ec2.attachVolume({ VolumeId, InstanceId: 'x1', Device: '/dev/sdf' })).rejects.toThrow();
    }
    await ec2.attachVolume({ VolumeId, InstanceId: 'i-00000001', Device: '/dev/sdf' });
    await expect.poll(async () => (await metrics()).get('vbs_operations_total{kind="attach-volume",outcome="done"}'), patience).toBe(1);
    ec2.destroy();

    const now = await metrics();
    expect(now.get('vbs_operation_seconds_total{kind="attach-volume",outcome="done"}')).toBeGreaterThan(0);
    expect(now.get('vbs_open_operations{kind="attach-volume",state="running"}')).toBe(0);
    expect(now.get('vbs_oldest_open_operation_age_seconds')).toBe(0);
    expect(now.get('vbs_resolver_asks_total{resolver="ours",question="resolve",outcome="unavailable"}')).toBe(2);
    expect(now.get('vbs_resolver_asks_total{resolver="ours",question="resolve",outcome="left-alone"}')).toBe(1);
    expect(now.get('vbs_resolver_ask_seconds_total{resolver="ours",question="resolve",outcome="unavailable"}')).toBeGreaterThan(0);
    expect(now.get('vbs_resolver_circuit{resolver="ours",state="open"}')).toBe(1);
    expect(now.get('vbs_resolver_circuit{resolver="ours",state="closed"}')).toBe(0);
    expect(now.get('vbs_host_answers_total{host="simulated",outcome="ok"}')).toBeGreaterThan(0);
    expect(now.get('vbs_host_answers_total{host="vmm1",outcome="ok"}')).toBeGreaterThan(0);
    expect(now.get('vbs_host_commands_total{host="vmm1",exit="0"}')).toBeGreaterThan(0);
    await expect.poll(async () => (await metrics()).get('vbs_reconcile_comparisons_total{outcome="done"}'), patience).toBe(1);
    expect((await metrics()).get('vbs_reconcile_last_comparison_timestamp_seconds')).toBeGreaterThan(1.7e9);
    expect([...now.keys()].join('\n')).not.toMatch(/(vol|i|op|att)-[0-9a-f]{8}|"x1"/);
  });

  it('show what is open and what a comparison has found', async () => {
    const store = openSqliteStore({ file: join(folder, 'state', 'vbs.db'), clock: Date.now, newUuid: randomUUID });
    const id = await store.issueId('operation');
    // Of a saga that this version does not know, and so nobody takes up.
    await store.beginReconcile({ id, kind: 'of-tomorrow', version: 7, resourceId: 'something', accountId: undefined, input: null });
    store.close();
    service = await start("metrics: { listen: '127.0.0.1:0' }\n");
    const now = await metrics();
    expect(now.get('vbs_open_operations{kind="of-tomorrow",state="running"}')).toBe(1);
    expect(now.get('vbs_oldest_open_operation_age_seconds')).toBeGreaterThan(0);
    expect(now.get('process_resident_memory_bytes')).toBeGreaterThan(1e6);
  });

  it('tell what was deleted and waits to be wiped', async () => {
    service = await start("metrics: { listen: '127.0.0.1:0' }\n");
    const of = (name: string) => async () => (await metrics()).get(`${name}{volume_server="simulated"}`);
    expect(await of('vbs_wipe_backlog')()).toBe(0);
    const ec2 = new EC2({ endpoint: `http://${service.host}:${service.port}`, region: 'us-east-1', credentials: key, maxAttempts: 1 });
    const { VolumeId = '' } = await ec2.createVolume({ Size: 50, AvailabilityZone: 'us-east-1a' });
    await expect.poll(async () => (await ec2.describeVolumes({ VolumeIds: [VolumeId] })).Volumes?.[0]?.State, patience).toBe('available');
    await ec2.deleteVolume({ VolumeId });
    ec2.destroy();
    await expect.poll(of('vbs_wipe_backlog'), patience).toBe(1);
    expect(await of('vbs_wipe_backlog_held_bytes')()).toBe(50 * 1024 ** 3);
    expect(await of('vbs_wipe_failing')()).toBe(0);
    // It goes on by itself, at the rate that is set.
    const before = (await of('vbs_wipe_backlog_bytes')()) ?? 0;
    await expect.poll(of('vbs_wipe_backlog_bytes'), patience).toBeLessThan(before);
    expect(await of('vbs_wipe_backlog')()).toBe(1);
  });

  it('are nowhere when the settings do not name an address', async () => {
    service = await start('');
    expect(service.metricsUrl).toBeUndefined();
    const answer = await fetch(`http://${service.host}:${service.port}/metrics`);
    expect(answer.status).toBe(403);
  });

  it('keep a service from starting whose address for them is taken, which says where it is set', async () => {
    const taken = createServer();
    const port = await new Promise<number>((resolve) => {
      taken.listen(0, '127.0.0.1', () => resolve((taken.address() as { port: number }).port));
    });
    await expect(start(`metrics: { listen: '127.0.0.1:${port}' }\n`)).rejects.toThrow(
      `127.0.0.1:${port} is in use by another process. The address is metrics.listen in the settings.`,
    );
    await expect(start("metrics: { listen: '127.0.0.1:70000' }\n")).rejects.toThrow('metrics.listen 127.0.0.1:70000: must be HOST:PORT');
    taken.close();
  });
});
