import { Command } from 'commander';
import type { Changed, HostUse } from '../blockstore/operated-servers.ts';
import { CommandFailed, exitCodes } from './exit-codes.ts';
import { operatorName } from './operator-name.ts';
import { table } from './output.ts';
import type { ProgramDependencies } from './program-dependencies.ts';
import { choosesState, type StateChoice } from './state-choice.ts';
import { withOperator } from './with-operator.ts';

export function serversCommand(dependencies: Pick<ProgramDependencies, 'output' | 'openOperator' | 'environment'>): Command {
  const { output } = dependencies;
  const command = new Command('servers').description(
    'what is on which host, by the names of the settings, and what to do when these change',
  );

  choosesState(command.command('list'))
    .description('list the volume servers and VMM hosts that something is on; with --config, those too that the settings no longer name')
    .option('--json', 'print JSON')
    .action(async ({ json, ...choice }: StateChoice & { readonly json?: true }) => {
      await withOperator(dependencies, choice, async ({ servers }) => {
        const found = await servers.list();
        const rows = found.map(({ use, unnamed }) => [
          use.name,
          use.kind,
          use.kind === 'volume-server'
            ? `${use.volumes} volumes, ${use.snapshots} snapshots, ${use.wipes} to be wiped`
            : `${use.attachments} attachments`,
          unnamed ?? '',
        ]);
        output.line(...(json ? [JSON.stringify(found)] : table(['NAME', 'KIND', 'HAS', 'NEXT'], rows)));
      });
    });

  choosesState(command.command('rename'))
    .description('let all that is on a host be on the one that the settings give another name now; while no server runs')
    .argument('<old-name>')
    .argument('<new-name>', 'as --config has it')
    .option('--vmm-host', 'they are names of a VMM host, and not of a volume server')
    .option('--merge', 'also when something is under the new name already; afterwards nobody can tell what was on which')
    .action(async (from: string, to: string, { vmmHost, merge, ...choice }: RenameOptions) => {
      await withOperator(dependencies, choice, async ({ servers }) => {
        const kind = vmmHost === true ? 'vmm-host' : 'volume-server';
        const was = doneOrThrow(await servers.rename({ kind, from, to, merge: merge === true }));
        output.line(`${whatWas(was)} of ${from} are ${to}'s now; start the server, and look at "vbs reconcile --dry-run"`);
      });
    });

  choosesState(command.command('forget'))
    .description('forget a volume server with all that is on it: for one that is lost; while no server runs')
    .argument('<name>', 'one that the settings no longer name')
    .option('--volumes-are-lost', 'needed: you say that nobody will ever want its volumes and snapshots back')
    .addHelpText(
      'after',
      `
Its volumes and snapshots are deleted for their owners, their attachments over and their operations
abandoned, with your name. Nothing is done on any host: what VMs still have of the volumes is
unknown to "vbs reconcile" then. There is no way back but "vbs restore" of a backup; make one first.`,
    )
    .action(async (name: string, { volumesAreLost, ...choice }: StateChoice & { readonly volumesAreLost?: true }) => {
      if (volumesAreLost !== true) {
        throw new CommandFailed(
          exitCodes.wrongUsage,
          `--volumes-are-lost is needed: all volumes and snapshots on ${name} are deleted for their owners. For a host that has another name now: vbs servers rename`,
        );
      }
      await withOperator(dependencies, choice, async ({ servers }) => {
        const statement = { by: operatorName(dependencies), statement: `the volumes of ${name} are lost` };
        const was = doneOrThrow(await servers.forget(name, statement));
        output.line(`${name} is forgotten, with ${whatWas(was)}`);
      });
    });
  return command;
}

interface RenameOptions extends StateChoice {
  readonly vmmHost?: true;
  readonly merge?: true;
}

function doneOrThrow(changed: Changed): HostUse {
  if (changed.outcome === 'refused') {
    throw new CommandFailed(exitCodes.refused, `${changed.reason}; ${changed.next}`);
  }
  return changed.was;
}

function whatWas(use: HostUse): string {
  return use.kind === 'volume-server' ? `${use.volumes} volumes and ${use.snapshots} snapshots` : `${use.attachments} attachments`;
}
