import { randomUUID } from 'node:crypto';
import { scriptsFolderOf } from '../drivers/command/catalogue.ts';
import { systemClock } from '../drivers/command/clock.ts';
import type { BackendContext } from '../drivers/command/command-runner.ts';
import { prepareBackend } from '../drivers/command/driver-from-pattern.ts';
import type { Host } from '../drivers/command/host.ts';
import type { CommandLinePattern, VolumeServerPattern } from '../drivers/command/pattern.ts';
import { type BootedHost, type PreparedHost, preparedHost } from '../drivers/command/prepared-host.ts';
import { installScripts, readScripts, remoteScriptsFolder } from '../drivers/command/remote-scripts.ts';
import type { Storage, StorageMemory } from '../drivers/command/storage.ts';
import { storageFromPattern } from '../drivers/command/storage-from-pattern.ts';
import type { Values } from '../drivers/command/template.ts';
import type { SshSettings } from '../settings/settings.ts';
import type { Log } from '../telemetry/log.ts';

/** A machine of the site. */
export interface Machine {
  /**
   * What a backend needs to work there. It is prepared before the first command, whenever that is, and tried at once, so that the log tells of what is
   * wrong at the start: a machine that is down, or whose storage is full or missing, must not keep the service from serving the others.
   */
  backend(pattern: CommandLinePattern, settings: Values): Promise<BackendContext>;
  /** Likewise; the storage of a volume server is looked at before the first command, and after each boot of the machine. */
  storageBackend(pattern: VolumeServerPattern, settings: Values, memory: StorageMemory): Promise<BackendContext>;
}

/** What is put between a prepared host and the drivers that use it. */
export type HostWrapping = (host: Host) => Host;

/** The machine that the service runs on. */
export function localMachine(host: Host, { log, wrap }: { readonly log: Log; readonly wrap: HostWrapping }): Machine {
  const surroundings = async (pattern: CommandLinePattern, settings: Values): Promise<Surroundings> => ({
    bare: { host, settings, clock: systemClock, scriptsFolder: scriptsFolderOf(pattern) },
    // The service ends with the machine, so that it sees one boot only.
    booted: { ...host, bootId: async () => 'this one' },
    install: async () => undefined,
  });
  return machineOf(surroundings, { log, wrap });
}

export function remoteMachine(
  name: string,
  ssh: SshSettings,
  { stateFolder, log, wrap }: { stateFolder: string; log: Log; wrap: HostWrapping },
): Machine {
  // Loaded only for a site with such machines: a start without them has half the code to read.
  const reaching = import('../drivers/command/ssh-host.ts').then(({ sshHost }) =>
    sshHost(name, ssh, { stateFolder, clock: systemClock, newMark: randomUUID }),
  );
  const surroundings = async (pattern: CommandLinePattern, settings: Values): Promise<Surroundings> => {
    const host = await reaching;
    const scripts = await readScripts(scriptsFolderOf(pattern));
    return {
      bare: { host, settings, clock: systemClock, scriptsFolder: remoteScriptsFolder(ssh.scriptsFolder, scripts) },
      booted: host,
      install: () => installScripts(host, ssh.scriptsFolder, scripts),
    };
  };
  return machineOf(surroundings, { log, wrap });
}

/** What a backend has on a machine before anything is prepared there. */
interface Surroundings {
  readonly bare: BackendContext;
  readonly booted: BootedHost;
  install(): Promise<void>;
}

function machineOf(
  surroundings: (pattern: CommandLinePattern, settings: Values) => Promise<Surroundings>,
  { log, wrap }: { readonly log: Log; readonly wrap: HostWrapping },
): Machine {
  const prepare = (pattern: CommandLinePattern, { bare, booted, install }: Surroundings, storage?: Storage): BackendContext => {
    const prepared = preparedHost(booted, async () => {
      await install();
      await prepareBackend(pattern, bare);
      await storage?.check();
    });
    prepareSoon(prepared, pattern, log);
    return { ...bare, host: wrap(prepared), ...(storage && { storage }) };
  };
  return {
    backend: async (pattern, settings) => prepare(pattern, await surroundings(pattern, settings)),
    async storageBackend(pattern, settings, memory) {
      const found = await surroundings(pattern, settings);
      return prepare(pattern, found, storageFromPattern(pattern, found.bare, memory));
    },
  };
}

function prepareSoon(host: PreparedHost, pattern: CommandLinePattern, log: Log): void {
  void host.prepare().catch((cause: unknown) => {
    log.warn({ host: host.name, backend: pattern.name, err: cause }, 'a host could not be prepared; it is tried again when it is needed');
  });
}
