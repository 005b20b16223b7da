import { once } from 'node:events';
import { appendFile, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { diagnoseSite } from '../../src/composition/diagnose-site.ts';
import { realSite } from '../../src/composition/real-site.ts';
import { repeatedly } from '../../src/composition/repeatedly.ts';
import { startService } from '../../src/composition/serve.ts';
import { openStateFolder } from '../../src/composition/state-folder.ts';
import { systemClock } from '../../src/drivers/command/clock.ts';
import { exportServerFromPattern } from '../../src/drivers/command/driver-from-pattern.ts';
import type { Host } from '../../src/drivers/command/host.ts';
import { localHost } from '../../src/drivers/command/local-host.ts';
import { boundTgtLog, controlSocketIn, ensureTgtDaemon, type TgtDaemon } from '../../src/drivers/command/tgt-daemon.ts';
import { withTgtadm } from '../../src/drivers/command/tgtadm-built-in.ts';
import { descriptorsOf } from '../../src/drivers/command/tgtd-descriptors.ts';
import type { DriverError } from '../../src/drivers/driver-error.ts';
import type { ExportServer, ExportSpec } from '../../src/drivers/export-server.ts';
import { readSettings } from '../../src/settings/read-settings.ts';
import { contextHere, shippedBackends } from './shipped-backend.ts';

const programs = localHost('here', systemClock);
const pattern = shippedBackends.pattern('export-server', 'tgt');
/** What tgtd keeps for sessions and for whoever asks it, at a limit this small. */
const kept = 16 + 2;

let folder = '';
let pid = 0;
let daemon: TgtDaemon;

const exportOf = (number: number): ExportSpec => {
  const volumeId = `vol-${String(number).padStart(17, '0')}`;
  return { volumeId, target: `iqn.2009-11.org.vbs:${volumeId}`, path: join(folder, `${volumeId}.raw`), bytes: 1024 ** 2 };
};
const context = () => ({ stateFolder: folder, host: programs, clock: systemClock });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vbs-descriptors-'));
  daemon = await ensureTgtDaemon({ portal: '127.0.0.1:0' }, context());
  pid = Number(await readFile(join(folder, 'tgtd', 'tgtd.pid'), 'utf8'));
});

afterEach(async () => {
  if (isRunning()) process.kill(pid, 'SIGKILL');
  await rm(folder, { recursive: true });
});

describe.each([
  ['as programs, as on hosts behind ssh', programs],
  ['built in', withTgtadm(programs, systemClock)],
])('a tgtd that runs out of descriptors, asked %s', (_how, host) => {
  it('is given exports up to what it has to keep and none beyond, and goes on', async () => {
    await limitTo(64);
    const server = serverOn(host);
    let made = 0;
    let error: DriverError | undefined;
    while (error === undefined && made < 64) {
      error = await makeExport(server, made + 1).then(
        () => undefined,
        (cause: DriverError) => cause,
      );
      if (error === undefined) made += 1;
    }
    expect(isRunning()).toBe(true);
    expect(error).toMatchObject({ name: 'DriverError', kind: 'refused' });
    expect(error?.message).toContain(`tgtd (process ${pid}) has ${await openDescriptors()} of 64 descriptors open`);
    expect(error?.message).toContain(`prlimit --pid ${pid} --nofile=`);
    expect(error?.message).toContain('LimitNOFILE');
    expect((await server.export.list()).value).toHaveLength(made);
    // Nothing is half made, and what is there can go.
    expect((await server.export.look(exportOf(made + 1))).value.state).toBe('absent');
    await server.export.unmake(exportOf(1));
    await makeExport(server, made + 1);
  });

  it('makes the next one as soon as the limit is raised, without a restart', async () => {
    await limitTo((await openDescriptors()) + kept - 1);
    const server = serverOn(host);
    await expect(makeExport(server, 1)).rejects.toMatchObject({ kind: 'refused' });
    // A connection that asked before may not be closed yet.
    await limitTo((await openDescriptors()) + kept + 4);
    await makeExport(server, 1);
    expect((await server.export.look(exportOf(1))).value.state).toBe('present');
  });
});

