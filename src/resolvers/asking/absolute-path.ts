import * as z from 'zod';

/** Of a file that the service reads while it runs, from wherever it was started. */
export const absolutePath = z.string().startsWith('/', 'must be an absolute path');
