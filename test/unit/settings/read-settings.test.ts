import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { YamlRefused } from '../../../src/checked-yaml/checked-yaml.ts';
import { readSettings, SettingsUnusable } from '../../../src/settings/read-settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'vbs-settings-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'vbs.yaml');

function read(text: string) {
  writeFileSync(file, text);
  return readSettings(file);
}

/** What is wrong with a text, each with the line, without the name of the file. */
function complaints(text: string): readonly string[] {
  try {
    read(text);
    return [];
  } catch (cause) {
    if (cause instanceof YamlRefused) {
      return cause.complaints.map((complaint) => complaint.replace(`${file}:`, ''));
    }
    throw cause;
  }
}

const hosts = `vmmHosts:
  - name: vmm1
    vmm: { driver: qemu }
`;

describe('the settings', () => {
  it('have a default for everything', () => {
    for (const { value } of [readSettings(undefined), read(''), read('{}'), read('# only a comment\n')]) {
      expect(value).toMatchObject({
        listen: '127.0.0.1:8773',
        region: 'us-east-1',
        zones: ['us-east-1a'],
        iqnPrefix: 'iqn.2009-11.org.vbs',
        operations: { concurrency: 16, attempts: 3, backoffMs: 200, settleMs: 5_000 },
        vmmHosts: [],
        instances: [],
      });
    }
  });

  it('take accounts for what they are, and no number for one', () => {
    const instance = 'instances:\n  - { id: i-1, vmmHost: vmm1, domain: web, account:';
    const { value } = read(`operatorAccount: '000000000000'\n${hosts}${instance} '123456789012' }\n`);
    expect([value.operatorAccount, value.instances[0]?.account]).toEqual(['000000000000', '123456789012']);
    for (const text of ['operatorAccount: 000000000000\n', `${hosts}${instance} 123456789012 }\n`, "operatorAccount: '1'\n"]) {
      expect(complaints(text)).toEqual([expect.stringContaining('must be an account id: twelve digits, in quotes')]);
    }
  });

  it('take paths from the folder of their file', () => {
    const { value } = read('state: state\ndriverFolders: [drivers, /etc/vbs/drivers]\nlog: { file: ../vbs.log }\n');
    expect(value.state).toBe(join(folder, 'state'));
    expect(value.driverFolders).toEqual([join(folder, 'drivers'), '/etc/vbs/drivers']);
    expect(value.log.file).toBe(join(folder, '..', 'vbs.log'));
  });

  it('say what volume types have otherwise than on EBS, and where they are kept', () => {
    const { value } = read(
      'volumeTypes:\n  gp3: { sizeGiB: [1, 100], iops: [100, 200], volumeServer: local }\n  st1: { offered: false }\n',
    );
    expect(value.volumeTypes).toEqual({
      gp3: { offered: true, sizeGiB: [1, 100], iops: [100, 200], volumeServer: 'local' },
      st1: { offered: false },
    });
    expect(complaints('volumeTypes:\n  gp3: { sizeGiB: [9, 1] }\n').join()).toContain('2: volumeTypes.gp3.sizeGiB: must be [LEAST, MOST]');
    expect(complaints('volumeTypes:\n  gp2: { volumeServer: vs9 }\n')).toEqual(['2: there is no volume server "vs9"; there is local']);
    expect(complaints('volumeTypes:\n  gp2: { iops: [1, 2] }\n').join()).toContain('iops');
    expect(complaints('volumeTypes:\n  gp9: {}\n').join()).toContain('gp9');
  });

  it('say how another machine is reached, with files from the folder of the settings', () => {
    const ssh = 'ssh: { host: 192.0.2.7, identityFile: keys/id, knownHostsFile: /etc/vbs/known_hosts }';
    const { value } = read(`vmmHosts:\n  - { name: xen1, vmm: { driver: qemu }, ${ssh} }\n`);
    expect(value.vmmHosts[0]?.ssh).toEqual({
      host: '192.0.2.7',
      port: 22,
      user: 'root',
      identityFile: join(folder, 'keys/id'),
      knownHostsFile: '/etc/vbs/known_hosts',
      scriptsFolder: '/var/lib/vbs/scripts',
    });
    const managed = 'exports: { driver: tgt, daemon: managed }';
    expect(complaints(`volumeServers:\n  - { name: vs1, volumes: { driver: file }, ${managed}, ${ssh} }\n`)).toEqual([
      '2: only a daemon on this machine can be managed; start it on that host yourself and say "daemon: external"',
    ]);
    expect(complaints(`vmmHosts:\n  - { name: xen1, vmm: { driver: qemu }, ssh: { host: -oProxyCommand=x } }\n`).join()).toMatch(
      /host name or an IP address.*identityFile.*knownHostsFile/,
    );
  });

  it('say when there is no file, or none that can be read', () => {
    expect(() => readSettings(join(folder, 'none.yaml'))).toThrow(SettingsUnusable);
    expect(() => readSettings(join(folder, 'none.yaml'))).toThrow('there is no such file; name another with --config');
    expect(() => readSettings(folder)).toThrow('it cannot be read (EISDIR)');
  });

  it.each([
    ['listen: 8773', /^1: listen: must be HOST:PORT, as 127.0.0.1:8773$/],
    ['region: us\nlisten: nowhere', /^2: listen: must be HOST:PORT, as 127.0.0.1:8773$/],
    ['zones: []', /^1: zones: must be a list of at least 1 item, and is an empty list$/],
    ['iqnPrefix: iqn.nonsense', /^1: iqnPrefix: must be iqn.YEAR-MONTH.DOMAIN/],
    ['log:\n  level: loud', /^2: log.level: must be one of debug, info, warn, error, and is the text "loud"$/],
    ['operations:\n  attempts: 0', /^2: operations.attempts: must be at least 1, and is 0$/],
    ['simulation: { latencyFactor: -1 }', /^1: simulation.latencyFactor: must be at least 0, and is -1$/],
    ['# a comment\nlistn: 127.0.0.1:1', /^2: "listn" is not known here; did you mean "listen"\? see config\/vbs.example.yaml for what is$/],
    ['vmmHosts:\n  - name: vmm1', /^2: vmmHosts.0.vmm: missing; it must be a group of keys, as \{ key: value \}$/],
    ['vmmHosts:\n  - name: vmm 1\n    vmm: { driver: qemu }', /^2: vmmHosts.0.name: must be letters, digits, dots, dashes or underscores$/],
    [`${hosts}    initiatorName: mine`, /^4: vmmHosts.0.initiatorName: must be an iSCSI name/],
    ['volumeServers: []', /^1: volumeServers: must be a list of at least 1 item, and is an empty list$/],
    [`${hosts}  - name: vmm1\n    vmm: { driver: qemu }`, /^4: "vmm1" stands in vmmHosts twice; names must differ$/],
    [`${hosts}instances:\n  - { id: i-1, vmmHost: vmm2, domain: a }`, /^5: there is no VMM host "vmm2" below vmmHosts; it has vmm1$/],
    ['instances:\n  - { id: i-1, vmmHost: vmm2, domain: a }', /^2: there is no VMM host "vmm2" below vmmHosts; it has none$/],
    [`${hosts}instances:\n  - { id: "i 1", vmmHost: vmm1, domain: a }`, /^5: "i 1" has not the form of an instance id$/],
    [
      `${hosts}instances:\n  - { id: i-1, vmmHost: vmm1, domain: a }\n  - { id: i-1, vmmHost: vmm1, domain: b }`,
      /^6: "i-1" stands in instances twice; names must differ$/,
    ],
    ['region: [', /^\d: /],
    ['region: one\nregion: two', /^2: "region": the key stands here twice; remove one of the two$/],
    ['just a text', /^1: must be a group of keys, as \{ key: value \}, and is the text "just a text"$/],
  ])('%j is refused with its line and the mend', (text, complaint) => {
    expect(complaints(text)).toEqual([expect.stringMatching(complaint)]);
  });

  it('name every mistake, in the order of the lines', () => {
    expect(complaints('zones: []\nlisten: nowhere\nnothing: here\n').map((complaint) => complaint.split(':')[0])).toEqual(['1', '2', '3']);
  });

  it('name what is contradictory besides what has the wrong form, and blame nobody for what another item lacks', () => {
    const text = `${hosts}  - name: vmm2\n    vmm: qemu\n  - name: vmm1\n    vmm: { driver: qemu }\nregion: []\n`;
    expect(complaints(`${text}instances:\n  - { id: i-1, vmmHost: vmm2, domain: a }\n  - { id: i-2, vmmHost: vmm9, domain: a }\n`)).toEqual(
      [
        expect.stringMatching(/^5: vmmHosts.1.vmm: must be a group of keys/),
        '6: "vmm1" stands in vmmHosts twice; names must differ',
        '8: region: must be a text, and is an empty list',
        expect.stringMatching(/^11: there is no VMM host "vmm9"/),
      ],
    );
  });

  it('locate what is only found to be wrong later', () => {
    const { locate } = read(`${hosts}`);
    expect(locate({ path: ['vmmHosts', 0, 'vmm', 'driver'], reason: 'there is no such driver' })).toBe(
      `${file}:3: there is no such driver`,
    );
    expect(readSettings(undefined).locate({ path: ['state'], reason: 'is full' })).toBe('default settings: state: is full');
  });
});