describe('a tgtd of the service', () => {
  it('is given all descriptors that it may have, also when it runs already', async () => {
    const { hardLimit } = descriptorsOf(daemon.controlSocket) ?? {};
    await limitTo(64);
    expect(descriptorsOf(daemon.controlSocket)).toMatchObject({ pid, limit: 64, hardLimit });
    expect(await ensureTgtDaemon({ portal: '127.0.0.1:0' }, context())).toEqual({ ...daemon, started: false });
    expect(descriptorsOf(daemon.controlSocket)).toMatchObject({ pid, limit: hardLimit });
  });

  it('is given them while it has none left to answer with, and answers then', async () => {
    const release = await useUp();
    try {
      expect(await ensureTgtDaemon({ portal: '127.0.0.1:0' }, context())).toEqual({ ...daemon, started: false });
    } finally {
      release();
    }
  });

  it('cannot fill the disk with its log while it hangs', async () => {
    const log = join(folder, 'tgtd', 'tgtd.log');
    const keeper = repeatedly(() => boundTgtLog({ stateFolder: folder }), 100);
    const release = await useUp();
    try {
      // It tells of every connection that it cannot take, over and over, and takes none of the requests that wait.
      await expect.poll(() => stat(`${log}.1`).then(({ size }) => size), { interval: 20 }).toBeGreaterThan(0);
      const sizes: number[] = [];
      await expect
        .poll(async () => sizes.push((await stat(log)).size) && sizes.filter((size, index) => size < (sizes[index - 1] ?? 0)).length, {
          interval: 20,
        })
        .toBeGreaterThan(1);
      expect((await stat(`${log}.1`)).size).toBeLessThanOrEqual(16 * 1024 ** 2);
      expect(Math.max(...sizes)).toBeLessThan(100 * 1024 ** 2);
    } finally {
      release();
      await keeper.stop();
    }
  });
});

it('has its log held to its bound by the service, whatever tgtd says', async () => {
  const state = await mkdtemp(join(tmpdir(), 'vbs-descriptors-'));
  const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  const site = await realSite(readSettings(undefined), openStateFolder(state), silent);
  try {
    const log = join(state, 'tgtd', 'tgtd.log');
    await appendFile(log, Buffer.alloc(17 * 1024 ** 2, 'x\n'));
    await expect.poll(async () => (await stat(log)).size).toBeLessThan(1024 ** 2);
  } finally {
    await site.close();
    await rm(state, { recursive: true });
  }
});

it('tells the metrics of a service how many descriptors its tgtd has, and the doctor those of every host', async () => {
  const state = await mkdtemp(join(tmpdir(), 'vbs-descriptors-'));
  const config = join(state, 'vbs.yaml');
  await writeFile(config, `metrics: { listen: '127.0.0.1:0' }\nlog: { level: error, file: ${join(state, 'vbs.log')} }\n`);
  const output = { write: () => undefined, writeError: () => undefined, line: () => undefined, error: () => undefined };
  const service = await startService({ config, listen: '127.0.0.1:0', state }, output);
  try {
    const own = descriptorsOf(controlSocketIn(state));
    const metrics = await fetch(service.metricsUrl ?? '').then((answer) => answer.text());
    expect(metrics).toMatch(/^vbs_tgtd_descriptors\{volume_server="local",state="open"\} [1-9]\d?$/m);
    expect(metrics).toContain(`vbs_tgtd_descriptors{volume_server="local",state="limit"} ${own?.limit}\n`);
    await limitTo(64);
    const { findings } = await diagnoseSite({ config });
    expect(findings).toContainEqual(
      expect.objectContaining({
        subject: `tgtd ${pid}`,
        outcome: 'warning',
        found: expect.stringMatching(/^\d+ of 64 descriptors are open$/),
        mend: expect.stringContaining(`prlimit --pid ${pid} --nofile=65536`),
      }),
    );
    expect(findings).toContainEqual(expect.objectContaining({ subject: `tgtd ${own?.pid}`, outcome: 'ok' }));
    await limitTo(await openDescriptors());
    const later = await diagnoseSite({ config });
    expect(later.findings).toContainEqual(expect.objectContaining({ subject: `tgtd ${pid}`, outcome: 'wrong' }));
  } finally {
    await service.stop();
    await rm(state, { recursive: true });
  }
});

/** Leaves tgtd no descriptor, with connections that nobody logs in on, until the function that is answered is called. */
async function useUp(): Promise<() => void> {
  // Before its first target tgtd takes no connections of initiators.
  await makeExport(serverOn(programs), 1);
  const open = await openDescriptors();
  await limitTo(open);
  const [address = '', port = ''] = daemon.portal.split(':');
  // More than there are numbers free below the limit.
  const sockets = Array.from({ length: open }, () => connect(Number(port), address));
  for (const socket of sockets) socket.on('error', () => undefined);
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  return () => {
    for (const socket of sockets) socket.destroy();
  };
}

function serverOn(host: Host): ExportServer {
  const { controlSocket, portal } = daemon;
  return exportServerFromPattern(pattern, { ...contextHere(pattern, { controlSocket, portal }), host });
}

async function makeExport(server: ExportServer, number: number): Promise<void> {
  const { path, bytes } = exportOf(number);
  await writeFile(path, '');
  await truncate(path, bytes);
  await server.export.make(exportOf(number));
}

/** The soft limit: the hard one could not be raised again without leave. */
async function limitTo(soft: number): Promise<void> {
  const { exitCode, stderr } = await programs.run({ argv: ['prlimit', '--pid', String(pid), `--nofile=${soft}:`], timeoutMs: 10_000 });
  if (exitCode !== 0) throw new Error(stderr);
}

async function openDescriptors(): Promise<number> {
  return (await readdir(`/proc/${pid}/fd`)).length;
}

function isRunning(): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
