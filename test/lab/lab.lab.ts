import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startLab } from './lab.ts';
import type { LabHost } from './lab-host.ts';
import { type LabInUse, openLab } from './lab-in-use.ts';

const target = 'iqn.2009-11.org.vbs.lab:by-hand';
const lun = 1;
const volume = 'by-hand';
const user = 'someone';
const disk = 'xvdb';

describe('the lab', () => {
  let lab: LabInUse;
  let volumeServer: LabHost;

  beforeAll(async () => {
    lab = await openLab();
    volumeServer = lab.host('vs1');
  });

  afterAll(async () => {
    await lab.stop();
  });

  test('has a volume group with a thin pool on the volume server', async () => {
    // Its lvm.conf asks for another form, which our drivers have to bear.
    const plain = ['--reportformat', 'basic', '--config', 'log/report_command_log=0', '--noheadings'];
    expect(await lines(volumeServer, 'vgs', ...plain, '-o', 'vg_name')).toEqual(['vbs']);
    expect(await lines(volumeServer, 'lvs', ...plain, '-o', 'vg_name,lv_name,segtype')).toEqual(['vbs pool thin-pool']);
  });

  test('has a running DomU on each Xen node', async () => {
    for (const [node, domU] of [
      ['xen1', 'domu1'],
      ['xen2', 'domu2'],
    ] as const) {
      expect(await said(lab.host(node), 'hostname')).toBe(node);
      expect(await said(lab.host(node), 'xl', 'domid', domU)).toMatch(/^\d+$/);
      expect(await lab.domU(domU).run('echo $((6 * 7)); cat /sys/hypervisor/type; exit 3')).toEqual({ exitCode: 3, output: '42\nxen' });
    }
  });

  test('is reached by any OpenSSH client that knows its keys, and by no other', async () => {
    const { ssh } = volumeServer;
    const reach = (knownHostsFile: string) =>
      execa('ssh', [
        ...['-F', 'none', '-o', 'BatchMode=yes', '-o', 'StrictHostKeyChecking=yes', '-o', `UserKnownHostsFile=${knownHostsFile}`],
        ...['-i', ssh.identityFile, '-p', String(ssh.port), `${ssh.user}@${ssh.host}`, 'hostname'],
      ]);
    expect((await reach(ssh.knownHostsFile)).stdout).toBe('vs1');
    await expect(reach('/dev/null')).rejects.toThrow(/Host key verification failed/);
  });

  test('passes words with spaces and quotes on to a host as they are', async () => {
    const words = ["it's", 'a "b"', '$HOME', ' ', '*', ''];
    const { stdout } = await volumeServer.run(['printf', '%s|', ...words]);
    expect(stdout).toBe(words.map((word) => `${word}|`).join(''));
  });

  test('carries bytes from a DomU of one node to a DomU of the other, and the inventory is as before', async () => {
    const before = await lab.inventory();
    const secret = randomBytes(8).toString('hex');
    const written = randomBytes(16).toString('hex');
    await exportVolume(volumeServer, secret);

    await attach(lab.host('xen1'), 'domu1', secret);
    const during = await lab.inventory();
    await inDomU(lab, 'domu1', `echo ${written} | dd of=/dev/${disk} bs=512 conv=sync,fsync`);
    await detach(lab.host('xen1'), 'domu1');

    await attach(lab.host('xen2'), 'domu2', secret);
    expect(await inDomU(lab, 'domu2', `head -c ${written.length} /dev/${disk}`)).toBe(written);
    await detach(lab.host('xen2'), 'domu2');

    await removeVolume(volumeServer);
    expect(added(before, during)).toEqual([
      'vs1 lv vbs by-hand 67108864 -wi-ao----',
      'vs1 tgt account someone',
      'vs1 tgt iqn.2009-11.org.vbs.lab:by-hand',
      'vs1 tgt iqn.2009-11.org.vbs.lab:by-hand account someone',
      'vs1 tgt iqn.2009-11.org.vbs.lab:by-hand acl ALL',
      'vs1 tgt iqn.2009-11.org.vbs.lab:by-hand lun 1 /dev/vbs/by-hand',
      'vs1 tgt iqn.2009-11.org.vbs.lab:by-hand session-of iqn.2009-11.org.vbs.lab:xen1',
      'xen1 disk-of-host sda 131072',
      'xen1 iscsi-node 10.77.0.1:3260 iqn.2009-11.org.vbs.lab:by-hand',
      'xen1 iscsi-session tcp: 10.77.0.1:3260 iqn.2009-11.org.vbs.lab:by-hand (non-flash)',
      'xen1 xenstore-disk domu1 51728 dev "xvdb"',
      'xen1 xenstore-disk domu1 51728 mode "w"',
      'xen1 xenstore-disk domu1 51728 params "/dev/disk/by-path/ip-10.77.0.1:3260-iscsi-iqn.2009-11.org.vbs.lab:by-hand-lun-1"',
      'xen1 xenstore-disk domu1 51728 state "4"',
      'xen1 xl-disk domu1 51728 state 4',
    ]);
    expect(await lab.inventory()).toEqual(before);
  });

  test('exports volumes by LIO and by NVMe over TCP as well, and shows that in the inventory', async () => {
    const node = lab.host('xen2');
    const before = await lab.inventory();
    const written = randomBytes(16).toString('hex');
    await said(
      volumeServer,
      'lvcreate',
      '--quiet',
      '--yes',
      '--type',
      'thin',
      '--thinpool',
      'pool',
      '--virtualsize',
      '64m',
      '--name',
      'one',
      'vbs',
    );
    await script(volumeServer, `printf ${written} | dd of=/dev/vbs/one bs=512 conv=sync,fsync`);
    await script(volumeServer, makeLioTarget);
    await script(volumeServer, makeNvmeSubsystem);

    await said(node, 'nvme', 'connect', '-t', 'tcp', '-a', '10.77.0.1', '-s', '4420', '-n', nvmeSubsystem);
    await said(node, 'udevadm', 'settle', `--exit-if-exists=${nvmeDevice}`);
    expect(await said(node, 'head', '-c', String(written.length), nvmeDevice)).toBe(written);
    const during = await lab.inventory();
    await said(node, 'nvme', 'disconnect', '-n', nvmeSubsystem);

    await script(volumeServer, removeNvmeSubsystem);
    await script(volumeServer, removeLioTarget);
    await said(volumeServer, 'lvremove', '--quiet', '--yes', 'vbs/one');
    expect(added(before, during)).toEqual([
      'vs1 lio iqn.2009-11.org.vbs.lab:by-lio',
      'vs1 lio iqn.2009-11.org.vbs.lab:by-lio/tpgt_1',
      'vs1 lio iqn.2009-11.org.vbs.lab:by-lio/tpgt_1/acls',
      'vs1 lio iqn.2009-11.org.vbs.lab:by-lio/tpgt_1/acls/iqn.2009-11.org.vbs.lab:xen2',
      'vs1 lio iqn.2009-11.org.vbs.lab:by-lio/tpgt_1/acls/iqn.2009-11.org.vbs.lab:xen2/lun_0',
      'vs1 lio iqn.2009-11.org.vbs.lab:by-lio/tpgt_1/lun',
      'vs1 lio iqn.2009-11.org.vbs.lab:by-lio/tpgt_1/lun/lun_0',
      'vs1 lio iqn.2009-11.org.vbs.lab:by-lio/tpgt_1/np',
      'vs1 lio iqn.2009-11.org.vbs.lab:by-lio/tpgt_1/np/10.77.0.1:3261',
      'vs1 lio-backstore iblock/one',
      'vs1 lv vbs one 67108864 Vwi-aotz-- pool',
      'vs1 nvmet ports 1',
      'vs1 nvmet ports 1/subsystems',
      'vs1 nvmet ports 1/subsystems/nqn.2009-11.org.vbs.lab:by-nvme',
      'vs1 nvmet subsystems nqn.2009-11.org.vbs.lab:by-nvme',
      'vs1 nvmet subsystems nqn.2009-11.org.vbs.lab:by-nvme/allowed_hosts',
      'vs1 nvmet subsystems nqn.2009-11.org.vbs.lab:by-nvme/namespaces',
      'vs1 nvmet subsystems nqn.2009-11.org.vbs.lab:by-nvme/namespaces/1',
      'xen2 disk-of-host nvme0c0n1 131072',
      'xen2 disk-of-host nvme0n1 131072',
      'xen2 nvme-controller nqn.2009-11.org.vbs.lab:by-nvme tcp traddr=10.77.0.1,trsvcid=4420,src_addr=10.77.0.12',
    ]);
    expect(await lab.inventory()).toEqual(before);
  });

  test('lets in no initiator without the secret', async () => {
    await exportVolume(volumeServer, randomBytes(8).toString('hex'));
    const node = lab.host('xen1');
    await makeNodeRecord(node, randomBytes(8).toString('hex'));
    const login = await node.run(iscsiadm('--login'));
    expect(login.exitCode).toBe(authorizationFailed);
    expect(await said(node, ...iscsiadm('-o', 'delete'))).toBe('');
    await removeVolume(volumeServer);
  });

  test('may have no nodes, and leaves no process when it is stopped', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vbs-lab-'));
    const small = await startLab({ folder, nodes: [], onProgress: () => undefined });
    try {
      expect(await lines(small.volumeServer, 'hostname')).toEqual(['vs1']);
      expect(await processesOf(folder)).not.toEqual([]);
    } finally {
      await small.stop();
    }
    expect(await processesOf(folder)).toEqual([]);
    await rm(folder, { recursive: true });
  });
});

