/** Names with their values, in the order of the bytes of their encoded names, and of their values where names are the same. */
export function joinSorted(encoded: (readonly [name: string, value: string])[]): string {
  return encoded
    .sort(([a, aValue], [b, bValue]) => compareTexts(a, b) || compareTexts(aValue, bValue))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

export function compareTexts(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
