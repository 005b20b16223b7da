import { Command, Option } from 'commander';
import type { JournalEntry, Operation, OperationState, OperatorStatement, Verdict } from '../blockstore/operator.ts';
import type { OperationId } from '../model/ids.ts';
import { CommandFailed, exitCodes } from './exit-codes.ts';
import { fenceStatement } from './fence-statement.ts';
import { operationsPruneCommand } from './operations-prune-command.ts';
import { operatorName } from './operator-name.ts';
import { headed, quoted, table, timeText } from './output.ts';
import type { ProgramDependencies } from './program-dependencies.ts';
import { commandLines } from './shown-command.ts';
import { choosesState, type StateChoice } from './state-choice.ts';
import { withOperator } from './with-operator.ts';

interface ListOptions extends StateChoice {
  readonly in?: OperationState;
  readonly resource?: string;
  readonly limit: string;
  readonly json?: true;
}

export function operationsCommand(dependencies: Pick<ProgramDependencies, 'output' | 'openOperator' | 'environment' | 'sleep'>): Command {
  const { output } = dependencies;
  const command = new Command('operations').description('what the service did and does, step by step');

  choosesState(command.command('list'))
    .description('list operations, the newest first')
    .addOption(
      new Option('--in <state>', 'only those in the state').choices([
        'running',
        'undoing',
        'done',
        'undone',
        'halted',
        'stuck',
        'abandoned',
      ]),
    )
    .option('--resource <id>', 'only those of a volume or snapshot')
    .option('--limit <number>', 'how many at the most', '50')
    .option('--json', 'print JSON')
    .action(async ({ in: wanted, resource, limit, json, ...choice }: ListOptions) => {
      if (!/^[1-9]\d{0,5}$/.test(limit)) {
        throw new CommandFailed(exitCodes.wrongUsage, `--limit ${limit}: must be a number from 1`);
      }
      await withOperator(dependencies, choice, async ({ operations }) => {
        const found = await operations.list({
          limit: Number(limit),
          ...(wanted !== undefined && { states: [wanted] }),
          ...(resource !== undefined && { resourceId: resource }),
        });
        output.line(
          ...(json ? [JSON.stringify(found)] : table(['OPERATION', 'KIND', 'RESOURCE', 'STATE', 'BEGAN', 'FAILURE'], found.map(summary))),
        );
      });
    });

  choosesState(command.command('show'))
    .description('show one operation with its journal: every step, every command, on which host, and what it said')
    .argument('<operation-id>')
    .option('--json', 'print JSON')
    .action(async (id: string, { json, ...choice }: StateChoice & { readonly json?: true }) => {
      await withOperator(dependencies, choice, async ({ operations }) => {
        const found = await operations.show(id as OperationId);
        if (found === undefined) {
          throw new CommandFailed(exitCodes.refused, `there is no operation ${id}; "vbs operations list" shows those that there are`);
        }
        output.line(...(json ? [JSON.stringify(found)] : journalLines(found.operation, found.journal)));
      });
    });

  choosesState(command.command('retry'))
    .description('let the server go on with undoing a stuck operation, once its cause is mended')
    .argument('<operation-id>')
    .action(async (id: string, choice: StateChoice) => {
      await withOperator(dependencies, choice, async ({ operations }) => {
        refuseUnlessAsked(await operations.retry(id as OperationId, { by: operatorName(dependencies) }));
        output.line(`${id} will be taken up by the running server within seconds, or by the next one at its start`);
      });
    });

  choosesState(command.command('rollback'))
    .description('let the server undo an operation that is under way or stuck')
    .argument('<operation-id>')
    .option('--reason <text>', 'why; kept in the journal with your name and the time')
    .addHelpText(
      'after',
      `
What is under way turns back when the step that it is at has ended. Detaching, deleting, growing and
repairing go forward only and are refused.`,
    )
    .action(async (id: string, { reason, ...choice }: StateChoice & { readonly reason?: string }) => {
      await withOperator(dependencies, choice, async ({ operations }) => {
        const statement = { by: operatorName(dependencies), ...(reason !== undefined && { statement: reason }) };
        refuseUnlessAsked(await operations.rollback(id as OperationId, statement));
        output.line(
          `${id} will be undone by the running server, or by the next one at its start; "vbs operations show ${id}" tells how it ends`,
        );
      });
    });

  choosesState(command.command('abandon'))
    .description('end a stuck operation where it stands, once it is sure that what it leaves can do no harm')
    .argument('<operation-id>')
    .option('--fenced <what-was-done>', 'by what that is sure; kept in the journal with your name and the time')
    .addHelpText(
      'after',
      `
Nothing is taken away. A volume that a VM may reach is barred: it is not attached or deleted until
"vbs volumes clear". A volume or snapshot that was being made is in error, and can be deleted.
An operation that a server works on is refused.`,
    )
    .action(async (id: string, { fenced, ...choice }: StateChoice & { readonly fenced?: string }) => {
      const statement = fenceStatement(fenced, dependencies);
      await withOperator(dependencies, choice, async ({ operations, volumes }) => {
        refuseUnlessAsked(await operations.abandon(id as OperationId, statement));
        const barred = (await volumes.list()).find(({ bar }) => bar?.operationId === id);
        output.line(
          barred === undefined ? `${id} is abandoned` : `${id} is abandoned, and ${barred.volume.id} is barred; next: ${barred.next}`,
        );
      });
    });
  command.addCommand(operationsPruneCommand(dependencies));
  return command;
}

