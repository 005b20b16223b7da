import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { CommandFailed, exitCodes } from '../cli/exit-codes.ts';
import type { Pattern } from '../drivers/command/pattern.ts';
import { parsePatternFile } from '../drivers/command/pattern-file.ts';

/** The text of a backend file. Throws CommandFailed when it cannot be read. */
export function readDriverText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    throw new CommandFailed(exitCodes.wrongUsage, `${file} cannot be read (${code})`, { cause });
  }
}

/** A backend file as it would be used, its scripts beside it. Throws CommandFailed when it cannot be read, YamlRefused with its mistakes. */
export function readDriver(file: string): Pattern {
  return { ...parsePatternFile(file, readDriverText(file)), file: resolve(file) };
}
