import * as z from 'zod';
import type { Placement } from '../../model/placement.ts';
import { pattern } from '../resolver-kind.ts';
import type { Ec2Instance } from './ec2-client.ts';

const nameMark = /\{([^{}]+)\}/g;

/** What is known of an instance, by the names that rules use: `id`, `name`, `private-address`, `public-address`, `tag:KEY`. */
export const placementRule = z.strictObject({
  from: z.union([z.enum(['id', 'name', 'private-address', 'public-address']), z.templateLiteral(['tag:', z.string()])]),
  /** The rule is for instances where this fits; its named groups may be used in the other two. */
  pattern: pattern.default(/.*/),
  /** Text with `{group}`, `{id}`, `{name}`, `{private-address}`, `{public-address}` or `{tag:KEY}` in it. */
  vmmHost: z.string().min(1),
  domain: z.string().min(1),
});

export type PlacementRule = z.output<typeof placementRule>;

/** Where the first rule that fits puts the instance; `undefined` when none fits, or when one names what the instance has not. */
export function placementBy(rules: readonly PlacementRule[], instance: Ec2Instance): Placement | undefined {
  const known = new Map([
    ['id', instance.id],
    ...[...instance.tags].map(([key, value]) => [`tag:${key}`, value] as const),
    ...entryOf('name', instance.tags.get('Name')),
    ...entryOf('private-address', instance.privateAddress),
    ...entryOf('public-address', instance.publicAddress),
  ]);
  for (const rule of rules) {
    const value = known.get(rule.from);
    const match = value === undefined ? null : rule.pattern.exec(value);
    if (match !== null) {
      const groups = new Map([...known, ...Object.entries(match.groups ?? {})]);
      const vmmHost = fill(rule.vmmHost, groups);
      const domain = fill(rule.domain, groups);
      if (vmmHost !== undefined && domain !== undefined) {
        return { vmmHost, domain };
      }
    }
  }
  return undefined;
}

function entryOf(name: string, value: string | undefined): readonly (readonly [string, string])[] {
  return value === undefined ? [] : [[name, value]];
}

function fill(template: string, values: ReadonlyMap<string, string | undefined>): string | undefined {
  let isWhole = true;
  const filled = template.replace(nameMark, (_mark, name: string) => {
    const value = values.get(name) ?? '';
    isWhole &&= value !== '';
    return value;
  });
  return isWhole ? filled : undefined;
}
