import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { ServiceUnderTest } from './service-under-test.ts';

const run = promisify(execFile);
const folder = fileURLToPath(new URL('../clients', import.meta.url));
/** Where `scripts/prepare.sh` puts what Debian does not package by itself. */
const collections = fileURLToPath(new URL('../../../.cache/ansible', import.meta.url));

/**
 * Runs a script of `clients` with Debian's interpreter, since it is Debian's libraries that it uses, and gives what it printed. It has a home
 * of its own, so that nothing of this machine's leaks in. Rejects with its standard error when it fails.
 */
export async function runClient(
  [interpreter, script, ...args]: readonly [string, string, ...string[]],
  { endpoint, region, accessKeyId, secretAccessKey }: ServiceUnderTest,
): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'vbs-client-'));
  const { hostname, port } = new URL(endpoint);
  try {
    const { stdout } = await run(interpreter, [join(folder, script), ...args], {
      env: {
        PATH: '/usr/bin:/bin',
        HOME: home,
        LANG: 'C.UTF-8',
        NO_PROXY: '*',
        no_proxy: '*',
        PYTHONDONTWRITEBYTECODE: '1',
        ANSIBLE_COLLECTIONS_PATH: collections,
        VBS_HOST: hostname,
        VBS_PORT: port,
        VBS_REGION: region,
        VBS_ACCESS_KEY: accessKeyId,
        VBS_SECRET_KEY: secretAccessKey,
      },
    });
    return stdout.trim();
  } finally {
    await rm(home, { recursive: true });
  }
}
