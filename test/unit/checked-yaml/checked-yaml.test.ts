import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readCheckedYaml, readYaml, YamlRefused } from '../../../src/checked-yaml/checked-yaml.ts';

const schema = z.strictObject({
  list: z.array(z.strictObject({ size: z.number(), name: z.string().optional() })),
  other: z.unknown().optional(),
});

function complaints(text: string): readonly string[] {
  try {
    readCheckedYaml(text, { file: 'x.yaml', schema, documentation: 'the docs' });
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
    const { value } = readCheckedYaml('list: [{ size: 1 }, { size: 2, name: two }]', { file: 'x.yaml', schema, documentation: 'the docs' });
    expect(value).toEqual({ list: [{ size: 1 }, { size: 2, name: 'two' }] });
  });

  it('names the line of a wrong value, of an unknown key, and of what lacks a part', () => {
    expect(complaints('list:\n  - size: 1\n  - size: large\n    nme: x\n  - name: none\n')).toEqual([
      expect.stringMatching(/^x.yaml:3: list.1.size: .*expected number/),
      'x.yaml:4: "nme" is not known here; see the docs for what is',
      'x.yaml:5: list.2.size: missing',
    ]);
  });

  it('finds the line of a value behind an alias', () => {
    expect(complaints('other: &it\n  - size: wrong\nlist: *it\n')).toEqual([expect.stringMatching(/^x.yaml:2: list.0.size: /)]);
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

  it('reads a file without a schema, and still tells lines', () => {
    const { content, locate } = readYaml('one:\n  two: 3\n', 'x.yaml');
    expect(content).toEqual({ one: { two: 3 } });
    expect(locate({ path: ['one', 'two'], reason: 'is odd' })).toBe('x.yaml:2: is odd');
    expect(locate({ path: ['one', 'none', 'deeper'], reason: 'is missing' })).toBe('x.yaml:1: is missing');
    expect(locate({ path: [], reason: 'is odd' })).toBe('x.yaml:1: is odd');
  });
});
