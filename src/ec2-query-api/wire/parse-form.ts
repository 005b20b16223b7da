import { ApiError } from '../errors.ts';

/** A request's parameters in the order they came. */
export type FormParams = readonly (readonly [name: string, value: string])[];

const plus = 0x2b;
const space = 0x20;

/**
 * Reads `application/x-www-form-urlencoded` text, of a query string or a body, in a time that grows with its length and no faster.
 * Stricter than `URLSearchParams`: an escape that is no UTF-8 is refused, since guessing would let the signed text and the text acted on differ.
 */
export function parseForm(text: string, maxParams: number): FormParams {
  if (text === '') return [];
  const spaced = text.includes('+') ? withSpaces(text) : text;
  const params: [string, string][] = [];
  let parts = 0;
  for (let start = 0; start <= spaced.length; ) {
    const ampersand = spaced.indexOf('&', start);
    const end = ampersand < 0 ? spaced.length : ampersand;
    // What is empty means nothing, and is counted all the same: a body can hold a million of it.
    if (parts === maxParams) throw new ApiError('MalformedQueryString', `The request has more than ${maxParams} parameters.`);
    parts += 1;
    if (end > start) params.push(readParam(spaced.slice(start, end)));
    start = end + 1;
  }
  return params;
}

function readParam(part: string): [string, string] {
  const equals = part.indexOf('=');
  return equals < 0 ? [decodePart(part), ''] : [decodePart(part.slice(0, equals)), decodePart(part.slice(equals + 1))];
}

/** As bytes: `replaceAll` takes a tenth of a second for a megabyte of them. */
function withSpaces(text: string): string {
  const bytes = Buffer.from(text, 'utf8');
  for (let index = bytes.indexOf(plus); index >= 0 && index < bytes.length; index += 1) {
    if (bytes[index] === plus) bytes[index] = space;
  }
  return bytes.toString('utf8');
}

function decodePart(part: string): string {
  if (!part.includes('%')) return part;
  try {
    return decodeURIComponent(part);
  } catch (cause) {
    throw new ApiError('MalformedQueryString', 'The request contains a parameter that is not percent-encoded UTF-8.', { cause });
  }
}
