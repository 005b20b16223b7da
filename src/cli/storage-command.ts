import { Command } from 'commander';
import type { KnownStorage } from '../blockstore/operator.ts';
import { CommandFailed, exitCodes } from './exit-codes.ts';
import { table } from './output.ts';
import type { ProgramDependencies } from './program-dependencies.ts';
import { choosesState, type StateChoice } from './state-choice.ts';
import { withOperator } from './with-operator.ts';

export function storageCommand(dependencies: Pick<ProgramDependencies, 'output' | 'openOperator'>): Command {
  const { output } = dependencies;
  const command = new Command('storage').description('the folders, volume groups and pools in which volume servers keep volumes');
  choosesState(command.command('list'))
    .description('list what each volume server is known to keep its volumes in')
    .option('--json', 'print JSON')
    .action(async ({ json, ...choice }: StateChoice & { readonly json?: true }) => {
      await withOperator(dependencies, choice, async ({ storage }) => {
        const known = await storage.list();
        output.line(...(json ? [JSON.stringify(known)] : storageLines(known)));
      });
    });
  choosesState(command.command('accept'))
    .description('let a volume server use the storage that it sees next, in place of the one that is known')
    .argument('<volume-server>', 'its name in the settings')
    .addHelpText(
      'after',
      `
A volume server whose storage is another one than before (a file system that is not mounted, a
volume group that was made anew) is not used. Say this when the other one is meant: volumes and
snapshots that are not in it are reported as missing from then on. The running server takes it up
by itself, within a minute.`,
    )
    .action(async (volumeServer: string, choice: StateChoice) => {
      await withOperator(dependencies, choice, async ({ storage }) => {
        const verdict = await storage.accept(volumeServer);
        if (verdict.outcome === 'refused') {
          throw new CommandFailed(exitCodes.refused, [verdict.reason, verdict.next]);
        }
        output.line(`${volumeServer} uses the storage that it sees next: vbs storage list`);
      });
    });
  return command;
}

function storageLines(known: readonly KnownStorage[]): readonly string[] {
  const rows = known.map(({ volumeServer, storage, volumes, snapshots }) => [
    volumeServer,
    storage.state === 'known' ? storage.id : storage.state === 'accepting' ? 'whichever is seen next' : 'none yet',
    String(volumes),
    String(snapshots),
  ]);
  return table(['VOLUME SERVER', 'STORAGE', 'VOLUMES', 'SNAPSHOTS'], rows);
}
