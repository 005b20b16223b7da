import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readSettings } from '../../../src/settings/read-settings.ts';
import { settingsSchema } from '../../../src/settings/settings.ts';

const file = 'config/vbs.example.yaml';

it('shows settings that the service takes', () => {
  expect(readSettings(file).value.instances[0]?.id).toBe('i-0123456789abcdef0');
});

it('names every setting that there is', () => {
  const text = readFileSync(file, 'utf8');
  for (const name of Object.keys(settingsSchema.shape)) {
    expect(text).toMatch(new RegExp(`^(# )?${name}:`, 'm'));
  }
});

it('shows the defaults where it says so', () => {
  const shown = readSettings(file).value;
  const defaults = settingsSchema.parse({});
  for (const name of [
    'listen',
    'region',
    'zones',
    'iqnPrefix',
    'log',
    'driverFolders',
    'recycleBin',
    'operations',
    'simulation',
  ] as const) {
    expect(shown[name]).toEqual(defaults[name]);
  }
});
