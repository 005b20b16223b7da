/** Collects a long text as UTF-8. */
export interface XmlBuffer {
  append(text: string): void;
  finish(): Buffer;
}

const chunkLength = 8_192;

/**
 * Turns text into bytes a chunk at a time. One string of a long answer would be a tree of half a million pieces that all stay alive to
 * its end, and the garbage collector would take several times as long as the rendering.
 */
export function createXmlBuffer(): XmlBuffer {
  const chunks: Buffer[] = [];
  let pending = '';
  return {
    append(text) {
      pending += text;
      if (pending.length < chunkLength) return;
      chunks.push(Buffer.from(pending));
      pending = '';
    },
    finish: () => Buffer.concat([...chunks, Buffer.from(pending)]),
  };
}
