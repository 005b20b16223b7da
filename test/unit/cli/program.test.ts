import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';
import { type Run, vbs } from '../../support/run-vbs.ts';
import { type SimulatedService, startSimulatedService } from '../../support/simulated-service.ts';

describe('vbs', () => {
  it('lists its commands, the eight of the paper among them', async () => {
    const { exitCode, stdout } = await vbs('--help');
    expect(exitCode).toBe(0);
    for (const command of [
      'serve',
      'create-volume',
      'delete-volume',
      'describe-volumes',
      'attach-volume',
      'detach-volume',
      'create-snapshot',
      'delete-snapshot',
      'describe-snapshots',
      'credentials',
      'operations',
      'volumes',
      'wipes',
      'storage',
      'reconcile',
      'backup',
      'resolve',
      'drivers',
    ]) {
      expect(stdout).toContain(command);
    }
  });

  it.each([
    ['an unknown command', ['no-such-command'], /unknown command 'no-such-command'/],
    ['an unknown option', ['serve', '--sim'], /unknown option '--sim'/],
    ['a missing argument', ['delete-volume'], /missing required argument 'volume-id'/],
    ['an account that is none', ['credentials', 'add', '--state', '/nowhere', '--account', '12'], /twelve digits/],
    [
      'an access key id that is none',
      ['credentials', 'add', '--state', '/nowhere', '--access-key-id', 'a b'],
      /letters, digits and underscores/,
    ],
    ['a secret that is too short', ['credentials', 'add', '--state', '/nowhere', '--secret-access-key', 'short'], /16 to 128/],
    ['an abandonment without a proof', ['operations', 'abandon', 'op-0', '--state', '/nowhere'], /--fenced "WHAT WAS DONE" is needed/],
    [
      'a bar cleared by too few words',
      ['volumes', 'clear', 'vol-00000001', '--fenced', 'yes', '--state', '/nowhere'],
      /10 to 1000 characters/,
    ],
    ['a volume id that is none', ['volumes', 'show', 'data', '--state', '/nowhere'], /data is no volume id/],
    ['a seed that is none', ['serve', '--simulate', '--faults', 'many'], /must be a whole number/],
    ['a limit that is none', ['operations', 'list', '--state', '/nowhere', '--limit', 'many'], /must be a number/],
  ])('ends with 2 for %s, and says what is wrong', async (_, words, message) => {
    const { exitCode, stderr } = await vbs(...words);
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringMatching(message) });
  });

  it('names the mend when no cloud knows an instance', async () => {
    const refused = await vbs('resolve', 'i-0badc0de');
    expect(refused).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/^vbs: i-0badc0de: not-known; .*check the id.*--config/) });
  });

  it('names the mend when the state folder cannot be written', async () => {
    const { exitCode, stderr } = await vbs('credentials', 'add', '--new-state', '--state', '/proc/vbs');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/state folder \/proc\/vbs cannot be written .*--state/);
  });

  it('says that no server took a comparison up, and that it will be done then', async () => {
    const state = mkdtempSync(join(tmpdir(), 'vbs-cli-'));
    await vbs('credentials', 'add', '--new-state', '--state', state);
    const refused = await vbs('reconcile', '--state', state);
    expect(refused).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/no server took op-\w+ up within 30 s; start one/) });
    expect((await vbs('reconcile', '--state', state)).stderr).toContain('another comparison is under way');
    rmSync(state, { recursive: true });
  });

  it.each([
    ['credentials', 'add'],
    ['credentials', 'list'],
    ['credentials', 'remove', 'AKIANOBODY'],
    ['operations', 'list'],
    ['operations', 'show', 'op-0'],
    ['operations', 'prune'],
    ['volumes', 'list'],
    ['wipes', 'list'],
    ['storage', 'list'],
    ['storage', 'accept', 'vs1'],
    ['reconcile'],
    ['backup', '/nowhere/backup.db'],
    ['describe-volumes'],
  ])('makes no state where there is none: %s %s', async (...words) => {
    const nowhere = join(tmpdir(), `vbs-typo-${process.pid}`);
    const { exitCode, stderr } = await vbs(...words, '--state', nowhere);
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringMatching(/no VBS state in \S+; .*--state/) });
    expect(existsSync(nowhere)).toBe(false);
  });

  it.each([
    ['credentials', 'list'],
    ['credentials', 'add'],
    ['volumes', 'list'],
    ['operations', 'list'],
    ['wipes', 'list'],
  ])('honours the state folder of the settings, and --state before it: %s %s', async (...words) => {
    const folder = mkdtempSync(join(tmpdir(), 'vbs-cli-'));
    const config = join(folder, 'vbs.yaml');
    writeFileSync(config, 'state: kept\n');
    expect((await vbs(...words, '--config', config)).stderr).toContain(`no VBS state in ${join(folder, 'kept')};`);
    await vbs('credentials', 'add', '--new-state', '--config', config);
    expect(existsSync(join(folder, 'kept', 'vbs.db'))).toBe(true);
    expect(await vbs(...words, '--config', config)).toMatchObject({ exitCode: 0 });
    expect((await vbs(...words, '--config', config, '--state', join(folder, 'other'))).stderr).toContain(join(folder, 'other'));
    rmSync(folder, { recursive: true });
  });

  it('says of a state folder that may not be read that it may not be, and not that it is none', async () => {
    const state = mkdtempSync(join(tmpdir(), 'vbs-cli-'));
    await vbs('credentials', 'add', '--new-state', '--state', state);
    const isRoot = process.getuid?.() === 0;
    // Root may read whatever there is.
    if (isRoot) process.seteuid?.(65_534);
    else chmodSync(state, 0o000);
    const { exitCode, stderr } = await vbs('volumes', 'list', '--state', state).finally(() => {
      if (isRoot) process.seteuid?.(0);
      else chmodSync(state, 0o700);
    });
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: expect.stringMatching(/may not be read by this user \(EACCES\): .*as root/),
    });
    rmSync(state, { recursive: true });
  });
});

