import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { patternSchemas } from '../../../src/drivers/command/pattern.ts';

const page = readFileSync(fileURLToPath(new URL('../../../docs/adding-a-driver.md', import.meta.url)), 'utf8');

it.each(Object.entries(patternSchemas))(
  'docs/adding-a-driver.md has all keys that a file of kind %s needs, and no other',
  (kind, schema) => {
    const needed = Object.entries(schema.shape)
      .filter(([, value]) => !value.safeParse(undefined).success)
      .map(([key]) => key);
    const name = kind === 'vmm by protocol' ? '`vmm` with `protocol`' : `\`${kind}\``;
    const row = page.split('\n').find((line) => line.startsWith(`| ${name} | \`kind\``)) ?? '';
    const told = [...(row.split('|')[2] ?? '').matchAll(/`([A-Za-z]+)`/g)].map(([, key = '']) => key);
    expect(told.sort()).toEqual(needed.sort());
  },
);

it.each(Object.entries(patternSchemas))('docs/adding-a-driver.md tells of every key that a file of kind %s may have', (_, schema) => {
  expect(Object.keys(schema.shape).filter((key) => !page.includes(`\`${key}\``) && !page.includes(`\`${key}:`))).toEqual([]);
});
