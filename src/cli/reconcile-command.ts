import { Command } from 'commander';
import type { Operation, Operator, ShownFinding } from '../blockstore/operator.ts';
import { CommandFailed, exitCodes } from './exit-codes.ts';
import { table } from './output.ts';
import type { ProgramDependencies } from './program-dependencies.ts';
import { choosesState, type StateChoice } from './state-choice.ts';
import { withOperator } from './with-operator.ts';

interface ReconcileOptions extends StateChoice {
  readonly dryRun?: true;
  readonly json?: true;
}

const askEveryMs = 250;
/** A server looks for work every five seconds. */
const takenUpWithinMs = 30_000;

export function reconcileCommand(dependencies: Pick<ProgramDependencies, 'output' | 'openOperator' | 'sleep'>): Command {
  const { output } = dependencies;
  return choosesState(new Command('reconcile'))
    .description('compare what the hosts have with the database, and make anew what attached volumes have lost')
    .option('--dry-run', 'only tell what differs')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
The running server does it, as an operation with a journal; it does the same by itself
every minute. Nothing is ever taken away: what is not known is reported and left alone.`,
    )
    .action(async ({ dryRun, json, ...choice }: ReconcileOptions) => {
      await withOperator(dependencies, choice, async (operator) => {
        const { findings, begun } = await runReconcile(operator, dryRun === true, dependencies.sleep);
        output.line(...(json ? [JSON.stringify({ findings, begun })] : findingsLines(findings, begun)));
      });
    });
}

async function runReconcile(
  { reconcile, operations }: Operator,
  dryRun: boolean,
  sleep: ProgramDependencies['sleep'],
): Promise<{ readonly findings: readonly ShownFinding[]; readonly begun: readonly string[] }> {
  const id = await reconcile.begin({ dryRun });
  if (id === undefined) {
    throw new CommandFailed(exitCodes.refused, 'another comparison is under way; "vbs operations list --resource site" shows it');
  }
  for (let waitedMs = 0; ; waitedMs += askEveryMs) {
    const operation = (await operations.show(id))?.operation;
    if (operation?.state === 'done') {
      return reconcile.result(id);
    }
    if (operation?.state === 'halted') {
      throw new CommandFailed(exitCodes.refused, `the comparison failed: ${operation.failure}`);
    }
    if (isUntouched(operation) && waitedMs >= takenUpWithinMs) {
      throw new CommandFailed(
        exitCodes.refused,
        `no server took ${id} up within ${takenUpWithinMs / 1_000} s; start one on this state folder, and it will be done then`,
      );
    }
    await sleep(askEveryMs);
  }
}

/** A server that takes an operation up raises its generation. */
function isUntouched(operation: Operation | undefined): boolean {
  return (operation?.generation ?? 1) === 1;
}

function findingsLines(findings: readonly ShownFinding[], begun: readonly string[]): readonly string[] {
  if (findings.length === 0) {
    return ['The hosts have what the database says, and nothing else of ours.'];
  }
  const rows = findings.map(({ kind, thing = '', host, name, reason }) => [
    kind,
    thing,
    host,
    [name, reason].filter((text) => text !== undefined).join(': '),
  ]);
  return [
    ...table(['FINDING', 'THING', 'HOST', 'NAME'], rows),
    ...begun.map((id) => `${id} makes anew what an attached volume has lost: vbs operations show ${id}`),
  ];
}
