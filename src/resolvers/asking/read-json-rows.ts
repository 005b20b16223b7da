import * as z from 'zod';
import { isTurnOver, nextTurn } from '../../sharing/turn.ts';
import { notJson, readJson, requireShape } from './read-json.ts';

/** So much is parsed within a millisecond or two. */
const pieceLength = 65_536;
/** Rows that hold objects themselves have as many places where they only seem to end. */
const mostSeemingEnds = 8;

interface WantedRows<Row extends z.ZodType> {
  /** Of the object that the answer is; the list is under it. Read in pieces where it comes first, as clouds write it. */
  readonly key: string;
  readonly row: Row;
  /** Names the cloud in messages. */
  readonly speaker: string;
}

/**
 * The rows of a list that a cloud said in JSON, each in the shape that is wanted, and what else the object has. There may be many rows, which are
 * read in turns. Throws CloudUnavailable for anything else.
 */
export async function readJsonRows<Row extends z.ZodType>(
  text: string,
  { key, row, speaker }: WantedRows<Row>,
): Promise<{ readonly rows: readonly z.output<Row>[]; readonly rest: Readonly<Record<string, unknown>> }> {
  const rows: z.output<Row>[] = [];
  const read = async (pieces: readonly unknown[]) => {
    for (const content of pieces) {
      rows.push(requireShape(content, row, speaker, [key, rows.length]));
      if (isTurnOver()) await nextTurn('all');
    }
  };
  const opening = openingOf(text, key);
  let from = opening.length;
  for (let piece = firstPiece(text, from, opening); piece !== undefined; piece = firstPiece(text, from, opening)) {
    await read(piece.items);
    from = piece.end;
  }
  const object = z.object({ [key]: z.array(z.unknown()) }).loose();
  const { [key]: list, ...rest } = readJson(opening + text.slice(from), object, speaker);
  const last = list as readonly unknown[];
  // Behind a comma there is one more.
  if (from > opening.length && last.length === 0) {
    throw notJson(text, speaker);
  }
  await read(last);
  return { rows, rest };
}

/** What is before the first row; nothing where the list does not come first. */
function openingOf(text: string, key: string): string {
  return new RegExp(`^\\s*\\{\\s*"${key}"\\s*:\\s*\\[`).exec(text)?.[0] ?? '';
}

/**
 * The rows from a place on where one begins, up to one that ends behind the length of a piece, and the place behind its comma; nothing near the end of
 * the text. What has rows before it and can be read as a list is one: nothing but the end of a row can stand there.
 */
function firstPiece(text: string, from: number, opening: string): { readonly items: readonly unknown[]; readonly end: number } | undefined {
  if (opening === '' || text.length - from <= 2 * pieceLength) {
    return undefined;
  }
  const rowEnd = /\}\s*,/g;
  rowEnd.lastIndex = from + pieceLength;
  for (let seeming = 0; seeming < mostSeemingEnds && rowEnd.exec(text) !== null; seeming += 1) {
    const end = rowEnd.lastIndex;
    try {
      return { items: JSON.parse(`[${text.slice(from, end - 1)}]`) as readonly unknown[], end };
    } catch {
      // Within a row, or in a text.
    }
  }
  return undefined;
}
