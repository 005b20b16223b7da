import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import * as z from 'zod';
import { type CheckedYaml, type Complaint, readCheckedYaml, refusal } from '../checked-yaml/checked-yaml.ts';
import { parseInstanceId } from '../model/ids.ts';
import { type Settings, type SshSettings, settingsSchema } from './settings.ts';

/** The settings cannot be used. The message says in which file, on which line, and how to mend it. */
export class SettingsUnusable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SettingsUnusable';
  }
}

/** A file that is empty or holds nothing but comments sets nothing. */
const settingsOrNothing = z.preprocess((content) => content ?? {}, settingsSchema);

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
  const checked = readCheckedYaml(text, { file, schema: settingsOrNothing, documentation: 'config/vbs.example.yaml' });
  const complaints = contradictions(checked.value);
  if (complaints.length > 0) {
    throw refusal(complaints.map(checked.locate));
  }
  return { ...checked, value: withAbsolutePaths(checked.value, dirname(resolve(file))) };
}

function contradictions({ volumeServers = [], vmmHosts, instances, resolvers, volumeTypes }: Settings): Complaint[] {
  // Without a list of them there is the embedded one.
  const serverNames = volumeServers.length === 0 ? ['local'] : volumeServers.map((server) => server.name);
  const hostNames = new Set(vmmHosts.map((host) => host.name));
  return [
    ...twins('volumeServers', volumeServers, (server) => server.name),
    ...volumeServers
      .map(({ exports }, index) => ({ daemon: exports.daemon, path: ['volumeServers', index, 'exports', 'daemon'] }))
      .filter(({ daemon }) => daemon === 'managed')
      .slice(1)
      .map(({ path }) => ({ path, reason: 'the service manages one daemon; start this one yourself and say "daemon: external"' })),
    ...volumeServers.flatMap(({ ssh, exports }, index) =>
      ssh !== undefined && exports.daemon === 'managed'
        ? [
            {
              path: ['volumeServers', index, 'exports', 'daemon'],
              reason: 'only a daemon on this machine can be managed; start it on that host yourself and say "daemon: external"',
            },
          ]
        : [],
    ),
    ...Object.entries(volumeTypes)
      .map(([type, rules]) => ({ path: ['volumeTypes', type, 'volumeServer'], name: rules?.volumeServer }))
      .filter(({ name }) => name !== undefined && !serverNames.includes(name))
      .map(({ path, name }) => ({ path, reason: `there is no volume server "${name}"; there is ${serverNames.join(', ')}` })),
    ...twins('vmmHosts', vmmHosts, (host) => host.name),
    ...twins('instances', instances, (instance) => instance.id),
    ...twins('resolvers', resolvers, (resolver) => resolver.name ?? resolver.kind),
    ...instances.flatMap(({ id, vmmHost }, index): Complaint[] => [
      ...(parseInstanceId(id) === undefined
        ? [{ path: ['instances', index, 'id'], reason: `"${id}" has not the form of an instance id` }]
        : []),
      ...(hostNames.has(vmmHost)
        ? []
        : [
            {
              path: ['instances', index, 'vmmHost'],
              reason: `there is no VMM host "${vmmHost}" below vmmHosts; it has ${[...hostNames].join(', ') || 'none'}`,
            },
          ]),
    ]),
  ];
}

function twins<Item>(list: string, items: readonly Item[], nameOf: (item: Item) => string): Complaint[] {
  const seen = new Set<string>();
  return items.flatMap((item, index) => {
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
