import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { briefStorageMemory } from '../../src/composition/storage-memory.ts';
import { loadCatalogue, scriptsFolderOf } from '../../src/drivers/command/catalogue.ts';
import { systemClock } from '../../src/drivers/command/clock.ts';
import type { BackendContext } from '../../src/drivers/command/command-runner.ts';
import { localHost } from '../../src/drivers/command/local-host.ts';
import type { CommandLinePattern, VolumeServerPattern } from '../../src/drivers/command/pattern.ts';
import { siteSettings } from '../../src/drivers/command/site-settings.ts';
import type { StorageMemory } from '../../src/drivers/command/storage.ts';
import { storageFromPattern } from '../../src/drivers/command/storage-from-pattern.ts';

/** The backend files as they are shipped. */
export const shippedBackends = await loadCatalogue({ folder: fileURLToPath(new URL('../../config/drivers/', import.meta.url)) }, []);

/** A backend's surroundings on this machine, with real time. */
export function contextHere(pattern: CommandLinePattern, settings: Readonly<Record<string, unknown>>): BackendContext {
  const context = {
    host: localHost('here', systemClock),
    clock: systemClock,
    settings: siteSettings(pattern, settings),
    scriptsFolder: scriptsFolderOf(pattern),
  };
  return pattern.kind === 'volume-server' ? withStorage(pattern, context, briefStorageMemory(randomUUID)) : context;
}

/** A volume server's surroundings in which its storage is told from others. */
export function withStorage(pattern: VolumeServerPattern, context: BackendContext, memory: StorageMemory): BackendContext {
  const { storage: _, ...bare } = context;
  const storage = storageFromPattern(pattern, bare, memory);
  return { ...bare, ...(storage && { storage }) };
}