describe('vbs credentials', () => {
  let state: string;
  beforeAll(() => {
    state = mkdtempSync(join(tmpdir(), 'vbs-cli-'));
  });
  afterAll(() => rmSync(state, { recursive: true }));

  it('adds the key that is given once, lists it without its secret, and removes it', async () => {
    const key = [
      '--new-state',
      '--access-key-id',
      'AKIAGIVENBYTHEUSER01',
      '--secret-access-key',
      'a-secret-of-the-user',
      '--account',
      '210987654321',
    ];
    expect((await vbs('credentials', 'add', '--state', state, ...key)).stdout).toContain('aws_access_key_id = AKIAGIVENBYTHEUSER01');
    const again = await vbs('credentials', 'add', '--state', state, ...key);
    expect(again).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('is there already') });
    const listed = await vbs('credentials', 'list', '--state', state);
    expect(listed.stdout).toMatch(/AKIAGIVENBYTHEUSER01\s+210987654321/);
    expect(listed.stdout).not.toContain('a-secret-of-the-user');
    expect((await vbs('credentials', 'remove', 'AKIAGIVENBYTHEUSER01', '--state', state)).exitCode).toBe(0);
    expect((await vbs('credentials', 'remove', 'AKIAGIVENBYTHEUSER01', '--state', state)).exitCode).toBe(1);
  });

  it('reads a secret from standard input, where nobody else can see it', async () => {
    const { stdout } = await vbs(
      'credentials',
      'add',
      '--state',
      state,
      '--access-key-id',
      'AKIAGIVENBYTHEUSER02',
      '--secret-access-key',
      '-',
    );
    expect(stdout).toContain('aws_secret_access_key = a-secret-from-standard-input');
  });

  it('makes a key of the form that AWS clients expect', async () => {
    const made = JSON.parse((await vbs('credentials', 'add', '--state', state, '--json')).stdout);
    expect(made).toMatchObject({
      accessKeyId: expect.stringMatching(/^AKIA[A-Z2-7]{16}$/),
      secretAccessKey: expect.stringMatching(/^[\w+/]{40}$/),
    });
    expect(made).not.toHaveProperty('sessionToken');
  });

  it('makes a key that holds for a time, tells its session token once, and lists until when it holds', async () => {
    const { stdout } = await vbs('credentials', 'add', '--state', state, '--expires-in', '12h');
    expect(stdout).toMatch(
      /^\[profile vbs\]\nregion = us-east-1\nendpoint_url = http:\/\/127\.0\.0\.1:8773\naws_access_key_id = ASIA[A-Z2-7]{16}\naws_secret_access_key = \S{40}\naws_session_token = \S{160}\n$/,
    );
    const [, accessKeyId, token = ''] = /= (ASIA\S+)[\s\S]*token = (\S+)/.exec(stdout) ?? [];
    const keys = JSON.parse((await vbs('credentials', 'list', '--state', state, '--json')).stdout);
    const key = keys.find((each: { accessKeyId: string }) => each.accessKeyId === accessKeyId);
    expect(key.expiresAtMs - key.createdAtMs).toBe(12 * 60 * 60_000);
    const listed = await vbs('credentials', 'list', '--state', state);
    expect(listed.stdout).toMatch(/ACCESS KEY +ACCOUNT +CREATED +EXPIRES/);
    expect(listed.stdout).not.toContain(token);
  });

  it.each(['12', '14m', '8d', '1y', ''])('takes no --expires-in %j', async (time) => {
    const { exitCode, stderr } = await vbs('credentials', 'add', '--state', state, '--expires-in', time);
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining('from 15m to 7d') });
  });
});

