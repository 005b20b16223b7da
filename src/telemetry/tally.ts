import type { Labels, Measurement, Sample } from './measurement.ts';

/** Counts what happens, by labels. It costs next to nothing, so that it goes on whether or not anybody asks. */
export interface Tally<Label extends string> {
  /** `durationMs`: how long it took, in a tally that keeps times. */
  count(labels: Readonly<Record<Label, string>>, durationMs?: number): void;
  /** Shows it as 0 until it happens, so that the first time is seen as a rise. */
  expect(labels: Readonly<Record<Label, string>>): void;
  readonly measurements: readonly Measurement[];
}

export interface TallyDescription<Label extends string> {
  /** What is counted, as `vbs_operations`; `_total` comes after it. */
  readonly name: string;
  readonly help: string;
  readonly labels: readonly Label[];
  /** Name and meaning of the time that it took in all: with the number, the mean of any span of time. */
  readonly seconds?: { readonly name: string; readonly help: string };
}

interface Counted {
  readonly labels: Labels;
  times: number;
  durationMs: number;
}

export function createTally<Label extends string>(description: TallyDescription<Label>): Tally<Label> {
  const { name, help, labels: labelNames, seconds } = description;
  const counted = new Map<string, Counted>();
  const find = (labels: Readonly<Record<Label, string>>): Counted => {
    const key = labelNames.map((label) => labels[label]).join('\n');
    const found = counted.get(key) ?? { labels: { ...labels }, times: 0, durationMs: 0 };
    counted.set(key, found);
    return found;
  };
  const samples = (read: (each: Counted) => number) => (): readonly Sample[] =>
    [...counted.values()].map((each) => ({ labels: each.labels, value: read(each) }));
  return {
    count(labels, durationMs = 0) {
      const found = find(labels);
      found.times += 1;
      found.durationMs += durationMs;
    },
    expect: (labels) => void find(labels),
    measurements: [
      { name: `${name}_total`, help, kind: 'counter', labels: labelNames, read: samples(({ times }) => times) },
      ...(seconds === undefined
        ? []
        : [
            {
              name: `${seconds.name}_total`,
              help: seconds.help,
              kind: 'counter' as const,
              labels: labelNames,
              read: samples(({ durationMs }) => durationMs / 1_000),
            },
          ]),
    ],
  };
}
