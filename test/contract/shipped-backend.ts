import { fileURLToPath } from 'node:url';
import { loadCatalogue, scriptsFolderOf } from '../../src/drivers/command/catalogue.ts';
import { systemClock } from '../../src/drivers/command/clock.ts';
import type { BackendContext } from '../../src/drivers/command/command-runner.ts';
import { localHost } from '../../src/drivers/command/local-host.ts';
import type { CommandLinePattern } from '../../src/drivers/command/pattern.ts';
import { siteSettings } from '../../src/drivers/command/site-settings.ts';

/** The backend files as they are shipped. */
export const shippedBackends = await loadCatalogue({ folder: fileURLToPath(new URL('../../config/drivers/', import.meta.url)) }, []);

/** A backend's surroundings on this machine, with real time. */
export function contextHere(pattern: CommandLinePattern, settings: Readonly<Record<string, unknown>>): BackendContext {
  return {
    host: localHost('here', systemClock),
    clock: systemClock,
    settings: siteSettings(pattern, settings),
    scriptsFolder: scriptsFolderOf(pattern),
  };
}
