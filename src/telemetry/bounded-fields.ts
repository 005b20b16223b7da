import { stdSerializers } from 'pino';
import { printable } from './printable.ts';

const mostStringBytes = 2_048;
const mostItems = 32;
const mostDepth = 6;
/** Of a value that is written before longer ones, so that these cannot crowd it out. */
const shortCharacters = 128;
const scalarBytes = 24;

interface Budget {
  leftBytes: number;
}

/**
 * The fields as they may stand in a line of the log: no string, list or line is longer than what anybody reads, however much of it a client or tool
 * has sent. What was cut says so. An Error is written with its message, its stack and its causes.
 */
export function boundedFields(fields: object, mostBytes: number): Readonly<Record<string, unknown>> {
  const values = Object.values(fields);
  // The line of a request that was answered, of which there are thousands a second.
  const isSurelyShort = values.length * (2 * shortCharacters) <= mostBytes && values.every(isPlainAndShort);
  return isSurelyShort ? { ...fields } : boundedObject(fields, { leftBytes: mostBytes }, 0);
}

function isPlainAndShort(value: unknown): boolean {
  return typeof value === 'string'
    ? value.length <= shortCharacters && standsAsItIs.test(value)
    : typeof value === 'number' || typeof value === 'boolean' || value === undefined;
}

function bounded(value: unknown, budget: Budget, depth: number): unknown {
  if (typeof value === 'string') {
    return boundedString(value, budget);
  }
  if (typeof value !== 'object' || value === null) {
    budget.leftBytes -= scalarBytes;
    return typeof value === 'bigint' ? String(value) : value;
  }
  if (depth >= mostDepth || budget.leftBytes <= 0) {
    return '…';
  }
  if (value instanceof Error) {
    return boundedObject(stdSerializers.errWithCause(value), budget, depth + 1);
  }
  if ('toJSON' in value && typeof value.toJSON === 'function') {
    return bounded(value.toJSON(), budget, depth + 1);
  }
  return Array.isArray(value) ? boundedList(value, budget, depth + 1) : boundedObject(value, budget, depth + 1);
}

function boundedList(list: readonly unknown[], budget: Budget, depth: number): readonly unknown[] {
  const items: unknown[] = [];
  for (const item of list) {
    if (items.length === mostItems || budget.leftBytes <= 0) {
      return [...items, more(list.length - items.length, 'items')];
    }
    items.push(bounded(item, budget, depth));
  }
  return items;
}

function boundedObject(object: object, budget: Budget, depth: number): Readonly<Record<string, unknown>> {
  const entries = Object.entries(object);
  const kept = entries.slice(0, mostItems);
  const values = new Map<string, unknown>();
  for (const [name] of kept) {
    budget.leftBytes -= sizeOf(name) + 1;
  }
  for (const wanted of [isShort, (value: unknown) => !isShort(value)]) {
    for (const [name, value] of kept) {
      if (wanted(value)) {
        values.set(name, bounded(value, budget, depth));
      }
    }
  }
  return Object.fromEntries([
    ...kept.map(([name]) => [boundedName(name), values.get(name)]),
    ...(kept.length < entries.length ? [['…', more(entries.length - kept.length, 'fields')]] : []),
  ]);
}

function isShort(value: unknown): boolean {
  return typeof value === 'string' ? value.length <= shortCharacters : typeof value !== 'object' || value === null;
}

/** Names are ours but for those of what errors carry. */
function boundedName(name: string): string {
  return name.length <= shortCharacters ? name : `${name.slice(0, shortCharacters)}…`;
}

function boundedString(text: string, budget: Budget): string {
  const mostBytes = Math.min(mostStringBytes, budget.leftBytes);
  const cut = cutTo(text, mostBytes);
  budget.leftBytes -= sizeOf(cut) + 1;
  return cut;
}

/** The beginning of a text that takes no more bytes in a line of JSON, with what was left out counted. */
export function cutTo(text: string, mostBytes: number): string {
  if (text.length < mostBytes && sizeOf(text) <= mostBytes) {
    return text;
  }
  const markBytes = sizeOf(more(text.length, 'characters'));
  let kept = Math.min(text.length, Math.max(0, mostBytes - markBytes));
  for (let size = sizeOf(text.slice(0, kept)); kept > 0 && size + markBytes > mostBytes; size = sizeOf(text.slice(0, kept))) {
    kept = Math.max(0, Math.min(kept - 1, Math.floor((kept * (mostBytes - markBytes)) / size)));
  }
  return kept === 0 ? '…' : `${text.slice(0, kept)}${more(text.length - kept, 'characters')}`;
}

function more(count: number, what: string): string {
  return `… (${count} ${what} more)`;
}

/** Most texts stand in JSON as they are. */
const standsAsItIs = /^[ !#-[\]-~]*$/;

function sizeOf(text: string): number {
  return standsAsItIs.test(text) ? text.length + 2 : Buffer.byteLength(printable(JSON.stringify(text)));
}
