import type { ErrorCode } from 'yaml';

const colonInText = 'a colon and a space begin a value only once a line; put a text that has them in quotes, and indent by spaces alone';
const oneLine = 'a key and its colon stand on one line, as key: value';

/** What is wrong with the YAML, by the library's code for it, with the mend. The library's own texts are for whoever knows its parser. */
const syntaxMessages = {
  ALIAS_PROPS: 'an alias (*name) has no tag and no anchor of its own; write the alias alone',
  BAD_ALIAS: 'an alias is a * and a name, as *name; put a text that begins with * in quotes',
  BAD_COLLECTION_TYPE: 'the tag does not fit what stands behind it; leave the tag (!…) out',
  BAD_DIRECTIVE: 'a line that begins with % is a directive of YAML, which no file here needs; leave it out, or put the text in quotes',
  BAD_DQ_ESCAPE: "in double quotes a backslash begins an escape, and this is none; write \\\\, or use single quotes: '…'",
  BAD_INDENT: 'keys and items that belong together begin at the same column, and a list or group that [ or { begins ends with ] or }',
  BAD_PROP_ORDER: 'an anchor (&name) or tag (!…) stands directly before its value',
  BAD_SCALAR_START: 'a text cannot begin with @ or `; put it in quotes',
  BLOCK_AS_IMPLICIT_KEY: colonInText,
  BLOCK_IN_FLOW: 'between [ ] and { } items are parted by commas, not by lines with dashes',
  DUPLICATE_KEY: 'the key stands here twice; remove one of the two',
  IMPOSSIBLE: 'this is no YAML',
  KEY_OVER_1024_CHARS: 'a key is at most 1024 characters; there may be a colon that belongs into quotes',
  MISSING_CHAR: 'something is missing before this: a colon and a space after a key (key: value), a closing quotation mark, ] or }',
  MULTILINE_IMPLICIT_KEY: oneLine,
  MULTIPLE_ANCHORS: 'a value has one anchor (&name) at the most',
  MULTIPLE_DOCS: 'a file holds one document; remove what stands from the line --- on',
  MULTIPLE_TAGS: 'a value has one tag (!…) at the most',
  NON_STRING_KEY: 'a key is a text',
  RESOURCE_EXHAUSTION: 'lists and groups stand too deep in one another',
  TAB_AS_INDENT: 'a tab cannot indent; use spaces',
  TAG_RESOLVE_FAILED: 'the tag (!…) does not fit its value; leave the tag out',
  UNEXPECTED_TOKEN: 'this does not belong here; put a text with special characters in quotes, and begin a new key on a line of its own',
} satisfies Record<ErrorCode, string>;

export function syntaxMessage(code: ErrorCode): string {
  return syntaxMessages[code];
}
