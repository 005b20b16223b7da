/** A part of what is ordered by id: the first `count` behind `afterId`, whether there is one of that id or not; from the first one on without it. */
export interface IdRange {
  readonly afterId: string | undefined;
  readonly count: number;
}
