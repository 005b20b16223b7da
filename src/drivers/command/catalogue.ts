import { readdirSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { YamlRefused } from '../../checked-yaml/checked-yaml.ts';
import { type CheckedPatterns, keyOfText, readCheckedPatterns } from './checked-patterns.ts';
import type { Pattern } from './pattern.ts';
import { parsePatternFile } from './pattern-file.ts';

type Kind = Pattern['kind'];

/** The backends that a site can name. */
export interface Catalogue {
  /**
   * The pattern of a kind and a name. Throws, naming those that there are, when there is none, and YamlRefused when a shipped file that is
   * needed for the answer has a mistake.
   */
  pattern<Wanted extends Kind>(kind: Wanted, name: string): Extract<Pattern, { readonly kind: Wanted }>;
  /** The names of all patterns of a kind, in their order. */
  names(kind: Kind): readonly string[];
}

/**
 * The backend files (`*.yaml`) that are shipped and those of a site's own folders, where a later folder's file takes the place of an earlier
 * one's, or of the shipped one, of the same kind and name.
 * A site's files are all checked now: throws YamlRefused with the complaints about all of them together. Shipped ones bear the name of their
 * file and are read when they are asked for, since a site uses few of them and a start should not wait for the others; one that was checked when the
 * service was built (`checkedFile`, which need not be there) is taken from there as long as its text is the same.
 */
export async function loadCatalogue(
  { folder, checkedFile }: { readonly folder: string; readonly checkedFile?: string },
  siteFolders: readonly string[],
): Promise<Catalogue> {
  const own = await loadFolders(siteFolders);
  const shipped = shippedPatterns(folder, checkedFile === undefined ? {} : readCheckedPatterns(checkedFile));
  const names = (kind: Kind) => {
    const all = [...shipped.names.flatMap((name) => shipped.find(name) ?? []), ...own.values()];
    return [...new Set(all.filter((pattern) => pattern.kind === kind).map(({ name }) => name))].sort();
  };
  return {
    names,
    pattern(kind, name) {
      const found = own.get(keyOf({ kind, name })) ?? shipped.find(name);
      if (found !== undefined && isOfKind(found, kind)) return found;
      throw new Error(`there is no ${kind} named "${name}"; there are ${names(kind).join(', ') || 'none'}`);
    },
  };
}

/** A catalogue with some patterns in the place of those of the same kind and name. */
export function withPatterns(catalogue: Catalogue, patterns: readonly Pattern[]): Catalogue {
  return {
    names: (kind) =>
      [...new Set([...catalogue.names(kind), ...patterns.filter((each) => each.kind === kind).map((each) => each.name)])].sort(),
    pattern(kind, name) {
      const found = patterns.find((each) => each.name === name && each.kind === kind);
      return found !== undefined && isOfKind(found, kind) ? found : catalogue.pattern(kind, name);
    },
  };
}

async function loadFolders(folders: readonly string[]): Promise<ReadonlyMap<string, Pattern>> {
  const patterns = new Map<string, Pattern>();
  const complaints: string[] = [];
  for (const folder of folders) {
    const inFolder = new Map<string, Pattern>();
    for (const fileName of backendFilesAmong(await readdir(folder))) {
      const file = join(folder, fileName);
      try {
        const pattern = parsePatternFile(file, await readFile(file, 'utf8'));
        const twin = inFolder.get(keyOf(pattern));
        if (twin === undefined) inFolder.set(keyOf(pattern), pattern);
        else complaints.push(`${file}:1: the ${pattern.kind} "${pattern.name}" is already in ${twin.file}; give one of them another name`);
      } catch (error) {
        if (!(error instanceof YamlRefused)) throw error;
        complaints.push(...error.complaints);
      }
    }
    for (const [key, pattern] of inFolder) patterns.set(key, pattern);
  }
  if (complaints.length > 0) throw new YamlRefused(complaints);
  return patterns;
}

/** `find` answers `undefined` for a name that no file bears. */
function shippedPatterns(
  folder: string,
  checked: CheckedPatterns,
): { readonly names: readonly string[]; find(name: string): Pattern | undefined } {
  const names = backendFilesAmong(readdirSync(folder)).map((fileName) => fileName.slice(0, -extension.length));
  const known = new Map<string, Pattern>();
  return {
    names,
    find(name) {
      if (!names.includes(name)) return undefined;
      const pattern = known.get(name) ?? readShipped(join(folder, name + extension), name, checked);
      known.set(name, pattern);
      return pattern;
    },
  };
}

function readShipped(file: string, name: string, checked: CheckedPatterns): Pattern {
  const text = readFileSync(file, 'utf8');
  const found = checked[keyOfText(text)];
  const pattern = found === undefined ? parsePatternFile(file, text) : { ...found, file };
  if (pattern.name === name) return pattern;
  throw new YamlRefused([`${file}:1: its name is "${pattern.name}" and has to be "${name}", as that of its file`]);
}

const extension = '.yaml';

function backendFilesAmong(fileNames: readonly string[]): readonly string[] {
  return fileNames.filter((fileName) => fileName.endsWith(extension)).sort();
}

function keyOf({ kind, name }: Pick<Pattern, 'kind' | 'name'>): string {
  return `${kind} ${name}`;
}

function isOfKind<Wanted extends Kind>(pattern: Pattern, kind: Wanted): pattern is Extract<Pattern, { readonly kind: Wanted }> {
  return pattern.kind === kind;
}

/** The folder of the scripts that a pattern's `{scripts:path}` stands for: beside its file, so that a site's own backend brings its own. */
export function scriptsFolderOf(pattern: Pattern): string {
  return join(dirname(pattern.file), 'scripts');
}
