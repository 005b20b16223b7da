import { randomUUID } from 'node:crypto';
import type { VmmHost, VolumeServerHost } from '../blockstore/site.ts';
import { type CheckedYaml, refusal, refuseTogether, YamlRefused } from '../checked-yaml/checked-yaml.ts';
import { type Catalogue, loadCatalogue, withPatterns } from '../drivers/command/catalogue.ts';
import { systemClock } from '../drivers/command/clock.ts';
import {
  exportServerFromPattern,
  initiatorFromPattern,
  vmmFromPattern,
  volumeServerFromPattern,
} from '../drivers/command/driver-from-pattern.ts';
import { forkServer } from '../drivers/command/fork-server.ts';
import type { Host } from '../drivers/command/host.ts';
import { type ExportServerPattern, isCommandLine, type Pattern } from '../drivers/command/pattern.ts';
import { SettingsRefused, siteSettings } from '../drivers/command/site-settings.ts';
import type { StorageMemory } from '../drivers/command/storage.ts';
import type { Values } from '../drivers/command/template.ts';
import { boundTgtLog, controlSocketIn, ensureTgtDaemon, stopTgtDaemon, type TgtDaemonContext } from '../drivers/command/tgt-daemon.ts';
import { withTgtadm } from '../drivers/command/tgtadm-built-in.ts';
import { valueTypes, writeValue } from '../drivers/command/value-type.ts';
import type { FaultInjection } from '../drivers/faults/fault.ts';
import { faultyVmm } from '../drivers/faults/faulty-drivers.ts';
import { faultyHost } from '../drivers/faults/faulty-host.ts';
import type { Initiator } from '../drivers/initiator.ts';
import { qemuVmm } from '../drivers/qemu/qemu-vmm.ts';
import { type QmpSockets, qmpSocketTemplate } from '../drivers/qemu/qmp-socket-template.ts';
import type { Vmm } from '../drivers/vmm.ts';
import { volumeTypesWith } from '../model/volume-type.ts';
import {
  type BackendSettings,
  defaultWipeMiBps,
  type Settings,
  type SshSettings,
  type VmmHostSettings,
  type VolumeServerSettings,
} from '../settings/settings.ts';
import type { Log } from '../telemetry/log.ts';
import type { BuiltSite } from './built-site.ts';
import { embeddedVolumeServer } from './embedded-volume-server.ts';
import { listedInstances } from './listed-instances.ts';
import { localMachine, type Machine, remoteMachine } from './machine.ts';
import { forkServerProgram, shippedBackends } from './package-folder.ts';
import { repeatedly } from './repeatedly.ts';
import type { StateFolder } from './state-folder.ts';
import { briefStorageMemory } from './storage-memory.ts';
import { tgtdMeasurements } from './tgtd-measurements.ts';

const boundLogEveryMs = 1_000;

interface Workshop {
  readonly checked: CheckedYaml<Settings>;
  readonly catalogue: Catalogue;
  readonly daemons: TgtDaemonContext;
  readonly storageMemory: (volumeServer: string) => StorageMemory;
  /** Faults that are put into hosts and VMMs, to test. */
  readonly injection?: FaultInjection;
  machine(host: { readonly name: string; readonly ssh?: SshSettings | undefined }): Machine;
}

export interface RealSiteOptions {
  readonly injection?: FaultInjection | undefined;
  readonly patterns?: readonly Pattern[];
  /** What is remembered of a volume server's storage; without it, nothing outlives the process. */
  readonly storageMemory?: (volumeServer: string) => StorageMemory;
}

type SettingsPath = readonly (string | number)[];

/**
 * The hosts that the settings name, each with the drivers that its pattern files make. `patterns` take the place of those of the same kind and
 * name. Throws YamlRefused for what does not fit, DriverError when a managed daemon cannot be started.
 */