describe('the commands of the paper', () => {
  let service: SimulatedService;
  beforeAll(async () => {
    service = await startSimulatedService();
  });
  afterAll(() => service.close());
  const call = (...words: readonly string[]) => vbs(...words, '--endpoint', service.endpoint, '--state', service.stateFolder);
  const idIn = ({ stdout }: Run, prefix: string) => new RegExp(`${prefix}-[0-9a-f]{17}`).exec(stdout)?.[0] ?? '';

  it('take a volume through its life with the arguments of the paper', async () => {
    const created = await call('create-volume', '2', 'a comment', '--wait');
    expect(created).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/2 GiB {2}available .*a comment/) });
    const volumeId = idIn(created, 'vol');
    const attached = await call('attach-volume', volumeId, 'vmm1', 'dom1', '/dev/sdf', '--wait');
    expect(attached.stdout).toMatch(/vmm1\/dom1\s+\/dev\/sdf\s+attached/);
    const snapped = await call('create-snapshot', volumeId, 'before the change', '--wait');
    expect(snapped.stdout).toMatch(/completed\s+100%\s+before the change/);
    const snapshotId = idIn(snapped, 'snap');
    expect((await call('detach-volume', volumeId, '--wait')).stdout).toContain('detached');
    const copy = idIn(await call('create-volume', '0', '', snapshotId, '--wait'), 'vol');
    expect((await call('attach-volume', copy, 'i-00000002', 'xvdf', '--wait')).stdout).toMatch(/i-00000002\s+xvdf\s+attached/);
    expect((await call('describe-volumes')).stdout.trimEnd().split('\n')).toHaveLength(3);
    expect(JSON.parse((await call('describe-snapshots', snapshotId, '--json')).stdout)).toMatchObject([
      { SnapshotId: snapshotId, VolumeSize: 2 },
    ]);
    expect((await call('detach-volume', copy, '--wait')).exitCode).toBe(0);
    for (const words of [
      ['delete-volume', volumeId],
      ['delete-volume', copy],
      ['delete-snapshot', snapshotId],
    ]) {
      expect((await call(...words)).exitCode).toBe(0);
    }
  });

  it('wait for the end of a deletion when that is wanted', async () => {
    const volumeId = idIn(await call('create-volume', '1', '--wait'), 'vol');
    expect(await call('delete-volume', volumeId, '--wait')).toMatchObject({ exitCode: 0, stdout: `${volumeId}  deleted\n` });
    expect((await call('describe-volumes', volumeId)).stderr).toContain('InvalidVolume.NotFound');
  });

  it('tell of a volume in the recycle bin that it is there, and the operator until when', async () => {
    const recycling = await startSimulatedService(undefined, { recycleBin: { volumes: { retentionDays: 7 } } });
    try {
      const at = ['--state', recycling.stateFolder];
      const ask = (...words: readonly string[]) => vbs(...words, '--endpoint', recycling.endpoint, ...at);
      const volumeId = idIn(await ask('create-volume', '1', '--wait'), 'vol');
      expect((await ask('delete-volume', volumeId, '--wait')).stdout).toBe(`${volumeId}  in the recycle bin\n`);
      const { stdout } = await vbs('volumes', 'list', ...at);
      expect(stdout).toMatch(
        new RegExp(`${volumeId} +123456789012 +1 +in the recycle bin until 20\\d\\d-.*restore-volume-from-recycle-bin`),
      );
      expect((await vbs('volumes', 'show', volumeId, ...at)).stdout).toMatch(/state {7}in the recycle bin until 20/);
      const [report] = JSON.parse((await vbs('volumes', 'list', '--json', ...at)).stdout);
      expect((report.recycled.exitsAtMs - report.recycled.enteredAtMs) / 3_600_000).toBeCloseTo(7 * 24, 3);
    } finally {
      await recycling.close();
    }
  });

  it('end with 1 and the EC2 error when the service refuses', async () => {
    const refused = await call('delete-volume', 'vol-00000000000000000');
    expect(refused).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/^vbs: InvalidVolume\.NotFound: .*vol-00000000000000000/) });
  });

  it('end with 3 and the mend when nothing answers', async () => {
    const refused = await vbs('describe-volumes', '--endpoint', 'http://127.0.0.1:1', '--state', service.stateFolder);
    expect(refused).toMatchObject({ exitCode: 3, stderr: expect.stringMatching(/nothing answers at http:\/\/127\.0\.0\.1:1 .*vbs serve/) });
  });

  it('show what was done, step by step', async () => {
    const volumeId = idIn(await call('create-volume', '1', '--wait'), 'vol');
    const [operation] = JSON.parse(
      (await vbs('operations', 'list', '--state', service.stateFolder, '--resource', volumeId, '--json')).stdout,
    );
    const { stdout } = await vbs('operations', 'show', operation.id, '--state', service.stateFolder);
    expect(stdout).toMatch(/kind {8}create-volume[\s\S]*1\. volume: done[\s\S]*volume-server\$ simulated volume\.make .* -> 0/);
    expect((await vbs('operations', 'show', 'op-00000000000000000', '--state', service.stateFolder)).exitCode).toBe(1);
    expect((await vbs('operations', 'retry', operation.id, '--state', service.stateFolder)).stderr).toContain('is no stuck operation');
  });

  it('show every volume with its next action, and refuse what cannot be done with the reason', async () => {
    const volumeId = idIn(await call('create-volume', '1', '--wait'), 'vol');
    const at = ['--state', service.stateFolder];
    expect((await vbs('volumes', 'list', ...at)).stdout).toMatch(new RegExp(`${volumeId} +123456789012 +1 +available +none`));
    const reports = JSON.parse((await vbs('volumes', 'list', '--json', ...at)).stdout);
    expect(reports).toContainEqual(expect.objectContaining({ next: 'none', volume: expect.objectContaining({ id: volumeId }) }));
    const shown = await vbs('volumes', 'show', volumeId, ...at);
    expect(shown.stdout).toMatch(/state {7}available\noperation {3}op-\w+: create-volume, done, .*\nnext {8}none\n$/);
    const [operation] = JSON.parse((await vbs('operations', 'list', ...at, '--resource', volumeId, '--json')).stdout);
    const proof = ['--fenced', 'pulled the power of vmm1'];
    for (const [words, message] of [
      [['volumes', 'show', 'vol-00000009'], /there is no volume vol-00000009; "vbs volumes list"/],
      [['volumes', 'clear', volumeId, ...proof], /is not barred; to free a volume/],
      [['operations', 'rollback', operation.id], /op-\w+ is done; to take back what it has made, detach or delete it/],
      [['operations', 'abandon', operation.id, ...proof], /op-\w+ is done/],
    ] as const) {
      expect(await vbs(...words, ...at)).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(message) });
    }
    expect((await call('delete-volume', volumeId)).exitCode).toBe(0);
  });

  it('list what was deleted and waits to be wiped', async () => {
    const volumeId = idIn(await call('create-volume', '20', '--wait'), 'vol');
    const at = ['--state', service.stateFolder];
    expect((await call('delete-volume', volumeId)).exitCode).toBe(0);
    const backlog = async () => JSON.parse((await vbs('wipes', 'list', '--json', ...at)).stdout);
    await expect
      .poll(backlog, { timeout: 60_000 })
      .toContainEqual(expect.objectContaining({ volumeServer: 'simulated', name: `del-${volumeId}`, bytes: 20 * 1024 ** 3 }));
    const { stdout } = await vbs('wipes', 'list', ...at);
    expect(stdout).toMatch(/^VOLUME SERVER +NAME +GIB +WIPED +SINCE +FAILURE\n/);
    expect(stdout).toMatch(new RegExp(`simulated +del-${volumeId} +20 +\\d+ % +20\\d\\d-`));
    expect(stdout).toMatch(/\n[\d.]+ GiB to write\n$/);
  });

  it('list the storage of volume servers, and let one use another', async () => {
    const volumeId = idIn(await call('create-volume', '1', '--wait'), 'vol');
    const at = ['--state', service.stateFolder];
    const listed = async () => (await vbs('storage', 'list', ...at)).stdout;
    expect(await listed()).toMatch(/^VOLUME SERVER +STORAGE +VOLUMES +SNAPSHOTS\nsimulated +none yet +\d+ +\d+\n$/);
    expect(await vbs('storage', 'accept', 'vs9', ...at)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/nothing is known of a volume server vs9\nthose that there are: simulated/),
    });
    expect((await vbs('storage', 'accept', 'simulated', ...at)).exitCode).toBe(0);
    expect(await listed()).toMatch(/\nsimulated +whichever is seen next /);
    expect((await call('delete-volume', volumeId)).exitCode).toBe(0);
  });

  it('compare the hosts with the database, through the running server', async () => {
    const agreeing = await vbs('reconcile', '--dry-run', '--state', service.stateFolder);
    expect(agreeing).toMatchObject({ exitCode: 0, stdout: 'The hosts have what the database says, and nothing else of ours.\n' });
    const json = await vbs('reconcile', '--json', '--state', service.stateFolder);
    expect(JSON.parse(json.stdout)).toEqual({ findings: [], begun: [] });
  });

  it('copy the database to a new file that only its owner reads, beside the running server', async () => {
    const file = join(service.stateFolder, 'backup.db');
    const written = await vbs('backup', file, '--state', service.stateFolder);
    expect(written).toMatchObject({ exitCode: 0, stdout: `the database is in ${file}\n` });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const copy = openSqliteStore({ file, clock: Date.now, newUuid: () => '' });
    expect((await copy.accessKeys.list()).map(({ accessKeyId }) => accessKeyId)).toEqual([service.accessKeyId]);
    copy.close();
    const again = await vbs('backup', file, '--state', service.stateFolder);
    expect(again).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('is there already; name a new file') });
    const nowhere = await vbs('backup', '/proc/none/backup.db', '--state', service.stateFolder);
    expect(nowhere).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/cannot be written \(ENOENT\)/) });
  });
});

