import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportServerFromPattern, initiatorFromPattern } from '../../src/drivers/command/driver-from-pattern.ts';
import type { AccessSpec, ExportServer, ExportSpec } from '../../src/drivers/export-server.ts';
import type { Initiator, SessionSpec } from '../../src/drivers/initiator.ts';
import { shippedBackends } from '../contract/shipped-backend.ts';
import { describeThing } from '../contract/thing-suite.ts';
import { contextOnLab } from './lab-backend.ts';
import { type LabInUse, openLab } from './lab-in-use.ts';

const bytes = 64 * 1024 ** 2;
const volumeId = 'vol-0123456789abcdef0';
const otherId = 'vol-89abcdef';
const target = `iqn.2009-11.org.vbs:${volumeId}`;
const subsystem = `nqn.2009-11.org.vbs:${volumeId}`;
const path = `/dev/vbs/${volumeId}`;
const tree = '/sys/kernel/config/nvmet';

let lab: LabInUse;
let portal: string;
let exports: ExportServer;
let initiator: Initiator;

const exported: ExportSpec = { volumeId, target, path, bytes };
const access: AccessSpec = {
  target,
  initiatorName: 'iqn.2009-11.org.vbs:att-0123456789abcdef0',
  chapUser: 'att-0123456789abcdef0',
  chapSecret: 'Xq7_sEcret-4Kz9w',
};
const session = (): SessionSpec => ({ ...access, volumeId, bytes, portal, lun: 1 });

beforeAll(async () => {
  lab = await openLab();
  portal = `${await lab.volumeServerAddress()}:4421`;
  const nvmet = await shippedBackends.pattern('export-server', 'nvmet');
  exports = exportServerFromPattern(nvmet, await contextOnLab(lab, 'vs1', nvmet, { portal }));
  const nvmeTcp = await shippedBackends.pattern('initiator', 'nvme-tcp');
  initiator = initiatorFromPattern(nvmeTcp, await contextOnLab(lab, 'xen1', nvmeTcp, {}));
  await lab.run('vs1', `for v in ${volumeId} ${otherId}; do lvcreate -qq -y -Wy -Zy -L 64M -n $v vbs; done`);
});
afterAll(async () => {
  await lab.run('vs1', `lvremove -qq -fy vbs/${volumeId} vbs/${otherId}`);
  await lab.stop();
});

describeThing('an export by nvmet', {
  thing: () => exports.export,
  spec: () => exported,
  listedName: () => target,
  checkFacts: (facts) => expect(facts).toEqual({ portal, lun: 1 }),
  partial: {
    'a crash before the port': async () => {
      await lab.run(
        'vs1',
        `cd ${tree}/subsystems && mkdir ${subsystem} && echo 0 > ${subsystem}/attr_allow_any_host &&
        echo ${volumeId.replace('-', '')} > ${subsystem}/attr_serial && mkdir ${subsystem}/namespaces/1 &&
        echo ${path} > ${subsystem}/namespaces/1/device_path && echo 1 > ${subsystem}/namespaces/1/enable`,
      );
    },
  },
  different: {
    'another subsystem of its device': async () => {
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

  describeThing('an access by nvmet', {
    thing: () => exports.access,
    spec: () => access,
    listedName: () => target,
    checkFacts: (facts) => expect(facts).toEqual({}),
    secrets: () => [access.chapSecret],
    different: {
      'leave for another host': async () => {
        const host = `${tree}/hosts/nqn.2014-08.org.nvmexpress:stranger`;
        const link = `${tree}/subsystems/${subsystem}/allowed_hosts/nqn.2014-08.org.nvmexpress:stranger`;
        await lab.run('vs1', `mkdir ${host} && ln -s ${host} ${link}`);
        return async () => {
          await lab.run('vs1', `rm ${link} && rmdir ${host}`);
        };
      },
    },
  });

  it('is shown to nobody who has no leave', async () => {
    await expect(initiator.session.make(session())).rejects.toMatchObject({ kind: 'refused' });
    expect((await initiator.session.list()).value).toEqual([]);
  });

  describe('to one host', () => {
    beforeAll(async () => {
      await exports.access.make(access);
      return async () => {
        await exports.access.unmake(access);
      };
    });

    describeThing('a session by nvme-tcp', {
      thing: () => initiator.session,
      spec: session,
      listedName: () => target,
      checkFacts: ({ devicePath }) => expect(devicePath).toMatch(/^\/dev\/nvme\d+n\d+$/),
      secrets: () => [access.chapSecret],
    });

    it('is refused with the disk of another volume, and as another host, and leaves nothing', async () => {
      await expect(initiator.session.make({ ...session(), volumeId: otherId })).rejects.toMatchObject({
        kind: 'refused',
        message: expect.stringContaining('shows the disk vol0123456789abcdef0'),
      });
      const stranger = { ...session(), initiatorName: 'iqn.2009-11.org.vbs:att-00000000000000000' };
      await expect(initiator.session.make(stranger)).rejects.toMatchObject({ kind: 'refused' });
      expect((await initiator.session.list()).value).toEqual([]);
    });

    it('is not disconnected while somebody has the device, and is when the access is taken away', async () => {
      await initiator.session.make(session());
      const look = (await initiator.session.look(session())).value;
      const device = look.state === 'present' ? look.facts.devicePath : '';
      await lab.run('xen1', `dmsetup create holder --table '0 8 linear ${device} 0'`);
      await expect(initiator.session.unmake(session())).rejects.toMatchObject({ message: expect.stringContaining('is still used by dm-') });
      await lab.run('xen1', 'dmsetup remove holder');
      await exports.access.unmake(access);
      await expect.poll(async () => (await initiator.session.look(session())).value.state, { timeout: 120_000 }).not.toBe('present');
      await initiator.session.unmake(session());
      expect((await initiator.session.list()).value).toEqual([]);
      await exports.access.make(access);
    });
  });
});
