import { escapeXml } from './render-xml.ts';

/** A document that grows at its end, as UTF-8. */
export interface XmlBuffer {
  /** Tells this buffer from every other one, without keeping it in memory. */
  readonly serial: number;
  /** How many bytes there are so far. */
  length(): number;
  /** What is XML already, as bytes: names of elements are encoded once and written often. */
  markup(bytes: Uint8Array): void;
  /** Text, escaped. */
  text(text: string): void;
  /** Writes again what is between two lengths that it had. */
  repeat(from: number, to: number): void;
  /** Takes back everything from this length on. */
  cutAt(length: number): void;
  /** The whole. The buffer is not to be used afterwards. */
  finish(): Buffer;
}

/** Longer texts go to the encoder of the platform, whose call costs more than a loop over a short one. */
const longestLoop = 64;
/** UTF-8 takes at most three bytes for what JavaScript counts as one character. */
const mostBytesACharacter = 3;

/** By character code, whether it can be written as it is: plain ASCII without what has to be escaped. */
const isPlain = Uint8Array.from({ length: 128 }, (_, code) => (escapeXml(String.fromCharCode(code)).length === 1 && code >= 0x20 ? 1 : 0));

/** What is reserved and never written takes no memory from the system, and copying does take time. */
const growth = 4;

let lastSerial = 0;

/**
 * Writes bytes one after another into one block of memory. A string that grew instead would be a tree of half a million pieces for a long
 * answer, which the garbage collector goes through again and again until it is flattened. `expectedBytes` saves growing: a guess is good enough.
 */
export function createXmlBuffer(expectedBytes: number): XmlBuffer {
  let bytes = Buffer.allocUnsafe(expectedBytes);
  let end = 0;

  const reserve = (count: number): void => {
    if (end + count > bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(bytes.length * growth, end + count));
      bytes.copy(larger, 0, 0, end);
      bytes = larger;
    }
  };
  const writeEscaped = (text: string): void => {
    const escaped = escapeXml(text);
    reserve(escaped.length * mostBytesACharacter);
    end += bytes.write(escaped, end, 'utf8');
  };

  lastSerial += 1;
  return {
    serial: lastSerial,
    length: () => end,
    markup(source) {
      const { length } = source;
      reserve(length);
      const target = bytes;
      const start = end;
      for (let index = 0; index < length; index += 1) {
        target[start + index] = source[index] as number;
      }
      end = start + length;
    },
    text(text) {
      const { length } = text;
      if (length > longestLoop) {
        writeEscaped(text);
        return;
      }
      reserve(length);
      const target = bytes;
      const start = end;
      for (let index = 0; index < length; index += 1) {
        const code = text.charCodeAt(index);
        if (isPlain[code] !== 1) {
          // Nothing of it counts yet, so it is simply written again.
          writeEscaped(text);
          return;
        }
        target[start + index] = code;
      }
      end = start + length;
    },
    repeat(from, to) {
      reserve(to - from);
      bytes.copyWithin(end, from, to);
      end += to - from;
    },
    cutAt(length) {
      end = length;
    },
    finish: () => bytes.subarray(0, end),
  };
}