export async function realSite(
  checked: CheckedYaml<Settings>,
  folder: StateFolder,
  log: Log,
  { injection, patterns = [], storageMemory = () => briefStorageMemory(randomUUID) }: RealSiteOptions = {},
): Promise<BuiltSite> {
  const { value: settings } = checked;
  const catalogue = withPatterns(await loadCatalogue(shippedBackends, settings.driverFolders), patterns);
  const commands = forkServer(forkServerProgram, systemClock);
  const daemons = { stateFolder: folder.path, host: withTgtadm(commands.host('local'), systemClock), clock: systemClock };
  const wrap = (host: Host): Host => (injection === undefined ? host : faultyHost(host, injection));
  const workshop: Workshop = {
    checked,
    catalogue,
    daemons,
    storageMemory,
    ...(injection && { injection }),
    machine: ({ name, ssh }) =>
      ssh === undefined
        ? localMachine(withTgtadm(commands.host(name), systemClock), { log, wrap })
        : remoteMachine(name, ssh, { stateFolder: folder.path, log, wrap }),
  };
  const servers = settings.volumeServers ?? [embeddedVolumeServer(folder.data)];
  const managed = servers.find(({ exports }) => exports.daemon === 'managed');
  // What keeps it from being bounded, such as a full disk, may pass.
  const logKeeper = managed && repeatedly(() => boundTgtLog(daemons).catch(() => undefined), boundLogEveryMs);
  const close = async () => {
    await logKeeper?.stop();
    if (managed !== undefined) {
      // Stays when it has targets: VMs are using them.
      await stopTgtDaemon(daemons);
    }
    commands.close();
  };
  const volumeServers = new Map<string, VolumeServerHost>();
  const vmmHosts = new Map<string, VmmHost>();
  try {
    await refuseTogether([
      ...servers.map((server, index) => async () => {
        volumeServers.set(server.name, await buildVolumeServer(workshop, server, ['volumeServers', index]));
      }),
      ...settings.vmmHosts.map((host, index) => async () => {
        vmmHosts.set(host.name, await buildVmmHost(workshop, host, ['vmmHosts', index]));
      }),
    ]);
  } catch (cause) {
    await close();
    throw cause;
  }
  return {
    site: {
      zones: settings.zones,
      volumeTypes: volumeTypesWith(settings.volumeTypes),
      iqnPrefix: settings.iqnPrefix,
      volumeServers,
      vmmHosts,
    },
    instances: listedInstances(settings),
    measurements: tgtdMeasurements(controlSocketsHere(servers, workshop, folder)),
    async heal() {
      return managed !== undefined && (await ensureTgtDaemon({ portal: portalOf(managed) }, daemons)).started;
    },
    begin: commands.start,
    close,
  };
}

async function buildVolumeServer(workshop: Workshop, server: VolumeServerSettings, path: SettingsPath): Promise<VolumeServerHost> {
  const [[volumes, volumeSettings], exports] = await refuseTogether([
    () => {
      const pattern = patternOf(workshop, 'volume-server', server.volumes, [...path, 'volumes']);
      return [pattern, checkedSettings(workshop, pattern, server.volumes.settings, [...path, 'volumes'])] as const;
    },
    () => {
      const pattern = patternOf(workshop, 'export-server', server.exports, [...path, 'exports']);
      refuseUnlessWanted(workshop, pattern, server, [...path, 'exports']);
      // A managed daemon settles some of them itself, once it runs.
      if (server.exports.daemon === 'external') checkedSettings(workshop, pattern, server.exports.settings, [...path, 'exports']);
      return pattern;
    },
  ]);
  const machine = workshop.machine(server);
  const starting = server.exports.daemon === 'managed' ? startDaemon(workshop, server, path) : {};
  const making = machine.storageBackend(volumes, volumeSettings, workshop.storageMemory(server.name));
  // Whichever fails, the other is waited for: a daemon that is still being started could not be stopped again.
  await Promise.allSettled([starting, making]);
  const managed = await starting;
  const exportSettings = checkedSettings(workshop, exports, { ...server.exports.settings, ...managed }, [...path, 'exports']);
  refuseUnlessReachable(workshop, exports, exportSettings, [...path, 'exports']);
  return {
    wipeMiBps: server.wipeMiBps ?? defaultWipeMiBps,
    volumes: volumeServerFromPattern(volumes, await making),
    exports: exportServerFromPattern(exports, await machine.backend(exports, exportSettings)),
  };
}

/** A backend that asks nobody who he is must not be had by accident: a driver's name is quickly written. */
function refuseUnlessWanted(
  { checked }: Workshop,
  { name, capabilities }: ExportServerPattern,
  server: VolumeServerSettings,
  path: SettingsPath,
): void {
  if (!capabilities.openToNetwork || server.exports.openToNetwork) return;
  const reason = `${name} has no authentication: whoever is on its network can read and write every volume while it is attached; use another backend, or, for a laboratory, say "openToNetwork: true"`;
  throw refusal([checked.locate({ path: [...path, 'driver'], reason })]);
}

/** With port 0 a managed daemon chooses its port; of any other nobody could tell the initiators which it is. */
function refuseUnlessReachable({ checked }: Workshop, { settings: declared }: Pattern, settings: Values, path: SettingsPath): void {
  for (const [name, { type }] of Object.entries(declared)) {
    if (type === 'portal' && String(settings[name]).endsWith(':0')) {
      const reason =
        'port 0 chooses a free one for a daemon that the service starts: say "daemon: managed", or set the port that yours listens on';
      throw refusal([checked.locate({ path: [...path, 'settings', name], reason })]);
    }
  }
}

async function startDaemon(
  { checked, daemons }: Workshop,
  server: VolumeServerSettings,
  path: SettingsPath,
): Promise<BackendSettings['settings']> {
  const { exports } = server;
  if (exports.driver !== 'tgt') {
    const reason = `only tgt's daemon can be managed; start ${exports.driver}'s yourself and say "daemon: external"`;
    throw refusal([checked.locate({ path: [...path, 'exports', 'daemon'], reason })]);
  }
  const wanted = portalOf(server);
  if (writeValue(wanted, 'portal') === undefined) {
    throw refusal([checked.locate({ path: [...path, 'exports', 'settings', 'portal'], reason: `must be ${valueTypes.portal.says}` })]);
  }
  const { controlSocket, portal } = await ensureTgtDaemon({ portal: wanted }, daemons);
  return { controlSocket, portal };
}

