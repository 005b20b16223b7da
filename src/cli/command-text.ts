import type { CommandRecord } from '../model/command-record.ts';

/** A command with the host that it ran on, how it ended, and below it what it said. */
export function commandLines({ host, argv, exitCode, durationMs, outputTail }: CommandRecord): readonly string[] {
  return [
    `${host}$ ${argv.map(shown).join(' ')}  -> ${exitCode ?? 'no exit seen'} (${durationMs} ms)`,
    ...outputTail
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => `  | ${line}`),
  ];
}

/** As it could be typed into a shell. */
function shown(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}
