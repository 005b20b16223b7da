const blockBytes = 4096;

/**
 * The bytes of a simulated volume, by block number; a missing block reads as zeros.
 * A block is replaced and never changed in place, so that a volume and its snapshots share the blocks that they have in common.
 */
export type Contents = Map<number, Uint8Array>;

/** Writes into `contents`, or into new contents when there are none yet: an empty volume costs no map. */
export function writeContents(contents: Contents | undefined, offset: number, data: Uint8Array): Contents {
  const written = contents ?? new Map<number, Uint8Array>();
  let taken = 0;
  while (taken < data.length) {
    const position = offset + taken;
    const block = Math.floor(position / blockBytes);
    const start = position % blockBytes;
    const piece = data.subarray(taken, taken + blockBytes - start);
    const renewed = new Uint8Array(blockBytes);
    const before = written.get(block);
    if (before !== undefined) renewed.set(before);
    renewed.set(piece, start);
    written.set(block, renewed);
    taken += piece.length;
  }
  return written;
}

export function readContents(contents: Contents | undefined, offset: number, length: number): Buffer {
  const result = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const position = offset + filled;
    const start = position % blockBytes;
    const take = Math.min(blockBytes - start, length - filled);
    const block = contents?.get(Math.floor(position / blockBytes));
    if (block !== undefined) result.set(block.subarray(start, start + take), filled);
    filled += take;
  }
  return result;
}

/** A point-in-time copy. */
export function copyContents(contents: Contents | undefined): Contents | undefined {
  return contents === undefined ? undefined : new Map(contents);
}
