import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { simulatedSite } from '../../../src/composition/simulated-site.ts';
import { settingsSchema } from '../../../src/settings/settings.ts';

it('gives the simulated instances to the accounts that the settings name', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vbs-simulated-'));
  const settings = settingsSchema.parse({ simulation: { accounts: { 'i-00000002': '123456789012' }, domains: ['vmm1/web'] } });
  const { instances, close } = simulatedSite(settings, join(folder, 'world'));
  expect(instances.map(({ id, accountId }) => [id, accountId]).slice(0, 3)).toEqual([
    ['i-00000001', undefined],
    ['i-00000002', '123456789012'],
    ['i-00000003', undefined],
  ]);
  expect(instances).toHaveLength(8);
  await close();
  rmSync(folder, { recursive: true });
});
