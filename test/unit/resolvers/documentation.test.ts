import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { resolverKinds } from '../../../src/resolvers/kinds.ts';
import { settingsSchema } from '../../../src/settings/settings.ts';

const pages = ['docs/nimbus.md', ...readdirSync('docs/resolvers').map((name) => `docs/resolvers/${name}`)];

/** Where a site of that cloud finds all that it needs. */
const sites = ['docs/nimbus.md', ...['proxmox', 'opennebula', 'openstack', 'xen'].map((kind) => `docs/resolvers/${kind}.md`)];

/** The settings that a page shows, each with what its kind has of its own. */
function shownSettings(page: string) {
  const blocks = [
    ...readFileSync(page, 'utf8').matchAll(/^```yaml\n((?:# .*\n)?(?:driverFolders|volumeServers|resolvers):[\s\S]*?)^```/gm),
  ].map(([, block = '']) => parse(block) as object);
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
    if (sites.includes(page)) {
      expect(readFileSync(page, 'utf8')).toMatch(/^## A whole site$[\s\S]*^volumeServers:$[\s\S]*^vmmHosts:$[\s\S]*^resolvers:$/m);
    }
    for (const { kind, name, ids, hosts, timeoutMs, cacheMs, cacheEntries, failures, pauseMs, ...own } of shown) {
      expect(resolverKinds.get(kind)?.schema.safeParse(own).error?.issues ?? []).toEqual([]);
      expect([name, ids, hosts, timeoutMs, cacheMs, cacheEntries, failures, pauseMs]).toHaveLength(8);
    }
  });
});
