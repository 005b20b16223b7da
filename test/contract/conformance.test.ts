import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkDriver } from '../../src/composition/check-driver.ts';
import { systemClock } from '../../src/drivers/command/clock.ts';
import { localHost } from '../../src/drivers/command/local-host.ts';
import { ensureTgtDaemon, type TgtDaemon } from '../../src/drivers/command/tgt-daemon.ts';

const shipped = fileURLToPath(new URL('../../config/drivers/', import.meta.url));
const host = localHost('here', systemClock);

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vbs-conformance-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const check = (file: string, settings: Record<string, string>) => checkDriver(file, { device: '/dev/sdp', sizeMiB: 4, settings });
const unheld = (checks: Awaited<ReturnType<typeof check>>['checks']) =>
  checks
    .filter(({ outcome }) => outcome !== 'held')
    .map(({ subject, sentence, outcome, reason }) => ({ subject, sentence, outcome, reason }));

describe('the conformance of a backend file', () => {
  it('is told of the shipped files, with every command, and nothing is left behind', async () => {
    const stateFolder = join(folder, 'held');
    const { describes, checks } = await check(join(shipped, 'file.yaml'), { stateFolder });
    expect(describes).toBe('the volume-server "file" on local');
    expect(unheld(checks)).toEqual([]);
    expect(new Set(checks.map(({ subject }) => subject))).toEqual(
      new Set(['volume', 'contents', 'snapshot', 'copy', 'growth', 'progress', 'space']),
    );
    expect(checks.every(({ commands }) => commands.length > 0)).toBe(true);
    // The two folders keep what tells them from others.
    const mark = expect.stringMatching(/vbs-storage-[0-9a-f-]{36}$/);
    expect(await filesBelow(stateFolder)).toEqual([mark, mark]);
  });

  describe('for an export server', () => {
    let daemon: TgtDaemon;
    beforeAll(async () => {
      daemon = await ensureTgtDaemon({ portal: '127.0.0.1:0' }, { stateFolder: folder, host, clock: systemClock });
      return async () => {
        process.kill(Number(await readFile(join(folder, 'tgtd', 'tgtd.pid'), 'utf8')), 'SIGKILL');
      };
    });

    it('is told with a volume that was made for it', async () => {
      const { controlSocket, portal } = daemon;
      const { checks } = await check(join(shipped, 'tgt.yaml'), { controlSocket, portal });
      expect(unheld(checks)).toEqual([]);
      expect(new Set(checks.map(({ subject }) => subject))).toEqual(new Set(['preparation', 'export', 'access', 'programs']));
      expect(JSON.stringify(checks)).not.toMatch(/secret"?:/i);
    });
  });

  it.each([
    [
      'whose removal does nothing',
      /rm, --force, "(?=[^"]*volumeId)[^"]*new", "[^"]*raw"/,
      'test, -n, removed',
      /is gone once it was removed/,
    ],
    ['whose listing shows nothing', '\\.raw(?:\\.new)?|', '\\.none|', /is listed once/],
    ['that takes nothing for an empty listing', /\n {6}always: [^\n]+/g, '', /nothing is concluded when a command answers with/],
    ['whose growth is a claim', /truncate, --no-create, "--size=>/, 'test, -n, "', /makes a volume larger/],
  ])('is denied to a file %s', async (_what, from, to, sentence) => {
    const drivers = await mkdtemp(join(folder, 'drivers-'));
    await cp(join(shipped, 'scripts'), join(drivers, 'scripts'), { recursive: true });
    const text = await readFile(join(shipped, 'file.yaml'), 'utf8');
    const broken = text.replace(from, to);
    expect(broken).not.toBe(text);
    await writeFile(join(drivers, 'file.yaml'), broken);
    const { checks } = await check(join(drivers, 'file.yaml'), { stateFolder: join(drivers, 'data') });
    expect(checks.filter(({ outcome }) => outcome === 'failed')[0]?.sentence).toMatch(sentence);
  });

  it.each([
    ['no such file', 'nowhere.yaml', {}, /nowhere\.yaml cannot be read/],
    ['no host to run it on', 'open-iscsi.yaml', {}, /needs a host; name a settings file with --config/],
    ['a setting that it has not', 'file.yaml', { folder: '/tmp' }, /file has no setting "folder"/],
  ])('cannot be told with %s, which is refused with the mend', async (_what, file, settings, message) => {
    await expect(check(join(shipped, file), settings)).rejects.toThrow(message);
  });
});

async function filesBelow(path: string): Promise<readonly string[]> {
  const { stdout } = await host.run({ argv: ['find', path, '-type', 'f'], timeoutMs: 10_000 });
  return stdout.split('\n').filter(Boolean);
}
