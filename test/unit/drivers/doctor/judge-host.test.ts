import { describe, expect, it } from 'vitest';
import type { HostFacts, Needs } from '../../../../src/drivers/doctor/inspect-host.ts';
import { judgeHost, judgeTogether, type Patient } from '../../../../src/drivers/doctor/judge-host.ts';

const nothing: Needs = { programs: [], modules: [], daemons: [], portals: [], rootFor: [], pools: [], questions: [] };
const healthy: HostFacts = {
  clockAheadMs: 40,
  clockDoubtMs: 60,
  userId: '0',
  kernel: '6.1.0',
  programs: new Map(),
  modules: new Map(),
  processes: new Map(),
  portals: new Map(),
  versions: new Map([['xen', '4.17.5']]),
  lvm: new Map(),
  initiatorName: undefined,
  hostNqn: undefined,
  answers: [],
};
const patient = (facts: Partial<HostFacts>, needs: Partial<Needs> = {}, more: Partial<Patient> = {}): Patient => ({
  host: 'xen1',
  roles: ['VMM host'],
  needs: { ...nothing, ...needs },
  facts: { ...healthy, ...facts },
  ...more,
});
const pools = [{ name: 'vg/pool', alarmPercent: 70, fullPercent: 90 }];
const said = (kind: string, name: string, value: string): Patient => patient({ answers: [{ kind, name, value }] }, { pools });
const trouble = (given: Patient) => judgeHost(given).filter(({ outcome }) => outcome !== 'ok');

