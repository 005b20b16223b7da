import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { thingFields } from '../../../../src/drivers/command/thing-fields.ts';
import { valueTypes } from '../../../../src/drivers/command/value-type.ts';
import { parseExample } from './example-pattern.ts';

const page = await readFile(new URL('../../../../docs/adding-a-driver.md', import.meta.url), 'utf8');

it('shows a backend file that the engine takes', () => {
  const [, file = ''] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];
  expect(parseExample('export-server', file).name).toBe('blockd');
});

it('names every type and every field of every thing', () => {
  for (const type of Object.keys(valueTypes)) expect(page).toContain(`\`${type}\``);
  for (const fields of Object.values(thingFields)) {
    const written = Object.entries(fields).map(([name, type]) => `${name}:${type}`);
    expect(page).toContain(`\`${written.join(' ')}\``);
  }
});