const portal = '10.77.0.1:3260';
const device = `/dev/disk/by-path/ip-${portal}-iscsi-${target}-lun-${lun}`;
/** Of iscsiadm: the target wants another secret. */
const authorizationFailed = 24;

async function exportVolume(server: LabHost, secret: string): Promise<void> {
  await said(server, 'lvcreate', '--quiet', '--yes', '--name', volume, '--size', '64m', 'vbs');
  await said(server, ...tgtadm('new', 'target'), '--targetname', target);
  await said(server, ...tgtadm('new', 'logicalunit'), '--lun', String(lun), '--backing-store', `/dev/vbs/${volume}`);
  await said(server, ...tgtadm('new', 'account'), '--user', user, '--password', secret);
  await said(server, ...tgtadm('bind', 'account'), '--user', user);
  await said(server, ...tgtadm('bind', 'target'), '--initiator-address', 'ALL');
}

async function removeVolume(server: LabHost): Promise<void> {
  await said(server, ...tgtadm('delete', 'target'));
  await said(server, 'tgtadm', '--lld', 'iscsi', '--op', 'delete', '--mode', 'account', '--user', user);
  await said(server, 'lvremove', '--quiet', '--yes', `vbs/${volume}`);
}

async function attach(node: LabHost, domU: string, secret: string): Promise<void> {
  await makeNodeRecord(node, secret);
  await said(node, ...iscsiadm('--login'));
  await said(node, 'udevadm', 'settle', `--exit-if-exists=${device}`);
  await said(node, 'xl', 'block-attach', domU, `phy:${device}`, disk, 'w');
}

