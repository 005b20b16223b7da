import { Command } from 'commander';
import type { ProgramDependencies } from './program-dependencies.ts';
import { choosesState, type StateChoice } from './state-choice.ts';

export function restoreCommand({ output, restoreState }: Pick<ProgramDependencies, 'output' | 'restoreState'>): Command {
  return choosesState(new Command('restore'))
    .description("put a backup into the place of the server's database, while no server runs")
    .argument('<file>', 'what "vbs backup" has written; it stays as it is')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
The backup is checked before anything is changed: that it is whole, of this version or an older
one, and of the same kind of site. The database that was there is kept beside it as
vbs.db.before-TIME; to go back to that, restore it. Start the server afterwards, and look at
"vbs reconcile --dry-run".`,
    )
    .action((file: string, { json, ...choice }: StateChoice & { readonly json?: true }) => {
      const { database, kept } = restoreState(file, choice);
      const lines = [
        `${database} is what ${file} was`,
        ...(kept === undefined ? [] : [`what was there is kept as ${kept}; remove it when all is well, since it holds secrets`]),
        'start the server, then: vbs reconcile --dry-run',
      ];
      output.line(...(json ? [JSON.stringify({ database, ...(kept !== undefined && { kept }) })] : lines));
    });
}
