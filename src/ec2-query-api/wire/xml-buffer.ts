import { escapeXml } from './render-xml.ts';

/** Longer texts go to the encoder of the platform, whose call costs more than a loop over a short one. */
const longestLoop = 64;
/** UTF-8 takes at most three bytes for what JavaScript counts as one character. */
const mostBytesACharacter = 3;
const lastAscii = 127;

/** By character code, whether it can be written as it is: plain ASCII without what has to be escaped. */
const isPlain = Uint8Array.from({ length: lastAscii + 1 }, (_, code) =>
  escapeXml(String.fromCharCode(code)).length === 1 && code >= 0x20 ? 1 : 0,
);

/** What is reserved and never written takes no memory from the system, and copying does take time. */
const growth = 4;
/** From here on an answer is written into the block of memory that the last long one was written into. */
const longBytes = 256 * 1_024;
/** The block is kept up to this size. */
const keptBytes = 32 * 1_024 * 1_024;

/** The block, while no answer is in it. */
let idle: Buffer | undefined;
/** The block, while an answer is in it. */
let lent: Buffer | undefined;

/**
 * Lets the next long answer be written where this one is. To be called once it was sent, or never will be; one that is never given back does no
 * harm. Without this the garbage collector would have some ten long answers lie about before it looks at them, as they are no part of its heap.
 */
export function giveBack(body: Buffer): void {
  if (lent !== undefined && lent.buffer === body.buffer) {
    idle = lent.length > keptBytes ? undefined : lent;
    lent = undefined;
  }
}

/** Of its own memory and never of the pool of small buffers: only so does `buffer` tell whose it is. */
function takeLongBlock(bytes: number): Buffer {
  const block = idle !== undefined && idle.length >= bytes ? idle : Buffer.allocUnsafeSlow(bytes);
  idle = undefined;
  lent = block;
  return block;
}

function newBlock(bytes: number): Buffer {
  return bytes < longBytes ? Buffer.allocUnsafe(bytes) : takeLongBlock(bytes);
}

/** Writes a value at the end of a buffer. */
export type Append = (value: unknown, buffer: XmlBuffer) => void;

let lastSerial = 0;

/**
 * A document that grows at its end, as UTF-8 in one block of memory. A string that grew instead would be a tree of half a million pieces for a long
 * answer, which the garbage collector goes through again and again until it is flattened. A class, since it holds memory, and since calls of
 * functions that were made anew for each answer cannot be compiled into their callers.
 */
export class XmlBuffer {
  /** Tells this buffer from every other one, without keeping it in memory. */
  readonly serial: number;
  /** How many bytes there are so far. */
  length = 0;
  private bytes: Buffer;

  /** `expectedBytes` saves growing: a guess is good enough. */
  constructor(expectedBytes: number) {
    lastSerial += 1;
    this.serial = lastSerial;
    this.bytes = Buffer.allocUnsafe(expectedBytes);
  }

  /** What is XML already, as bytes: names of elements are encoded once and written often. */
  markup(source: Uint8Array): void {
    const count = source.length;
    const start = this.reserve(count);
    const target = this.bytes;
    for (let index = 0; index < count; index += 1) {
      target[start + index] = source[index] as number;
    }
    this.length = start + count;
  }

  /** The same for many bytes. */
  block(source: Buffer): void {
    const start = this.reserve(source.length);
    this.length = start + source.copy(this.bytes, start);
  }

  /** Text, escaped. */
  text(text: string): void {
    const count = text.length;
    if (count > longestLoop) {
      this.writeEscaped(text);
      return;
    }
    const start = this.reserve(count);
    const target = this.bytes;
    for (let index = 0; index < count; index += 1) {
      const code = text.charCodeAt(index);
      if (code > lastAscii || isPlain[code] === 0) {
        // Nothing of it counts yet, so it is simply written again.
        this.writeEscaped(text);
        return;
      }
      target[start + index] = code;
    }
    this.length = start + count;
  }

  /** Writes again what is between two lengths that it had. */
  repeat(from: number, to: number): void {
    const start = this.reserve(to - from);
    this.bytes.copyWithin(start, from, to);
    this.length = start + to - from;
  }

  /** Copies what is between two lengths that it had. */
  copyTo(target: Buffer, targetStart: number, from: number, to: number): void {
    this.bytes.copy(target, targetStart, from, to);
  }

  /** How much can be written before all of it has to be copied into a larger block of memory. */
  get room(): number {
    return this.bytes.length - this.length;
  }

  /** A block with room for so much more, into which what is there has to be copied before it is moved to. */
  largerBlock(count: number): Buffer {
    return newBlock(Math.max(this.bytes.length * growth, this.length + count));
  }

  moveTo(block: Buffer): void {
    this.bytes = block;
  }

  /** Takes back everything from this length on. */
  cutAt(length: number): void {
    this.length = length;
  }

  /** The whole. The buffer is not to be used afterwards. Whoever has sent a long one may give it back, see `giveBack`. */
  finish(): Buffer {
    return this.bytes.subarray(0, this.length);
  }

  private writeEscaped(text: string): void {
    const escaped = escapeXml(text);
    const start = this.reserve(escaped.length * mostBytesACharacter);
    this.length = start + this.bytes.write(escaped, start, 'utf8');
  }

  /** Makes room, and answers where it begins. */
  private reserve(count: number): number {
    const start = this.length;
    if (start + count > this.bytes.length) {
      const larger = newBlock(Math.max(this.bytes.length * growth, start + count));
      this.bytes.copy(larger, 0, 0, start);
      this.bytes = larger;
    }
    return start;
  }
}
