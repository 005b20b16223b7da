import { Command } from 'commander';
import { CommandFailed, exitCodes } from './exit-codes.ts';
import type { ProgramDependencies } from './program-dependencies.ts';
import { choosesState, type StateChoice } from './state-choice.ts';
import { withOperator } from './with-operator.ts';

export function backupCommand(dependencies: Pick<ProgramDependencies, 'output' | 'openOperator'>): Command {
  return choosesState(new Command('backup'))
    .description('write a copy of the database to a new file, while the server runs or not')
    .argument('<file>')
    .addHelpText(
      'after',
      `
The copy is one file, and is checked before this ends. It holds the secrets of access keys,
so only its owner can read it. To go back to it: "vbs restore".`,
    )
    .action(async (file: string, choice: StateChoice) => {
      await withOperator(dependencies, choice, async ({ backup }) => {
        const outcome = await backup(file);
        if (outcome !== 'written') {
          throw new CommandFailed(exitCodes.refused, `${file}: ${outcome}`);
        }
        dependencies.output.line(`the database is in ${file}`);
      });
    });
}
