import { inspect } from 'node:util';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { defaultStateFolder } from '../settings/default-state-folder.ts';
import { backupCommand } from './backup-command.ts';
import { credentialsCommand } from './credentials-command.ts';
import { doctorCommand } from './doctor-command.ts';
import { driversCommand } from './drivers-command.ts';
import { exitCodes } from './exit-codes.ts';
import { explainCommand } from './explain-command.ts';
import { operationsCommand } from './operations-command.ts';
import { quoted } from './output.ts';
import { paperCommands } from './paper-commands.ts';
import type { ProgramDependencies, ServeOptions } from './program-dependencies.ts';
import { reconcileCommand } from './reconcile-command.ts';
import { resolveCommand } from './resolve-command.ts';
import { restoreCommand } from './restore-command.ts';
import { serversCommand } from './servers-command.ts';
import { storageCommand } from './storage-command.ts';
import { volumesCommand } from './volumes-command.ts';
import { wipesCommand } from './wipes-command.ts';

/** Runs the command line; answers the exit code. Writes nothing but through `output`, an error that is a bug with its stack too. */
export async function runProgram(argv: readonly string[], dependencies: ProgramDependencies): Promise<number> {
  const { output, explainFailure } = dependencies;
  const program = createProgram(dependencies);
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCodes.done;
  } catch (cause) {
    if (cause instanceof CommanderError) {
      // Help and version come as errors of commander's; wrong usage has been explained already.
      return cause.exitCode === 0 ? exitCodes.done : exitCodes.wrongUsage;
    }
    const failed = explainFailure(cause);
    if (failed !== undefined) {
      const [first = '', ...rest] = failed.lines;
      output.error(`vbs: ${first}`, ...rest);
      return failed.exitCode;
    }
    output.error("vbs: this is a mistake of the program's own. Please report it with these lines:", ...quoted(inspect(cause)));
    return exitCodes.broken;
  }
}

function parseSeed(text: string): number {
  const seed = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(seed)) {
    throw new InvalidArgumentError('It must be a whole number, as 7.');
  }
  return seed;
}

/** The command line with all its commands. */
export function createProgram(dependencies: ProgramDependencies): Command {
  const { version, output, serve } = dependencies;
  const program = new Command('vbs')
    .description('The Virtual Block Store: EBS-compatible volumes for VMs on hosts of your own.')
    .version(version, '-V, --version')
    .exitOverride()
    .configureOutput({ writeOut: output.write, writeErr: output.writeError })
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(add --help for the usage)');

  program
    .command('serve')
    .description('run the service')
    .option('-c, --config <file>', 'settings, as in config/vbs.example.yaml; without it everything has its default')
    .option('--simulate', 'serve a simulated site: instances i-00000001 to i-00000008, no real disks')
    .option('--faults <seed>', 'with --simulate: let drivers fail, hang and lie, as the number decides', parseSeed)
    .option('--listen <host:port>', 'where to answer; port 0 takes a free one (default 127.0.0.1:8773)')
    .addOption(new Option('--state <dir>', `where everything is kept (default ${defaultStateFolder()})`))
    .addHelpText(
      'after',
      `
The first start makes an access key and prints an AWS profile to paste.
Ready when GET /healthz answers. SIGTERM or SIGINT ends it: requests under way
are finished, VMs keep their disks, and operations under way go on at the next start.

--faults tests what depends on the service: the same number gives the same faults.
How often each kind happens is set below "faults" in the settings.`,
    )
    .action((options: ServeOptions) => serve(options));

  const commands = [
    ...paperCommands(dependencies),
    credentialsCommand(dependencies),
    operationsCommand(dependencies),
    volumesCommand(dependencies),
    serversCommand(dependencies),
    wipesCommand(dependencies),
    reconcileCommand(dependencies),
    backupCommand(dependencies),
    restoreCommand(dependencies),
    storageCommand(dependencies),
    resolveCommand(dependencies),
    doctorCommand(dependencies),
    driversCommand(dependencies),
    explainCommand(dependencies),
  ];
  for (const command of commands) {
    program.addCommand(command);
  }
  for (const command of program.commands) {
    command.copyInheritedSettings(program);
    for (const nested of command.commands) {
      nested.copyInheritedSettings(program);
    }
  }
  return program;
}
