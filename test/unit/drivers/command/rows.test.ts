import { expect, it } from 'vitest';
import { parseRows, UnreadableOutput } from '../../../../src/drivers/command/rows.ts';

it('reads lines, and leaves out those that do not match', () => {
  expect(parseRows({ lines: '^(?<name>\\w+)\\|(?<size>\\d*)$' }, 'head\nvol|12\r\nother|\n')).toEqual([
    { name: 'vol', size: '12' },
    { name: 'other' },
  ]);
});

it('reads blocks, each from its start line to the next, with sections as one line', () => {
  const rows = parseRows(
    { blocks: { start: '^Target (?<tid>\\d+):', fields: ['^ {2}ACL:\\n(?<acl>(?: {4}.*\\n?)*)', '^ {2}path (?<path>.*)$'] } },
    'noise\nTarget 1: a\n  path /one\n  ACL:\n    first\n    second\nTarget 12: b\n  ACL:\n',
  );
  expect(rows).toEqual([{ tid: '1', path: '/one', acl: 'first second' }, { tid: '12' }]);
});

it('reads JSON by path, a list as rows and anything else as one', () => {
  const lvs = { json: { at: 'report.0.lv', fields: { name: 'lv_name', size: 'lv_size', tag: 'tags.0' } } };
  const output = JSON.stringify({
    report: [
      {
        lv: [
          { lv_name: 'a', lv_size: 12, tags: ['t'] },
          { lv_name: 'b', lv_size: null },
        ],
      },
    ],
  });
  expect(parseRows(lvs, output)).toEqual([{ name: 'a', size: '12', tag: 't' }, { name: 'b' }]);
  expect(parseRows({ json: { at: '', fields: { name: 'name' } } }, '{"name":"x"}')).toEqual([{ name: 'x' }]);
});

it('does not take JSON that is cut, or is of another shape, for an empty listing', () => {
  const pattern = { json: { at: 'report', fields: { name: 'name' } } };
  expect(() => parseRows(pattern, '{"report":[{"na')).toThrow(UnreadableOutput);
  expect(() => parseRows(pattern, '{"error":"x"}')).toThrow('the output has nothing at "report"');
});

it('reads keys and values as one row', () => {
  const pattern = { keyValue: { separator: ':', fields: { state: 'State', at: 'Time' } } };
  expect(parseRows(pattern, 'State:  running\nTime: 12:30\n')).toEqual([{ state: 'running', at: '12:30' }]);
  expect(parseRows(pattern, '')).toEqual([]);
});

it('takes an output for an empty listing only when it has the lines that are always there, and no others but rows', () => {
  const pattern = { lines: '^(?<name>vol\\w+)$', always: ['^begin$', '^end$'] };
  expect(parseRows(pattern, 'begin\nvola\nend\n')).toEqual([{ name: 'vola' }]);
  expect(parseRows(pattern, 'begin\nend\n')).toEqual([]);
  expect(() => parseRows(pattern, '')).toThrow('there is no output, and there is always some');
  expect(() => parseRows(pattern, 'begin\nvola\n')).toThrow('it begins with "begin"');
  expect(() => parseRows(pattern, 'begin\nvolume a\nend\n')).toThrow('it has "volume a"');
  const blocks = { blocks: { start: '^domain (?<id>\\d+)$', fields: [] }, always: ['^domain 0$'] };
  expect(parseRows(blocks, 'domain 0\n  running\n')).toEqual([{ id: '0' }]);
  expect(() => parseRows(blocks, 'domain 1\n')).toThrow(UnreadableOutput);
});
