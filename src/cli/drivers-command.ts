import { Command } from 'commander';
import { CommandFailed, exitCodes } from './exit-codes.ts';
import type { ProgramDependencies } from './program-dependencies.ts';

/** For whoever writes a backend file. */
export function driversCommand({ output, lintDriver }: Pick<ProgramDependencies, 'output' | 'lintDriver'>): Command {
  const command = new Command('drivers').description('backend files');
  command
    .command('lint')
    .description('check a backend file as a start of the service would, without running anything')
    .argument('<file>', 'as docs/adding-a-driver.md describes')
    .action(async (file: string) => {
      const { describes, complaints } = await lintDriver(file);
      if (complaints.length > 0) {
        throw new CommandFailed(exitCodes.refused, complaints.join('\n'));
      }
      output.line(`${file}: ${describes}; nothing is wrong`);
    });
  return command;
}
