import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CommandFailed } from '../../../src/cli/exit-codes.ts';
import type { ServeOptions } from '../../../src/cli/program-dependencies.ts';
import { startService } from '../../../src/composition/serve.ts';
import { openDatabase } from '../../../src/store/sqlite/open-database.ts';
import { dumpDatabase } from '../../support/database-dump.ts';
import { volumeRow } from '../../support/host-rows.ts';

const silent = { write: () => undefined, writeError: () => undefined, line: () => undefined, error: () => undefined };

let folder: string;
let state: string;
let config: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vbs-kind-'));
  state = join(folder, 'state');
  config = join(folder, 'vbs.yaml');
  // Another machine, so that no daemon is started on this one; nobody answers there.
  const ssh = { host: '127.0.0.1', port: 1, user: 'nobody', identityFile: join(folder, 'key'), knownHostsFile: join(folder, 'hosts') };
  const exports = { driver: 'lio', settings: { portal: '127.0.0.1:3260' } };
  writeFileSync(
    config,
    JSON.stringify({
      log: { file: join(folder, 'vbs.log') },
      volumeServers: [{ name: 'vs1', ssh, volumes: { driver: 'lvm-thick', settings: { volumeGroup: 'vg' } }, exports }],
    }),
  );
});
afterEach(() => rmSync(folder, { recursive: true }));

async function startOnce(options: ServeOptions): Promise<void> {
  const service = await startService({ config, listen: '127.0.0.1:0', state, ...options }, silent);
  await service.stop();
}

async function refusalOf(options: ServeOptions): Promise<CommandFailed> {
  const cause: unknown = await startOnce(options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(cause instanceof CommandFailed)) throw new Error('the start was not refused', { cause });
  return cause;
}

/** As a version before the mark has left it. */
function fillUnmarked(volumeServer: string): void {
  const database = openDatabase(join(state, 'vbs.db'));
  volumeRow(database, { volumeServer });
  database.$client.exec("DELETE FROM site_facts WHERE name = 'site-kind'");
  database.$client.close();
}

it('a simulated site is kept in a folder of its own when none is named', async () => {
  const before = { XDG_STATE_HOME: process.env.XDG_STATE_HOME, getuid: process.getuid };
  process.env.XDG_STATE_HOME = folder;
  process.getuid = () => 1_000;
  try {
    const service = await startService({ listen: '127.0.0.1:0', simulate: true }, silent);
    await service.stop();
  } finally {
    Object.assign(process, { getuid: before.getuid });
    if (before.XDG_STATE_HOME === undefined) delete process.env.XDG_STATE_HOME;
    else process.env.XDG_STATE_HOME = before.XDG_STATE_HOME;
  }
  expect(readdirSync(folder).filter((name) => name.startsWith('vbs') && name !== 'vbs.yaml')).toEqual(['vbs-simulated']);
});

it.each([
  [
    'a real service',
    { simulate: true },
    {},
    /is that of a simulated site, not of a real site: add --simulate to serve that one; .*--state/,
  ],
  ['a simulated service', {}, { simulate: true }, /is that of a real site, not of a simulated site: leave out --state .*-simulated/],
] as const)(
  '%s does not start on the state of the other kind, says what to do, and changes nothing',
  async (_, first, second, message) => {
    await startOnce(first);
    const before = dumpDatabase(join(state, 'vbs.db'));
    const refusal = await refusalOf(second);
    expect({ exitCode: refusal.exitCode, message: refusal.message }).toEqual({ exitCode: 2, message: expect.stringMatching(message) });
    expect(dumpDatabase(join(state, 'vbs.db'))).toEqual(before);
    // The lock went with the refusal, and its own kind starts again.
    await startOnce(first);
  },
  60_000,
);

it('a database without a mark is marked by its first start', async () => {
  await startOnce({ simulate: true });
  fillUnmarked('simulated');
  await startOnce({ simulate: true });
  expect(dumpDatabase(join(state, 'vbs.db')).site_facts).toContainEqual({ name: 'site-kind', value: 'simulated' });
});

it('what an older version left without a mark tells by its volumes what it is', async () => {
  await startOnce({ simulate: true });
  fillUnmarked('simulated');
  expect((await refusalOf({})).message).toMatch(/is that of a simulated site/);
  // One volume that is a real host's outweighs all that are simulated.
  fillUnmarked('vs1');
  expect((await refusalOf({ simulate: true })).message).toMatch(/is that of a real site/);
}, 60_000);

it('a database that a newer version has written is not started on', async () => {
  await startOnce({ simulate: true });
  const database = openDatabase(join(state, 'vbs.db'));
  database.$client.exec("INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('of the future', 9999999999999)");
  database.$client.close();
  expect(await refusalOf({ simulate: true })).toMatchObject({ exitCode: 1, message: expect.stringMatching(/written by a newer version/) });
  expect(existsSync(join(state, 'vbs.db-wal'))).toBe(false);
});
