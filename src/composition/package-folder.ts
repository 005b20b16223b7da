import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that package.json and config/ are in, whether this runs from src/ or from dist/. */
export const packageFolder = fileURLToPath(new URL('../..', import.meta.url));

/** The backends that are shipped: their files, and what the build made of them. */
export const shippedBackends = {
  folder: join(packageFolder, 'config/drivers'),
  checkedFile: join(packageFolder, 'dist/bundle/backends.json'),
};

/** The built program of the fork server (drivers/command/fork-server.ts). */
export const forkServerProgram = join(packageFolder, 'dist/bundle/fork-server.cjs');
