import { isTurnOver, nextTurn } from '../../sharing/turn.ts';
import type { Append, XmlBuffer } from './xml-buffer.ts';

/** From here on a list is written in turns: an item may have fifty tags. */
const longList = 100;
/** From here on a list is remembered. */
const rememberedList = 1_000;
/** How much is copied between two looks at the clock. */
const copiedAtOnce = 1_024 * 1_024;

export function isLongList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length >= longList;
}

/**
 * Writes long lists with their element around, in turns. What the answer before has of the very same items is copied from there, and only the others
 * are written anew: that is for frozen items, which cannot have changed since. Lists whose items are made anew each time are not kept, so that no
 * memory goes to them. Answers that keep something wait for each other, since there is one answer before.
 */
export function compileLongList(wireName: string, appendItem: Append): (list: readonly unknown[], buffer: XmlBuffer) => Promise<void> {
  const [open, close] = [Buffer.from(`<${wireName}>`), Buffer.from(`</${wireName}>`)];
  const nothing: KeptList = { items: [], ends: new Uint32Array(), bytes: Buffer.alloc(0) };
  let kept = nothing;
  let last: Promise<unknown> = Promise.resolve();

  const appendRemembering = async (list: readonly unknown[], buffer: XmlBuffer): Promise<void> => {
    const before = kept;
    // Should this fail half-way, its memory holds neither the one list nor the other.
    kept = nothing;
    const start = buffer.length;
    const ends = await appendKnown(before, list, appendItem, buffer);
    kept = ends === before.ends ? before : { items: list, ends, bytes: await copyFrom(buffer, start, before.bytes) };
  };

  return async (list, buffer) => {
    buffer.markup(open);
    if (list.length >= rememberedList && list.every(Object.isFrozen)) {
      const mine = last.then(() => appendRemembering(list, buffer));
      last = mine.catch(() => undefined);
      await mine;
    } else {
      await appendAll(list, appendItem, buffer);
    }
    buffer.markup(close);
  };
}

async function appendAll(list: readonly unknown[], appendItem: Append, buffer: XmlBuffer): Promise<void> {
  for (const item of list) {
    if (isTurnOver()) {
      await nextTurn();
    }
    if (buffer.room < largeItem) {
      await makeRoom(largeItem, buffer);
    }
    appendItem(item, buffer);
  }
}

/** Longer than nearly all items: fifty tags, each as long as can be. */
const largeItem = 64 * 1_024;

/** Makes room for so much more. A long answer is copied to where there is more, which is not to be done in the middle of an item. */
async function makeRoom(count: number, buffer: XmlBuffer): Promise<void> {
  if (buffer.room >= count) {
    return;
  }
  const larger = buffer.largerBlock(count);
  for (let at = 0; at < buffer.length; at += copiedAtOnce) {
    if (isTurnOver()) {
      await nextTurn();
    }
    buffer.copyTo(larger, at, at, Math.min(at + copiedAtOnce, buffer.length));
  }
  buffer.moveTo(larger);
}

/** A list as it was written, with where in it each item ends. */
interface KeptList {
  readonly items: readonly unknown[];
  readonly ends: Uint32Array;
  readonly bytes: Buffer;
}

/** Appends the list, and answers where in it each item ends; the very same answer as before for the very same list. */
async function appendKnown(
  { items, ends, bytes }: KeptList,
  list: readonly unknown[],
  appendItem: Append,
  buffer: XmlBuffer,
): Promise<Uint32Array> {
  // Growing by and by would copy it again and again.
  await makeRoom(bytes.length + largeItem, buffer);
  if (list.length === items.length && list.every((item, index) => item === items[index])) {
    await appendBlock(bytes, buffer);
    return ends;
  }
  const start = buffer.length;
  const newEnds = new Uint32Array(list.length);
  const places = await placesOf(items);
  let index = 0;
  while (index < list.length) {
    if (isTurnOver()) {
      await nextTurn();
    }
    const place = places.get(list[index]);
    if (place === undefined) {
      if (buffer.room < largeItem) {
        await makeRoom(largeItem, buffer);
      }
      appendItem(list[index], buffer);
      newEnds[index] = buffer.length - start;
      index += 1;
      continue;
    }
    // As many as stood one behind the other before are copied in one block.
    const blockStart = place === 0 ? 0 : (ends[place - 1] as number);
    const shift = buffer.length - start - blockStart;
    let next = place;
    while (next < items.length && index < list.length && list[index] === items[next]) {
      newEnds[index] = (ends[next] as number) + shift;
      index += 1;
      next += 1;
    }
    await appendBlock(bytes.subarray(blockStart, ends[next - 1]), buffer);
  }
  return newEnds;
}

const placesAtOnce = 1_000;

async function placesOf(items: readonly unknown[]): Promise<ReadonlyMap<unknown, number>> {
  const places = new Map<unknown, number>();
  for (const [place, item] of items.entries()) {
    if (place % placesAtOnce === 0 && isTurnOver()) {
      await nextTurn();
    }
    places.set(item, place);
  }
  return places;
}

async function appendBlock(source: Buffer, buffer: XmlBuffer): Promise<void> {
  for (let at = 0; at < source.length; at += copiedAtOnce) {
    if (isTurnOver()) {
      await nextTurn();
    }
    const piece = source.subarray(at, at + copiedAtOnce);
    await makeRoom(piece.length, buffer);
    buffer.block(piece);
  }
}

/** How much larger the memory of a copy is than what is in it, for the copies that will take its place. */
const spare = 1.05;

/** What was written since the buffer had this length, in the memory of `before` where there is room for it, or else in memory of its own with some to spare. */
async function copyFrom(buffer: XmlBuffer, start: number, before: Buffer): Promise<Buffer> {
  const count = buffer.length - start;
  const room = before.buffer.byteLength >= count ? Buffer.from(before.buffer) : Buffer.allocUnsafeSlow(Math.ceil(count * spare));
  for (let at = 0; at < count; at += copiedAtOnce) {
    if (isTurnOver()) {
      await nextTurn();
    }
    buffer.copyTo(room, at, start + at, Math.min(start + at + copiedAtOnce, start + count));
  }
  return room.subarray(0, count);
}