describe('vbs drivers lint', () => {
  it('says nothing against what is shipped', async () => {
    for (const name of [
      'file',
      'tgt',
      'lio',
      'lvm-thick',
      'lvm-thin',
      'nvmet',
      'open-iscsi',
      'nvme-tcp',
      'xen-xl',
      'libvirt',
      'proxmox',
      'qemu',
    ]) {
      expect(await vbs('drivers', 'lint', `config/drivers/${name}.yaml`)).toMatchObject({
        exitCode: 0,
        stdout: expect.stringMatching(/^config\/drivers\/\S+\.yaml: the \S+ "\S+"; nothing is wrong\n$/),
      });
    }
  });

  it('names what is wrong with its line, and a script that is not there', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vbs-lint-'));
    const lint = (text: string) => {
      writeFileSync(join(folder, 'mine.yaml'), text);
      return vbs('drivers', 'lint', join(folder, 'mine.yaml'));
    };
    const { exitCode, stderr } = await lint('kind: initiator\nname: mine\ndescribes: mine\ncolour: blue\n');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('mine.yaml:4: "colour" is not known here');
    const lio = readFileSync('config/drivers/lio.yaml', 'utf8');
    expect((await lint(lio)).stderr).toMatch(/mine\.yaml:\d+: there is no program lio in \S+\/scripts/);
    expect(await vbs('drivers', 'lint', join(folder, 'none.yaml'))).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('ENOENT'),
    });
    rmSync(folder, { recursive: true });
  });
});

