import type { Finding, Say } from './finding.ts';
import type { HostAnswer, Needs } from './inspect-host.ts';

type Check = (answer: HostAnswer, found: Say, needs: Needs) => Finding;

const noPerl = (subject: string, found: Say) => found(subject, 'warning', 'could not be tried', 'install perl');

/** What lines of the script `config/doctor/inspect` mean, by their kind. A check more is an entry here and a line of that kind there. */
const checks: Readonly<Record<string, Check>> = {
  login: judgeLogin,
  managed: judgeManagedPortal,
  control: judgeControlSocket,
  pool: judgePool,
  'qemu-block': ({ name, value }, found) =>
    value === 'there'
      ? found(`QEMU's driver ${name}`, 'ok', 'there')
      : found(`QEMU's driver ${name}`, 'wrong', 'not there', 'apt-get install qemu-block-extra, and start VMs anew that run already'),
  report: ({ value }, found) =>
    value === 'basic'
      ? found('LVM reports', 'ok', 'basic')
      : found(
          'LVM reports',
          'warning',
          `report/output_format is ${value}`,
          'set report/output_format = "basic" in /etc/lvm/lvm.conf: scripts read that form',
        ),
  scsi: ({ name, value }, found) =>
    value === 'running'
      ? found(`SCSI device ${name}`, 'ok', 'runs')
      : found(
          `SCSI device ${name}`,
          'wrong',
          `${value}, in an iSCSI session that is logged in`,
          `make its volume server answer, then: echo running > /sys/class/scsi_device/${name}/device/state`,
        ),
  'proxmox-disk': ({ name, value }, found) =>
    found(
      `machine ${name}`,
      'wrong',
      `${value}, a name that another disk has after the next boot`,
      `give it as /dev/disk/by-id/… with: qm set ${name} --${value.split(' ')[0] ?? ''} /dev/disk/by-id/…`,
    ),
  'proxmox-uuid': ({ name }, found) =>
    found(`machine ${name}`, 'wrong', 'has no uuid', `qm set ${name} --smbios1 uuid=$(uuidgen), and start it anew`),
};

export function judgeAnswers(answers: readonly HostAnswer[], needs: Needs, found: Say): readonly Finding[] {
  return answers.flatMap((answer) => {
    const check = Object.hasOwn(checks, answer.kind) ? checks[answer.kind] : undefined;
    return check === undefined ? [] : [check(answer, found, needs)];
  });
}

function judgeLogin({ name, value }: HostAnswer, found: Say): Finding {
  const subject = `iSCSI at ${name}`;
  switch (value) {
    case 'answers':
      return found(subject, 'ok', 'answers a login');
    case 'hangs':
      return found(
        subject,
        'wrong',
        'takes connections, and answers no login in 5 s',
        'its daemon hangs: read its log, then restart it while no VM writes',
      );
    case 'closes':
    case 'other':
      return found(subject, 'wrong', 'what answers there does not speak iSCSI', 'correct "portal", or end what has taken the port');
    // Whether it is reached at all is the portal's check.
    case 'closed':
      return found(subject, 'warning', 'is not reached', 'start its daemon, or open the port between the hosts');
    default:
      return noPerl(subject, found);
  }
}

function judgeManagedPortal({ name, value }: HostAnswer, found: Say): Finding {
  const subject = `portal ${name}`;
  switch (value) {
    case 'free':
      return found(subject, 'ok', 'free for the tgtd that the service starts');
    case 'taken':
      return found(
        subject,
        'warning',
        'something listens there',
        'nothing to do while the service runs; otherwise end what listens there, or choose another "portal"',
      );
    case 'nowhere':
      return found(subject, 'wrong', 'is no address of this host', 'correct "portal" in the settings, or give the host the address');
    case 'refused':
      return found(subject, 'wrong', 'this user may not listen there', 'choose a port from 1024 on');
    default:
      return noPerl(subject, found);
  }
}

function judgeControlSocket({ name, value }: HostAnswer, found: Say): Finding {
  const subject = `socket ${name}`;
  switch (value) {
    case 'open':
      return found(subject, 'ok', 'may be opened');
    case 'denied':
      return found(
        subject,
        'wrong',
        'this user may not open it',
        'run the service as the user of its daemon, or let that user into the socket and its folder',
      );
    case 'absent':
      return found(subject, 'wrong', 'not there', 'start its daemon, or correct "controlSocket" in the settings');
    case 'dead':
      return found(subject, 'wrong', 'nobody listens on it', 'start its daemon');
    default:
      return noPerl(subject, found);
  }
}

function judgePool({ name, value }: HostAnswer, found: Say, needs: Needs): Finding {
  const subject = `thin pool ${name}`;
  const filled = value
    .split(/\s+/)
    .filter((text) => text !== '')
    .map(Number);
  const pool = needs.pools.find((each) => each.name === name);
  if (pool === undefined || filled.length < 2 || filled.some((percent) => !Number.isFinite(percent))) {
    return found(
      subject,
      'wrong',
      'not there',
      'correct "volumeGroup" and "pool" in the settings, or make the pool with lvcreate --type thin-pool',
    );
  }
  const [data = 0, metadata = 0] = filled;
  const text = `data ${data} %, metadata ${metadata} %`;
  const fullest = Math.max(data, metadata);
  const mend = `grow it with lvextend${metadata >= pool.alarmPercent ? ' (--poolmetadatasize for its metadata)' : ''}, or remove volumes and snapshots`;
  if (fullest >= pool.fullPercent) return found(subject, 'wrong', `full: ${text}`, mend);
  return fullest >= pool.alarmPercent ? found(subject, 'warning', `nearly full: ${text}`, mend) : found(subject, 'ok', text);
}
