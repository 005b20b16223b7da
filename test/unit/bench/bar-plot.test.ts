import { expect, it } from 'vitest';
import { parseStringPromise } from 'xml2js';
import { drawBars } from '../../../bench/lab/bar-plot.ts';

interface Group {
  readonly text: readonly { readonly _: string }[];
  readonly rect: readonly { readonly $: { readonly width: string; readonly fill: string } }[];
}

it('draws each panel to a scale of its own, and tells what was not measured', async () => {
  const bars = (...values: readonly (number | undefined)[]) =>
    values.map((value, index) => ({ name: `way <${index}>`, value, isOurs: index === 0 }));
  const panels = [
    { title: 'read', unit: 'MB/s', bars: bars(10, 5) },
    { title: 'seeks', unit: '1/s', bars: bars(300, undefined) },
    { title: 'nothing', unit: '1/s', bars: bars(undefined, undefined) },
  ];
  const { svg } = await parseStringPromise(drawBars(panels, (value) => value.toFixed(1)));
  expect(svg.title).toEqual(['read; seeks; nothing']);
  const groups: readonly Group[] = svg.g;
  const widths = groups.map(({ rect }) => rect.map(({ $ }) => Number($.width)));
  const [[longest = 0, half = 0] = []] = widths;
  expect(longest).toBeGreaterThan(200);
  expect(half).toBeCloseTo(longest / 2, 0);
  expect(widths).toEqual([
    [longest, half],
    [longest, 0],
    [0, 0],
  ]);
  expect(groups[0]?.text.map(({ _ }) => _)).toEqual(['read, MB/s', 'way <0>', '10.0', 'way <1>', '5.0']);
  expect(groups[1]?.text.map(({ _ }) => _)).toContain('not measured');
  expect(groups[0]?.rect[0]?.$.fill).not.toBe(groups[0]?.rect[1]?.$.fill);
});