describe('vbs drivers conformance', () => {
  it('tells of every sentence of the contract whether it held, as text and as JSON', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vbs-conformance-'));
    const conformance = (...words: readonly string[]) =>
      vbs('drivers', 'conformance', 'config/drivers/file.yaml', '--size', '2', '--setting', `stateFolder=${folder}/data`, ...words);
    const { exitCode, stdout } = await conformance();
    expect(exitCode, stdout).toBe(0);
    expect(stdout).toMatch(/^ok +volume: is absent and not listed before it is made$/m);
    expect(stdout).toMatch(/^the volume-server "file" on local: (\d+) of \1 held$/m);
    const { describes, checks } = JSON.parse((await conformance('--json')).stdout);
    expect(describes).toBe('the volume-server "file" on local');
    expect(checks[0]).toMatchObject({
      subject: 'volume',
      outcome: 'held',
      commands: expect.arrayContaining([expect.objectContaining({ host: 'local' })]),
    });
    rmSync(folder, { recursive: true });
  });

  it.each([
    [['config/drivers/file.yaml', '--size', 'large'], '--size large: must be a number of MiB from 1'],
    [['config/drivers/file.yaml', '--setting', 'folder'], '--setting folder: must be NAME=VALUE'],
    [['config/drivers/file.yaml', '--setting', 'colour=blue'], 'file has no setting "colour"'],
    [['config/drivers/xen-xl.yaml'], 'needs a host; name a settings file with --config, and one of its vmmHosts with --host'],
    [['nowhere.yaml'], 'nowhere.yaml cannot be read'],
  ])('refuses %j before anything runs', async (words, message) => {
    expect(await vbs('drivers', 'conformance', ...words)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(message) });
  });
});

