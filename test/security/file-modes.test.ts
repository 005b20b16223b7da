import { execFile } from 'node:child_process';
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type ServedProgram, serveProgram } from '../support/served-program.ts';

const program = fileURLToPath(new URL('../../bin/vbs.js', import.meta.url));
const run = promisify(execFile);

let folder: string;
let state: string;
let config: string;
const stops: (() => Promise<unknown>)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vbs-modes-'));
  state = join(folder, 'state');
  config = join(folder, 'vbs.yaml');
  writeFileSync(config, JSON.stringify({ log: { file: 'log/vbs.log' }, simulation: { latencyFactor: 0 } }));
});
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) {
    await stop();
  }
  rmSync(folder, { recursive: true, force: true });
});

async function serve(...words: readonly string[]): Promise<ServedProgram> {
  const served = await serveProgram(['--config', config, '--state', state, ...words], join(folder, 'errors'));
  stops.push(served.stop);
  return served;
}

/** Runs `vbs` with a umask that hides nothing. */
async function vbs(...words: readonly string[]): Promise<string> {
  const { stdout } = await run('sh', ['-c', 'umask 000; exec "$@"', 'sh', process.execPath, program, ...words]);
  return stdout;
}

/** What others than its owner may do anything with, in a folder. Links have no mode of their own. */
function openToOthers(path: string): readonly string[] {
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .map((name) => ({ name, status: lstatSync(join(path, name)) }))
    .filter(({ status }) => !status.isSymbolicLink() && (status.mode & 0o077) !== 0)
    .map(({ name, status }) => `${name} ${(status.mode & 0o777).toString(8)}`);
}

async function liveOfAVolume(endpoint: string): Promise<void> {
  const { VolumeId } = JSON.parse(await vbs('create-volume', '1', '--wait', '--json', '--state', state, '--endpoint', endpoint));
  await vbs('create-snapshot', VolumeId, '--wait', '--state', state, '--endpoint', endpoint);
}

it('leaves nothing that others can read of a simulated site, whatever the umask, and neither do the commands', async () => {
  await vbs('credentials', 'add', '--new-state', '--state', state);
  const { endpoint } = await serve('--simulate');
  await liveOfAVolume(endpoint);
  await vbs('backup', join(state, 'backup.db'), '--state', state);
  expect(readdirSync(state)).toEqual(expect.arrayContaining(['vbs.db', 'vbs.db-wal', 'lock.db', 'simulated-world.jsonl', 'backup.db']));
  expect(openToOthers(state)).toEqual([]);
  expect(openToOthers(join(folder, 'log'))).toEqual([]);
});

it('leaves nothing that others can read of the embedded default: volumes, snapshots, the sockets and logs of tgtd', async () => {
  await vbs('credentials', 'add', '--new-state', '--state', state);
  const { endpoint } = await serve();
  await liveOfAVolume(endpoint);
  const names = readdirSync(state, { recursive: true, encoding: 'utf8' });
  for (const wanted of [/^data\/volumes\/vol-\w+\.raw$/, /^data\/snapshots\/snap-\w+\.raw$/, /^tgtd\/control\.0$/, /^tgtd\/tgtd\.log$/]) {
    expect(names).toContainEqual(expect.stringMatching(wanted));
  }
  expect(openToOthers(state)).toEqual([]);
});

it('mends what an earlier version has left open', async () => {
  const served = await serve('--simulate');
  await served.stop();
  const left = [...['vbs.db', 'lock.db', 'simulated-world.jsonl'].map((name) => join(state, name)), join(folder, 'log', 'vbs.log')];
  for (const file of left) {
    chmodSync(file, 0o644);
  }
  await serve('--simulate');
  expect([...openToOthers(state), ...openToOthers(join(folder, 'log'))]).toEqual([]);
});

it('goes on after SIGHUP, with a new file in the place of the log that was put aside', async () => {
  const { process: service, endpoint, stop } = await serve('--simulate');
  const log = join(folder, 'log', 'vbs.log');
  mkdirSync(join(folder, 'old'));
  renameSync(log, join(folder, 'old', 'vbs.log'));
  service.kill('SIGHUP');
  await expect.poll(() => readdirSync(join(folder, 'log'))).toEqual(['vbs.log']);
  expect(readFileSync(log, 'utf8')).toContain('SIGHUP');
  expect(openToOthers(join(folder, 'log'))).toEqual([]);
  expect((await fetch(`${endpoint}/healthz`)).status).toBe(200);
  expect(await stop()).toBe(0);
});

it('goes on after SIGHUP when it logs to standard error, as when a terminal is closed', async () => {
  writeFileSync(config, JSON.stringify({ simulation: { latencyFactor: 0 } }));
  const { process: service, endpoint, stop } = await serve('--simulate');
  service.kill('SIGHUP');
  await expect.poll(() => readFileSync(join(folder, 'errors'), 'utf8')).toContain('SIGHUP');
  expect((await fetch(`${endpoint}/healthz`)).status).toBe(200);
  expect(await stop()).toBe(0);
});
