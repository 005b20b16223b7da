import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type * as z from 'zod';
import { type CheckedYaml, type Complaint, checkContent, readYaml, refusal } from '../checked-yaml/checked-yaml.ts';
import { parseInstanceId } from '../model/ids.ts';
import { listedSettings, type Settings, type SshSettings, settingsSchema } from './settings.ts';

/** The settings cannot be used. The message says in which file, on which line, and how to mend it. */
export class SettingsUnusable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SettingsUnusable';
  }
}

/** Reads the settings file; without one, everything has its default. Throws SettingsUnusable, and YamlRefused with every mistake in the file. */
export function readSettings(file: string | undefined): CheckedYaml<Settings> {
  if (file === undefined) {
    return { value: settingsSchema.parse({}), locate: ({ path, reason }) => `default settings: ${path.join('.')}: ${reason}` };
  }
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    const reason = code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code})`;
    throw new SettingsUnusable(`settings file ${file}: ${reason}; name another with --config, or copy config/vbs.example.yaml`, { cause });
  }
  const { content, locate } = readYaml(text, file);
  // A file that is empty or holds nothing but comments sets nothing.
  const checked = checkContent(content ?? {}, settingsSchema, 'config/vbs.example.yaml');
  const complaints = [...('complaints' in checked ? checked.complaints : []), ...contradictions(content)];
  if ('complaints' in checked || complaints.length > 0) {
    throw refusal(complaints.map(locate));
  }
  return { locate, value: withAbsolutePaths(checked.value, dirname(resolve(file))) };
}

/** An item of a list, with its place there. */
interface Listed<Item> {
  readonly index: number;
  readonly item: Item;
}

/** What does not fit together, as far as it has the form that it should have: what has not is complained of elsewhere. */
function contradictions(content: unknown): Complaint[] {
  const volumeServers = readable(content, 'volumeServers', listedSettings.volumeServers);
  const vmmHosts = readable(content, 'vmmHosts', listedSettings.vmmHosts);
  const instances = readable(content, 'instances', listedSettings.instances);
  const resolvers = readable(content, 'resolvers', listedSettings.resolvers);
  return [
    ...twins('volumeServers', volumeServers, (server) => server.name),
    ...unmanageable(volumeServers),
    ...typesOfNoServer(content),
    ...twins('vmmHosts', vmmHosts, (host) => host.name),
    ...twins('instances', instances, (instance) => instance.id),
    ...twins('resolvers', resolvers, (resolver) => resolver.name ?? resolver.kind),
    ...instances.flatMap(({ item, index }) => wrongInstance(item, index, namesIn(content, 'vmmHosts'))),
  ];
}

function unmanageable(volumeServers: readonly Listed<z.output<typeof listedSettings.volumeServers>>[]): Complaint[] {
  const managed = volumeServers.filter(({ item }) => item.exports.daemon === 'managed');
  const pathOf = ({ index }: Listed<unknown>) => ['volumeServers', index, 'exports', 'daemon'];
  return [
    ...managed.slice(1).map((server) => ({
      path: pathOf(server),
      reason: 'the service manages one daemon; start this one yourself and say "daemon: external"',
    })),
    ...managed
      .filter(({ item }) => item.ssh !== undefined)
      .map((server) => ({
        path: pathOf(server),
        reason: 'only a daemon on this machine can be managed; start it on that host yourself and say "daemon: external"',
      })),
  ];
}

function typesOfNoServer(content: unknown): Complaint[] {
  const listed = namesIn(content, 'volumeServers');
  // Without a list of them there is the embedded one.
  const names = listed.length === 0 ? ['local'] : listed;
  return Object.entries(fieldOf(content, 'volumeTypes') ?? {})
    .map(([type, rules]) => ({ path: ['volumeTypes', type, 'volumeServer'], name: fieldOf(rules, 'volumeServer') }))
    .filter(({ name }) => typeof name === 'string' && !names.includes(name))
    .map(({ path, name }) => ({ path, reason: `there is no volume server "${name}"; there is ${names.join(', ')}` }));
}

function wrongInstance(
  { id, vmmHost }: z.output<typeof listedSettings.instances>,
  index: number,
  hostNames: readonly string[],
): Complaint[] {
  return [
    ...(parseInstanceId(id) === undefined
      ? [{ path: ['instances', index, 'id'], reason: `"${id}" has not the form of an instance id` }]
      : []),
    ...(hostNames.includes(vmmHost)
      ? []
      : [
          {
            path: ['instances', index, 'vmmHost'],
            reason: `there is no VMM host "${vmmHost}" below vmmHosts; it has ${hostNames.join(', ') || 'none'}`,
          },
        ]),
  ];
}

/** The items of a list that have the form that they should have. */
function readable<Item extends z.ZodType>(content: unknown, list: string, schema: Item): readonly Listed<z.output<Item>>[] {
  return itemsOf(content, list).flatMap((item, index) => {
    const parsed = schema.safeParse(item);
    return parsed.success ? [{ index, item: parsed.data }] : [];
  });
}

/** Of all items, also of those that lack something else. */
function namesIn(content: unknown, list: string): readonly string[] {
  return itemsOf(content, list)
    .map((item) => fieldOf(item, 'name'))
    .filter((name) => typeof name === 'string');
}

function itemsOf(content: unknown, list: string): readonly unknown[] {
  const items = fieldOf(content, list);
  return Array.isArray(items) ? items : [];
}

function fieldOf(content: unknown, field: string): unknown {
  return typeof content === 'object' && content !== null ? (content as Record<string, unknown>)[field] : undefined;
}

function twins<Item>(list: string, items: readonly Listed<Item>[], nameOf: (item: Item) => string): Complaint[] {
  const seen = new Set<string>();
  return items.flatMap(({ item, index }) => {
    const itemName = nameOf(item);
    const isTwin = seen.has(itemName);
    seen.add(itemName);
    return isTwin ? [{ path: [list, index], reason: `"${itemName}" stands in ${list} twice; names must differ` }] : [];
  });
}

/** Paths in the file are meant from the file's own folder, not from wherever the service was started. */
function withAbsolutePaths(settings: Settings, folder: string): Settings {
  const reached = <Host extends { readonly ssh?: SshSettings | undefined }>(host: Host): Host =>
    host.ssh === undefined
      ? host
      : {
          ...host,
          ssh: {
            ...host.ssh,
            identityFile: resolve(folder, host.ssh.identityFile),
            knownHostsFile: resolve(folder, host.ssh.knownHostsFile),
          },
        };
  return {
    ...settings,
    vmmHosts: settings.vmmHosts.map(reached),
    ...(settings.volumeServers !== undefined && { volumeServers: settings.volumeServers.map(reached) }),
    driverFolders: settings.driverFolders.map((path) => resolve(folder, path)),
    ...(settings.state !== undefined && { state: resolve(folder, settings.state) }),
    log: { ...settings.log, ...(settings.log.file !== undefined && { file: resolve(folder, settings.log.file) }) },
  };
}
