import { expect, test } from 'vitest';
import { nestParams } from '../../../../src/ec2-query-api/wire/nest-params.ts';

test('dots become levels', () => {
  const tree = nestParams([
    ['Filter.1.Name', 'status'],
    ['Filter.1.Value.1', 'available'],
    ['Filter.1.Value.2', 'in-use'],
    ['DryRun', 'true'],
  ]);
  const values = new Map([
    ['1', 'available'],
    ['2', 'in-use'],
  ]);
  const filter = new Map<string, unknown>([
    ['Name', 'status'],
    ['Value', values],
  ]);
  expect(tree).toEqual(
    new Map<string, unknown>([
      ['Filter', new Map([['1', filter]])],
      ['DryRun', 'true'],
    ]),
  );
});

test('a name that JavaScript knows is a name like any other', () => {
  expect(nestParams([['__proto__.constructor', 'x']])).toEqual(new Map([['__proto__', new Map([['constructor', 'x']])]]));
});

test('a parameter given twice is refused', () => {
  const twice = nestParamsOf('VolumeId', 'VolumeId');
  expect(twice).toThrow(expect.objectContaining({ code: 'InvalidParameterCombination' }));
});

test.each([
  ['Filter', 'Filter.1.Name'],
  ['Filter.1.Name', 'Filter.1'],
])('a parameter that is both a value and a level is refused', (...names) => {
  expect(nestParamsOf(...names)).toThrow(expect.objectContaining({ code: 'InvalidParameterCombination' }));
});

test('a parameter nested deeper than any of EC2 is refused, however deep', () => {
  expect(nestParamsOf(Array.from({ length: 10 }, () => 'a').join('.'))).not.toThrow();
  for (const depth of [11, 100_000]) {
    const name = Array.from({ length: depth }, () => 'a').join('.');
    expect(nestParamsOf(name)).toThrow(expect.objectContaining({ code: 'UnknownParameter' }));
  }
});

function nestParamsOf(...names: readonly string[]) {
  return () => nestParams(names.map((name) => [name, 'x'] as const));
}
