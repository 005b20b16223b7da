import type { LookPattern, RequirementPattern } from './pattern.ts';
import type { Row } from './rows.ts';
import { fill, type Values } from './template.ts';

/** A look, and with it the rows that `make` and `unmake` take numbers and names from. */
export type Sight<Facts> =
  /** `row`: what the thing would be a part of (an access's target), when that is there. */
  | { readonly state: 'absent'; readonly rows: readonly Row[]; readonly row?: Row }
  | { readonly state: 'present'; readonly facts: Facts; readonly row: Row }
  | { readonly state: 'partial'; readonly missing: string; readonly row: Row }
  | { readonly state: 'different'; readonly difference: string }
  | { readonly state: 'unknown'; readonly reason: string };

/** Judges what was read against what is wanted. */
export function judge<Facts>(
  look: LookPattern,
  rows: readonly Row[],
  values: Values,
  factsOf: (facts: Readonly<Record<string, string>>) => Facts,
): Sight<Facts> {
  const mine = rows.filter((row) => equalsAll(row, look.is, values));
  if (mine.length > 1) return { state: 'different', difference: `there are ${mine.length} of it: ${mine.map(describe).join('; ')}` };
  const [row] = mine;
  const { leftover, nowhereElse } = look;
  if (row === undefined) {
    // Asked only while the thing is not there: what is there as wanted has to stay removable, whoever else came later.
    const squatter = nowhereElse === undefined ? undefined : rows.find((each) => equalsAny(each, nowhereElse, values));
    if (squatter !== undefined) return { state: 'different', difference: `something else holds what it needs: ${describe(squatter)}` };
    const half = leftover === undefined ? undefined : rows.find((each) => equalsAll(each, leftover, values));
    return half === undefined
      ? { state: 'absent', rows }
      : { state: 'partial', missing: `all but what an interrupted make left: ${describe(half)}`, row: half };
  }
  const wanted = Object.entries(look.wanted).map(([field, requirement]) => ({ field, ...compare(row[field], requirement, values) }));
  const lacking = new Set(wanted.filter(({ verdict }) => verdict === 'missing').map(({ field }) => field));
  if (look.absentWithout?.every((field) => row[field] === undefined || lacking.has(field))) return { state: 'absent', rows, row };
  const contradiction = wanted.find(({ verdict }) => verdict === 'contradicts');
  if (contradiction !== undefined) {
    return { state: 'different', difference: `${contradiction.field} is ${row[contradiction.field]}, not ${contradiction.wanted}` };
  }
  if (lacking.size > 0) return { state: 'partial', missing: [...lacking].join(', '), row };
  const facts = Object.fromEntries(Object.entries(look.facts).map(([name, text]) => [name, fill(text, { ...values, ...row })]));
  return { state: 'present', facts: factsOf(facts), row };
}

function equalsAll(row: Row, equalities: Readonly<Record<string, string>>, values: Values): boolean {
  return Object.entries(equalities).every(([field, text]) => row[field] === fill(text, values));
}

function equalsAny(row: Row, equalities: Readonly<Record<string, string>>, values: Values): boolean {
  return Object.entries(equalities).some(([field, text]) => row[field] === fill(text, values));
}

function compare(
  found: string | undefined,
  { equals, atLeast, includes, besides }: RequirementPattern,
  values: Values,
): { verdict: 'fits' | 'missing' | 'contradicts'; wanted: string } {
  if (includes !== undefined) {
    const entry = fill(includes, values);
    const entries = found?.split(' ') ?? [];
    const allowed = new Set([entry, ...(besides === undefined ? entries : fill(besides, values).split(' '))]);
    const wanted = [...allowed].filter((each) => each !== '').join(' ');
    if (entries.some((each) => !allowed.has(each))) return { verdict: 'contradicts', wanted };
    return { verdict: entries.includes(entry) ? 'fits' : 'missing', wanted };
  }
  const wanted = equals === undefined ? `at least ${fill(atLeast ?? '', values)}` : fill(equals, values);
  if (found === undefined) return { verdict: 'missing', wanted };
  const fits = equals === undefined ? Number(found) >= Number(fill(atLeast ?? '', values)) : found === wanted;
  return { verdict: fits ? 'fits' : 'contradicts', wanted };
}

function describe(row: Row): string {
  return Object.entries(row)
    .map(([field, value]) => `${field} ${value}`)
    .join(', ');
}