/** Of the tgtds on this machine, by their volume servers. */
function controlSocketsHere(
  servers: readonly VolumeServerSettings[],
  { catalogue }: Workshop,
  folder: StateFolder,
): ReadonlyMap<string, string> {
  return new Map(
    servers
      .filter(({ ssh, exports }) => ssh === undefined && exports.driver === 'tgt')
      .map(({ name, exports: { daemon, settings } }) => {
        const { controlSocket } = siteSettings(catalogue.pattern('export-server', 'tgt'), { portal: '127.0.0.1:0', ...settings });
        return [name, daemon === 'managed' ? controlSocketIn(folder.path) : String(controlSocket)];
      }),
  );
}

/** As tgtd will print it. */
function portalOf({ exports }: VolumeServerSettings): string {
  const portal = exports.settings.portal ?? '127.0.0.1:0';
  return writeValue(String(portal), 'portal') ?? String(portal);
}

async function buildVmmHost(workshop: Workshop, host: VmmHostSettings, path: SettingsPath): Promise<VmmHost> {
  const machine = workshop.machine(host);
  const [vmm, initiator] = await refuseTogether([
    () => buildVmm(workshop, machine, host, [...path, 'vmm']),
    () => host.initiator && buildInitiator(workshop, machine, host.initiator, [...path, 'initiator']),
  ]);
  if (vmm.takes === 'device' && initiator === undefined) {
    const reason = `${host.vmm.driver} takes a device of its host, so the host needs an initiator (initiator: { driver: … })`;
    throw refusal([workshop.checked.locate({ path: [...path, 'vmm'], reason })]);
  }
  return { vmm, ...(initiator && { initiator }), ...(host.initiatorName !== undefined && { initiatorName: host.initiatorName }) };
}

async function buildVmm(workshop: Workshop, machine: Machine, host: VmmHostSettings, path: SettingsPath): Promise<Vmm> {
  const pattern = patternOf(workshop, 'vmm', host.vmm, path);
  const settings = checkedSettings(workshop, pattern, host.vmm.settings, path);
  if (isCommandLine(pattern)) {
    return vmmFromPattern(pattern, await machine.backend(pattern, settings));
  }
  if (host.ssh !== undefined) {
    const reason = `${pattern.name} speaks to its VMs on this machine only; leave "ssh" out`;
    throw refusal([workshop.checked.locate({ path: [...path.slice(0, -1), 'ssh'], reason })]);
  }
  // The one protocol that there is; the pattern file was checked for it.
  const { socketOf, domains } = qmpSockets(workshop, String(settings.qmpSocket), [...path, 'settings', 'qmpSocket']);
  const vmm = qemuVmm({
    host: host.name,
    socketOf,
    domains,
    clock: systemClock,
    attachTimeoutMs: Number(settings.attachTimeoutSeconds) * 1_000,
    detachTimeoutMs: Number(settings.detachTimeoutSeconds) * 1_000,
  });
  // It runs no commands that a host could spoil.
  return workshop.injection === undefined ? vmm : faultyVmm(host.name, vmm, workshop.injection);
}

function qmpSockets({ checked }: Workshop, template: string, path: SettingsPath): QmpSockets {
  const sockets = qmpSocketTemplate(template);
  if (sockets === undefined) {
    throw refusal([checked.locate({ path, reason: 'the file name must contain {domain} once, as /run/vbs/{domain}.qmp' })]);
  }
  return sockets;
}

async function buildInitiator(workshop: Workshop, machine: Machine, backend: BackendSettings, path: SettingsPath): Promise<Initiator> {
  const pattern = patternOf(workshop, 'initiator', backend, path);
  const settings = checkedSettings(workshop, pattern, backend.settings, path);
  return initiatorFromPattern(pattern, await machine.backend(pattern, settings));
}

function patternOf<Kind extends Pattern['kind']>(
  { catalogue, checked }: Workshop,
  kind: Kind,
  { driver }: BackendSettings,
  path: SettingsPath,
) {
  try {
    return catalogue.pattern(kind, driver);
  } catch (cause) {
    if (cause instanceof YamlRefused) {
      throw cause;
    }
    throw refusal([checked.locate({ path: [...path, 'driver'], reason: (cause as Error).message })]);
  }
}

function checkedSettings({ checked }: Workshop, pattern: Pattern, given: BackendSettings['settings'], path: SettingsPath) {
  try {
    return siteSettings(pattern, given);
  } catch (cause) {
    if (!(cause instanceof SettingsRefused)) {
      throw cause;
    }
    throw refusal(cause.complaints.map(({ setting, reason }) => checked.locate({ path: [...path, 'settings', setting], reason })));
  }
}
