import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startService } from '../../../src/composition/serve.ts';
import { openDatabase } from '../../../src/store/sqlite/open-database.ts';
import { attachmentRow, snapshotRow, volumeRow } from '../../support/host-rows.ts';
import { vbs } from '../../support/run-vbs.ts';

let state: string;
let config: string;
beforeEach(async () => {
  state = mkdtempSync(join(tmpdir(), 'vbs-servers-'));
  config = join(state, 'vbs.yaml');
  // Another machine, where nobody answers: nothing is to be looked for on this one.
  const ssh = { host: '127.0.0.1', port: 1, user: 'nobody', identityFile: join(state, 'key'), knownHostsFile: join(state, 'hosts') };
  const exports = { driver: 'lio', settings: { portal: '127.0.0.1:3260' } };
  const volumes = { driver: 'lvm-thick', settings: { volumeGroup: 'vg' } };
  writeFileSync(
    config,
    JSON.stringify({ log: { file: join(state, 'vbs.log') }, volumeServers: [{ name: 'vs-new', ssh, volumes, exports }] }),
  );
  const database = openDatabase(join(state, 'vbs.db'));
  const volumeId = volumeRow(database, { volumeServer: 'vs-old', state: 'in-use' });
  volumeRow(database, { volumeServer: 'vs-old', state: 'deleted' });
  snapshotRow(database, volumeId, 'vs-old');
  attachmentRow(database, volumeId, 'xen1');
  database.$client.close();
});
afterEach(() => rmSync(state, { recursive: true }));

const servers = (...words: readonly string[]) => vbs('servers', ...words, '--config', config, '--state', state);

describe('vbs servers', () => {
  it('lists what is on which host, and what to do about those that the settings do not name', async () => {
    const { stdout } = await servers('list');
    expect(stdout).toMatch(/vs-old +volume-server +1 volumes, 1 snapshots, 0 to be wiped +the settings name no volume server vs-old/);
    expect(stdout).toMatch(/xen1 +vmm-host +1 attachments +the settings name no VMM host xen1/);
    expect(await servers('rename', 'vs-old', 'vs-new')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/1 volumes and 1 snap/),
    });
    const listed = JSON.parse((await servers('list', '--json')).stdout);
    expect(listed[0]).toEqual({ use: { kind: 'volume-server', name: 'vs-new', volumes: 1, snapshots: 1, wipes: 0 } });
  });

  it('forgets nothing without the statement, and nothing that the settings name', async () => {
    const refused = await servers('forget', 'vs-old');
    expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/--volumes-are-lost is needed.*vbs servers rename/) });
    expect((await servers('list')).stdout).toContain('vs-old');
    expect(await servers('forget', 'vs-old', '--volumes-are-lost')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/forgotten/),
    });
    expect((await servers('list')).stdout).not.toMatch(/vs-old|xen1/);
  });

  it('is refused while a server runs, which has told at its start what the settings do not name', async () => {
    const errors: string[] = [];
    const output = {
      write: () => undefined,
      writeError: () => undefined,
      line: () => undefined,
      error: (...lines: string[]) => void errors.push(...lines),
    };
    const service = await startService({ config, state, listen: '127.0.0.1:0' }, output);
    const refused = [await servers('rename', 'vs-old', 'vs-new'), await servers('forget', 'vs-old', '--volumes-are-lost')];
    await service.stop();
    for (const { exitCode, stderr } of refused) {
      expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringMatching(/a server uses the state folder; stop it first/) });
    }
    expect(errors).toEqual([
      expect.stringMatching(
        /^vbs: warning: the settings name no volume server vs-old, which has 1 volume, 1 snapshot: .*vbs servers forget/,
      ),
      expect.stringMatching(/^vbs: warning: the settings name no VMM host xen1, which has 1 attachment: .*--vmm-host/),
    ]);
    expect(readFileSync(join(state, 'vbs.log'), 'utf8')).toContain('the settings name no volume server vs-old');
  });
});
