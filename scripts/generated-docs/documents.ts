import { fileURLToPath } from 'node:url';
import { coverageDocument } from './coverage-document.ts';
import { errorsDocument } from './errors-document.ts';

/** The documents that are written by the code, with where they belong. */
export const generatedDocuments = [
  { path: fileURLToPath(new URL('../../docs/errors.md', import.meta.url)), text: errorsDocument },
  { path: fileURLToPath(new URL('../../docs/api-coverage.md', import.meta.url)), text: coverageDocument },
] as const;
