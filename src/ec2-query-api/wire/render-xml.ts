/** Whatever XML 1.0 text may not hold as it stands: markup, carriage returns (a parser would turn them into line feeds), what it forbids, and anything that may be half a character. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
const suspect = /[&<>"\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]/;
/** The same without the halves that make a whole. Kept apart, since looking around makes the search several times slower. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
const special = /[&<>"\x00-\x08\x0b-\x1f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const replacements: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ['\r', '&#13;'],
]);

/** Text made safe for an element, or for an attribute in double quotes. Apostrophes stay, as in EC2's own messages. A character that XML 1.0 forbids becomes U+FFFD: dropping it could make two texts equal. */
export function escapeXml(text: string): string {
  // Almost every text of an answer is plain, and a test is much cheaper than a replacement.
  return suspect.test(text) ? text.replace(special, (character) => replacements.get(character) ?? '\ufffd') : text;
}

/** An element with content that is XML already. */
export function xmlElement(name: string, content: string): string {
  return content === '' ? `<${name}/>` : `<${name}>${content}</${name}>`;
}

export const xmlDeclaration = '<?xml version="1.0" encoding="UTF-8"?>\n';
