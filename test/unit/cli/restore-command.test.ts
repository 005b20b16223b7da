import {
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../../src/store/sqlite/open-database.ts';
import { lockState } from '../../../src/store/sqlite/state-lock.ts';
import { dumpDatabase } from '../../support/database-dump.ts';
import { volumeRow } from '../../support/host-rows.ts';
import { vbs } from '../../support/run-vbs.ts';

let folder: string;
let state: string;
let database: string;
let backup: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vbs-restore-'));
  state = join(folder, 'state');
  database = join(state, 'vbs.db');
  backup = join(folder, 'backup.db');
  mkdirSync(state);
  change((opened) => void volumeRow(opened, { volumeServer: 'local' }));
  expect(await vbs('backup', backup, '--state', state)).toMatchObject({ exitCode: 0 });
});
afterEach(() => rmSync(folder, { recursive: true }));

function change(by: (opened: ReturnType<typeof openDatabase>) => void, file = database): void {
  const opened = openDatabase(file);
  by(opened);
  opened.$client.close();
}
const mark = (kind: string) => (opened: ReturnType<typeof openDatabase>) =>
  void opened.$client.exec(`INSERT OR REPLACE INTO site_facts VALUES ('site-kind', '${kind}')`);
const restore = (...words: readonly string[]) => vbs('restore', ...words, '--state', state);
const namesIn = (path: string) =>
  readdirSync(path)
    .filter((name) => !name.startsWith('lock.db'))
    .sort();
const isKept = /^vbs\.db\.before-\d{8}T\d{6}Z(-\d+)?$/;

it('a backup is one file', () => {
  expect(namesIn(folder)).toEqual(['backup.db', 'state']);
});

