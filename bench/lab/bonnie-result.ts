/** What bonnie++ measured; `undefined` where it found that it took too little time to tell. */
export interface BonnieResult {
  readonly writeMBps: number | undefined;
  readonly rewriteMBps: number | undefined;
  readonly readMBps: number | undefined;
  readonly seeksPerSecond: number | undefined;
  readonly createdInOrderPerSecond: number | undefined;
  readonly deletedInOrderPerSecond: number | undefined;
  readonly createdAtRandomPerSecond: number | undefined;
  readonly deletedAtRandomPerSecond: number | undefined;
}

/** Where bonnie++ 2.00 writes each figure, for people to see in a table and here, with commas between, for programs. */
const places = {
  write: 11,
  rewrite: 13,
  read: 17,
  seeks: 19,
  createInOrder: 26,
  deleteInOrder: 30,
  createAtRandom: 32,
  deleteAtRandom: 36,
};
const fieldCount = 50;

/** Reads the line for programs among what bonnie++ writes. Throws when there is none, or one of another version. */
export function readBonnieResult(output: string): BonnieResult {
  const line = output.split('\n').find((each) => /^1\.98,2\.00\w*,/.test(each));
  const fields = line?.split(',') ?? [];
  if (fields.length !== fieldCount) throw new Error(`bonnie++ wrote no result: ${output}`);
  const number = (place: number) => {
    const text = fields[place] ?? '';
    if (/^\++$/.test(text)) return undefined;
    const value = Number(text);
    if (text === '' || Number.isNaN(value)) throw new Error(`bonnie++ wrote ${text} in place ${place}: ${line}`);
    return value;
  };
  const megabytes = (place: number) => {
    const kibibytes = number(place);
    return kibibytes === undefined ? undefined : (kibibytes * 1024) / 1e6;
  };
  return {
    writeMBps: megabytes(places.write),
    rewriteMBps: megabytes(places.rewrite),
    readMBps: megabytes(places.read),
    seeksPerSecond: number(places.seeks),
    createdInOrderPerSecond: number(places.createInOrder),
    deletedInOrderPerSecond: number(places.deleteInOrder),
    createdAtRandomPerSecond: number(places.createAtRandom),
    deletedAtRandomPerSecond: number(places.deleteAtRandom),
  };
}
