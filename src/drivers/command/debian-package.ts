/** Where Debian 12 keeps the tools that backends call, for an error that tells what to install. */
const packages: Readonly<Record<string, string>> = {
  tgtd: 'tgt',
  tgtadm: 'tgt',
  'tgt-admin': 'tgt',
  targetcli: 'targetcli-fb',
  iscsiadm: 'open-iscsi',
  lvs: 'lvm2',
  vgs: 'lvm2',
  lvcreate: 'lvm2',
  lvremove: 'lvm2',
  lvchange: 'lvm2',
  lvrename: 'lvm2',
  lvextend: 'lvm2',
  'qemu-img': 'qemu-utils',
  virsh: 'libvirt-clients',
  xl: 'xen-utils-common',
  rbd: 'ceph-common',
  zfs: 'zfsutils-linux',
  nvme: 'nvme-cli',
  flock: 'util-linux',
  blkdiscard: 'util-linux',
  perl: 'perl',
  ssh: 'openssh-client',
};

/** The package that holds a program, `undefined` when not known. */
export function debianPackageOf(program: string): string | undefined {
  return Object.hasOwn(packages, program) ? packages[program] : undefined;
}
