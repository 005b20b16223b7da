export interface Finding {
  readonly host: string;
  readonly subject: string;
  /** `wrong`: something will fail. `warning`: something may. */
  readonly outcome: 'ok' | 'warning' | 'wrong';
  readonly found: string;
  readonly mend?: string;
}

/** Says a finding of one host. */
export type Say = (subject: string, outcome: Finding['outcome'], text: string, mend?: string) => Finding;
