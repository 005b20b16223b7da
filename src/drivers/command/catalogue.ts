import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { YamlRefused } from '../../checked-yaml/checked-yaml.ts';
import type { Pattern } from './pattern.ts';
import { parsePatternFile } from './pattern-file.ts';

/** The backends that a site can name. */
export interface Catalogue {
  readonly patterns: readonly Pattern[];
  /** The pattern of a kind and a name. Throws, naming those that there are, when there is none. */
  pattern<Kind extends Pattern['kind']>(kind: Kind, name: string): Extract<Pattern, { readonly kind: Kind }>;
}

/**
 * Loads the backend files (`*.yaml`) of one or more folders. A later folder's file takes the place of an earlier one's of the same kind and name,
 * so that a site's own folder overrides what is shipped. Throws YamlRefused with the complaints about all files together.
 */
export async function loadCatalogue(folders: readonly string[]): Promise<Catalogue> {
  const patterns = new Map<string, Pattern>();
  const complaints: string[] = [];
  for (const folder of folders) {
    const inFolder = new Map<string, Pattern>();
    const names = (await readdir(folder)).filter((name) => name.endsWith('.yaml')).sort();
    for (const name of names) {
      const file = join(folder, name);
      try {
        const pattern = parsePatternFile(file, await readFile(file, 'utf8'));
        const key = `${pattern.kind} ${pattern.name}`;
        const twin = inFolder.get(key);
        if (twin === undefined) inFolder.set(key, pattern);
        else complaints.push(`${file}:1: the ${pattern.kind} "${pattern.name}" is already in ${twin.file}; give one of them another name`);
      } catch (error) {
        if (!(error instanceof YamlRefused)) throw error;
        complaints.push(...error.complaints);
      }
    }
    for (const [key, pattern] of inFolder) patterns.set(key, pattern);
  }
  if (complaints.length > 0) throw new YamlRefused(complaints);
  return catalogueOf([...patterns.values()]);
}

function catalogueOf(patterns: readonly Pattern[]): Catalogue {
  return {
    patterns,
    pattern: (kind, name) => {
      const ofKind = patterns.filter((pattern): pattern is Extract<Pattern, { readonly kind: typeof kind }> => pattern.kind === kind);
      const found = ofKind.find((pattern) => pattern.name === name);
      if (found !== undefined) return found;
      throw new Error(`there is no ${kind} named "${name}"; there are ${ofKind.map((pattern) => pattern.name).join(', ') || 'none'}`);
    },
  };
}

/** The folder of the scripts that a pattern's `{scripts:path}` stands for: beside its file, so that a site's own backend brings its own. */
export function scriptsFolderOf(pattern: Pattern): string {
  return join(dirname(pattern.file), 'scripts');
}
