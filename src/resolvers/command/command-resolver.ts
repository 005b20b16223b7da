import * as z from 'zod';
import { askCommand } from '../asking/ask-command.ts';
import { readListedInstances, readPlacement } from '../asking/site-answer.ts';
import { requireHost, resolverKind } from '../resolver-kind.ts';

const idMark = '{id}';
const argv = z.array(z.string()).min(1);

/** A site's own program: the id among its arguments, JSON on its standard output. No shell is between. */
export const commandResolver = resolverKind(
  {
    /** `{id}` stands for the instance id, alone or within an argument. */
    argv: argv.refine((words) => words.slice(1).some((word) => word.includes(idMark)), `must hold ${idMark} in one of its arguments`),
    /** Prints all instances; without it none are listed. */
    listArgv: argv.optional(),
    /** The VMM host to run it on; without it, the machine of the service. */
    host: z.string().optional(),
  },
  ({ argv: words, listArgv, host: hostName }, surroundings) => {
    const { name } = surroundings;
    const host = requireHost(surroundings, hostName, ['host']);
    return {
      name,
      async resolve(instanceId, limit) {
        // Ids begin with a letter or a digit, so none is taken for an option.
        const filled = words.map((word, index) => (index === 0 ? word : word.replaceAll(idMark, instanceId)));
        return readPlacement((await askCommand(host, filled, limit)).stdout, instanceId, name);
      },
      async list(limit) {
        return listArgv === undefined ? [] : readListedInstances((await askCommand(host, listArgv, limit)).stdout, name);
      },
    };
  },
);
