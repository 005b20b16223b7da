import { isTurnOver, nextTurn } from '../../sharing/turn.ts';

/** Where a part begins and how many keys it has at the most. */
export interface PartWanted {
  /** It begins behind this one; `undefined`: with the first. */
  readonly afterKey: string | undefined;
  readonly count: number;
}

export interface Part<Row> {
  /** In the order of the keys. A key may have several rows, or none. */
  readonly rows: readonly Row[];
  /** Behind which the next part begins; `undefined` when this was the last one. */
  readonly lastKey: string | undefined;
}

/** With how many it begins, and how many come whole. */
const firstCount = 32;
const [leastCount, mostCount] = [8, 1_024];
/** A statement of SQLite holds the event loop until it has ended. Volumes may have no tag or fifty, which is all the difference. */
const [quickMs, slowMs] = [1.5, 4];

/**
 * Reads part after part, in turns, until there is no more or there are `count` rows. What is written meanwhile is in the parts that follow, and not in
 * those before: every row that is there all the time is read once.
 */
export async function readInParts<Row>(
  readPart: (wanted: PartWanted) => Part<Row>,
  { afterKey, count = Number.POSITIVE_INFINITY }: { readonly afterKey?: string | undefined; readonly count?: number } = {},
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  let lastKey = afterKey;
  let size = firstCount;
  let keysRead = 0;
  for (;;) {
    if (isTurnOver()) {
      await nextTurn();
    }
    const startedAtMs = performance.now();
    // Where most keys have no row, looking for the last few rows goes on in large parts too.
    const keyCount = Math.min(size, Math.max(count - rows.length, keysRead));
    const part = readPart({ afterKey: lastKey, count: keyCount });
    rows.push(...part.rows);
    if (part.lastKey === undefined || rows.length >= count) {
      return rows.length > count ? rows.slice(0, count) : rows;
    }
    lastKey = part.lastKey;
    keysRead += keyCount;
    const tookMs = performance.now() - startedAtMs;
    size = tookMs < quickMs ? Math.min(mostCount, size * 2) : tookMs > slowMs ? Math.max(leastCount, size / 2) : size;
  }
}

/** The part of the keys and of their rows. */
export function partOf<Row>(keys: readonly string[], { count }: PartWanted, read: (keys: readonly string[]) => readonly Row[]): Part<Row> {
  return { rows: keys.length === 0 ? [] : read(keys), lastKey: keys.length < count ? undefined : keys.at(-1) };
}

/** Reads the rows of given keys: a few at once, and many in turns and in order. */
export async function readKeysInParts<Row>(
  keys: readonly string[],
  read: (keys: readonly string[]) => readonly Row[],
): Promise<readonly Row[]> {
  if (keys.length <= firstCount) {
    return read(keys);
  }
  const sorted = [...new Set(keys)].sort();
  let at = 0;
  return readInParts((wanted) => {
    const part = sorted.slice(at, at + wanted.count);
    at += part.length;
    return partOf(part, wanted, read);
  });
}
