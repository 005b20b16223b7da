import { nearest } from '../../checked-yaml/nearest.ts';
import type { Pattern, SettingPattern } from './pattern.ts';
import type { Values } from './template.ts';
import { valueTypes, writeValue } from './value-type.ts';

export interface SettingComplaint {
  readonly setting: string;
  readonly reason: string;
}

/** The settings that a site gives a backend do not fit its file: every reason. */
export class SettingsRefused extends Error {
  readonly complaints: readonly SettingComplaint[];

  constructor(complaints: readonly SettingComplaint[]) {
    super(complaints.map(({ reason }) => reason).join('\n'));
    this.name = 'SettingsRefused';
    this.complaints = complaints;
  }
}

/** What a site gave, checked against the backend's file and filled up with its defaults. Throws SettingsRefused with everything that is wrong. */
export function siteSettings(pattern: Pattern, given: Readonly<Record<string, unknown>>): Values {
  const declared = Object.entries(pattern.settings);
  const complaints = [
    ...Object.keys(given)
      .filter((name) => !Object.hasOwn(pattern.settings, name))
      .map((name) => ({ setting: name, reason: unknownSetting(pattern, name) })),
    ...declared.flatMap(([name, setting]) =>
      complaintAbout(pattern, name, setting, given[name]).map((reason) => ({ setting: name, reason })),
    ),
  ];
  if (complaints.length > 0) throw new SettingsRefused(complaints);
  return Object.fromEntries(
    declared.map(([name, setting]) => [name, settledValue(setting, plainValue(given[name]) ?? setting.default ?? '')]),
  );
}

function unknownSetting({ name: backend, settings, file }: Pattern, name: string): string {
  const known = Object.keys(settings);
  const meant = nearest(name, known);
  const hint = meant === undefined ? '' : ` did you mean "${meant}"?`;
  return `${backend} has no setting "${name}";${hint} it has ${known.join(', ') || 'none'} (${file})`;
}

/** A portal in the one form in which it can be compared. */
function settledValue({ type }: SettingPattern, value: string | number): string | number {
  return type === 'portal' ? (writeValue(value, type) ?? value) : value;
}

function complaintAbout(pattern: Pattern, name: string, setting: SettingPattern, given: unknown): readonly string[] {
  if (given === undefined) {
    return setting.default === undefined ? [`${pattern.name} needs the setting "${name}": ${setting.describes} (${pattern.file})`] : [];
  }
  const value = plainValue(given);
  if (value !== undefined && writeValue(value, setting.type) !== undefined) return [];
  return [`${pattern.name}: the setting "${name}" is not ${valueTypes[setting.type].says} (${pattern.file})`];
}

function plainValue(given: unknown): string | number | undefined {
  return typeof given === 'string' || typeof given === 'number' ? given : undefined;
}
