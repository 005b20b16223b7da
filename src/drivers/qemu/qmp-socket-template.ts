import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DriverError } from '../driver-error.ts';

export interface QmpSockets {
  /** The monitor socket of a domain. Throws DriverError for a name that could lead elsewhere in the file system. */
  socketOf(domain: string): string;
  /** The domains that have a socket file, whether or not a process still listens on it. */
  domains(): Promise<readonly string[]>;
}

const placeholder = '{domain}';
const domainForm = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** Where the monitors are, of a setting such as `/run/vbs/{domain}.qmp`; `undefined` unless the placeholder is in the file name, once. */
export function qmpSocketTemplate(template: string): QmpSockets | undefined {
  const [prefix, suffix, ...more] = basename(template).split(placeholder);
  if (prefix === undefined || suffix === undefined || more.length > 0 || template.split(placeholder).length !== 2) {
    return undefined;
  }
  const folder = dirname(template);
  return {
    socketOf(domain) {
      if (!domainForm.test(domain)) throw new DriverError('refused', `${JSON.stringify(domain)} is no domain name`);
      return join(folder, `${prefix}${domain}${suffix}`);
    },
    async domains() {
      const files = await filesOf(folder);
      const ours = files.filter((file) => file.startsWith(prefix) && file.endsWith(suffix) && file.length > prefix.length + suffix.length);
      return ours.map((file) => file.slice(prefix.length, file.length - suffix.length)).filter((domain) => domainForm.test(domain));
    },
  };
}

async function filesOf(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    // No VM was ever started here. Anything else (no permission) would hide VMs, and a listing must be whole.
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return [];
    throw new DriverError('unavailable', `cannot list ${folder}`, { cause });
  }
}
