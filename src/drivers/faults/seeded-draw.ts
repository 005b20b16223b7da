/** A number from 0 to below 1 that the seed and the parts decide, and nothing else: evenly spread, and unrelated from one part to the next. */
export function seededDraw(seed: number, ...parts: readonly (string | number)[]): number {
  // FNV-1a over the text, and the finalizer of MurmurHash3 (both public domain), since FNV alone hardly moves the high bits.
  let hash = 0x811c9dc5;
  const text = [seed, ...parts].join('\u0000');
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
