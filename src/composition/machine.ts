import { randomUUID } from 'node:crypto';
import { scriptsFolderOf } from '../drivers/command/catalogue.ts';
import { systemClock } from '../drivers/command/clock.ts';
import type { BackendContext } from '../drivers/command/command-runner.ts';
import { prepareBackend } from '../drivers/command/driver-from-pattern.ts';
import type { Host } from '../drivers/command/host.ts';
import type { CommandLinePattern } from '../drivers/command/pattern.ts';
import { preparedHost } from '../drivers/command/prepared-host.ts';
import { installScripts, readScripts, remoteScriptsFolder } from '../drivers/command/remote-scripts.ts';
import type { Values } from '../drivers/command/template.ts';
import type { SshSettings } from '../settings/settings.ts';
import type { Log } from '../telemetry/log.ts';

/** A machine of the site. */
export interface Machine {
  /**
   * What a backend needs to work there. On this machine the backend is prepared first, and DriverError is thrown when it cannot be. Another
   * machine is prepared before its first command, whenever that is: one that is down must not keep the service from serving the others.
   */
  backend(pattern: CommandLinePattern, settings: Values): Promise<BackendContext>;
}

/** What is put between a prepared host and the drivers that use it. */
export type HostWrapping = (host: Host) => Host;

/** The machine that the service runs on. */
export function localMachine(host: Host, wrap: HostWrapping): Machine {
  return {
    async backend(pattern, settings) {
      const context = { host, settings, clock: systemClock, scriptsFolder: scriptsFolderOf(pattern) };
      await prepareBackend(pattern, context);
      return { ...context, host: wrap(context.host) };
    },
  };
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
  return {
    async backend(pattern, settings) {
      const host = await reaching;
      const scripts = await readScripts(scriptsFolderOf(pattern));
      const bare = { host, settings, clock: systemClock, scriptsFolder: remoteScriptsFolder(ssh.scriptsFolder, scripts) };
      const prepared = preparedHost(host, async () => {
        await installScripts(host, ssh.scriptsFolder, scripts);
        await prepareBackend(pattern, bare);
      });
      // Tried at once, so that the log tells of a wrong key or address at the start; the first command tries it again.
      void prepared.prepare().catch((cause: unknown) => {
        log.warn({ host: name, backend: pattern.name, err: cause }, 'a host could not be prepared; it is tried again when it is needed');
      });
      return { ...bare, host: wrap(prepared) };
    },
  };
}