describe('a host', () => {
  it('that has all it needs is told with its versions', () => {
    const needs = {
      programs: ['xl'],
      modules: ['iscsi_tcp', 'dm_snapshot'],
      daemons: [{ process: 'iscsid', start: 'start it' }],
      portals: ['10.0.0.1:3260'],
    };
    const given = patient(
      {
        programs: new Map([['xl', '/usr/sbin/xl']]),
        modules: new Map([
          ['iscsi_tcp', 'loaded'],
          ['dm_snapshot', 'available'],
        ]),
        processes: new Map([['iscsid', 'running']]),
        portals: new Map([['10.0.0.1:3260', 'open']]),
      },
      needs,
    );
    expect(trouble(given)).toEqual([]);
    expect(judgeHost(given)).toContainEqual({ host: 'xen1', subject: 'versions', outcome: 'ok', found: 'Linux 6.1.0, xen 4.17.5' });
  });

  it.each([
    ['lacks a program', patient({ programs: new Map([['xl', '']]) }, { programs: ['xl'] }), 'program xl', 'wrong', 'install'],
    [
      'has a kernel without a module',
      patient({ modules: new Map([['nvme_tcp', 'missing']]) }, { modules: ['nvme_tcp'] }),
      'module nvme_tcp',
      'wrong',
      'boot a kernel',
    ],
    [
      'has a daemon that does not run',
      patient({ processes: new Map([['iscsid', '']]) }, { daemons: [{ process: 'iscsid', start: 'systemctl enable --now iscsid' }] }),
      'daemon iscsid',
      'wrong',
      'systemctl enable --now iscsid',
    ],
    [
      'does not reach a portal',
      patient({ portals: new Map([['10.0.0.1:3260', 'closed']]) }, { portals: ['10.0.0.1:3260'] }),
      'portal 10.0.0.1:3260',
      'warning',
      'portal',
    ],
    ['has another time', patient({ clockAheadMs: -90_000 }), 'clock', 'warning', 'chrony'],
    [
      'is not reached as root, though a backend wants it',
      patient({ userId: '1000' }, { rootFor: ['open-iscsi'] }),
      'user',
      'warning',
      'root',
    ],
    ['has a tgtd that hangs', said('login', '10.0.0.1:3260', 'hangs'), 'iSCSI at 10.0.0.1:3260', 'wrong', 'restart it'],
    ['has something else at a portal', said('login', '10.0.0.1:3260', 'other'), 'iSCSI at 10.0.0.1:3260', 'wrong', 'correct "portal"'],
    [
      'has not the address of a managed portal',
      said('managed', '10.9.9.9:3260', 'nowhere'),
      'portal 10.9.9.9:3260',
      'wrong',
      'correct "portal"',
    ],
    [
      'has a managed portal that is taken',
      said('managed', '10.0.0.1:3260', 'taken'),
      'portal 10.0.0.1:3260',
      'warning',
      'end what listens',
    ],
    [
      'has a control socket of another user',
      said('control', '/run/t.0', 'denied'),
      'socket /run/t.0',
      'wrong',
      'run the service as the user',
    ],
    ['has no control socket', said('control', '/run/t.0', 'absent'), 'socket /run/t.0', 'wrong', 'controlSocket'],
    ['has a QEMU without its initiator', said('qemu-block', 'iscsi', 'missing'), "QEMU's driver iscsi", 'wrong', 'qemu-block-extra'],
    ['has reports of LVM in another form', said('report', 'output_format', 'json'), 'LVM reports', 'warning', 'output_format = "basic"'],
    ['has a disk offline', said('scsi', '3:0:0:1', 'offline'), 'SCSI device 3:0:0:1', 'wrong', 'echo running'],
    [
      'has a machine with an unstable name',
      said('proxmox-disk', '100', 'scsi1 is /dev/sdb'),
      'machine 100',
      'wrong',
      'qm set 100 --scsi1 /dev/disk/by-id',
    ],
    ['has a machine without a uuid', said('proxmox-uuid', '100', 'none'), 'machine 100', 'wrong', 'uuidgen'],
    ['has a full pool', said('pool', 'vg/pool', '97.20 12.00'), 'thin pool vg/pool', 'wrong', 'lvextend'],
    ['has a pool whose metadata is nearly full', said('pool', 'vg/pool', '9.20 72.00'), 'thin pool vg/pool', 'warning', 'poolmetadatasize'],
    ['has no such pool', said('pool', 'vg/pool', ''), 'thin pool vg/pool', 'wrong', 'lvcreate'],
    [
      'activates what guests write',
      patient({ lvm: new Map([['event_activation', '1']]) }),
      'LVM on disks',
      'wrong',
      'event_activation = 0',
    ],
    [
      'looks into volumes',
      patient({ lvm: new Map([['scan_lvs', '1']]) }, {}, { roles: ['volume server'] }),
      'LVM on volumes',
      'wrong',
      'scan_lvs = 0',
    ],
  ])('that %s is told so, with the mend', (_what, given, subject, outcome, mend) => {
    expect(trouble(given)).toEqual([expect.objectContaining({ host: 'xen1', subject, outcome, mend: expect.stringContaining(mend) })]);
  });

  it.each([
    ['an ordinary user whose backends want no root', patient({ userId: '1000' })],
    ['a pool with room', said('pool', 'vg/pool', '69.90 12.00')],
    ['a socket that may be opened', said('control', '/run/t.0', 'open')],
    ['a target that answers', said('login', '10.0.0.1:3260', 'answers')],
    ['a disk that runs', said('scsi', '3:0:0:1', 'running')],
    ['reports in the basic form', said('report', 'output_format', 'basic')],
    ['a word that no check knows', said('motd', 'welcome', '')],
  ])('is not blamed for %s', (_what, given) => {
    expect(trouble(given)).toEqual([]);
  });

  it('is not blamed for the time that asking it took, nor for LVM that a filter keeps away', () => {
    expect(trouble(patient({ clockAheadMs: 9_000, clockDoubtMs: 8_500 }))).toEqual([]);
    const lvm = new Map([
      ['event_activation', '1'],
      ['global_filter', '["a|^/dev/vda|","r|.*|"]'],
    ]);
    expect(trouble(patient({ lvm }))).toEqual([]);
  });
});

describe('hosts together', () => {
  it('must not bear one initiator name', () => {
    const named = (host: string, initiatorName: string) => patient({ initiatorName }, {}, { host });
    const findings = judgeTogether([named('xen1', 'iqn.a'), named('xen2', 'iqn.a'), named('xen3', 'iqn.b')]);
    expect(findings.map(({ host, outcome }) => `${host} ${outcome}`)).toEqual(['xen1 wrong', 'xen2 wrong', 'xen3 ok']);
    expect(findings[0]).toMatchObject({ found: 'iqn.a is also that of xen2: cloned hosts?', mend: expect.stringContaining('iscsi-iname') });
  });
});
