import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BackendContext } from '../../src/drivers/command/command-runner.ts';
import { prepareBackend } from '../../src/drivers/command/driver-from-pattern.ts';
import { localEnvironment } from '../../src/drivers/command/local-host.ts';
import { contextHere, shippedBackends } from './shipped-backend.ts';

const pattern = shippedBackends.pattern('volume-server', 'lvm-thin');

/** Says of the pool what `pool` in its folder says, and nothing of anything else. */
const lvs = `#!/bin/sh
case "$*" in *lv_attr*) sed "s/.*/  &/" "\${0%/*}/pool" ;; esac
`;

describe('a thin pool', () => {
  let folder: string;
  let context: BackendContext;
  const setPool = (attributes: string, dataPercent: number, metadataPercent: number) =>
    writeFileSync(
      join(folder, 'pool'),
      `LVM2_LV_ATTR='${attributes}' LVM2_DATA_PERCENT='${dataPercent}' LVM2_METADATA_PERCENT='${metadataPercent}' LVM2_VG_UUID='VVVV' LVM2_LV_UUID='PPPP'\n`,
    );
  const check = (...limit: readonly string[]) =>
    context.host.run({ argv: [`${context.scriptsFolder}/lvm-thin`, 'check', 'vbs', 'pool', ...limit], env: {}, timeoutMs: 60_000 });

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'vbs-thin-pool-'));
    for (const [program, text] of [
      ['lvs', lvs],
      ['vgchange', '#!/bin/sh\n'],
    ] as const) {
      writeFileSync(join(folder, program), text);
      chmodSync(join(folder, program), 0o755);
    }
    const here = contextHere(pattern, { volumeGroup: 'vbs', pool: 'pool' });
    const PATH = `${folder}:${localEnvironment.PATH}`;
    context = { ...here, host: { name: 'here', run: (command) => here.host.run({ ...command, env: { ...command.env, PATH } }) } };
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([
    ['is full', 'twi-aotzD-', 100, 40, 'not healthy'],
    ['is nearly full', 'twi-aotz--', 97, 40, 'filled too far'],
    ['has no more room for its metadata', 'twi-aotzM-', 60, 100, 'not healthy'],
    ['has failed', 'twi-aotzF-', 10, 1, 'not healthy'],
  ])('that %s is looked at and emptied, and nothing new is made in it', async (_, attributes, data, metadata, reason) => {
    setPool(attributes, data, metadata);
    await prepareBackend(pattern, context);
    expect(await check('90')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(reason) });
  });

  it('that gives out blocks with their old contents is not used at all', async () => {
    setPool('twi-aot---', 10, 1);
    await expect(prepareBackend(pattern, context)).rejects.toMatchObject({ message: expect.stringContaining('--zero y') });
  });

  it('that is no pool is not used', async () => {
    setPool('-wi-a-----', 0, 0);
    await expect(prepareBackend(pattern, context)).rejects.toMatchObject({ message: expect.stringContaining('no thin pool') });
  });

  it('that is another one of its name, or in another volume group of its name, is not used', async () => {
    setPool('twi-aotz--', 10, 1);
    for (const [VBS_STORAGE, exitCode] of [
      ['VVVV:PPPP', 0],
      ['VVVV:QQQQ', 2],
      ['WWWW:PPPP', 2],
    ] as const) {
      const checked = await context.host.run({
        argv: [`${context.scriptsFolder}/lvm-thin`, 'check', 'vbs', 'pool', '90'],
        env: { VBS_STORAGE },
        timeoutMs: 60_000,
      });
      expect(checked).toMatchObject({
        exitCode,
        stderr: exitCode === 0 ? '' : `vbs/pool is another one: VVVV:PPPP, and not ${VBS_STORAGE}\n`,
      });
    }
  });

  it('with room may be used', async () => {
    setPool('twi-aotz--', 89.9, 1);
    await prepareBackend(pattern, context);
    expect((await check('90')).exitCode).toBe(0);
  });
});
