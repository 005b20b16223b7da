import { fileURLToPath } from 'node:url';

/** The folder that package.json and config/ are in, whether this runs from src/ or from dist/. */
export const packageFolder = fileURLToPath(new URL('../..', import.meta.url));
