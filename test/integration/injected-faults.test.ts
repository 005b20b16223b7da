import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CreateVolumeCommand, DescribeVolumesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openOperator } from '../../src/composition/open-operator.ts';
import type { AccountId } from '../../src/model/ids.ts';

const program = fileURLToPath(new URL('../../bin/vbs.js', import.meta.url));
const key = { accessKeyId: 'AKIAEXAMPLEFORTESTS5', secretAccessKey: 'a/third+secret/of/the/tests/and/nobody/else' };
const patience = { timeout: 60_000, interval: 20 };

let folder: string;
let service: ChildProcess | undefined;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vbs-faults-'));
  const opened = openOperator(folder, { make: true });
  await opened.operator.credentials.add({ ...key, accountId: '123456789012' as AccountId });
  opened.close();
});
afterEach(async () => {
  await end();
  rmSync(folder, { recursive: true });
});

async function end(): Promise<void> {
  const running = service;
  service = undefined;
  if (running !== undefined && running.exitCode === null && running.signalCode === null) {
    const exit = once(running, 'exit');
    running.kill('SIGTERM');
    await exit;
  }
}

async function start(settings: object, ...words: readonly string[]): Promise<EC2Client> {
  const config = join(folder, 'vbs.yaml');
  const log = { level: 'info', file: join(folder, 'vbs.log') };
  writeFileSync(config, JSON.stringify({ log, simulation: { latencyFactor: 0 }, ...settings }));
  const all = ['serve', '--simulate', '--config', config, '--state', folder, '--listen', '127.0.0.1:0', ...words];
  service = spawn(process.execPath, [program, ...all], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for await (const chunk of service.stdout ?? []) {
    said += String(chunk);
    const port = /answers at http:\/\/127\.0\.0\.1:(\d+)/.exec(said)?.[1];
    if (port !== undefined) {
      return new EC2Client({ endpoint: `http://127.0.0.1:${port}`, region: 'us-east-1', credentials: key, maxAttempts: 1 });
    }
  }
  throw new Error(`the service did not start: ${said}`);
}

const create = (client: EC2Client) => client.send(new CreateVolumeCommand({ AvailabilityZone: 'us-east-1a', Size: 1 }));
const states = async (client: EC2Client) =>
  ((await client.send(new DescribeVolumesCommand({}))).Volumes ?? []).map(({ State }) => State).sort();

describe('a service that is told to', () => {
  it('ends itself at a journal write does so as if it were killed, and goes on at its next start', async () => {
    // A start claims what is open; two ids are drawn, and the operation is begun: from here on the volume is promised.
    const dying = await start({ faults: { crash: { write: 4, moment: 'after' } } });
    const dead = once(service as ChildProcess, 'exit');
    let said = '';
    service?.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    await expect(create(dying)).rejects.toThrow();
    expect(await dead).toEqual([null, 'SIGKILL']);
    expect(said).toContain('ends after its journal write 4, beginCreateVolume');
    const next = await start({});
    await vi.waitFor(async () => expect(await states(next)).toEqual(['available']), patience);
  });

  it('put faults into its drivers does so, and says that it does', async () => {
    const client = await start({ operations: { attempts: 1, settleMs: 1 }, faults: { rates: { error: 0.5 } } }, '--faults', '7');
    await Promise.all(Array.from({ length: 12 }, () => create(client).catch(() => undefined)));
    await vi.waitFor(async () => {
      const found = await states(client);
      expect(found).not.toContain('creating');
      expect(found).toContain('error');
    }, patience);
    expect(readFileSync(join(folder, 'vbs.log'), 'utf8')).toContain('faults are put into the drivers');
  });
});
