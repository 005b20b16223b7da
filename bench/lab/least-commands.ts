import { domU, node, volumeServer } from './bench-lab.ts';
import type { Typed } from './typed-commands.ts';

const target = 'iqn.2009-11.org.vbs:bench';
const user = 'bench';
const secret = 'sixteen-letters_';
const tgtadm = 'tgtadm --lld iscsi';
const iscsiadm = `iscsiadm -m node -T ${target}`;
/** Where Xen keeps the state of the disk, which is 4 when the guest has it. */
const frontend = `/local/domain/$(xl domid ${domU})/device/vbd/51792`;

/**
 * The least that gives a VM a volume by tgtd with CHAP, open-iscsi and xl, and takes it away again: nothing is looked at but what the next command has to
 * wait for.
 */
export function leastCommands(volume: string, portal: string): { readonly attach: readonly Typed[]; readonly detach: readonly Typed[] } {
  const settings = { authmethod: 'CHAP', username: user, password: secret };
  const device = `/dev/disk/by-path/ip-${portal}-iscsi-${target}-lun-1`;
  return {
    attach: [
      {
        host: volumeServer,
        script: [
          `${tgtadm} --op new --mode target --tid 900 -T ${target}`,
          `${tgtadm} --op new --mode logicalunit --tid 900 --lun 1 -b ${volume} --bsoflags sync`,
          `${tgtadm} --op new --mode account --user ${user} --password ${secret}`,
          `${tgtadm} --op bind --mode account --tid 900 --user ${user}`,
          `${tgtadm} --op bind --mode target --tid 900 -I ALL`,
        ].join('\n'),
      },
      {
        host: node,
        script: [
          `${iscsiadm} -p ${portal} -o new`,
          ...Object.entries(settings).map(([name, value]) => `${iscsiadm} -p ${portal} -o update -n node.session.auth.${name} -v ${value}`),
          `${iscsiadm} -p ${portal} --login`,
          `until [ -b ${device} ]; do sleep 0.1; done`,
          `xl block-attach ${domU} format=raw,vdev=xvdf,access=rw,target=${device}`,
          `until [ "$(xenstore-read ${frontend}/state)" = 4 ]; do sleep 0.1; done`,
        ].join('\n'),
      },
    ],
    detach: [
      {
        host: node,
        script: [
          `xl block-detach ${domU} xvdf`,
          `while xenstore-exists ${frontend}; do sleep 0.1; done`,
          `${iscsiadm} --logout`,
          `${iscsiadm} -o delete`,
        ].join('\n'),
      },
      {
        host: volumeServer,
        script: `${tgtadm} --op delete --mode target --tid 900 --force\n${tgtadm} --op delete --mode account --user ${user}`,
      },
    ],
  };
}
