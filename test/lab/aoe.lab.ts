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
const path = `/dev/vbs/${volumeId}`;
const lun = 7 * 256;

let lab: LabInUse;
let exports: ExportServer;
let initiator: Initiator;

const exported: ExportSpec = { volumeId, target, path, bytes };
const access: AccessSpec = {
  target,
  initiatorName: 'iqn.2009-11.org.vbs:att-0123456789abcdef0',
  chapUser: 'att-0123456789abcdef0',
  chapSecret: 'Xq7_sEcret-4Kz9w',
};
const session: SessionSpec = { ...access, volumeId, bytes, portal: '0.0.0.0:0', lun };

/** The card of a host that has an address of the lab's own network. */
const interfaceOf = async (host: string) => {
  const listing = await lab.run(host, "ip -o -4 address show | awk '$4 ~ /^10[.]77[.]/ { print $2 }'");
  return listing.trim();
};

beforeAll(async () => {
  lab = await openLab();
  const vblade = shippedBackends.pattern('export-server', 'vblade');
  exports = exportServerFromPattern(vblade, await contextOnLab(lab, 'vs1', vblade, { interface: await interfaceOf('vs1'), shelf: 7 }));
  const aoe = shippedBackends.pattern('initiator', 'aoe');
  initiator = initiatorFromPattern(aoe, await contextOnLab(lab, 'xen1', aoe, { interface: await interfaceOf('xen1') }));
  await lab.run('vs1', `for v in ${volumeId} ${otherId}; do lvcreate -qq -y -Wy -Zy -L 64M -n $v vbs; done`);
});
afterAll(async () => {
  await lab.run('vs1', `lvremove -qq -fy vbs/${volumeId} vbs/${otherId}`);
  await lab.stop();
});

describeThing('an export by vblade', {
  thing: () => exports.export,
  spec: () => exported,
  listedName: () => target,
  checkFacts: (facts) => expect(facts).toEqual({ portal: '0.0.0.0:0', lun }),
});

describe('an exported volume', () => {
  beforeAll(async () => {
    await exports.export.make(exported);
    return async () => {
      await exports.export.unmake(exported);
    };
  });

  describeThing('an access by vblade', {
    thing: () => exports.access,
    spec: () => access,
    listedName: () => target,
    checkFacts: (facts) => expect(facts).toEqual({}),
    secrets: () => [access.chapSecret],
  });

  it('answers no host before somebody is let in', async () => {
    await expect(initiator.session.make(session)).rejects.toMatchObject({ message: expect.stringContaining('nobody answers at e7.0') });
    expect((await initiator.session.list()).value).toEqual([]);
  });

  describe('to one host', () => {
    beforeAll(async () => {
      await exports.access.make(access);
      return async () => {
        await exports.access.unmake(access);
      };
    });

    describeThing('a session by AoE', {
      thing: () => initiator.session,
      spec: () => session,
      listedName: () => target,
      checkFacts: ({ devicePath }) => expect(devicePath).toBe('/dev/etherd/e7.0'),
      secrets: () => [access.chapSecret],
    });

    it('is refused as the disk of another volume, and leaves nothing', async () => {
      await expect(initiator.session.make({ ...session, volumeId: otherId })).rejects.toMatchObject({
        kind: 'refused',
        message: expect.stringContaining('is the disk vol0123456789abcdef0'),
      });
      expect((await initiator.session.list()).value).toEqual([]);
    });

    it('carries what is written to the volume, and is not taken away while somebody has the device', async () => {
      await initiator.session.make(session);
      const look = (await initiator.session.look(session)).value;
      const device = look.state === 'present' ? look.facts.devicePath : '';
      await lab.run('xen1', `printf BY-ETHERNET | dd of=${device} bs=512 seek=8 conv=sync oflag=direct status=none`);
      await lab.run('xen1', `dmsetup create holder --table '0 8 linear ${device} 0'`);
      await expect(initiator.session.unmake(session)).rejects.toMatchObject({ message: expect.stringContaining('is still used by dm-') });
      await lab.run('xen1', 'dmsetup remove holder');
      await initiator.session.unmake(session);
      expect(await lab.run('vs1', `dd if=${path} bs=512 skip=8 count=1 iflag=direct status=none | head -c 11`)).toBe('BY-ETHERNET');
    });

    it('goes to another volume that has the address next, of which the host knows no more than that one says', async () => {
      await initiator.session.make(session);
      await exports.access.unmake(access);
      await exports.export.unmake(exported);
      const next = { volumeId: otherId, target: `iqn.2009-11.org.vbs:${otherId}`, path: `/dev/vbs/${otherId}`, bytes };
      await exports.export.make(next);
      await exports.access.make({ ...access, target: next.target });
      expect((await initiator.session.look(session)).value.state).not.toBe('present');
      await initiator.session.unmake(session);
      const second = { ...session, volumeId: otherId, target: next.target };
      await initiator.session.make(second);
      expect((await initiator.session.look(second)).value.state).toBe('present');
      await initiator.session.unmake(second);
      await exports.export.unmake(next);
      await exports.export.make(exported);
      await exports.access.make(access);
    });
  });
});