describe('vbs explain', () => {
  it('tells the commands host by host, as text and as JSON', async () => {
    const { exitCode, stdout } = await vbs('explain', 'create-volume', '3');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^volume\.make\n {2}local\$ rm --force .*\n {2}local\$ truncate --size=3221225472 /m);
    const { operation, commands } = JSON.parse((await vbs('explain', 'create-volume', '3', '--json')).stdout);
    expect(operation).toBe('create-volume');
    expect(commands.find(({ verb }: { readonly verb: string }) => verb === 'volume.make')).toMatchObject({ host: 'local' });
  });

  it.each([
    [['destroy-volume'], 2, 'destroy-volume is no operation; there are create-volume'],
    [['attach-volume', 'vol-00000001'], 2, 'takes VOLUME-ID INSTANCE-ID DEVICE'],
    [['create-volume', 'much'], 2, 'much is no size'],
    [['delete-volume', 'disk1'], 2, 'disk1 has not the form of a volume id'],
    [['delete-snapshot', 'disk1'], 2, 'disk1 has not the form of a snapshot id'],
    [['attach-volume', 'vol-00000001', 'i-00000009', '/dev/sdf'], 1, 'i-00000009'],
    [['create-volume', '1', '--config', 'nowhere.yaml'], 2, 'nowhere.yaml'],
  ])('refuses %j', async (words, exitCode, message) => {
    expect(await vbs('explain', ...words)).toMatchObject({ exitCode, stderr: expect.stringContaining(message) });
  });
});

