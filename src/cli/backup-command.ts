import { Command } from 'commander';
import { defaultStateFolder } from '../settings/default-state-folder.ts';
import { CommandFailed, exitCodes } from './exit-codes.ts';
import type { ProgramDependencies } from './program-dependencies.ts';
import { withOperator } from './with-operator.ts';

export function backupCommand(dependencies: Pick<ProgramDependencies, 'output' | 'openOperator'>): Command {
  return new Command('backup')
    .description('write a copy of the database to a new file, while the server runs or not')
    .argument('<file>')
    .option('--state <dir>', 'the state folder of the server', defaultStateFolder())
    .addHelpText(
      'after',
      `
The copy is checked before this ends. It holds the secrets of access keys, so only its
owner can read it. To go back to it: stop the server, put it in the place of vbs.db,
remove vbs.db-wal and vbs.db-shm, start, and look at "vbs reconcile --dry-run".`,
    )
    .action(async (file: string, { state }: { readonly state: string }) => {
      await withOperator(dependencies, state, async ({ backup }) => {
        const outcome = await backup(file);
        if (outcome !== 'written') {
          throw new CommandFailed(exitCodes.refused, `${file}: ${outcome}`);
        }
        dependencies.output.line(`the database is in ${file}`);
      });
    });
}