async function detach(node: LabHost, domU: string): Promise<void> {
  await said(node, 'xl', 'block-detach', domU, disk);
  await said(node, ...iscsiadm('--logout'));
  await said(node, ...iscsiadm('-o', 'delete'));
}

async function makeNodeRecord(node: LabHost, secret: string): Promise<void> {
  await said(node, ...iscsiadm('-o', 'new'));
  for (const [key, value] of [
    ['authmethod', 'CHAP'],
    ['username', user],
    ['password', secret],
  ] as const) {
    await said(node, ...iscsiadm('-o', 'update', '-n', `node.session.auth.${key}`, '-v', value));
  }
}

function tgtadm(operation: string, mode: string): readonly string[] {
  const words = ['tgtadm', '--lld', 'iscsi', '--op', operation, '--mode', mode];
  return operation === 'new' && mode === 'account' ? words : [...words, '--tid', '1'];
}

function iscsiadm(...words: readonly string[]): readonly string[] {
  return ['iscsiadm', '-m', 'node', '-T', target, '-p', portal, ...words];
}

const lioTarget = 'iqn.2009-11.org.vbs.lab:by-lio';
const nvmeSubsystem = 'nqn.2009-11.org.vbs.lab:by-nvme';
const nvmeNamespace = '3f0d1c2a-5b6e-4f70-8a91-b2c3d4e5f607';
const nvmeDevice = `/dev/disk/by-id/nvme-uuid.${nvmeNamespace}`;

