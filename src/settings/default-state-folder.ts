import { homedir } from 'node:os';
import { join } from 'node:path';

/** `/var/lib/vbs` for root, the user's own state folder (XDG base directory specification) otherwise. */
export function defaultStateFolder(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  const isRoot = process.getuid?.() === 0;
  return isRoot ? '/var/lib/vbs' : join(environment.XDG_STATE_HOME ?? join(homedir(), '.local', 'state'), 'vbs');
}

/** Beside the other one: a simulated site and a real one never share a database. */
export function simulatedStateFolder(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  return `${defaultStateFolder(environment)}-simulated`;
}
