import { CloudUnavailable } from '../cloud-resolver.ts';

const depthLimit = 64;

/** Refuses a text that is no XML, that declares entities or a document type, or that nests too deep, before a parser sees it. One pass, no look back. */
export function refuseHostileXml(text: string, speaker: string): void {
  const start = text.trimStart();
  if (!start.startsWith('<')) {
    throw new CloudUnavailable(`${speaker} answered with something that is not XML`, {
      hint: 'does the address lead to the service itself, and not to a proxy or another service?',
    });
  }
  if (/^<(!doctype\s+html|html)/i.test(start)) {
    throw new CloudUnavailable(`${speaker} answered with an HTML page instead of XML`, {
      hint: 'does the address lead to the service itself, and not to a proxy, a login page or another service?',
    });
  }
  let depth = 0;
  let at = text.indexOf('<');
  while (at >= 0) {
    const { end, step } = markupAt(text, at, speaker);
    depth += step;
    if (depth > depthLimit) {
      throw new CloudUnavailable(`${speaker} answered XML that nests deeper than ${depthLimit} elements`);
    }
    at = text.indexOf('<', end);
  }
}

/** Where the markup that begins here ends, and by how much deeper it leads. */
function markupAt(text: string, at: number, speaker: string): { readonly end: number; readonly step: -1 | 0 | 1 } {
  if (text.startsWith('<!--', at)) return { end: after(text, '-->', at + 4, speaker), step: 0 };
  if (text.startsWith('<![CDATA[', at)) return { end: after(text, ']]>', at + 9, speaker), step: 0 };
  if (text.startsWith('<?', at)) return { end: after(text, '?>', at + 2, speaker), step: 0 };
  if (text.startsWith('<!', at)) {
    throw new CloudUnavailable(`${speaker} answered XML with a document type or entities of its own, which is refused`);
  }
  if (text.startsWith('</', at)) return { end: after(text, '>', at + 2, speaker), step: -1 };
  const end = endOfTag(text, at + 1, speaker);
  return { end, step: text[end - 2] === '/' ? 0 : 1 };
}

/** Behind the `>` of a start tag; one in an attribute's value does not count. */
function endOfTag(text: string, from: number, speaker: string): number {
  const delimiter = /[>"']/g;
  let at = from;
  for (;;) {
    delimiter.lastIndex = at;
    const found = delimiter.exec(text);
    if (found === null) throw truncated(speaker);
    if (found[0] === '>') return found.index + 1;
    at = after(text, found[0], found.index + 1, speaker);
  }
}

function after(text: string, delimiter: string, from: number, speaker: string): number {
  const at = text.indexOf(delimiter, from);
  if (at < 0) throw truncated(speaker);
  return at + delimiter.length;
}

function truncated(speaker: string): CloudUnavailable {
  return new CloudUnavailable(`${speaker} answered XML that ends in its middle`);
}
