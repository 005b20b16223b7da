import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { buildSite } from '../../src/composition/build-site.ts';
import type { BuiltSite } from '../../src/composition/built-site.ts';
import { openStateFolder } from '../../src/composition/state-folder.ts';
import { readSettings } from '../../src/settings/read-settings.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import type { Store } from '../../src/store/store.ts';
import { recordingLog } from '../support/recording-log.ts';

const spec = { volumeId: 'vol-0123456789abcdef0', bytes: 1024 ** 2 };

let folder = '';
let store: Store;
let built: BuiltSite | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vbs-site-storage-'));
  store = openSqliteStore({ file: join(folder, 'vbs.db'), clock: Date.now, newUuid: randomUUID });
  await writeFile(
    join(folder, 'vbs.yaml'),
    `volumeServers:
  - name: vs1
    volumes: { driver: file, settings: { stateFolder: ${join(folder, 'srv')} } }
    exports: { driver: tgt, daemon: external, settings: { portal: '127.0.0.1:3260', controlSocket: ${join(folder, 'none')} } }
`,
  );
});
afterEach(async () => {
  await built?.close();
  built = undefined;
  store.close();
  await rm(folder, { recursive: true });
});

/** As a start of the service has it. */
async function start() {
  const config = join(folder, 'vbs.yaml');
  const log = recordingLog();
  built = await buildSite({ config }, readSettings(config), openStateFolder(join(folder, 'state')), log, store);
  const volumes = built.site.volumeServers.get('vs1')?.volumes;
  if (volumes === undefined) throw new Error('there is no vs1');
  return { volumes, log, stop: built.close };
}

it('the storage of a volume server is looked at when the service starts, and known to every later start', async () => {
  const first = await start();
  await first.volumes.volume.make(spec);
  await first.stop();
  expect(await store.storages()).toEqual([{ volumeServer: 'vs1', state: 'known', id: expect.stringMatching(/^[0-9a-f-]{36}$/) }]);

  await rename(join(folder, 'srv'), join(folder, 'not-mounted'));
  await mkdir(join(folder, 'srv'));
  const { volumes, log } = await start();
  // Before anybody has asked it for anything.
  await expect.poll(() => log.lines('warn').join(), { timeout: 10_000 }).toMatch(/could not be prepared.*"backend":"file"/);
  const message = expect.stringContaining('vbs storage accept vs1');
  await expect(volumes.volume.unmake(spec)).rejects.toMatchObject({ kind: 'unavailable', message });
  expect(await readdir(join(folder, 'srv'))).toEqual([]);

  await rm(join(folder, 'srv'), { recursive: true });
  await rename(join(folder, 'not-mounted'), join(folder, 'srv'));
  expect((await volumes.volume.look(spec)).value.state).toBe('present');
});
