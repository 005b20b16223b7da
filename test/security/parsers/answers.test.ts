import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Host } from '../../../src/drivers/command/host.ts';
import { inspectHost } from '../../../src/drivers/doctor/inspect-host.ts';
import { libvirtResolver } from '../../../src/resolvers/libvirt/libvirt-resolver.ts';
import { xenResolver } from '../../../src/resolvers/xen/xen-resolver.ts';
import { ask, built, list, scriptedHost } from '../../contract/resolver-suite.ts';

const uuid = '11111111-2222-3333-4444-555555555555';
const other = '6695eb01-f6a4-8304-79aa-97f2502e193f';
const anything = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', '[]', '{}', 'null', '[[[[', '[{"domid": "0"}]', `${uuid}\n`, '\0', 'error: failed\n'),
);

describe.each([
  ['xen', xenResolver],
  ['libvirt', libvirtResolver],
])('the resolver "%s"', (_title, kind) => {
  const over = (stdout: string) => built(kind, {}, { vmmHosts: ['vmm1'], host: () => scriptedHost('vmm1', () => ({ stdout })) });

  it('finds nobody in an answer of another form, and is sure of nothing but in an empty listing', async () => {
    await fc.assert(
      fc.asyncProperty(anything, async (stdout) => {
        const found = await ask(over(stdout), 'web').catch((error: unknown) => error);
        const isEmpty = kind === xenResolver ? stdout.trim() === '[]' : stdout.trim() === '';
        if (isEmpty) expect(found).toEqual({ outcome: 'not-known' });
        else expect(found).toMatchObject({ name: 'CloudUnavailable' });
      }),
      { numRuns: 200 },
    );
  });
});

describe('the resolver "libvirt"', () => {
  const over = (stdout: string) => built(libvirtResolver, {}, { vmmHosts: ['vmm1'], host: () => scriptedHost('vmm1', () => ({ stdout })) });

  it.each([
    ['name', `${uuid} web\n${other} web\n`],
    ['uuid', `${uuid} web\n${uuid} mail\n`],
  ])('believes nothing of a listing in which a %s stands twice', async (_what, stdout) => {
    await expect(ask(over(stdout), 'web')).rejects.toThrow('printed a domain twice');
    await expect(list(over(stdout))).rejects.toThrow('printed a domain twice');
  });
});

describe('what a host says of itself', () => {
  const host = (stdout: string): Host => ({
    name: 'vmm1',
    run: async () => ({ exitCode: 0, timedOut: false, stdout, stderr: '', startedAtMs: 0, durationMs: 0 }),
  });
  const inspect = (stdout: string) =>
    inspectHost(host(stdout), '', { programs: [], modules: [], daemons: [], portals: [], rootFor: [], pools: [], questions: [] }, () => 0);

  it('is not taken for an answer without a clock in it', async () => {
    for (const stdout of ['', 'motd\n', 'clock|\n\n', 'clock|now\n', 'clock\n']) {
      const outcome = await inspect(stdout).catch((error: unknown) => error);
      expect(outcome).toMatchObject({ name: 'DriverError', kind: 'refused' });
    }
    expect(await inspect('motd\nclock|1.5\nuser|0\n')).toMatchObject({ clockAheadMs: 1_500, userId: '0' });
  });
});
