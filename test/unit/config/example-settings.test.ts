import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { isMap, isSeq, parseDocument, type Scalar } from 'yaml';
import { loadCatalogue } from '../../../src/drivers/command/catalogue.ts';
import type { Pattern } from '../../../src/drivers/command/pattern.ts';
import { SettingsRefused, siteSettings } from '../../../src/drivers/command/site-settings.ts';
import { readSettings } from '../../../src/settings/read-settings.ts';
import { type Settings, settingsSchema } from '../../../src/settings/settings.ts';

const file = 'config/vbs.example.yaml';

it('shows settings that the service takes', () => {
  expect(readSettings(file).value.instances[0]?.id).toBe('i-0123456789abcdef0');
});

it('names every setting that there is', () => {
  const text = readFileSync(file, 'utf8');
  for (const name of Object.keys(settingsSchema.shape)) {
    expect(text).toMatch(new RegExp(`^(# )?${name}:`, 'm'));
  }
});

/** Everything that has a value in the file, with what is said right above it or above the map that it begins. */
function shownValues(): readonly { readonly path: readonly (string | number)[]; readonly comment: string }[] {
  const found: { path: readonly (string | number)[]; comment: string }[] = [];
  const walk = (node: unknown, path: readonly (string | number)[], above: string) => {
    if (isSeq(node)) {
      for (const [index, item] of node.items.entries()) walk(item, [...path, index], `${node.commentBefore ?? ''}${above}`);
    } else if (isMap<Scalar<string>>(node)) {
      for (const [index, { key, value }] of node.items.entries()) {
        const comment = `${key.commentBefore ?? ''}${index === 0 ? `${node.commentBefore ?? ''}${above}` : ''}`;
        walk(value, [...path, key.value], comment);
      }
    } else {
      found.push({ path, comment: above });
    }
  };
  walk(parseDocument(readFileSync(file, 'utf8')).contents, [], '');
  return found;
}

/** The settings of the file without one of them; `undefined` when it has to be there. */
function settingsWithout(path: readonly (string | number)[]): Settings | undefined {
  const document = parseDocument(readFileSync(file, 'utf8'));
  document.deleteIn(path);
  const parsed = settingsSchema.safeParse(document.toJS());
  return parsed.success ? parsed.data : undefined;
}

/** A backend's settings with its defaults; none when one is missing that has to be there. */
function settled(pattern: Pattern, given: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  try {
    return siteSettings(pattern, given);
  } catch (cause) {
    if (cause instanceof SettingsRefused) return {};
    throw cause;
  }
}

it('shows the default of every setting that has one, or names it', async () => {
  const catalogue = await loadCatalogue({ folder: 'config/drivers' }, []);
  const withDriverSettings = (settings: Settings) => ({
    ...settings,
    volumeServers: settings.volumeServers?.map((server) => ({
      ...server,
      volumes: { settings: settled(catalogue.pattern('volume-server', server.volumes.driver), server.volumes.settings) },
      exports: {
        ...server.exports,
        settings: settled(catalogue.pattern('export-server', server.exports.driver), server.exports.settings),
      },
    })),
    vmmHosts: settings.vmmHosts.map((host) => ({
      ...host,
      vmm: { settings: settled(catalogue.pattern('vmm', host.vmm.driver), host.vmm.settings) },
    })),
  });
  const at = (value: unknown, path: readonly (string | number)[]) =>
    path.reduce<unknown>((inner, key) => (inner as Record<string | number, unknown> | undefined)?.[key], value);
  const compared: string[] = [];
  for (const { path, comment } of shownValues()) {
    const without = settingsWithout(path);
    if (without === undefined) continue;
    const defaults = withDriverSettings(without);
    const value = at(defaults, path);
    if (value === undefined || /Default: /.test(comment)) continue;
    compared.push(path.join('.'));
    expect({ [path.join('.')]: value }).toEqual({ [path.join('.')]: at(withDriverSettings(readSettings(file).value), path) });
  }
  expect(compared).toEqual(expect.arrayContaining(['listen', 'operations.concurrency', 'vmmHosts.0.vmm.settings.detachTimeoutSeconds']));
});
