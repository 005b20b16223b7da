import { Command } from 'commander';
import type { Wipe } from '../blockstore/operator.ts';
import { table, timeText } from './output.ts';
import type { ProgramDependencies } from './program-dependencies.ts';
import { choosesState, type StateChoice } from './state-choice.ts';
import { withOperator } from './with-operator.ts';

interface ListOptions extends StateChoice {
  readonly json?: true;
}

export function wipesCommand(dependencies: Pick<ProgramDependencies, 'output' | 'openOperator'>): Command {
  const { output } = dependencies;
  const command = new Command('wipes').description('what was deleted, and keeps its space until it is wiped');
  choosesState(command.command('list'))
    .description('list what waits to be wiped, the longest waiting first')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
The server wipes it piece by piece, one at a time on each volume server, as fast as wipeMiBps in
the settings allows, and goes on where it was after a restart. What FAILURE names is tried again
after a minute. Nothing is listed of volume servers that wipe at once or need not wipe.`,
    )
    .action(async ({ json, ...choice }: ListOptions) => {
      await withOperator(dependencies, choice, async ({ wipes }) => {
        const backlog = await wipes.list();
        output.line(...(json ? [JSON.stringify(backlog)] : backlogLines(backlog)));
      });
    });
  return command;
}

function backlogLines(backlog: readonly Wipe[]): readonly string[] {
  const sum = backlog.reduce((left, { bytes, wipedBytes }) => left + bytes - wipedBytes, 0);
  const rows = backlog.map(({ volumeServer, name, bytes, wipedBytes, waitingSinceMs, failure }) => [
    volumeServer,
    name,
    gib(bytes),
    `${Math.floor((100 * wipedBytes) / bytes)} %`,
    timeText(waitingSinceMs),
    failure?.reason ?? '',
  ]);
  return [...table(['VOLUME SERVER', 'NAME', 'GIB', 'WIPED', 'SINCE', 'FAILURE'], rows), `${gib(sum)} GiB to write`];
}

/** Rounded, and never to nothing. */
function gib(bytes: number): string {
  return (Math.ceil((bytes / 1024 ** 3) * 10) / 10).toFixed(1).replace('.0', '');
}