describe('vbs doctor', () => {
  const diagnose = (settings: unknown, ...words: readonly string[]) => {
    const folder = mkdtempSync(join(tmpdir(), 'vbs-doctor-'));
    writeFileSync(join(folder, 'vbs.yaml'), JSON.stringify(settings));
    return vbs('doctor', '--config', join(folder, 'vbs.yaml'), ...words).finally(() => rmSync(folder, { recursive: true }));
  };
  const server = (exports: object) => ({
    volumeServers: [{ name: 'here', volumes: { driver: 'file', settings: { stateFolder: '/tmp' } }, exports }],
  });

  it('looks at this machine, and names what is wrong with its mend', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vbs-drivers-'));
    const lio = readFileSync('config/drivers/lio.yaml', 'utf8');
    writeFileSync(join(folder, 'lio.yaml'), lio.replace('programs: [perl]', 'programs: [perl, no-such-program]'));
    const settings = { ...server({ driver: 'lio', settings: { portal: '127.0.0.1:3260' } }), driverFolders: [folder] };
    const { exitCode, stdout, stderr } = await diagnose(settings);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^here +program no-such-program +wrong +not there +install the package that has no-such-program$/m);
    expect(stdout).not.toMatch(/ ok /);
    expect(stdout).toMatch(/^[1-9]\d* of \d+ checks failed on 1 host, with (?:1 warning|\d+ warnings)$/m);
    expect(stderr).toMatch(/[1-9]\d* checks? failed$/m);
    expect(`${stdout}${stderr}`).not.toMatch(/\b1 (?:checks|hosts|warnings)\b|\bthings are\b/);
    const { findings } = JSON.parse((await diagnose(settings, '--json')).stdout);
    expect(findings).toContainEqual({ host: 'here', subject: 'clock', outcome: 'ok', found: 'as this one' });
    expect(findings).toContainEqual({ host: 'here', subject: 'program perl', outcome: 'ok', found: expect.stringMatching(/\/perl$/) });
    rmSync(folder, { recursive: true });
  });

  it('says of a host that cannot be reached that it cannot', async () => {
    const ssh = { host: '127.0.0.1', port: 1, identityFile: 'id', knownHostsFile: 'known_hosts' };
    const settings = { vmmHosts: [{ name: 'xen1', ssh, vmm: { driver: 'xen-xl' }, initiator: { driver: 'open-iscsi' } }] };
    const { exitCode, stdout } = await diagnose(settings);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(
      /^xen1 +connection +wrong +xen1 cannot be reached at root@127\.0\.0\.1 port 1: .* see "ssh" of this host in the settings/m,
    );
  });

  it('refuses settings that cannot be used', async () => {
    expect(await vbs('doctor', '--config', 'nowhere.yaml')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('nowhere.yaml') });
  });
});
