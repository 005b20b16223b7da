/** Marks a place of a pattern where any text may stand, and one where any character may. */
const anyText = Symbol('*');
const anyCharacter = Symbol('?');
/** A character, or a wildcard. `*` and `?` are wildcards unless escaped by `\`. Two `*` beside each other are one. */
export type Pattern = readonly (string | typeof anyText | typeof anyCharacter)[];

export function parsePattern(value: string): Pattern {
  const pattern: (string | typeof anyText | typeof anyCharacter)[] = [];
  let escaped = false;
  for (const character of value) {
    if (escaped || !'\\*?'.includes(character)) {
      pattern.push(character);
      escaped = false;
    } else if (character === '\\') escaped = true;
    else if (character === '?') pattern.push(anyCharacter);
    else if (pattern.at(-1) !== anyText) pattern.push(anyText);
  }
  // A backslash at the end escapes nothing, so it means itself.
  if (escaped) pattern.push('\\');
  return pattern;
}

/** The text that a pattern without wildcards means, `undefined` when it has some. */
export function exactText(pattern: Pattern): string | undefined {
  return pattern.every((piece) => typeof piece === 'string') ? pattern.join('') : undefined;
}

/** Bits of a word. */
const wordBits = 32;
/** From this many words on, a set of places is larger than it is worth to be remembered. */
const mostRememberedWords = 64;
const mostRememberedStates = 1_000;
const mostKeptSymbols = 100;

/** The places within all patterns at which a text may be, one bit each, with where every character leads that was met there. */
interface State {
  readonly places: Int32Array;
  readonly isDead: boolean;
  readonly isMatch: boolean;
  /** Whether it matches whatever follows. */
  readonly isCertain: boolean;
  /** By character; those that stand in no pattern are one. */
  readonly next: Map<number, State>;
}

/**
 * One automaton for all the patterns: a text is gone through once, however many there are. Whatever texts and patterns say, a character takes at most a
 * step for every 32 characters of all patterns together; where the same few states come again, as they nearly always do, it takes one step. Going back
 * in the text, as one pattern after the other would, can be made to take text times pattern for each.
 */
export function compilePatterns(patterns: readonly Pattern[]): (text: string) => boolean {
  const automaton = layOut(patterns);
  const { words, symbolOf } = automaton;
  const start = stateOf(automaton, automaton.starts);
  const known = new Map<string, State>();
  const [one, another] = [new Int32Array(words), new Int32Array(words)];

  const remembered = (state: State, symbol: number): State | undefined => {
    if (words > mostRememberedWords) return undefined;
    const next = state.next.get(symbol);
    if (next !== undefined) return next;
    if (known.size >= mostRememberedStates) return undefined;
    step(state.places, reachable(automaton, symbol), automaton.loops, one);
    const name = one.join();
    const found = known.get(name) ?? stateOf(automaton, one.slice());
    known.set(name, found);
    state.next.set(symbol, found);
    return found;
  };

  return (text) => {
    let state = start;
    let at = 0;
    while (at < text.length) {
      if (state.isDead) return false;
      if (state.isCertain) return true;
      const code = text.codePointAt(at) as number;
      const next = remembered(state, symbolOf.get(code) ?? other);
      if (next === undefined) return matchesRest(automaton, state.places, text.slice(at), one, another);
      state = next;
      at += code > lastOfOneUnit ? 2 : 1;
    }
    return state.isMatch;
  };
}

/** What stands for every character that no pattern names. */
const other = -1;
const lastOfOneUnit = 0xffff;

interface Automaton {
  readonly words: number;
  readonly symbolOf: ReadonlyMap<number, number>;
  /** Where each pattern begins. */
  readonly starts: Int32Array;
  /** The places behind a `*`, which a text need not leave. */
  readonly loops: Int32Array;
  /** The places that any character leads to. */
  readonly wild: Int32Array;
  /** The places that a character leads to besides those, by symbol. */
  readonly exact: readonly Places[];
  /** All that a character leads to, by symbol, and room for one more. */
  readonly kept: Map<number, Int32Array>;
  readonly spare: Int32Array;
  readonly ends: Int32Array;
}

