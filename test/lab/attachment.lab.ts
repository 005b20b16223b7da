import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportServerFromPattern, initiatorFromPattern, vmmFromPattern } from '../../src/drivers/command/driver-from-pattern.ts';
import { isCommandLine } from '../../src/drivers/command/pattern.ts';
import type { AccessSpec, ExportServer, ExportSpec } from '../../src/drivers/export-server.ts';
import type { Initiator, SessionSpec } from '../../src/drivers/initiator.ts';
import type { DiskSpec, Vmm } from '../../src/drivers/vmm.ts';
import { shippedBackends } from '../contract/shipped-backend.ts';
import { describeThing } from '../contract/thing-suite.ts';
import { contextOnLab } from './lab-backend.ts';
import { type LabInUse, openLab } from './lab-in-use.ts';

const bytes = 64 * 1024 ** 2;
const volumeId = 'vol-0123456789abcdef0';
const otherId = 'vol-89abcdef';
const target = `iqn.2009-11.org.vbs:${volumeId}`;
const path = `/dev/vbs/${volumeId}`;
const tree = '/sys/kernel/config/target';

let lab: LabInUse;
let portal: string;
let exports: ExportServer;
let initiator: Initiator;
let vmm: Vmm;

const exported: ExportSpec = { volumeId, target, path, bytes };
const access: AccessSpec = {
  target,
  initiatorName: 'iqn.2009-11.org.vbs:att-0123456789abcdef0',
  chapUser: 'att-0123456789abcdef0',
  chapSecret: 'Xq7_sEcret-4Kz9w',
};
const session = (): SessionSpec => ({ ...access, volumeId, bytes, portal, lun: 0 });

beforeAll(async () => {
  lab = await openLab();
  portal = `${await lab.volumeServerAddress()}:3262`;
  const lio = await shippedBackends.pattern('export-server', 'lio');
  exports = exportServerFromPattern(lio, await contextOnLab(lab, 'vs1', lio, { portal }));
  const openIscsi = await shippedBackends.pattern('initiator', 'open-iscsi');
  initiator = initiatorFromPattern(openIscsi, await contextOnLab(lab, 'xen1', openIscsi, {}));
  const xl = await shippedBackends.pattern('vmm', 'xen-xl');
  if (!isCommandLine(xl)) {
    throw new Error('xl is no command line');
  }
  vmm = vmmFromPattern(xl, await contextOnLab(lab, 'xen1', xl, {}));
  await lab.run('vs1', `for v in ${volumeId} ${otherId}; do lvcreate -qq -y -Wy -Zy -L 64M -n $v vbs; done`);
});
afterAll(async () => {
  await lab.run('vs1', `lvremove -qq -fy vbs/${volumeId} vbs/${otherId}`);
  await lab.stop();
});

describeThing('an export by LIO', {
  thing: () => exports.export,
  spec: () => exported,
  listedName: () => target,
  checkFacts: (facts) => expect(facts).toEqual({ portal, lun: 0 }),
  partial: {
    'a crash before the device': async () => {
      await lab.run('vs1', `mkdir -p ${tree}/iscsi/${target}/tpgt_1`);
    },
  },
  different: {
    'another target of its device': async () => {
      const other = { volumeId: otherId, target: `iqn.2009-11.org.vbs:${otherId}`, path, bytes };
      await exports.export.make(other);
      return async () => {
        await exports.export.unmake(other);
      };
    },
  },
});

