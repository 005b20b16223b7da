import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadCatalogue } from '../../../../src/drivers/command/catalogue.ts';
import { exportServerFromPattern, vmmFromPattern } from '../../../../src/drivers/command/driver-from-pattern.ts';
import { isCommandLine } from '../../../../src/drivers/command/pattern.ts';
import { siteSettings } from '../../../../src/drivers/command/site-settings.ts';
import type { AccessSpec } from '../../../../src/drivers/export-server.ts';
import type { DiskSpec } from '../../../../src/drivers/vmm.ts';
import { scriptedHost, steppedClock } from './scripted-host.ts';

// What the shipped files make of what their scripts print; that the kernel does as it is told is for the lab.

const shipped = await loadCatalogue({ folder: fileURLToPath(new URL('../../../../config/drivers/', import.meta.url)) }, []);
const target = 'iqn.2009-11.org.vbs:vol-00000001';
const [mine, other] = ['iqn.2009-11.org.vbs:att-1', 'iqn.2009-11.org.vbs:att-2'];
const access: AccessSpec = { target, initiatorName: mine, chapUser: 'att-1', chapSecret: 'sixteen-letters_' };
const besides = [{ initiatorName: other, chapUser: 'att-2' }];

function lio(lines: string) {
  const pattern = shipped.pattern('export-server', 'lio');
  const host = scriptedHost(() => ({ stdout: `${lines}end|\n` }));
  const settings = siteSettings(pattern, { portal: '192.0.2.1:3260' });
  return { host, ...exportServerFromPattern(pattern, { host, clock: steppedClock(), settings, scriptsFolder: '/scripts' }) };
}

const targetLine = (users: string, mapped: string, initiators: string) =>
  `target|${target}|/dev/vbs/vol-00000001|vol00000001|enabled|guarded|192.0.2.1:3260|${users}|${mapped}|${initiators}|\n`;

describe('an access by LIO', () => {
  it.each([
    ['present', access, targetLine('att-1', `${mine}/No`, mine), 'present'],
    ['present read-only', { ...access, readOnly: true }, targetLine('att-1', `${mine}/Yes`, mine), 'present'],
    ['half made, when it could be written through', { ...access, readOnly: true }, targetLine('att-1', `${mine}/No`, mine), 'partial'],
    ['half made, when nobody mapped its LUN', access, targetLine('att-1', '', mine), 'partial'],
    [
      'present beside another attachment',
      { ...access, besides },
      targetLine('att-2 att-1', `${other}/No ${mine}/No`, `${other} ${mine}`),
      'present',
    ],
    ['absent, when only the other attachment has one', { ...access, besides }, targetLine('att-2', `${other}/No`, other), 'absent'],
    ['different, when a stranger has one', access, targetLine('att-2', `${other}/No`, other), 'different'],
    [
      'different, when a stranger has one too',
      { ...access, besides: [] },
      targetLine('att-1 att-2', `${mine}/No`, `${mine} ${other}`),
      'different',
    ],
  ])('is %s', async (_, spec, lines, state) => {
    expect((await lio(lines).access.look(spec)).value.state).toBe(state);
  });

  it('is listed with whose it is, one by one', async () => {
    const { access: thing } = lio(targetLine('att-1 att-2', `${mine}/No ${other}/No`, `${mine} ${other}`));
    expect((await thing.list()).value).toEqual([
      { name: target, initiatorName: mine },
      { name: target, initiatorName: other },
    ]);
  });

  it('is taken away by its initiator, and no other', async () => {
    const { access: thing, host } = lio(targetLine('att-1 att-2', `${mine}/No ${other}/No`, `${mine} ${other}`));
    await thing.unmake({ ...access, besides });
    expect(host.ran.at(-1)?.argv.slice(1)).toEqual(['revoke', target, mine]);
  });
});

describe('a disk by xl', () => {
  const pattern = shipped.pattern('vmm', 'xen-xl');
  const vmm = (lines: string) => {
    if (!isCommandLine(pattern)) throw new Error('xl is no command line');
    const host = scriptedHost(() => ({ stdout: `${lines}end|\n` }));
    return {
      host,
      ...vmmFromPattern(pattern, { host, clock: steppedClock(), settings: siteSettings(pattern, {}), scriptsFolder: '/scripts' }),
    };
  };
  const disk: DiskSpec = {
    domain: 'web',
    volumeId: 'vol-00000001',
    device: '/dev/sdf',
    bytes: 1024,
    source: { kind: 'device', path: '/dev/sdb' },
  };

  it.each([
    [disk, 'No', 'present'],
    [{ ...disk, readOnly: true }, 'Yes', 'present'],
    [{ ...disk, readOnly: true }, 'No', 'different'],
    [disk, 'Yes', 'different'],
  ])('is looked for as it was plugged in', async (spec, protection, state) => {
    expect((await vmm(`disk|web|vol-00000001|51792|connected|${protection}|\n`).disk.look(spec)).value.state).toBe(state);
  });

  it('is plugged in read-only when that is wanted', async () => {
    const { disk: thing, host } = vmm('');
    await thing.make({ ...disk, readOnly: true });
    expect(host.ran.at(-1)?.argv.at(-1)).toBe('Yes');
  });
});
