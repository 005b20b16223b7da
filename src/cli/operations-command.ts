import { Command, Option } from 'commander';
import type { JournalEntry, Operation, OperationState } from '../blockstore/operator.ts';
import type { OperationId } from '../model/ids.ts';
import { defaultStateFolder } from '../settings/default-state-folder.ts';
import { CommandFailed, exitCodes } from './exit-codes.ts';
import { table, timeText } from './output.ts';
import type { ProgramDependencies } from './program-dependencies.ts';
import { commandLines } from './shown-command.ts';
import { withOperator } from './with-operator.ts';

interface ListOptions {
  readonly state: string;
  readonly in?: OperationState;
  readonly resource?: string;
  readonly limit: string;
  readonly json?: true;
}

export function operationsCommand(dependencies: Pick<ProgramDependencies, 'output' | 'openOperator'>): Command {
  const { output } = dependencies;
  const command = new Command('operations').description('what the service did and does, step by step');
  const onState = (nested: Command) => nested.option('--state <dir>', 'the state folder of the server', defaultStateFolder());

  onState(command.command('list'))
    .description('list operations, the newest first')
    .addOption(new Option('--in <state>', 'only those in the state').choices(['running', 'undoing', 'done', 'undone', 'halted', 'stuck']))
    .option('--resource <id>', 'only those of a volume or snapshot')
    .option('--limit <number>', 'how many at the most', '50')
    .option('--json', 'print JSON')
    .action(async ({ state, in: wanted, resource, limit, json }: ListOptions) => {
      if (!/^[1-9]\d{0,5}$/.test(limit)) {
        throw new CommandFailed(exitCodes.wrongUsage, `--limit ${limit}: must be a number from 1`);
      }
      await withOperator(dependencies, state, async ({ operations }) => {
        const found = await operations.list({
          limit: Number(limit),
          ...(wanted !== undefined && { states: [wanted] }),
          ...(resource !== undefined && { resourceId: resource }),
        });
        output.line(
          json ? JSON.stringify(found) : table(['OPERATION', 'KIND', 'RESOURCE', 'STATE', 'BEGAN', 'FAILURE'], found.map(summary)),
        );
      });
    });

  onState(command.command('show'))
    .description('show one operation with its journal: every step, every command, on which host, and what it said')
    .argument('<operation-id>')
    .option('--json', 'print JSON')
    .action(async (id: string, { state, json }: { readonly state: string; readonly json?: true }) => {
      await withOperator(dependencies, state, async ({ operations }) => {
        const found = await operations.show(id as OperationId);
        if (found === undefined) {
          throw new CommandFailed(exitCodes.refused, `there is no operation ${id}; "vbs operations list" shows those that there are`);
        }
        output.line(json ? JSON.stringify(found) : journalText(found.operation, found.journal));
      });
    });

  onState(command.command('retry'))
    .description('let the server go on with undoing a stuck operation, once its cause is mended')
    .argument('<operation-id>')
    .action(async (id: string, { state }: { readonly state: string }) => {
      await withOperator(dependencies, state, async ({ operations }) => {
        if (!(await operations.retry(id as OperationId))) {
          throw new CommandFailed(
            exitCodes.refused,
            `${id} is no stuck operation; "vbs operations list --in stuck" shows those that there are`,
          );
        }
        output.line(`${id} will be taken up by the running server within seconds, or by the next one at its start`);
      });
    });
  return command;
}

function summary({ id, kind, resourceId, state, createdAtMs, failure = '' }: Operation): string[] {
  return [id, kind, resourceId, state, timeText(createdAtMs), failure.split('\n')[0] ?? ''];
}

function journalText(operation: Operation, journal: readonly JournalEntry[]): string {
  const head = [
    `operation   ${operation.id}`,
    `kind        ${operation.kind}`,
    `resource    ${operation.resourceId}`,
    `state       ${operation.state}${nextAction[operation.state]}`,
    `began       ${timeText(operation.createdAtMs)}`,
    ...(operation.endedAtMs === undefined ? [] : [`took        ${operation.endedAtMs - operation.createdAtMs} ms`]),
    ...(operation.failure === undefined ? [] : [`failure     ${operation.failure}`]),
  ];
  return [...head, ...journal.flatMap(entryLines)].join('\n');
}

const nextAction: Record<OperationState, string> = {
  running: '',
  undoing: '',
  done: '',
  undone: ' (every trace was taken away)',
  halted: ' (ask again to go on from there)',
  stuck: ' (mend the cause, then: vbs operations retry)',
};

function entryLines({ sequence, step, direction, outcome, error, commands, startedAtMs, endedAtMs }: JournalEntry): string[] {
  const took = endedAtMs === undefined ? '' : `  ${endedAtMs - startedAtMs} ms`;
  const name = direction === 'undo' ? `undo ${step}` : step;
  return [
    '',
    `${String(sequence).padStart(3)}. ${name}: ${outcome}${took}`,
    ...(error === undefined ? [] : [`     ${error}`]),
    ...commands.flatMap(commandLines),
  ];
}
