import { Command } from 'commander';
import { CommandFailed, exitCodes } from './exit-codes.ts';
import { quoted } from './output.ts';
import type { ConformanceReport, ProgramDependencies } from './program-dependencies.ts';
import { commandLines } from './shown-command.ts';

interface ConformanceCommandOptions {
  readonly config?: string;
  readonly host?: string;
  readonly domain?: string;
  readonly device: string;
  readonly size: string;
  readonly setting: readonly string[];
  readonly json?: true;
}

/** For whoever writes a backend file. */
export function driversCommand({
  output,
  lintDriver,
  checkDriver,
}: Pick<ProgramDependencies, 'output' | 'lintDriver' | 'checkDriver'>): Command {
  const command = new Command('drivers').description('backend files');
  command
    .command('lint')
    .description('check a backend file as a start of the service would, without running anything')
    .argument('<file>', 'as docs/adding-a-driver.md describes')
    .action(async (file: string) => {
      const { describes, complaints } = await lintDriver(file);
      if (complaints.length > 0) {
        throw new CommandFailed(exitCodes.refused, complaints);
      }
      output.line(`${file}: ${describes}; nothing is wrong`);
    });
  command
    .command('conformance')
    .description('hold a backend file to its contract on a real host: everything made twice, removed twice, listed before and after')
    .argument('<file>', 'as docs/adding-a-driver.md describes')
    .option('-c, --config <file>', "the server's settings, which name the hosts and what the backend works with")
    .option('--host <name>', 'the host of the settings to run it on; without settings this machine')
    .option('--domain <name>', 'for a VMM: a running VM that may get and lose a disk')
    .option('--device <name>', 'for a VMM: a device name that is free in it', '/dev/sdp')
    .option('--size <MiB>', 'how large the volumes are', '64')
    .option(
      '--setting <name=value>',
      'a setting of the backend; may be given again',
      (one: string, all: readonly string[]) => [...all, one],
      [],
    )
    .option('--json', 'print JSON, with every command')
    .addHelpText(
      'after',
      `
It makes and removes things on that host, all of names that nothing else has, and in the
end takes away what it made. An export server, an initiator and a VMM are given a volume
by the volume server of the settings, and an export by its export server. Exit code 1: the
backend does not hold what it has to.

  vbs drivers conformance mine.yaml --setting folder=/srv/volumes
  vbs drivers conformance mine.yaml --config vbs.yaml --host xen1 --domain web`,
    )
    .action(async (file: string, { setting, size, json, ...options }: ConformanceCommandOptions) => {
      if (!/^[1-9]\d{0,5}$/.test(size)) {
        throw new CommandFailed(exitCodes.wrongUsage, `--size ${size}: must be a number of MiB from 1`);
      }
      const report = await checkDriver(file, { ...options, sizeMiB: Number(size), settings: settingsOf(setting) });
      output.line(...(json ? [JSON.stringify(report)] : reportLines(report)));
      const failed = report.checks.filter(({ outcome }) => outcome === 'failed').length;
      if (failed > 0) {
        throw new CommandFailed(exitCodes.refused, `${report.describes} failed ${failed} of ${report.checks.length} checks`);
      }
    });
  return command;
}

function settingsOf(given: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    given.map((text) => {
      const at = text.indexOf('=');
      if (at < 1) {
        throw new CommandFailed(exitCodes.wrongUsage, `--setting ${text}: must be NAME=VALUE`);
      }
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

const words = { held: 'ok     ', failed: 'FAILED ', skipped: 'skipped' } as const;

function reportLines({ describes, checks }: ConformanceReport): readonly string[] {
  const lines = checks.flatMap(({ subject, sentence, outcome, reason, commands }) => [
    ...quoted(`${words[outcome]}  ${subject}: ${sentence}${reason === undefined ? '' : `: ${reason}`}`),
    ...(outcome === 'failed' ? commands.flatMap(commandLines) : []),
  ]);
  const count = checks.filter(({ outcome }) => outcome === 'held').length;
  return [...lines, `${describes}: ${count} of ${checks.length} held`];
}
