/** What all block nodes of a machine with some hundred disks take has less. In characters. */
export const longestLine = 1024 * 1024;
/** What QEMU answers nests some ten levels deep. */
const deepestNesting = 64;

/**
 * Takes a monitor's messages out of what comes over its socket: every line is one JSON object. The answer to each chunk is the messages that it ends.
 * Throws for a line without an end, for one that is no JSON, and for one that nests deeper than anything QEMU has to say; nothing that comes
 * afterwards is to be read.
 */
export function qmpLines(): (chunk: string) => readonly unknown[] {
  let unfinished = '';
  return (chunk) => {
    const lines = `${unfinished}${chunk}`.split('\n');
    unfinished = lines.pop() ?? '';
    if ([unfinished, ...lines].some((line) => line.length > longestLine)) {
      unfinished = '';
      throw new Error(`the monitor sent a line of more than ${longestLine} characters`);
    }
    return lines.map((line) => {
      if (nestsTooDeep(line)) throw new Error(`the monitor sent a message that nests deeper than ${deepestNesting} levels`);
      return JSON.parse(line) as unknown;
    });
  };
}

/** Before it is parsed: whoever handles the value later goes down as deep. One pass, without looking back. */
function nestsTooDeep(line: string): boolean {
  let depth = 0;
  let isText = false;
  for (let at = 0; at < line.length; at += 1) {
    const character = line[at];
    if (isText) {
      if (character === '\\') at += 1;
      else if (character === '"') isText = false;
    } else if (character === '"') isText = true;
    else if (character === '[' || character === '{') depth += 1;
    else if (character === ']' || character === '}') depth -= 1;
    if (depth > deepestNesting) return true;
  }
  return false;
}
