import { ApiError } from '../errors.ts';

/** A request's parameters in the order they came. */
export type FormParams = readonly (readonly [name: string, value: string])[];

/**
 * Reads `application/x-www-form-urlencoded` text, of a query string or a body.
 * Stricter than `URLSearchParams`: an escape that is no UTF-8 is refused, since guessing would let the signed text and the text acted on differ.
 */
export function parseForm(text: string, maxParams: number): FormParams {
  if (text === '') return [];
  const params: [string, string][] = [];
  for (const part of text.split('&')) {
    if (part === '') continue;
    if (params.length === maxParams) throw new ApiError('MalformedQueryString', `The request has more than ${maxParams} parameters.`);
    const equals = part.indexOf('=');
    params.push(equals < 0 ? [decodePart(part), ''] : [decodePart(part.slice(0, equals)), decodePart(part.slice(equals + 1))]);
  }
  return params;
}

function decodePart(part: string): string {
  const spaced = part.includes('+') ? part.replaceAll('+', ' ') : part;
  if (!spaced.includes('%')) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch (cause) {
    throw new ApiError('MalformedQueryString', 'The request contains a parameter that is not percent-encoded UTF-8.', { cause });
  }
}
