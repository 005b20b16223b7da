import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { isCommandLine } from '../../src/drivers/command/pattern.ts';
import { badAnswers } from '../../src/drivers/conformance/bad-answers.ts';
import { checkAnswers } from '../../src/drivers/conformance/check-answers.ts';
import { sampleSettings, unheldChecks, wantedOf } from './sample-calls.ts';
import { contextHere, shippedBackends } from './shipped-backend.ts';

const shipped = [
  ['volume-server', 'file'],
  ['volume-server', 'lvm-thick'],
  ['volume-server', 'lvm-thin'],
  ['export-server', 'tgt'],
  ['export-server', 'lio'],
  ['export-server', 'nvmet'],
  ['export-server', 'iet'],
  ['export-server', 'scst'],
  ['export-server', 'vblade'],
  ['initiator', 'open-iscsi'],
  ['initiator', 'nvme-tcp'],
  ['initiator', 'aoe'],
  ['vmm', 'libvirt'],
  ['vmm', 'proxmox'],
  ['vmm', 'xen-xl'],
  ['vmm', 'xen-xm'],
] as const;

it.each(shipped)('a %s by %s concludes nothing from what its tools were not asked for', { timeout: 120_000 }, async (kind, name) => {
  const pattern = shippedBackends.pattern(kind, name);
  if (!isCommandLine(pattern)) throw new Error(`${name} runs no commands`);
  const context = contextHere(pattern, sampleSettings(pattern));
  const checks = await checkAnswers({
    pattern,
    context,
    about: { ...wantedOf('1'), domain: name === 'proxmox' ? '424242' : 'vbs-sample' },
  });
  expect(unheldChecks(checks)).toEqual([]);
  expect(checks.length).toBeGreaterThanOrEqual(badAnswers.length);
});

it('knows every shipped backend that runs commands', () => {
  const files = readdirSync(new URL('../../config/drivers/', import.meta.url)).flatMap((file) => /^(.+)\.yaml$/.exec(file)?.[1] ?? []);
  expect(files.filter((name) => name !== 'qemu').sort()).toEqual(shipped.map(([, name]) => name).sort());
});
