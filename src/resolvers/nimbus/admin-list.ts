import * as z from 'zod';
import type { Host } from '../../drivers/command/host.ts';
import { askCommand } from '../asking/ask-command.ts';
import { readJson } from '../asking/read-json.ts';
import type { TimeLimit } from '../time-limit.ts';

const listing = z.array(
  z.object({
    id: z.union([z.string().regex(/^\d{1,9}$/), z.number().int().nonnegative()]),
    node: z.string().nullish(),
    /** The distinguished name of the caller who made it. */
    creator: z.string().nullish(),
  }),
);

export interface AdminWorkspace {
  readonly workspaceId: string;
  readonly vmmHost?: string;
  readonly owner?: string;
}

/** All workspaces of all owners, as the administrator's tool lists them. It takes `--id` and lists all the same. Throws CloudUnavailable. */
export async function adminList(host: Host, command: readonly string[], limit: TimeLimit): Promise<readonly AdminWorkspace[]> {
  const { stdout } = await askCommand(host, [...command, '--list', '--json'], limit);
  // Long lines are broken without regard to what stands there.
  return readJson(stdout.replace(/\r?\n/g, ''), listing, `${command[0]} on ${host.name}`).map(({ id, node, creator }) => ({
    workspaceId: String(id),
    ...(isTold(node) && { vmmHost: node }),
    ...(isTold(creator) && { owner: creator }),
  }));
}

/** Java writes `null` where it has nothing. */
function isTold(text: string | null | undefined): text is string {
  return typeof text === 'string' && text !== '' && text !== 'null';
}
