import { Command } from 'commander';
import { parseSnapshotId, parseVolumeId } from '../model/ids.ts';
import { CommandFailed, exitCodes } from './exit-codes.ts';
import type { ExplainRequest, OperationExplanation, ProgramDependencies } from './program-dependencies.ts';
import { shownCommand } from './shown-command.ts';

interface Options {
  readonly config?: string;
  readonly json?: true;
}

/** What the operations are told with, in the order of the paper's commands; those in brackets may be missing. */
const forms = {
  'create-volume': ['size', '[snapshotId]'],
  'delete-volume': ['volumeId'],
  'modify-volume': ['volumeId', 'size', '[instanceId]'],
  'create-snapshot': ['volumeId'],
  'delete-snapshot': ['snapshotId'],
  'attach-volume': ['volumeId', 'instanceId', 'device'],
  'detach-volume': ['volumeId', 'instanceId'],
} as const satisfies Record<ExplainRequest['operation'], readonly string[]>;

export function explainCommand({ output, explainOperation }: Pick<ProgramDependencies, 'output' | 'explainOperation'>): Command {
  return new Command('explain')
    .description('tell which commands an operation would run, host by host; nothing is run and no host is asked')
    .argument('<operation>', Object.keys(forms).join(', '))
    .argument('[arguments...]', 'ids, size in GiB, device, as below')
    .option('-c, --config <file>', "the server's settings, which name the hosts and their backends")
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
${Object.entries(forms)
  .map(([operation, words]) => `  vbs explain ${operation} ${words.map(shownWord).join(' ')}`)
  .join('\n')}

An INSTANCE-ID is one of the settings' instances, or VMM-HOST/DOMAIN. It is told what happens when
all goes well: a look comes before and after every change. What only the host can tell stands in
angle brackets, and so do secrets, which go through standard input.`,
    )
    .action(async (operation: string, words: readonly string[], { config, json }: Options) => {
      const explanation = await explainOperation({ ...requestOf(operation, words), ...(config !== undefined && { config }) });
      output.line(...(json ? [JSON.stringify(explanation)] : explanationLines(explanation)));
    });
}

function requestOf(operation: string, words: readonly string[]): ExplainRequest {
  if (!isOperation(operation)) {
    throw new CommandFailed(exitCodes.wrongUsage, `${operation} is no operation; there are ${Object.keys(forms).join(', ')}`);
  }
  const form: readonly string[] = forms[operation];
  const needed = form.filter((word) => !word.startsWith('[')).length;
  if (words.length < needed || words.length > form.length) {
    throw new CommandFailed(exitCodes.wrongUsage, `vbs explain ${operation} takes ${form.map(shownWord).join(' ')}`);
  }
  const given = Object.fromEntries(
    form.flatMap((word, index) => (words[index] === undefined ? [] : [[word.replace(/[[\]]/g, ''), words[index]]])),
  );
  const { size, volumeId, snapshotId, ...rest } = given;
  if (size !== undefined && !/^[1-9]\d{0,4}$/.test(size)) {
    throw new CommandFailed(exitCodes.wrongUsage, `${size} is no size; it must be a number of GiB from 1`);
  }
  if (volumeId !== undefined && parseVolumeId(volumeId) === undefined) {
    throw new CommandFailed(exitCodes.wrongUsage, `${volumeId} has not the form of a volume id, as vol-0123456789abcdef0`);
  }
  if (snapshotId !== undefined && parseSnapshotId(snapshotId) === undefined) {
    throw new CommandFailed(exitCodes.wrongUsage, `${snapshotId} has not the form of a snapshot id, as snap-0123456789abcdef0`);
  }
  return {
    operation,
    ...rest,
    ...(size !== undefined && { sizeGiB: Number(size) }),
    ...(volumeId !== undefined && { volumeId }),
    ...(snapshotId !== undefined && { snapshotId }),
  };
}

function isOperation(text: string): text is ExplainRequest['operation'] {
  return Object.hasOwn(forms, text);
}

/** volumeId as VOLUME-ID. */
function shownWord(word: string): string {
  return word.replace(/([a-z])([A-Z])/g, '$1-$2').toUpperCase();
}

function explanationLines({ commands }: OperationExplanation): readonly string[] {
  const lines: string[] = [];
  let verb = '';
  for (const command of commands) {
    const { host, argv, stdin } = command;
    if (command.verb !== verb) lines.push(...(lines.length === 0 ? [] : ['']), command.verb);
    verb = command.verb;
    lines.push(`  ${host}$ ${shownCommand(argv)}`);
    if (stdin !== undefined) lines.push(`    standard input: ${stdin.trim().split('\n').join(', ')}`);
  }
  return lines;
}
