/** What is not seen, or changes how all else is seen: control characters, those of writing directions, separators of lines, fillers, halves of pairs. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;
/** Most texts are of these alone. */
const plain = /^[ -~]*$/;

/**
 * The text as one line that a terminal only shows: whoever wrote it can neither colour, move nor hide what stands beside it, nor begin a line of
 * his own. What is unseen stands there as JSON would escape it (`\u202e`), so that JSON without line breaks stays the same JSON. May be called twice.
 */
export function printable(text: string): string {
  return plain.test(text) ? text : text.replace(unseen, escaped);
}

function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`).join('');
}
