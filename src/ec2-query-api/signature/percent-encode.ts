/** As the canonical forms of all signatures have it, RFC 3986: `encodeURIComponent` leaves five characters alone that have to be escaped. */
export function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
