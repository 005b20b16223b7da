/** The kinds of thing that stand in one inventory and not in the other, sorted. */
export function kindsBetween(one: readonly string[], other: readonly string[]): readonly string[] {
  const lacking = [...one.filter((line) => !other.includes(line)), ...other.filter((line) => !one.includes(line))];
  return lacking.map((line) => line.split(' ')[0] ?? '').sort();
}