describe('an exported volume', () => {
  beforeAll(async () => {
    await exports.export.make(exported);
    return async () => {
      await exports.export.unmake(exported);
    };
  });

  describeThing('an access by LIO', {
    thing: () => exports.access,
    spec: () => access,
    listedName: () => target,
    checkFacts: (facts) => expect(facts).toEqual({}),
    secrets: () => [access.chapSecret],
    partial: {
      'a crash before the LUN': async () => {
        await lab.run('vs1', `mkdir ${tree}/iscsi/${target}/tpgt_1/acls/${access.initiatorName}`);
      },
    },
    different: {
      'leave for another initiator': async () => {
        const acl = `${tree}/iscsi/${target}/tpgt_1/acls/iqn.1993-08.org.debian:01:stranger`;
        await lab.run('vs1', `mkdir ${acl}`);
        return async () => {
          await lab.run('vs1', `rmdir ${acl}`);
        };
      },
    },
  });

  it('lets a second initiator in beside the first, and takes either away without the other noticing', async () => {
    const second: AccessSpec = { ...access, initiatorName: 'iqn.2009-11.org.vbs:att-1123456789abcdef0', chapUser: 'att-1123456789abcdef0' };
    const [firstAmong, secondAmong] = [
      { ...access, besides: [second] },
      { ...second, besides: [access] },
    ];
    await exports.access.make(firstAmong);
    await exports.access.make(secondAmong);
    const loggedIn: SessionSpec = { ...session(), initiatorName: second.initiatorName, chapUser: second.chapUser };
    await initiator.session.make(loggedIn);
    await exports.access.unmake(firstAmong);
    expect((await exports.access.look(firstAmong)).value.state).toBe('absent');
    expect((await exports.access.list()).value).toEqual([{ name: target, initiatorName: second.initiatorName }]);
    expect((await initiator.session.look(loggedIn)).value.state).toBe('present');
    await initiator.session.unmake(loggedIn);
    await exports.access.unmake(secondAmong);
    expect((await exports.access.list()).value).toEqual([]);
  });

  it('is read and not written to through an access that is read-only, by the host and by a guest', async () => {
    const readOnly: AccessSpec = { ...access, readOnly: true };
    await exports.access.make(readOnly);
    expect((await exports.access.look(readOnly)).value.state).toBe('present');
    await initiator.session.make(session());
    const look = (await initiator.session.look(session())).value;
    const devicePath = look.state === 'present' ? look.facts.devicePath : '';
    expect((await lab.run('xen1', `cat /sys/class/block/${devicePath.replace('/dev/', '')}/ro`)).trim()).toBe('1');
    // Past the host's own flag, which its root could clear: it is the kernel of the volume server that refuses.
    const said = await lab.run(
      'xen1',
      `blockdev --setrw ${devicePath}; dd if=/dev/zero of=${devicePath} bs=4096 count=1 oflag=direct 2>&1 || echo refused`,
    );
    expect(said).toContain('refused');
    const plugged: DiskSpec = {
      domain: 'domu1',
      volumeId,
      device: '/dev/sdf',
      bytes,
      readOnly: true,
      source: { kind: 'device', path: devicePath },
    };
    await vmm.disk.make(plugged);
    expect((await vmm.disk.look(plugged)).value.state).toBe('present');
    expect((await vmm.disk.look({ ...plugged, readOnly: false })).value.state).toBe('different');
    await vmm.disk.unmake(plugged);
    await initiator.session.unmake(session());
    await exports.access.unmake(readOnly);
  });

  describe('to one initiator', () => {
    beforeAll(async () => {
      await exports.access.make(access);
      return async () => {
        await exports.access.unmake(access);
      };
    });

    describeThing('a session by open-iscsi', {
      thing: () => initiator.session,
      spec: session,
      listedName: () => target,
      checkFacts: ({ devicePath }) => expect(devicePath).toMatch(/^\/dev\/sd[a-z]$/),
      secrets: () => [access.chapSecret],
      partial: {
        'a crash before the login': async () => {
          await lab.run('xen1', `iscsiadm -m node -T ${target} -p ${portal} -o new`);
        },
      },
    });

    it('whose disk the kernel has put offline is made to run by a make, and reads again', async () => {
      await initiator.session.make(session());
      const look = (await initiator.session.look(session())).value;
      const devicePath = look.state === 'present' ? look.facts.devicePath : '';
      const state = `/sys/class/block/${devicePath.replace('/dev/', '')}/device/state`;
      const read = `dd if=${devicePath} of=/dev/null bs=4096 count=1 iflag=direct 2>&1 || echo failed`;
      await lab.run('xen1', `echo offline > ${state}`);
      expect(await lab.run('xen1', read)).toContain('failed');
      expect((await initiator.session.look(session())).value).toMatchObject({ state: 'partial', missing: 'state' });
      expect((await initiator.session.list()).value).toEqual([{ name: target, isBroken: true }]);
      await expect(initiator.session.make(session())).rejects.toMatchObject({ kind: 'unavailable', retryable: true });
      expect((await lab.run('xen1', `cat ${state}`)).trim()).toBe('running');
      expect(await lab.run('xen1', read)).not.toContain('failed');
      expect((await initiator.session.look(session())).value).toEqual(look);
      expect((await lab.run('xen1', `readlink -f /dev/disk/by-path/*-iscsi-*:${volumeId}-lun-0`)).trim()).toBe(devicePath);
      await initiator.session.unmake(session());
    });

    it('is refused with another secret, and with the disk of another volume, and leaves nothing', async () => {
      await expect(initiator.session.make({ ...session(), chapSecret: 'anotherSecret123' })).rejects.toMatchObject({ kind: 'refused' });
      await expect(initiator.session.make({ ...session(), volumeId: otherId })).rejects.toMatchObject({
        kind: 'refused',
        message: expect.stringContaining('shows the disk vol0123456789abcdef0'),
      });
      expect((await initiator.session.list()).value).toEqual([]);
    });

    describe('with its disk on the host', () => {
      let devicePath = '';
      beforeAll(async () => {
        await initiator.session.make(session());
        const look = (await initiator.session.look(session())).value;
        devicePath = look.state === 'present' ? look.facts.devicePath : '';
        return async () => {
          await initiator.session.unmake(session());
        };
      });

      const disk = (): DiskSpec => ({ domain: 'domu1', volumeId, device: '/dev/sdf', bytes, source: { kind: 'device', path: devicePath } });
      describeThing('a disk by xl', {
        thing: () => vmm.disk,
        spec: disk,
        listedName: () => `domu1:${volumeId}`,
        checkFacts: (facts) => expect(facts).toEqual({}),
      });

      it('is not logged out while a guest has the disk, which no other guest name or device can get', async () => {
        await vmm.disk.make(disk());
        await expect(initiator.session.unmake(session())).rejects.toMatchObject({
          message: expect.stringContaining('is still used by vbd-'),
        });
        const other = { ...disk(), volumeId: otherId };
        await expect(vmm.disk.make(other)).rejects.toMatchObject({ message: expect.stringContaining('has a disk at /dev/sdf already') });
        await expect(vmm.disk.make({ ...other, device: 'xvdh' })).rejects.toMatchObject({
          message: expect.stringContaining('is the disk vol0123456789abcdef0, and not vol89abcdef'),
        });
        await expect(vmm.disk.make({ ...other, domain: '1' })).rejects.toMatchObject({ message: expect.stringContaining('is a number') });
        await vmm.disk.unmake(disk());
      });

      it('stays in a guest that does not answer, and goes when it does', async () => {
        await vmm.disk.make(disk());
        await lab.run('xen1', 'xl pause domu1');
        await expect(vmm.disk.unmake(disk())).rejects.toMatchObject({ kind: 'refused', message: expect.stringContaining('still holds') });
        await lab.run('xen1', 'xl unpause domu1');
        await vmm.disk.unmake(disk());
        expect((await vmm.disk.look(disk())).value.state).toBe('absent');
      });
    });
  });
});

it('knows the domains of a host', async () => {
  expect((await vmm.domain('domu1')).value).toMatchObject({ state: 'running', uuid: expect.stringMatching(/^[0-9a-f-]{36}$/) });
  expect((await vmm.domain('domu9')).value).toBeUndefined();
});
