import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { checkContent, readYaml, refusal, refuseTogether, YamlRefused } from '../../../src/checked-yaml/checked-yaml.ts';

const schema = z.strictObject({
  list: z.array(z.strictObject({ size: z.number(), name: z.string().optional() })),
  other: z.unknown().optional(),
});

function read(text: string) {
  const { content, locate } = readYaml(text, 'x.yaml');
  const checked = checkContent(content, schema, 'the docs');
  if ('complaints' in checked) throw refusal(checked.complaints.map(locate));
  return checked.value;
}

function complaints(text: string): readonly string[] {
  try {
    read(text);
    return [];
  } catch (cause) {
    if (cause instanceof YamlRefused) {
      return cause.complaints;
    }
    throw cause;
  }
}

describe('checked YAML', () => {
  it('gives the value that the schema describes', () => {
    expect(read('list: [{ size: 1 }, { size: 2, name: two }]')).toEqual({ list: [{ size: 1 }, { size: 2, name: 'two' }] });
  });

  it('names the line of a wrong value, of an unknown key, and of what lacks a part', () => {
    expect(complaints('list:\n  - size: 1\n  - size: large\n    nme: x\n  - name: none\n')).toEqual([
      'x.yaml:3: list.1.size: must be a number, and is the text "large"',
      'x.yaml:4: "nme" is not known here; did you mean "name"? see the docs for what is',
      'x.yaml:5: list.2.size: missing; it must be a number',
    ]);
  });

  it('finds the line of a value behind an alias', () => {
    expect(complaints('other: &it\n  - size: wrong\nlist: *it\n')).toEqual([expect.stringMatching(/^x.yaml:2: list.0.size: /)]);
  });

  it('never speaks as the libraries do', () => {
    const wrong = z.strictObject({
      list: z.array(z.string()),
      either: z.union([z.string(), z.number()]),
      whole: z.int(),
      pair: z.tuple([z.int(), z.int()]),
      word: z.enum(['one', 'two']),
      address: z.url(),
      flag: z.boolean(),
    });
    const said = (text: string) => {
      const checked = checkContent(readYaml(text, 'x.yaml').content, wrong, 'the docs');
      return 'complaints' in checked ? checked.complaints.map(({ reason }) => reason) : [];
    };
    expect(said('list: word\neither: []\nwhole: 1.5\npair: [1]\nword: three\naddress: here\nflag: "yes"\n')).toEqual([
      'list: must be a list, as [one, two], and is the text "word"',
      'either: must be a text, or a number, and is an empty list',
      'whole: must be a whole number, and is 1.5',
      'pair: must be a list of at least 2 items, and is a list of 1',
      'word: must be one of one, two, and is the text "three"',
      'address: must be an address, as https://cloud.example:8774, and is the text "here"',
      'flag: must be true or false, and is the text "yes"',
    ]);
    expect(said('{}').join()).not.toMatch(/Invalid|expected|received/);
  });

  it.each([
    ['a: b: c', 'a colon and a space begin a value only once a line'],
    ['a: @x', 'a text cannot begin with @ or `; put it in quotes'],
    ['a: "\\q"', 'in double quotes a backslash begins an escape'],
    ['a: 1\nb', 'something is missing before this: a colon and a space after a key'],
    ['a:\n\t- x', 'a tab cannot indent; use spaces'],
    ['a: 1\n---\nb: 2', 'a file holds one document'],
  ])('says of %j, which is no YAML, how to mend it', (text, mend) => {
    expect(() => readYaml(text, 'x.yaml')).toThrow(mend);
  });

  it.each([
    ['an alias of nothing', 'list: []\nother: *nothing\n', 2],
    ['a tab for indentation', 'list:\n\t- size: 1\n', 2],
    ['a bracket that is not closed', 'list: [\n', 2],
    ['a key twice', 'list: []\nlist: []\n', 2],
    ['two documents', 'list: []\n---\nlist: []\n', 2],
  ])('refuses %s with its line', (_what, text, line) => {
    expect(complaints(text)).toEqual([expect.stringMatching(new RegExp(`^x.yaml:${line}: `))]);
  });

  it('refuses aliases that multiply beyond all measure', () => {
    const levels = Array.from({ length: 12 }, (_, level) => `a${level + 1}: &a${level + 1} [${Array(9).fill(`*a${level}`).join(', ')}]`);
    expect(() => readYaml(['a0: &a0 [x]', ...levels].join('\n'), 'x.yaml')).toThrow(YamlRefused);
  });

  it('refuses together what several parts refuse, in the order of the lines, and passes on what else is thrown', async () => {
    const refuse = (line: number) => () => {
      throw refusal([`x.yaml:${line}: wrong`]);
    };
    await expect(refuseTogether([refuse(7), () => 1, refuse(3)])).rejects.toMatchObject({
      complaints: ['x.yaml:3: wrong', 'x.yaml:7: wrong'],
    });
    await expect(refuseTogether([refuse(7), () => Promise.reject(new Error('no disk'))])).rejects.toThrow('no disk');
    expect(await refuseTogether([() => 1, async () => 2])).toEqual([1, 2]);
  });

  it('reads a file without a schema, and still tells lines', () => {
    const { content, locate } = readYaml('one:\n  two: 3\n', 'x.yaml');
    expect(content).toEqual({ one: { two: 3 } });
    expect(locate({ path: ['one', 'two'], reason: 'is odd' })).toBe('x.yaml:2: is odd');
    expect(locate({ path: ['one', 'none', 'deeper'], reason: 'is missing' })).toBe('x.yaml:1: is missing');
    expect(locate({ path: [], reason: 'is odd' })).toBe('x.yaml:1: is odd');
  });
});
