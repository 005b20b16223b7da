import { homedir } from 'node:os';
import { join } from 'node:path';

/** `/var/lib/vbs` for root, the user's own state folder (XDG base directory specification) otherwise. */
export function defaultStateFolder(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  const isRoot = process.getuid?.() === 0;
  return isRoot ? '/var/lib/vbs' : join(environment.XDG_STATE_HOME ?? join(homedir(), '.local', 'state'), 'vbs');
}