function refuseUnlessAsked(verdict: Verdict): void {
  if (verdict.outcome === 'refused') {
    throw new CommandFailed(exitCodes.refused, `${verdict.reason}; ${verdict.next}`);
  }
}

function summary({ id, kind, resourceId, state, createdAtMs, failure = '' }: Operation): string[] {
  return [id, kind, resourceId, state, timeText(createdAtMs), failure.split('\n')[0] ?? ''];
}

function journalLines(operation: Operation, journal: readonly JournalEntry[]): readonly string[] {
  const head = [
    `operation   ${operation.id}`,
    `kind        ${operation.kind}`,
    `resource    ${operation.resourceId}`,
    ...(operation.accountId === undefined ? [] : [`account     ${operation.accountId}`]),
    `state       ${operation.state}${nextAction[operation.state]}`,
    `began       ${timeText(operation.createdAtMs)}`,
    ...(operation.endedAtMs === undefined ? [] : [`took        ${operation.endedAtMs - operation.createdAtMs} ms`]),
    ...(operation.failure === undefined ? [] : headed('failure', operation.failure)),
  ];
  return [...head, ...journal.flatMap(entryLines)];
}

const nextAction: Record<OperationState, string> = {
  running: '',
  undoing: '',
  done: '',
  undone: ' (every trace was taken away)',
  halted: ' (ask again to go on from there)',
  stuck: ' (mend the cause, then: vbs operations retry)',
  abandoned: ' (ended by the operator where it stood)',
};

function entryLines({ sequence, step, direction, outcome, output, error, commands, startedAtMs, endedAtMs }: JournalEntry): string[] {
  const number = String(sequence).padStart(3);
  if (direction === 'operator') {
    const { by, statement } = output as OperatorStatement;
    return ['', `${number}. ${step}, by ${by}, ${timeText(startedAtMs)}`, ...(statement === undefined ? [] : indented(quoted(statement)))];
  }
  const took = endedAtMs === undefined ? '' : `  ${endedAtMs - startedAtMs} ms`;
  const name = direction === 'undo' ? `undo ${step}` : step;
  return [
    '',
    `${number}. ${name}: ${outcome}${took}`,
    ...(error === undefined ? [] : indented(quoted(error))),
    ...commands.flatMap((command) => indented(commandLines(command))),
  ];
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `     ${line}`);
}
