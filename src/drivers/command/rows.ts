import type { RowsPattern } from './pattern.ts';

/** What was captured, by field name. A field that was not there, or was empty, has no entry. */
export type Row = Readonly<Record<string, string>>;

/** A command answered something else than its pattern describes: the answer is not to be trusted, not even as "nothing". */
export class UnreadableOutput extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UnreadableOutput';
  }
}

/**
 * Reads a command's output by the pattern's one way of parsing. Throws UnreadableOutput for what has no row and yet says something: it is another
 * tool's, another version's or a complaint, and not an empty listing.
 */
export function parseRows(pattern: RowsPattern, output: string): readonly Row[] {
  if (pattern.json !== undefined) return parseJson(pattern.json, output);
  if (pattern.always !== undefined)
    requireFrame(
      pattern.always.map((line) => new RegExp(line)),
      pattern.lines,
      output,
    );
  const rows = rowsOfText(pattern, output);
  if (rows.length > 0 || pattern.always !== undefined) return rows;
  const said = linesOf(output).find(isSaying);
  if (said === undefined) return [];
  throw notAsked('begins with', said);
}

/**
 * Each line of the frame has to be there, and with `lines` nothing beside it but rows: what the frame holds is then known to be all of it.
 * A block takes whatever stands between its lines.
 */
function requireFrame(frame: readonly RegExp[], lines: string | undefined, output: string): void {
  const said = linesOf(output).filter(isSaying);
  const [first] = said;
  if (first === undefined) throw new UnreadableOutput('there is no output, and there is always some');
  if (!frame.every((expression) => said.some((line) => expression.test(line)))) throw notAsked('begins with', first);
  if (lines === undefined) return;
  const known = [...frame, new RegExp(lines)];
  const strange = said.find((line) => !known.some((expression) => expression.test(line)));
  if (strange !== undefined) throw notAsked('has', strange);
}

function isSaying(line: string): boolean {
  return line.trim() !== '';
}

function notAsked(what: 'begins with' | 'has', line: string): UnreadableOutput {
  return new UnreadableOutput(`the output is not what was asked for; it ${what} ${JSON.stringify(line.slice(0, longestSaid))}`);
}

const longestSaid = 80;

function rowsOfText(pattern: RowsPattern, output: string): readonly Row[] {
  if (pattern.lines !== undefined) return linesOf(output).flatMap(rowOfLine(new RegExp(pattern.lines)));
  if (pattern.blocks !== undefined) return parseBlocks(pattern.blocks, output);
  if (pattern.keyValue !== undefined) return parseKeyValue(pattern.keyValue, output);
  throw new TypeError('a pattern without a way of parsing was not checked');
}

/** The names that a way of parsing can capture. */
export function fieldNamesOf(pattern: RowsPattern): readonly string[] {
  if (pattern.lines !== undefined) return groupNamesOf(pattern.lines);
  if (pattern.blocks !== undefined) return [pattern.blocks.start, ...pattern.blocks.fields].flatMap(groupNamesOf);
  return Object.keys(pattern.json?.fields ?? pattern.keyValue?.fields ?? {});
}

function groupNamesOf(expression: string): readonly string[] {
  return [...expression.matchAll(/\(\?<([A-Za-z][A-Za-z0-9]*)>/g)].flatMap(([, name]) => (name === undefined ? [] : [name]));
}

function linesOf(output: string): readonly string[] {
  return output.split('\n').map((line) => line.replace(/\r$/, ''));
}

function rowOfLine(expression: RegExp): (line: string) => readonly Row[] {
  return (line) => {
    const match = line === '' ? null : expression.exec(line);
    return match === null ? [] : [rowOf(Object.entries(match.groups ?? {}))];
  };
}

function rowOf(entries: readonly (readonly [string, string | undefined])[]): Row {
  const row: Record<string, string> = {};
  for (const [name, value = ''] of entries) {
    const text = value.includes('\n') ? inOneLine(value) : value.trim();
    if (text !== '') row[name] = text;
  }
  return row;
}

/** A field that spans lines (a section of a listing) is given as its lines, trimmed, in one. */
function inOneLine(value: string): string {
  return value
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' ');
}

/** A block goes from a line that matches `start` to the next such line; a field is the first match of its expression in the block. */
function parseBlocks(pattern: NonNullable<RowsPattern['blocks']>, output: string): readonly Row[] {
  const start = new RegExp(pattern.start);
  const blocks: string[][] = [];
  for (const line of linesOf(output)) {
    if (start.test(line)) blocks.push([line]);
    else blocks.at(-1)?.push(line);
  }
  return blocks.map((lines) => {
    const captured = [pattern.start, ...pattern.fields].map(
      (expression) => new RegExp(expression, 'm').exec(lines.join('\n'))?.groups ?? {},
    );
    return rowOf(captured.flatMap((groups) => Object.entries(groups)));
  });
}

function parseJson(pattern: NonNullable<RowsPattern['json']>, output: string): readonly Row[] {
  let document: unknown;
  try {
    document = JSON.parse(output);
  } catch (cause) {
    throw new UnreadableOutput('the output is not JSON', { cause });
  }
  const found = valueAt(document, pattern.at);
  if (found === undefined) throw new UnreadableOutput(`the output has nothing at "${pattern.at}"`);
  const items: readonly unknown[] = Array.isArray(found) ? found : [found];
  return items.map((item) => rowOf(Object.entries(pattern.fields).map(([name, path]) => [name, scalar(valueAt(item, path))])));
}

/** Follows `report.0.lv`: names and positions, with dots between. An empty path is the value itself. */
function valueAt(value: unknown, path: string): unknown {
  return path
    .split('.')
    .filter((key) => key !== '')
    .reduce<unknown>(
      (at, key) => (typeof at === 'object' && at !== null && Object.hasOwn(at, key) ? Reflect.get(at, key) : undefined),
      value,
    );
}

function scalar(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

/** The whole output is one row of `key<separator>value` lines; no line with the separator at all is no row. */
function parseKeyValue(pattern: NonNullable<RowsPattern['keyValue']>, output: string): readonly Row[] {
  const pairs = linesOf(output).flatMap((line) => {
    const at = line.indexOf(pattern.separator);
    return at < 0 ? [] : [[line.slice(0, at).trim(), line.slice(at + pattern.separator.length).trim()] as const];
  });
  if (pairs.length === 0) return [];
  const values = new Map(pairs);
  return [rowOf(Object.entries(pattern.fields).map(([name, key]) => [name, values.get(key)]))];
}
