import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { readJsonRows } from '../../../src/resolvers/asking/read-json-rows.ts';
import { CloudUnavailable } from '../../../src/resolvers/cloud-resolver.ts';

const wanted = { key: 'rows', row: z.unknown(), speaker: 'the cloud' };
const many = (row: (number: number) => unknown, count = 8_000) => Array.from({ length: count }, (_, number) => row(number));
const rowsOf = async (text: string) => (await readJsonRows(text, wanted)).rows;

describe('the rows of a list in JSON', () => {
  it.each([
    ['small ones', (number: number) => ({ id: number, name: `row ${number}` })],
    ['ones that hold objects', (number: number) => ({ id: number, at: [{ a: { b: number } }, { c: 1 }], last: { d: {} } })],
    ['ones with texts that look like ends of rows', (number: number) => ({ id: number, text: '}, {"id": 1}, ]}' })],
    ['ones that are long', (number: number) => ({ id: number, text: `\\"${'x}, '.repeat(number % 300)}` })],
    ['ones that are no objects', (number: number) => (number % 2 === 0 ? { id: number } : [number])],
  ])('are the same as those of the whole, %s', async (_name, row) => {
    const rows = many(row);
    for (const space of [undefined, 1]) {
      expect(await rowsOf(JSON.stringify({ rows }, undefined, space))).toEqual(rows);
      expect(await rowsOf(JSON.stringify({ first: 1, rows }, undefined, space))).toEqual(rows);
    }
  });

  it('come with what else the object has, before them and behind them', async () => {
    const rows = many((id) => ({ id }), 20_000);
    expect((await readJsonRows(JSON.stringify({ rows, links: ['next'] }), wanted)).rest).toEqual({ links: ['next'] });
    expect((await readJsonRows(JSON.stringify({ links: ['next'], rows }), wanted)).rest).toEqual({ links: ['next'] });
  });

  it('are refused when anything of the text is no JSON', async () => {
    const text = JSON.stringify({ rows: many((id) => ({ id }), 20_000) });
    const refused = (spoiled: string) => expect(rowsOf(spoiled)).rejects.toThrow(CloudUnavailable);
    for (const at of [text.length / 3, text.length / 2, text.length - 1]) await refused(text.slice(0, at));
    const comma = text.indexOf('},', text.length / 2) + 1;
    for (const instead of ['', ',,', ';', '],']) await refused(text.slice(0, comma) + instead + text.slice(comma + 1));
    await refused(`${text.slice(0, -2)},]}`);
    await refused(`${text}${text}`);
    await refused(`{"rows":[${'{"id":1},'.repeat(40_000)}]}`);
  });

  it('name the row that has another shape, also in a later piece', async () => {
    const rows = many((id) => ({ id: id === 15_000 ? 'fifteen' : id }), 20_000);
    const read = readJsonRows(JSON.stringify({ rows }), { ...wanted, row: z.object({ id: z.number() }) });
    await expect(read).rejects.toThrow(/^the cloud answered JSON of another shape at rows\.15000\.id: /);
  });

  it('are refused where there is no list', async () => {
    for (const content of [{}, { rows: {} }, { rows: null }, [], null, 'rows']) {
      await expect(rowsOf(JSON.stringify(content))).rejects.toThrow(CloudUnavailable);
    }
  });

  it('let others have their turns meanwhile', async () => {
    let turns = 0;
    let isDone = false;
    const count = () => {
      turns += 1;
      if (!isDone) setImmediate(count);
    };
    setImmediate(count);
    await rowsOf(JSON.stringify({ rows: many((id) => ({ id, name: `a longer name of row ${id}` }), 60_000) }));
    isDone = true;
    expect(turns).toBeGreaterThan(5);
  });

  it('are read from anything that can be written as JSON', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.jsonValue(), { maxLength: 5 }), fc.jsonValue(), async (few, other) => {
        const rows = Array.from({ length: 400 }, () => [{ filler: 'x'.repeat(500) }, ...few]).flat();
        const text = JSON.stringify({ rows, other });
        expect((await readJsonRows(text, wanted)).rows).toEqual(JSON.parse(text).rows);
      }),
      { numRuns: 50 },
    );
  });
});
