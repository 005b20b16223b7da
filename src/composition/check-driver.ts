import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CheckedYaml, YamlRefused } from '../checked-yaml/checked-yaml.ts';
import { CommandFailed, exitCodes } from '../cli/exit-codes.ts';
import type { ConformanceOptions, ConformanceReport } from '../cli/program-dependencies.ts';
import { scriptsFolderOf } from '../drivers/command/catalogue.ts';
import { systemClock } from '../drivers/command/clock.ts';
import { isCommandLine, type Pattern } from '../drivers/command/pattern.ts';
import { readScripts, remoteScriptsFolder } from '../drivers/command/remote-scripts.ts';
import { siteSettings } from '../drivers/command/site-settings.ts';
import { checkAnswers } from '../drivers/conformance/check-answers.ts';
import { checkAttachment } from '../drivers/conformance/check-attachment.ts';
import type { Check } from '../drivers/conformance/check-thing.ts';
import { checkVolumeServer } from '../drivers/conformance/check-volume-server.ts';
import { DriverError } from '../drivers/driver-error.ts';
import { idFromUuid } from '../model/ids.ts';
import { readSettings, SettingsUnusable } from '../settings/read-settings.ts';
import type { BackendSettings, Settings, VmmHostSettings, VolumeServerSettings } from '../settings/settings.ts';
import type { Log } from '../telemetry/log.ts';
import type { BuiltSite } from './built-site.ts';
import { embeddedVolumeServer } from './embedded-volume-server.ts';
import { hostOf } from './host-of.ts';
import { readDriver } from './read-driver.ts';
import { realSite } from './real-site.ts';
import { openStateFolder } from './state-folder.ts';

const silent: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const MiB = 1024 ** 2;

/**
 * Holds a backend file to its contract on a host of the settings, or on this machine: makes, looks at, lists and removes things of names that
 * nothing else has. What the backend works with (a volume for an export server, an export for an initiator) is made by the site's own backends.
 * Throws CommandFailed when it cannot begin.
 */
export async function checkDriver(file: string, options: ConformanceOptions): Promise<ConformanceReport> {
  const scratch = mkdtempSync(join(tmpdir(), 'vbs-conformance-'));
  try {
    const pattern = readDriver(file);
    const checked = readSettings(options.config);
    const chosen = choose(pattern, checked.value, options, scratch);
    const settings = { ...checked.value, ...chosen.site };
    const site = await realSite({ ...checked, value: settings } as CheckedYaml<Settings>, openStateFolder(scratch), silent, {
      patterns: [pattern],
    });
    try {
      const checks = await run(pattern, site, settings, chosen, scratch, options);
      // Of a host that nothing can be done on, nothing is told by what else fails there.
      const isReached = checks[0]?.outcome === 'held';
      return {
        describes: `the ${pattern.kind} "${pattern.name}" on ${chosen.host}`,
        checks: [...checks, ...(isReached ? await feedBadAnswers(pattern, settings, chosen, scratch, options) : [])],
      };
    } finally {
      await site.close();
    }
  } catch (cause) {
    if (cause instanceof YamlRefused || cause instanceof SettingsUnusable)
      throw new CommandFailed(exitCodes.wrongUsage, cause.message.split('\n'), { cause });
    if (cause instanceof DriverError) throw new CommandFailed(exitCodes.refused, cause.message, { cause });
    throw cause;
  } finally {
    rmSync(scratch, { recursive: true, force: true, maxRetries: 10 });
  }
}

interface Chosen {
  readonly host: string;
  /** The hosts of the settings that are needed, the one with the backend in the place of its own. */
  readonly site: { readonly volumeServers: [VolumeServerSettings]; readonly vmmHosts: VmmHostSettings[] };
}

function choose(pattern: Pattern, settings: Settings, options: ConformanceOptions, scratch: string): Chosen {
  const servers = settings.volumeServers ?? [localServer(scratch)];
  const isOnVolumeServer = pattern.kind === 'volume-server' || pattern.kind === 'export-server';
  const names = (isOnVolumeServer ? servers : settings.vmmHosts).map(({ name }) => name);
  const host = options.host ?? (isOnVolumeServer ? names[0] : undefined);
  if (host === undefined || !names.includes(host)) {
    const list = isOnVolumeServer ? 'volumeServers' : 'vmmHosts';
    const mend =
      options.config === undefined
        ? `name a settings file with --config, and one of its ${list} with --host`
        : `--host has to be one of its ${list}: ${names.join(', ') || 'none'}`;
    throw new CommandFailed(exitCodes.wrongUsage, `the ${pattern.kind} "${pattern.name}" needs a host; ${mend}`);
  }
  const backend = (given: BackendSettings | undefined): BackendSettings => ({
    driver: pattern.name,
    settings: { ...(given?.driver === pattern.name ? given.settings : {}), ...options.settings },
  });
  const [first] = servers;
  const server = isOnVolumeServer ? servers.find(({ name }) => name === host) : first;
  if (server === undefined) throw new CommandFailed(exitCodes.wrongUsage, 'the settings have no volume server');
  const vmmHosts = settings.vmmHosts.filter(({ name }) => name === host);
  switch (pattern.kind) {
    case 'volume-server':
      return { host, site: { volumeServers: [{ ...server, volumes: backend(server.volumes) }], vmmHosts: [] } };
    case 'export-server':
      return {
        host,
        site: {
          volumeServers: [
            { ...server, exports: { daemon: 'external', openToNetwork: server.exports.openToNetwork, ...backend(server.exports) } },
          ],
          vmmHosts: [],
        },
      };
    case 'initiator':
      return {
        host,
        site: { volumeServers: [server], vmmHosts: vmmHosts.map((vmmHost) => ({ ...vmmHost, initiator: backend(vmmHost.initiator) })) },
      };
    case 'vmm':
      if (options.domain === undefined) {
        throw new CommandFailed(exitCodes.wrongUsage, 'a VMM needs a running VM that may get and lose a disk; name it with --domain');
      }
      return { host, site: { volumeServers: [server], vmmHosts: vmmHosts.map((vmmHost) => ({ ...vmmHost, vmm: backend(vmmHost.vmm) })) } };
  }
}

