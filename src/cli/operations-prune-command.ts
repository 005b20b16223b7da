import { Command } from 'commander';
import type { PruneCount } from '../blockstore/operator.ts';
import { CommandFailed, exitCodes } from './exit-codes.ts';
import type { ProgramDependencies } from './program-dependencies.ts';
import { choosesState, type StateChoice } from './state-choice.ts';
import { withOperator } from './with-operator.ts';

interface PruneOptions extends StateChoice {
  readonly olderThan: string;
  readonly dryRun?: true;
  readonly compact?: true;
  readonly json?: true;
}

const dayMs = 24 * 60 * 60 * 1_000;
/** Between two pieces, so that a server beside us writes in between. */
const restMs = 20;

export function operationsPruneCommand({
  output,
  openOperator,
  sleep,
}: Pick<ProgramDependencies, 'output' | 'openOperator' | 'sleep'>): Command {
  return choosesState(new Command('prune'))
    .description('remove operations that ended long ago, with their journals, and what is left of what is gone')
    .option('--older-than <days>', 'remove what ended so many days ago', '90')
    .option('--dry-run', 'only tell how much that is')
    .option('--compact', 'give the free space back to the file system afterwards; refused while a server runs')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
The server does it by itself, as "retention" in the settings says; this may be called while it
runs. What is open or stuck stays, the last operation of every volume and snapshot that is there,
and what an open bar, a wipe or the last comparison with the hosts refers to. Free space in the
database is used again before it grows.`,
    )
    .action(async ({ olderThan, dryRun, compact, json, ...choice }: PruneOptions) => {
      if (!/^[1-9]\d{0,4}$/.test(olderThan)) {
        throw new CommandFailed(exitCodes.wrongUsage, `--older-than ${olderThan}: must be a number of days from 1`);
      }
      await withOperator({ openOperator }, choice, async ({ operations, database }) => {
        const isDryRun = dryRun === true;
        const removed = await operations.prune({ olderThanMs: Number(olderThan) * dayMs, isDryRun, rest: () => sleep(restMs) });
        if (compact && !isDryRun && !(await database.compact())) {
          throw new CommandFailed(
            exitCodes.refused,
            `a server uses the state folder: ${sentence(removed)} removed, and the file is as large as before; stop it for --compact`,
          );
        }
        const space = await database.space();
        output.line(
          ...(json
            ? [JSON.stringify({ isDryRun, removed, ...space })]
            : [
                `${sentence(removed)} ${isDryRun ? 'would be removed' : 'removed'}`,
                `the database takes ${mib(space.fileBytes)} MiB, of which ${mib(space.freeBytes)} MiB are free`,
              ]),
        );
      });
    });
}

function sentence({ operations, attachments, volumes, snapshots, clientTokens }: PruneCount): string {
  return `${operations} operations, ${attachments} attachments, ${volumes} volumes, ${snapshots} snapshots and ${clientTokens} client tokens`;
}

function mib(bytes: number): string {
  return (bytes / 1024 ** 2).toFixed(1);
}
