import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { siteResolvers } from '../../../src/composition/cloud-resolvers.ts';
import { explainOperation } from '../../../src/composition/explain-operation.ts';
import { resolverKinds } from '../../../src/resolvers/kinds.ts';
import { readSettings } from '../../../src/settings/read-settings.ts';
import { settingsSchema } from '../../../src/settings/settings.ts';
import { recordingLog } from '../../support/recording-log.ts';

const folder = mkdtempSync(join(tmpdir(), 'vbs-documentation-'));
afterAll(() => rmSync(folder, { recursive: true }));

const pages = ['docs/nimbus.md', ...readdirSync('docs/resolvers').map((name) => `docs/resolvers/${name}`)];

/** Where a site of that cloud finds all that it needs, with the driver of its hosts and a domain there. */
const sites = [
  ['docs/nimbus.md', 'xen-xl', 'wrksp-7'],
  ['docs/resolvers/xen.md', 'xen-xl', 'web'],
  ['docs/resolvers/proxmox.md', 'proxmox', '100'],
  ['docs/resolvers/opennebula.md', 'libvirt', 'one-42'],
  ['docs/resolvers/openstack.md', 'libvirt', 'instance-0000002a'],
] as const;

/** The settings that a page shows, each with what its kind has of its own. */
function shownSettings(page: string) {
  const blocks = [...readFileSync(page, 'utf8').matchAll(/^```yaml\n((?:# .*\n)?(?:volumeServers|resolvers):[\s\S]*?)^```/gm)].map(
    ([, block = '']) => parse(block) as object,
  );
  return blocks.flatMap((block) => settingsSchema.parse(block).resolvers);
}

describe('the pages on resolvers', () => {
  it('has one for every kind', () => {
    for (const kind of resolverKinds.keys()) {
      expect(pages).toContain(kind === 'nimbus' ? 'docs/nimbus.md' : `docs/resolvers/${kind}.md`);
    }
  });

  it.each(pages.filter((page) => !page.endsWith('README.md')))('%s shows settings that are taken', (page) => {
    const shown = shownSettings(page);
    expect(shown.length).toBeGreaterThan(0);
    for (const { kind, name, ids, hosts, timeoutMs, cacheMs, cacheEntries, failures, pauseMs, ...rest } of shown) {
      const { accounts, ownersAreAccounts, concurrency, waitingOfAccount, ...own } = rest;
      expect(resolverKinds.get(kind)?.schema.safeParse(own).error?.issues ?? []).toEqual([]);
      expect([name, ids, hosts, timeoutMs, cacheMs, cacheEntries, failures, pauseMs]).toHaveLength(8);
      expect([accounts, ownersAreAccounts, concurrency, waitingOfAccount]).toHaveLength(4);
    }
  });

  it.each(sites)('%s has a whole site, on which a volume can be attached', async (page, vmm, domain) => {
    const [, settings] =
      /^## A whole site$[\s\S]*?^```yaml\n(# \/etc\/vbs\/vbs\.yaml\n[\s\S]*?)^```/m.exec(readFileSync(page, 'utf8')) ?? [];
    expect(settings).toBeDefined();
    const config = join(folder, 'vbs.yaml');
    writeFileSync(config, settings ?? '');
    const checked = readSettings(config);
    const [cloud] = checked.value.resolvers;
    const vmmHosts = checked.value.vmmHosts.map(({ name }) => name);
    const chain = await siteResolvers(checked, { instances: () => [], vmmHosts, stateFolder: folder, log: recordingLog() });
    expect(chain.name).toBe(`static, ${cloud?.kind}, direct`);
    expect(checked.value.vmmHosts.map((host) => host.vmm.driver)).toEqual([vmm, vmm]);
    for (const vmmHost of vmmHosts) {
      const { commands } = await explainOperation({
        operation: 'attach-volume',
        config,
        instanceId: `${vmmHost}/${domain}`,
        device: '/dev/sdf',
      });
      expect(commands.find(({ verb }) => verb === 'disk.make')).toMatchObject({
        host: vmmHost,
        argv: expect.arrayContaining([expect.stringMatching(`/${vmm}$`), domain]),
      });
    }
  });
});