/** Without settings: files of this machine, and the tgtd that runs on it, whichever backend is to be checked beside them. */
function localServer(scratch: string): VolumeServerSettings {
  const server = embeddedVolumeServer(join(scratch, 'data'));
  return { ...server, exports: { ...server.exports, daemon: 'external', settings: { portal: '127.0.0.1:3260' } } };
}

async function run(
  pattern: Pattern,
  { site }: BuiltSite,
  settings: Settings,
  { host, site: chosen }: Chosen,
  scratch: string,
  options: ConformanceOptions,
) {
  const [server] = chosen.volumeServers;
  const built = site.volumeServers.get(server.name);
  if (built === undefined) throw new Error(`${server.name} was not built`);
  const ids = {
    volumeId: idFromUuid('volume', randomUUID()),
    copyId: idFromUuid('volume', randomUUID()),
    snapshotId: idFromUuid('snapshot', randomUUID()),
  };
  const bytes = options.sizeMiB * MiB;
  const { settleMs } = settings.operations;
  const patience = {
    settleMs,
    sleep: async (milliseconds: number) => {
      await sleep(milliseconds);
    },
  };
  if (pattern.kind === 'volume-server') {
    const machine = await hostOf(server, resolve(scratch));
    return checkVolumeServer({ server: built.volumes, host: machine, ...ids, bytes, ...patience });
  }
  const vmmHost = site.vmmHosts.get(host);
  const attachmentId = idFromUuid('attachment', randomUUID());
  return checkAttachment({
    part: pattern.kind,
    volumes: built.volumes,
    exports: built.exports,
    ...(vmmHost?.initiator && { initiator: vmmHost.initiator }),
    ...(vmmHost && { vmm: vmmHost.vmm }),
    ...(options.domain !== undefined && { domain: options.domain }),
    device: options.device,
    volumeId: ids.volumeId,
    bytes,
    access: {
      target: `${settings.iqnPrefix}:${ids.volumeId}`,
      initiatorName: vmmHost?.initiatorName ?? `${settings.iqnPrefix}:${attachmentId}`,
      chapUser: attachmentId,
      chapSecret: randomBytes(12).toString('base64url'),
    },
    ...patience,
  });
}

/** The scripts are there by now: the backend was used. */
async function feedBadAnswers(
  pattern: Pattern,
  { iqnPrefix }: Settings,
  { host: hostName, site }: Chosen,
  scratch: string,
  options: ConformanceOptions,
): Promise<readonly Check[]> {
  if (!isCommandLine(pattern)) return [];
  const [server] = site.volumeServers;
  const vmmHost = site.vmmHosts.find(({ name }) => name === hostName);
  const machine = vmmHost ?? server;
  const { ssh } = machine;
  const given = { 'volume-server': server.volumes, 'export-server': server.exports, initiator: vmmHost?.initiator, vmm: vmmHost?.vmm };
  const scriptsFolder = scriptsFolderOf(pattern);
  const volumeId = idFromUuid('volume', randomUUID());
  const attachmentId = idFromUuid('attachment', randomUUID());
  return checkAnswers({
    pattern,
    context: {
      host: await hostOf(machine, resolve(scratch)),
      clock: systemClock,
      settings: siteSettings(pattern, given[pattern.kind]?.settings ?? {}),
      scriptsFolder: ssh === undefined ? scriptsFolder : remoteScriptsFolder(ssh.scriptsFolder, await readScripts(scriptsFolder)),
    },
    about: {
      volumeId,
      snapshotId: idFromUuid('snapshot', randomUUID()),
      copyId: idFromUuid('volume', randomUUID()),
      bytes: options.sizeMiB * MiB,
      access: {
        target: `${iqnPrefix}:${volumeId}`,
        initiatorName: `${iqnPrefix}:${attachmentId}`,
        chapUser: attachmentId,
        chapSecret: randomBytes(12).toString('base64url'),
      },
      domain: options.domain ?? '',
      device: options.device,
    },
  });
}