/** Some words of a set of places; all others have none. */
interface Places {
  readonly words: number[];
  readonly bits: number[];
}

const none: Places = { words: [], bits: [] };

/** Places all patterns one behind the other: a pattern of three characters has four places. */
function layOut(patterns: readonly Pattern[]): Automaton {
  const sizes = patterns.map((pattern) => 1 + pattern.filter((piece) => piece !== anyText).length);
  const words = Math.ceil(sizes.reduce((sum, size) => sum + size, 0) / wordBits);
  const [starts, loops, wild, ends] = [0, 0, 0, 0].map(() => new Int32Array(words)) as [Int32Array, Int32Array, Int32Array, Int32Array];
  const symbolOf = new Map<number, number>();
  const exact: Places[] = [];
  let place = -1;
  for (const pattern of patterns) {
    place += 1;
    mark(starts, place);
    for (const piece of pattern) {
      if (piece === anyText) {
        mark(loops, place);
        continue;
      }
      place += 1;
      if (piece === anyCharacter) {
        mark(wild, place);
        continue;
      }
      const code = (piece as string).codePointAt(0) as number;
      const symbol = symbolOf.get(code) ?? symbolOf.size;
      symbolOf.set(code, symbol);
      exact[symbol] ??= { words: [], bits: [] };
      const { words: itsWords, bits } = exact[symbol];
      const word = Math.floor(place / wordBits);
      if (itsWords.at(-1) !== word) {
        itsWords.push(word);
        bits.push(0);
      }
      bits.push((bits.pop() as number) | (1 << (place % wordBits)));
    }
    mark(ends, place);
  }
  return { words, symbolOf, starts, loops, wild, exact, kept: new Map(), spare: new Int32Array(words), ends };
}

function mark(places: Int32Array, place: number): void {
  const word = Math.floor(place / wordBits);
  places[word] = (places[word] as number) | (1 << (place % wordBits));
}

/** The places that a character leads to. Those of the characters met first are kept; of others they are put together each time, in the spare one. */
function reachable({ wild, exact, kept, spare }: Automaton, symbol: number): Int32Array {
  const known = kept.get(symbol);
  if (known !== undefined) return known;
  const isKept = kept.size < mostKeptSymbols;
  const reached = isKept ? wild.slice() : spare;
  if (!isKept) reached.set(wild);
  const { words, bits } = exact[symbol] ?? none;
  for (const [index, word] of words.entries()) {
    reached[word] = (reached[word] as number) | (bits[index] as number);
  }
  if (isKept) kept.set(symbol, reached);
  return reached;
}

/** Where a character leads from all places at once. Arrays alone, since this is the loop in which all the time goes. */
function step(from: Int32Array, reached: Int32Array, loops: Int32Array, to: Int32Array): void {
  let carry = 0;
  for (let word = 0; word < from.length; word += 1) {
    const places = from[word] as number;
    to[word] = (((places << 1) | carry) & (reached[word] as number)) | (places & (loops[word] as number));
    carry = places >>> (wordBits - 1);
  }
}

function matchesRest(automaton: Automaton, places: Int32Array, text: string, one: Int32Array, another: Int32Array): boolean {
  let [from, to] = [one, another];
  from.set(places);
  for (const character of text) {
    const symbol = automaton.symbolOf.get(character.codePointAt(0) as number) ?? other;
    step(from, reachable(automaton, symbol), automaton.loops, to);
    [from, to] = [to, from];
  }
  return meet(from, automaton.ends);
}

function stateOf({ ends, loops }: Automaton, places: Int32Array): State {
  const certain = ends.map((word, index) => word & (loops[index] as number));
  return {
    places,
    isDead: places.every((word) => word === 0),
    isMatch: meet(places, ends),
    isCertain: meet(places, certain),
    next: new Map(),
  };
}

function meet(some: Int32Array, others: Int32Array): boolean {
  return some.some((word, index) => (word & (others[index] as number)) !== 0);
}