/** On a port of its own, since tgtd has the usual one. */
const makeLioTarget = `targetcli <<X
set global auto_add_default_portal=false
/backstores/block create name=one dev=/dev/vbs/one
/iscsi create ${lioTarget}
/iscsi/${lioTarget}/tpg1/luns create /backstores/block/one
/iscsi/${lioTarget}/tpg1/portals create 10.77.0.1 3261
/iscsi/${lioTarget}/tpg1/acls create iqn.2009-11.org.vbs.lab:xen2
X
`;

const removeLioTarget = `targetcli <<X
/iscsi delete ${lioTarget}
/backstores/block delete one
X
`;

const makeNvmeSubsystem = `cd /sys/kernel/config/nvmet
mkdir subsystems/${nvmeSubsystem}
echo 1 > subsystems/${nvmeSubsystem}/attr_allow_any_host
mkdir subsystems/${nvmeSubsystem}/namespaces/1
echo /dev/vbs/one > subsystems/${nvmeSubsystem}/namespaces/1/device_path
echo ${nvmeNamespace} > subsystems/${nvmeSubsystem}/namespaces/1/device_uuid
echo 1 > subsystems/${nvmeSubsystem}/namespaces/1/enable
mkdir ports/1
echo ipv4 > ports/1/addr_adrfam
echo tcp > ports/1/addr_trtype
echo 10.77.0.1 > ports/1/addr_traddr
echo 4420 > ports/1/addr_trsvcid
ln -s /sys/kernel/config/nvmet/subsystems/${nvmeSubsystem} ports/1/subsystems/
`;

const removeNvmeSubsystem = `cd /sys/kernel/config/nvmet
rm ports/1/subsystems/${nvmeSubsystem}
rmdir ports/1 subsystems/${nvmeSubsystem}/namespaces/1 subsystems/${nvmeSubsystem}
`;

/** A few lines of shell that end at the first one that fails. */
async function script(host: LabHost, lines: string): Promise<void> {
  const { exitCode, stderr } = await host.run(['sh', '-e', '-s'], { stdin: lines });
  if (exitCode !== 0) throw new Error(`on ${host.name} this ended with ${exitCode}: ${stderr}\n${lines}`);
}

/** What a program says. Throws when it fails. */
async function said(host: LabHost, ...argv: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await host.run(argv);
  if (exitCode !== 0) throw new Error(`${argv.join(' ')} on ${host.name} ended with ${exitCode}: ${stderr}`);
  return stdout.trim();
}

async function lines(host: LabHost, ...argv: readonly string[]): Promise<readonly string[]> {
  return (await said(host, ...argv)).split('\n').map((line) => line.trim().replace(/\s+/g, ' '));
}

async function inDomU(lab: LabInUse, name: string, command: string): Promise<string> {
  const { exitCode, output } = await lab.domU(name).run(command);
  if (exitCode !== 0) throw new Error(`${command} in ${name} ended with ${exitCode}: ${output}`);
  return output;
}

function added(before: readonly string[], after: readonly string[]): readonly string[] {
  return after.filter((line) => !before.includes(line));
}

/** Command lines of all that has to do with a lab: guests and connections. */
async function processesOf(folder: string): Promise<readonly string[]> {
  const { stdout } = await execa('pgrep', ['--full', '--list-full', folder], { reject: false });
  return stdout.split('\n').filter(Boolean);
}
