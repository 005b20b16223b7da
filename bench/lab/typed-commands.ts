import { basename } from 'node:path';
import { quoteForShell } from '../../src/drivers/command/ssh-command-line.ts';
import type { JournalEntry } from '../../src/saga/journal.ts';

/** What is typed on a host before there is something to do on another one. */
export interface Typed {
  readonly host: string;
  readonly script: string;
}

/** Stands for the one that the service made for an attachment, and has told nobody. */
const secret = 'sixteen-letters_';

/** The commands that the service gave in an operation, in their order, for somebody to type. */
export function typedCommands(journal: readonly JournalEntry[]): readonly Typed[] {
  const commands = journal.flatMap(({ commands }) => commands);
  const user = commands.find(({ argv }) => isCall(argv, 'open-iscsi', 'login'))?.argv[6] ?? '';
  const typed: Typed[] = [];
  for (const { host, argv } of commands) {
    const input = inputOf(argv, user);
    const line = argv.map(quoteForShell).join(' ');
    const script = input === undefined ? line : `printf '%s\\n' ${input.map(quoteForShell).join(' ')} | ${line}`;
    const last = typed.at(-1);
    if (last?.host === host) typed[typed.length - 1] = { host, script: `${last.script}\n${script}` };
    else typed.push({ host, script });
  }
  return typed;
}

/** The lines that a command reads, which the journal does not keep. */
function inputOf(argv: readonly string[], user: string): readonly string[] | undefined {
  if (isCall(argv, 'tgt-account')) return [user, secret];
  return isCall(argv, 'open-iscsi', 'login') ? [secret] : undefined;
}

function isCall([program = '', first]: readonly string[], name: string, verb?: string): boolean {
  return basename(program) === name && (verb === undefined || first === verb);
}
