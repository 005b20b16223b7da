import * as z from 'zod';
import type { Host } from '../../drivers/command/host.ts';
import { askCommand } from '../asking/ask-command.ts';
import { readJson } from '../asking/read-json.ts';
import type { TimeLimit } from '../time-limit.ts';

const listing = z.array(z.object({ id: z.coerce.string(), node: z.string().nullish(), state: z.string().nullish() }));

export interface AdminWorkspace {
  readonly workspaceId: string;
  readonly vmmHost?: string;
}

/** All workspaces of all owners, as the administrator's tool lists them. It takes `--id` and lists all the same. Throws CloudUnavailable. */
export async function adminList(host: Host, command: readonly string[], limit: TimeLimit): Promise<readonly AdminWorkspace[]> {
  const { stdout } = await askCommand(host, [...command, '--list', '--json'], limit);
  // Long lines are broken without regard to what stands there.
  return readJson(stdout.replace(/\r?\n/g, ''), listing, `${command[0]} on ${host.name}`).map(({ id, node }) => ({
    workspaceId: id,
    ...(typeof node === 'string' && node !== '' && node !== 'null' && { vmmHost: node }),
  }));
}