describe('vbs restore', () => {
  it('puts back what was backed up, keeps what was there, and leaves the backup as it was', async () => {
    const wanted = dumpDatabase(backup);
    rmSync(`${backup}-wal`, { force: true });
    rmSync(`${backup}-shm`, { force: true });
    const bytes = readFileSync(backup);
    change((opened) => void volumeRow(opened, { volumeServer: 'local' }));
    const replaced = dumpDatabase(database);
    const { exitCode, stdout } = await restore(backup);
    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout: expect.stringMatching(/kept as .*vbs\.db\.before-[\s\S]*vbs reconcile --dry-run/),
    });
    const [, kept = ''] = namesIn(state);
    expect(namesIn(state)).toEqual(['vbs.db', expect.stringMatching(isKept)]);
    expect(readFileSync(backup)).toEqual(bytes);
    expect(namesIn(folder)).toEqual(['backup.db', 'state']);
    expect([database, join(state, kept)].map((file) => statSync(file).mode & 0o777)).toEqual([0o600, 0o600]);
    expect(dumpDatabase(database)).toEqual(wanted);
    expect(dumpDatabase(join(state, kept))).toEqual(replaced);
  });

  it('never writes over what an earlier one has kept, however often it is done', async () => {
    for (let time = 0; time < 3; time += 1) {
      change((opened) => void volumeRow(opened, { volumeServer: `server-${time}` }));
      expect(await restore(backup)).toMatchObject({ exitCode: 0 });
    }
    const kept = namesIn(state).filter((name) => isKept.test(name));
    const servers = kept.map((name) =>
      dumpDatabase(join(state, name)).volumes?.map((row) => (row as { volume_server: string }).volume_server),
    );
    expect(servers.map((names) => names?.toSorted()).toSorted()).toEqual([
      ['local', 'server-0'],
      ['local', 'server-1'],
      ['local', 'server-2'],
    ]);
  });

  it('goes back to what an earlier one has kept', async () => {
    change((opened) => void volumeRow(opened, { volumeServer: 'later' }));
    const later = dumpDatabase(database);
    const { kept } = JSON.parse((await restore(backup, '--json')).stdout);
    expect(await restore(kept)).toMatchObject({ exitCode: 0 });
    expect(dumpDatabase(database)).toEqual(later);
  });

  it('takes along what a database that was copied by hand has in its log', async () => {
    const opened = openDatabase(database);
    volumeRow(opened, { volumeServer: 'in-the-log' });
    for (const ending of ['', '-wal']) copyFileSync(`${database}${ending}`, join(folder, `copied.db${ending}`));
    opened.$client.close();
    await restore(backup);
    expect(await restore(join(folder, 'copied.db'))).toMatchObject({ exitCode: 0 });
    expect(dumpDatabase(database).volumes).toContainEqual(expect.objectContaining({ volume_server: 'in-the-log' }));
  });

  it('keeps a damaged database with its log, and puts the backup in its place', async () => {
    writeFileSync(database, 'this is no database at all, since its disk has lost it');
    writeFileSync(`${database}-wal`, 'nor is this its log');
    expect(await restore(backup)).toMatchObject({ exitCode: 0 });
    expect(dumpDatabase(database).volumes).toHaveLength(1);
    const kept = namesIn(state).filter((name) => name.includes('before'));
    expect(kept.map((name) => readFileSync(join(state, name), 'utf8'))).toEqual([
      expect.stringContaining('no database at all'),
      'nor is this its log',
    ]);
  });

  it('leaves what root has restored to the user of the server, whose folder it is', async () => {
    const isRoot = process.getuid?.() === 0;
    if (isRoot) chownSync(state, 65_534, 65_534);
    rmSync(database);
    expect(await restore(backup)).toMatchObject({ exitCode: 0 });
    const owner = isRoot ? 65_534 : process.getuid?.();
    expect(readdirSync(state).map((name) => statSync(join(state, name)).uid)).toEqual([owner, owner]);
  });

  it('puts it where no database is', async () => {
    rmSync(database);
    expect(await restore(backup)).toMatchObject({ exitCode: 0, stdout: expect.not.stringContaining('kept') });
    expect(dumpDatabase(database).volumes).toHaveLength(1);
  });

  it.each([
    ['a server runs', () => void 0, /a server uses the state folder .*stop it first/],
    ['another process has the database open', () => void 0, /is held by another process/],
    ['there is no such file', () => rmSync(backup), /there is no file .*backup\.db/],
    [
      'it is no database',
      () => writeFileSync(backup, 'something else, and long enough to be read as one'),
      /backup\.db is no database of VBS/,
    ],
    ['it is empty', () => writeFileSync(backup, ''), /backup\.db is no database of VBS/],
    [
      'it is the database of another program',
      () => {
        rmSync(backup);
        new Sqlite(backup).exec('CREATE TABLE volumes (id)').close();
      },
      /backup\.db is no database of VBS/,
    ],
    ['it is cut off', () => truncateSync(backup, statSync(backup).size - 8_192), /backup\.db is damaged/],
    [
      'a newer version wrote it',
      () =>
        change(
          (opened) => void opened.$client.exec("INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('x', 9999999999999)"),
          backup,
        ),
      /backup\.db was written by a newer version/,
    ],
    [
      'it is of a simulated site, and the folder is not',
      () => {
        change(mark('real'));
        change(mark('simulated'), backup);
      },
      /backup\.db is of a simulated site, and the state folder .* is that of a real one/,
    ],
  ])('changes nothing when %s', async (situation, make, message) => {
    make();
    const before = { rows: dumpDatabase(database), names: namesIn(state) };
    const lock = situation === 'a server runs' ? lockState(join(state, 'lock.db')) : undefined;
    const other = situation.startsWith('another process') ? openDatabase(database) : undefined;
    const { exitCode, stderr } = await restore(backup);
    lock?.release();
    other?.$client.close();
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringMatching(message) });
    expect({ rows: dumpDatabase(database), names: namesIn(state).filter((name) => !/-(wal|shm)$/.test(name)) }).toEqual({
      ...before,
      names: before.names.filter((name) => !/-(wal|shm)$/.test(name)),
    });
  });

  it('makes no folder that is a typing error', async () => {
    const { exitCode, stderr } = await vbs('restore', backup, '--state', join(folder, 'tpyo'));
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringMatching(/there is no folder .*tpyo/) });
    expect(namesIn(folder)).toEqual(['backup.db', 'state']);
  });
});
