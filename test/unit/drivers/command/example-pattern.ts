import { YamlRefused } from '../../../../src/checked-yaml/checked-yaml.ts';
import { type CommandLinePattern, isCommandLine, type Pattern } from '../../../../src/drivers/command/pattern.ts';
import { parsePatternFile } from '../../../../src/drivers/command/pattern-file.ts';

/** A whole backend file for a tool that does not exist; tests change single lines of it. */
export const exampleFile = `kind: initiator
name: example
describes: An initiator for tests
settings:
  folder: { type: path, describes: where it keeps its records, default: /var/lib/example }
environment:
  EXAMPLE_FOLDER: '{folder:path}'
session:
  overlaps: none-per-thing
  look:
    commands:
      - argv: [sessions, --of, '{target:iqn}']
        timeoutSeconds: 5
        exits: { transient: [11], unavailable: [20], absent: [{ code: 21, text: 'no session' }] }
    rows:
      lines: '^(?<name>\\S+) (?<device>\\S*) (?<length>\\d*)$'
    is: { name: '{target:iqn}' }
    wanted:
      length: { atLeast: '{bytes:size}' }
    facts: { devicePath: '{device:path}' }
  make:
    commands:
      - argv: [login, --target, '{target:iqn}', --portal, '{portal:portal}']
        stdin: "{chapSecret:secret}\\n"
        exits: { benign: [15], transient: [11] }
      - argv: [rescan, '{target:iqn}']
  unmake:
    commands:
      - argv: [logout, '{device:path}']
      - argv: [forget, '{target:iqn}']
  list:
    commands:
      - argv: [sessions]
    rows:
      lines: '^(?<name>\\S+) '
    ours: { name: ':vol-' }
    name: '{name:iqn}'
`;

/** The example file with texts replaced. Every text has to be in it, so that a test cannot pass for another reason. */
export function exampleWith(changes: Readonly<Record<string, string>>): string {
  return Object.entries(changes).reduce((file, [from, to]) => {
    if (!file.includes(from)) throw new Error(`the example does not hold ${from}`);
    return file.replace(from, () => to);
  }, exampleFile);
}

export function parseExample<Kind extends CommandLinePattern['kind']>(
  kind: Kind,
  text: string,
): Extract<CommandLinePattern, { kind: Kind }> {
  const pattern: Pattern = parsePatternFile('example.yaml', text);
  if (!isCommandLine(pattern) || !isOfKind(pattern, kind)) throw new Error(`not a file of kind ${kind}`);
  return pattern;
}

function isOfKind<Kind extends CommandLinePattern['kind']>(
  pattern: CommandLinePattern,
  kind: Kind,
): pattern is Extract<CommandLinePattern, { kind: Kind }> {
  return pattern.kind === kind;
}

/** Why a file is refused; fails when it is not. */
export function complaintsAbout(text: string): readonly string[] {
  try {
    parsePatternFile('example.yaml', text);
  } catch (error) {
    if (error instanceof YamlRefused) return error.complaints;
    throw error;
  }
  throw new Error('the file was not refused');
}
