import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadCatalogue, scriptsFolderOf } from '../../../../src/drivers/command/catalogue.ts';
import { keyOfText } from '../../../../src/drivers/command/checked-patterns.ts';
import { siteSettings } from '../../../../src/drivers/command/site-settings.ts';
import { exampleFile, exampleWith, parseExample } from './example-pattern.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vbs-catalogue-'));
  await mkdir(join(folder, 'shipped'));
  await mkdir(join(folder, 'site'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const put = (place: string, text: string): Promise<void> => writeFile(join(folder, place), text);
const checkedFile = () => join(folder, 'checked.json');
const load = () => loadCatalogue({ folder: join(folder, 'shipped'), checkedFile: checkedFile() }, [join(folder, 'site')]);

describe('a catalogue', () => {
  it("takes a site's file in place of the shipped one of the same name, with the site's scripts", async () => {
    await put('shipped/example.yaml', exampleFile);
    await put('shipped/notes.txt', 'not a backend');
    await put('site/ours.yaml', exampleWith({ 'An initiator for tests': 'Ours' }));
    const catalogue = await load();
    expect(catalogue.names('initiator')).toEqual(['example']);
    const pattern = catalogue.pattern('initiator', 'example');
    expect(pattern.describes).toBe('Ours');
    expect(scriptsFolderOf(pattern)).toBe(join(folder, 'site/scripts'));
  });

  it('refuses two files of one folder with the same name, and tells of every bad file', async () => {
    await put('site/a.yaml', exampleFile);
    await put('site/b.yaml', exampleFile);
    await put('site/c.yaml', 'kind: nothing\n');
    await expect(load()).rejects.toMatchObject({
      complaints: [
        expect.stringContaining('b.yaml:1: the initiator "example" is already in'),
        expect.stringContaining('c.yaml:1: kind has to be'),
      ],
    });
  });

  it('reads a shipped file only when it is asked for', async () => {
    await put('shipped/example.yaml', exampleFile);
    await put('shipped/other.yaml', 'kind: nothing\n');
    const catalogue = await load();
    expect(catalogue.pattern('initiator', 'example').name).toBe('example');
    expect(() => catalogue.pattern('initiator', 'other')).toThrow('other.yaml:1: kind has to be');
  });

  it('takes a shipped file as the build checked it, as long as its text is the same', async () => {
    await put('shipped/example.yaml', exampleFile);
    const built = { ...parseExample('initiator', exampleFile), describes: 'From the build', file: 'elsewhere.yaml' };
    await writeFile(checkedFile(), JSON.stringify({ [keyOfText(exampleFile)]: built }));
    expect((await load()).pattern('initiator', 'example')).toEqual({ ...built, file: join(folder, 'shipped/example.yaml') });
    await put('shipped/example.yaml', exampleWith({ 'An initiator for tests': 'Changed since' }));
    expect((await load()).pattern('initiator', 'example').describes).toBe('Changed since');
  });

  it('refuses a shipped file that bears another name than its file', async () => {
    await put('shipped/another.yaml', exampleFile);
    const catalogue = await load();
    expect(() => catalogue.pattern('initiator', 'another')).toThrow('another.yaml:1: its name is "example" and has to be "another"');
  });

  it('looks for no shipped file outside its folder', async () => {
    await put('example.yaml', exampleFile);
    const catalogue = await load();
    expect(() => catalogue.pattern('initiator', '../example')).toThrow('there is no initiator named "../example"; there are none');
  });

  it('names the backends that there are when one is asked for that is not', async () => {
    await put('shipped/example.yaml', exampleFile);
    const catalogue = await load();
    expect(() => catalogue.pattern('initiator', 'exmaple')).toThrow('there is no initiator named "exmaple"; there are example');
    expect(() => catalogue.pattern('vmm', 'example')).toThrow('there is no vmm named "example"; there are none');
  });

  it('can load all that is shipped, each file under its own name', async () => {
    const shipped = fileURLToPath(new URL('../../../../config/drivers/', import.meta.url));
    const catalogue = await loadCatalogue({ folder: shipped }, []);
    const kinds = ['volume-server', 'export-server', 'initiator', 'vmm'] as const;
    const files = (await readdir(shipped)).filter((name) => name.endsWith('.yaml'));
    expect(kinds.flatMap((kind) => catalogue.names(kind).map((name) => `${name}.yaml`)).sort()).toEqual(files.sort());
    expect(catalogue.pattern('vmm', 'qemu')).toMatchObject({ protocol: 'qmp', takes: 'export' });
    expect(siteSettings(catalogue.pattern('vmm', 'qemu'), {})).toEqual({
      qmpSocket: '/run/vbs/{domain}.qmp',
      attachTimeoutSeconds: 30,
      detachTimeoutSeconds: 30,
    });
  });
});

describe("a site's settings", () => {
  const pattern = parseExample('initiator', exampleWith({ '  folder:': '  limit: { type: int, describes: how many }\n  folder:' }));

  it('are filled up with the defaults', () => {
    expect(siteSettings(pattern, { limit: 3 })).toEqual({ limit: 3, folder: '/var/lib/example' });
  });

  it('are refused when they are missing, unknown or wrong, all at once', () => {
    expect(() => siteSettings(pattern, { folder: 'relative', fodler: '/x' })).toThrow(
      [
        'example has no setting "fodler"; did you mean "folder"? it has limit, folder (example.yaml)',
        'example needs the setting "limit": how many (example.yaml)',
        'example: the setting "folder" is not an absolute path without "." or ".." in it, and without commas (example.yaml)',
      ].join('\n'),
    );
  });
});
