import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { YamlRefused } from '../../../src/checked-yaml/checked-yaml.ts';
import { siteResolvers } from '../../../src/composition/cloud-resolvers.ts';
import { explainInstance } from '../../../src/composition/explain-instance.ts';
import { listedInstances, reloadedInstances } from '../../../src/composition/listed-instances.ts';
import type { InstanceId } from '../../../src/model/ids.ts';
import { readSettings } from '../../../src/settings/read-settings.ts';
import { recordingLog } from '../../support/recording-log.ts';

const folder = mkdtempSync(join(tmpdir(), 'vbs-cloud-resolvers-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'vbs.yaml');
const id = (text: string) => text as InstanceId;

/** As an editor does it: the file is exchanged as a whole. */
function write(text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

const hosts = 'vmmHosts:\n  - name: vmm1\n    vmm: { driver: qemu }\n';
const says = (host: string, domain: string) =>
  `argv: [sh, -c, 'echo "{\\"vmmHost\\": \\"${host}\\", \\"domain\\": \\"${domain}\\"}"', '{id}']`;

async function chainOf(text: string) {
  write(text);
  const checked = readSettings(file);
  const instances = listedInstances(checked.value);
  const vmmHosts = checked.value.vmmHosts.map(({ name }) => name);
  return siteResolvers(checked, { instances: () => instances, vmmHosts, stateFolder: folder, log: recordingLog() });
}

async function complaintsOf(text: string): Promise<readonly string[]> {
  try {
    await chainOf(text);
    return [];
  } catch (cause) {
    if (!(cause instanceof YamlRefused)) throw cause;
    return cause.complaints.map((complaint) => complaint.replace(`${file}:`, ''));
  }
}

describe('the resolvers of the settings', () => {
  it('are asked besides the list of instances and the direct form', async () => {
    const chain = await chainOf(
      `${hosts}instances:\n  - { id: i-1, vmmHost: vmm1, domain: web }\nresolvers:\n  - kind: command\n    name: ours\n    ids: ^x\n    hosts: { far: vmm1 }\n    ${says('far', 'a')}\n`,
    );
    expect(chain.name).toBe('static, ours, direct');
    expect(await chain.resolve(id('i-1'))).toEqual({ outcome: 'resolved', placement: { vmmHost: 'vmm1', domain: 'web' } });
    expect(await chain.resolve(id('x1'))).toEqual({ outcome: 'resolved', placement: { vmmHost: 'vmm1', domain: 'a' } });
    expect(await chain.resolve(id('vmm1/b'))).toEqual({ outcome: 'resolved', placement: { vmmHost: 'vmm1', domain: 'b' } });
    expect(chain.health?.()).toEqual([{ name: 'ours', circuit: 'closed', asked: 1, failed: 0 }]);
  });

  it.each([
    [
      'an unknown kind',
      'resolvers:\n  - kind: cloudy\n',
      ['2: there is no kind of resolver "cloudy"; there are command, ec2, http, libvirt, nimbus, opennebula, openstack, proxmox, xen'],
    ],
    [
      'a setting that the kind has not',
      'resolvers:\n  - kind: xen\n    urll: 7\n',
      ['3: "urll" is not known here; see docs/resolvers/xen.md for what is'],
    ],
    ['a missing setting', 'resolvers:\n  - kind: http\n', [expect.stringMatching(/^2: url: missing/)]],
    [
      'a wrong value',
      'resolvers:\n  - kind: nimbus\n    url: ftp://x\n    mode: status\n',
      [expect.stringMatching(/^3: url: must be an address/)],
    ],
    [
      'a relative path',
      'resolvers:\n  - kind: proxmox\n    url: https://pve:8006\n    token: a@pam!b\n    secretFile: secret\n',
      ['5: secretFile: must be an absolute path'],
    ],
    [
      'a host that is not there',
      `${hosts}resolvers:\n  - kind: xen\n    vmmHosts:\n      - vmm2\n`,
      [expect.stringMatching(/^7: there is no VMM host "vmm2"/)],
    ],
    [
      'settings that need each other',
      'resolvers:\n  - kind: nimbus\n    mode: status\n',
      [expect.stringMatching(/^3: the mode status needs url/)],
    ],
    ['a pattern that is none', 'resolvers:\n  - kind: xen\n    ids: "("\n', ['3: resolvers.0.ids: must be a regular expression']],
    ['two of the same name', 'resolvers:\n  - kind: xen\n  - kind: xen\n', [expect.stringMatching(/^3: "xen" stands in resolvers twice/)]],
  ])('are refused with the line of %s', async (_what, text, expected) => {
    expect(await complaintsOf(text)).toEqual(expected);
  });
});

describe('the instances of the settings', () => {
  it('follow the file, and stay as they were while there is a mistake in it', () => {
    write(`${hosts}instances:\n  - { id: i-1, vmmHost: vmm1, domain: web }\n`);
    const log = recordingLog();
    const instances = reloadedInstances(file, listedInstances(readSettings(file).value), log);
    const ids = () => instances().map((instance) => instance.id);
    expect(ids()).toEqual(['i-1']);
    write(`${hosts}instances:\n  - { id: i-1, vmmHost: vmm1, domain: web }\n  - { id: i-2, vmmHost: vmm1, domain: mail }\n`);
    expect(ids()).toEqual(['i-1', 'i-2']);
    write(`${hosts}instances:\n  - { id: i-3, vmmHost: vmm9, domain: web }\n`);
    expect(ids()).toEqual(['i-1', 'i-2']);
    expect(ids()).toEqual(['i-1', 'i-2']);
    expect(log.lines('error')).toHaveLength(1);
    rmSync(file);
    expect(ids()).toEqual(['i-1', 'i-2']);
    write(hosts);
    expect(ids()).toEqual([]);
  });
});

describe('the explanation of an instance', () => {
  it('tells who said what, and names those who disagree', async () => {
    write(`${hosts}instances:\n  - { id: i-1, vmmHost: vmm1, domain: web }\nresolvers:\n  - kind: command\n    ${says('vmm1', 'mail')}\n`);
    expect(await explainInstance('i-1', { config: file })).toEqual({
      instanceId: 'i-1',
      outcome: 'contradicted',
      reason: 'static says vmm1/web, command says vmm1/mail',
      testimonies: [
        { resolver: 'static', outcome: 'resolved', vmmHost: 'vmm1', domain: 'web', durationMs: expect.any(Number) },
        { resolver: 'command', outcome: 'resolved', vmmHost: 'vmm1', domain: 'mail', durationMs: expect.any(Number) },
        { resolver: 'direct', outcome: 'not-known', durationMs: expect.any(Number) },
      ],
    });
    write(`${hosts}instances:\n  - { id: i-1, vmmHost: vmm1, domain: web, account: '123456789012' }\n`);
    expect(await explainInstance('i-1', { config: file })).toMatchObject({
      ...{ outcome: 'resolved', vmmHost: 'vmm1', domain: 'web', accountId: '123456789012' },
      testimonies: [{ resolver: 'static', accountId: '123456789012' }, { resolver: 'direct' }],
    });
    write(`${hosts}resolvers:\n  - kind: command\n    ${says('vmm9', 'web')}\n`);
    expect(await explainInstance('i-1', { config: file })).toMatchObject({
      ...{ outcome: 'no-such-host', vmmHost: 'vmm9', domain: 'web', reason: 'it runs on vmm9, which the settings do not name' },
      testimonies: [{ resolver: 'static' }, { resolver: 'command', outcome: 'resolved', vmmHost: 'vmm9' }, { resolver: 'direct' }],
    });
    await expect(explainInstance('-x', { config: file })).rejects.toThrow('has not the form of an instance id');
    await expect(explainInstance('i-1', { config: '/no/such/file' })).rejects.toThrow('there is no such file');
  });
});
