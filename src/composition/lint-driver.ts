import { accessSync, constants } from 'node:fs';
import { join, resolve } from 'node:path';
import { YamlRefused } from '../checked-yaml/checked-yaml.ts';
import type { LintReport } from '../cli/program-dependencies.ts';
import { scriptsFolderOf } from '../drivers/command/catalogue.ts';
import { parsePatternFile } from '../drivers/command/pattern-file.ts';
import { readDriverText } from './read-driver.ts';

/** Everything that is wrong with a backend file and the scripts that it calls. Runs nothing. Throws CommandFailed when the file cannot be read. */
export async function lintDriver(file: string): Promise<LintReport> {
  const text = readDriverText(file);
  try {
    const pattern = parsePatternFile(file, text);
    const folder = scriptsFolderOf({ ...pattern, file: resolve(file) });
    const missing = scriptsIn(text)
      .filter((name) => !isExecutable(join(folder, name)))
      .map((name) => `${file}:${lineOf(text, name)}: there is no program ${name} in ${folder}`);
    return { describes: `the ${pattern.kind} "${pattern.name}"`, complaints: missing };
  } catch (cause) {
    if (!(cause instanceof YamlRefused)) throw cause;
    return { describes: 'no backend', complaints: cause.complaints };
  }
}

function scriptsIn(text: string): readonly string[] {
  return [...new Set([...text.matchAll(/\{scripts:path\}\/([A-Za-z0-9._-]+)/g)].flatMap(([, name]) => name ?? []))];
}

function lineOf(text: string, name: string): number {
  return text.split('\n').findIndex((line) => line.includes(`{scripts:path}/${name}`)) + 1;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
