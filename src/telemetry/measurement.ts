export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

/**
 * Something that is measured, under the name and with the labels that Prometheus is to see. Labels take few values, which the settings and
 * the code know beforehand: never the id of a volume or an instance, since every value is a series that is kept for long.
 */
export interface Measurement {
  readonly name: string;
  readonly help: string;
  /** A counter only rises while the process lives. */
  readonly kind: 'counter' | 'gauge';
  readonly labels: readonly string[];
  /** As it is now; called when somebody asks, and at no other time. */
  read(): readonly Sample[] | Promise<readonly Sample[]>;
}
