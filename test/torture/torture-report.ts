/** What came of a part of the torture. Everything in `problems` is a promise that was broken. */
export interface TortureReport {
  readonly figures: Readonly<Record<string, number | string>>;
  readonly problems: readonly string[];
}
