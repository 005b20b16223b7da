import type { Finding, Say } from './finding.ts';
import { judgeAnswers } from './host-checks.ts';
import type { HostFacts, Needs } from './inspect-host.ts';

/** A host with what it is in the site. */
export interface Patient {
  readonly host: string;
  readonly roles: readonly ('volume server' | 'VMM host')[];
  readonly needs: Needs;
  readonly facts: HostFacts;
}

const clockToleranceMs = 2_000;

/** What is right and wrong with one host. */
export function judgeHost({ host, roles, needs, facts }: Patient): readonly Finding[] {
  const found = (subject: string, outcome: Finding['outcome'], text: string, mend?: string): Finding => ({
    host,
    subject,
    outcome,
    found: text,
    ...(mend !== undefined && { mend }),
  });
  const versions = [
    `Linux ${facts.kernel}`,
    ...[...facts.versions].filter(([, version]) => version !== '').map(([name, version]) => `${name} ${version}`),
  ];
  return [
    found('versions', 'ok', versions.join(', ')),
    judgeUser(facts, needs, found),
    judgeClock(facts, found),
    ...needs.programs.map((name) => {
      const path = facts.programs.get(name) ?? '';
      return path === ''
        ? found(`program ${name}`, 'wrong', 'not there', `install the package that has ${name}`)
        : found(`program ${name}`, 'ok', path);
    }),
    ...needs.modules.map((name) => {
      const state = facts.modules.get(name) ?? 'missing';
      return state === 'missing'
        ? found(
            `module ${name}`,
            'wrong',
            'the kernel has none',
            `boot a kernel that has ${name}; Debian's linux-image does, its cloud kernels do not`,
          )
        : found(`module ${name}`, 'ok', state === 'loaded' ? 'loaded' : 'not loaded, and is when it is needed');
    }),
    ...needs.daemons.map(({ process, start }) =>
      facts.processes.get(process) === 'running'
        ? found(`daemon ${process}`, 'ok', 'runs')
        : found(`daemon ${process}`, 'wrong', 'does not run', start),
    ),
    ...needs.portals.map((portal) => judgePortal(portal, facts.portals.get(portal), found)),
    ...judgeLvm(roles, facts, found),
    ...judgeAnswers(facts.answers, needs, found),
  ];
}

function judgeUser({ userId }: HostFacts, { rootFor }: Needs, found: Say): Finding {
  if (userId === '0') return found('user', 'ok', 'root');
  return rootFor.length === 0
    ? found('user', 'ok', `user ${userId}, and no backend wants root`)
    : found(
        'user',
        'warning',
        `user ${userId}`,
        `${rootFor.join(', ')} can be used by root alone: let ssh log in as root, or run the service as root`,
      );
}

function judgeClock({ clockAheadMs, clockDoubtMs }: HostFacts, found: Say): Finding {
  const offMs = Math.max(0, Math.abs(clockAheadMs) - clockDoubtMs);
  const text = `${offMs <= clockToleranceMs ? 'as this one' : `${(offMs / 1_000).toFixed(0)} s ${clockAheadMs > 0 ? 'ahead of' : 'behind'} this one`}`;
  return offMs <= clockToleranceMs
    ? found('clock', 'ok', text)
    : found('clock', 'warning', text, 'keep the time: install chrony on both; journals and logs are compared by it');
}

function judgePortal(portal: string, state: string | undefined, found: Say): Finding {
  switch (state) {
    case 'open':
      return found(`portal ${portal}`, 'ok', 'answers');
    case 'closed':
      // The kernel's targets listen once they have an export.
      return found(
        `portal ${portal}`,
        'warning',
        'does not answer',
        'start its daemon, open the port between the hosts, or correct "portal"; LIO and nvmet answer only while they export something',
      );
    default:
      return found(`portal ${portal}`, 'warning', 'could not be tried', 'install perl');
  }
}

/** What guests write may be LVM: whoever activates it by himself breaks the guest, or shows him to another. */
function judgeLvm(roles: Patient['roles'], { lvm }: HostFacts, found: Say): readonly Finding[] {
  const scansVolumes = lvm.get('scan_lvs');
  const activates = lvm.get('event_activation');
  const filters = [...lvm].filter(([name]) => name.endsWith('filter')).map(([, value]) => value);
  return [
    ...(roles.includes('volume server') && scansVolumes !== undefined
      ? [
          scansVolumes === '0'
            ? found('LVM on volumes', 'ok', 'does not look into logical volumes')
            : found('LVM on volumes', 'wrong', 'looks into logical volumes', 'set devices/scan_lvs = 0 in /etc/lvm/lvmlocal.conf'),
        ]
      : []),
    ...(roles.includes('VMM host') && activates !== undefined
      ? [
          activates === '0' || filters.some((filter) => filter.includes('"r|'))
            ? found('LVM on disks', 'ok', 'leaves disks that appear alone')
            : found(
                'LVM on disks',
                'wrong',
                'activates what is on disks that appear',
                "set global/event_activation = 0 in /etc/lvm/lvmlocal.conf, or a devices/global_filter that takes only the host's own disks",
              ),
        ]
      : []),
  ];
}

/** What only shows when hosts are compared: names that have to differ. */
export function judgeTogether(patients: readonly Patient[]): readonly Finding[] {
  const hosts = patients.filter(({ roles }) => roles.includes('VMM host'));
  return [
    ...unique(
      hosts,
      'iSCSI initiator name',
      ({ initiatorName }) => initiatorName,
      'echo "InitiatorName=$(/sbin/iscsi-iname)" > /etc/iscsi/initiatorname.iscsi, and restart iscsid',
    ),
    ...unique(hosts, 'NVMe host name', ({ hostNqn }) => hostNqn, 'nvme gen-hostnqn > /etc/nvme/hostnqn, and a new /etc/nvme/hostid'),
  ];
}

function unique(
  patients: readonly Patient[],
  subject: string,
  nameOf: (facts: HostFacts) => string | undefined,
  mend: string,
): readonly Finding[] {
  return patients.flatMap(({ host, facts }): readonly Finding[] => {
    const name = nameOf(facts);
    if (name === undefined) return [];
    const twins = patients.filter((other) => other.host !== host && nameOf(other.facts) === name).map((other) => other.host);
    return [
      twins.length === 0
        ? { host, subject, outcome: 'ok', found: name }
        : { host, subject, outcome: 'wrong', found: `${name} is also that of ${twins.join(', ')}: cloned hosts?`, mend },
    ];
  });
}
