import type { CommandRecord } from '../model/command-record.ts';
import { linesOf } from './output.ts';

/** A command as it could be typed into a shell. */
export function shownCommand(argv: readonly string[]): string {
  return argv.map(shown).join(' ');
}

/** A command that ran, on which host, what it answered and what it said. */
export function commandLines({ host, argv, exitCode, durationMs, outputTail }: CommandRecord): readonly string[] {
  return [
    `${host}$ ${shownCommand(argv)}  -> ${exitCode ?? 'no exit seen'} (${durationMs} ms)`,
    ...linesOf(outputTail).map((line) => `  | ${line}`),
  ];
}

function shown(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}
