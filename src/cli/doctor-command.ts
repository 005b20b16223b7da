import { Command } from 'commander';
import { CommandFailed, exitCodes } from './exit-codes.ts';
import { table } from './output.ts';
import type { ProgramDependencies } from './program-dependencies.ts';

interface Options {
  readonly config?: string;
  readonly all?: true;
  readonly json?: true;
}

export function doctorCommand({ output, diagnoseSite }: Pick<ProgramDependencies, 'output' | 'diagnoseSite'>): Command {
  return new Command('doctor')
    .description('look at every host of the settings: programs, modules, daemons, portals, LVM, names, clocks')
    .option('-c, --config <file>', "the server's settings")
    .option('--all', 'show what is right too')
    .option('--json', 'print JSON, with what is right')
    .addHelpText(
      'after',
      `
Nothing is changed on any host. What the hosts have to have is told by "requires" of their
backend files. Exit code 1: something is wrong, and its mend is in the last column.`,
    )
    .action(async ({ config, all, json }: Options) => {
      const { findings } = await diagnoseSite(config === undefined ? {} : { config });
      const wrong = findings.filter(({ outcome }) => outcome === 'wrong').length;
      const warnings = findings.filter(({ outcome }) => outcome === 'warning').length;
      const shown = findings.filter(({ outcome }) => all || outcome !== 'ok');
      if (json) {
        output.line(JSON.stringify({ findings }));
      } else {
        if (shown.length > 0) {
          output.line(
            ...table(
              ['HOST', 'SUBJECT', 'OUTCOME', 'FOUND', 'MEND'],
              shown.map(({ host, subject, outcome, found, mend = '' }) => [host, subject, outcome, found, mend]),
            ),
          );
        }
        const hosts = new Set(findings.map(({ host }) => host)).size;
        const failed = `${wrong} of ${counted(findings.length, 'check')} failed`;
        output.line(`${failed} on ${counted(hosts, 'host')}, with ${counted(warnings, 'warning')}`);
      }
      if (wrong > 0) {
        throw new CommandFailed(exitCodes.refused, `${counted(wrong, 'check')} failed`);
      }
    });
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
