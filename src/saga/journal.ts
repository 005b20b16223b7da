import type { CommandRecord } from '../model/command-record.ts';
import type { OperationId } from '../model/ids.ts';
import type { Json } from '../model/json.ts';
import type { Claim } from './operation.ts';

/** `operator`: no step, but what the operator said about the operation; `step` is then the verb. */
export type Direction = 'do' | 'undo' | 'operator';

/** What an operator says and answers for: who it was, and in whose words what was done. */
export type OperatorStatement = { readonly by: string; readonly statement?: string };

/** `intended` and nothing after it: the step may or may not have happened, and is in doubt. */
export type StepOutcome = 'intended' | 'done' | 'failed';

/** One line of the journal: a step, its undo, or a statement of the operator's. */
export interface JournalEntry {
  readonly sequence: number;
  readonly step: string;
  readonly direction: Direction;
  readonly outcome: StepOutcome;
  /** What the step gave to the later ones; only when done. Holds no secret. */
  readonly output?: Json;
  readonly error?: string;
  readonly commands: readonly CommandRecord[];
  readonly startedAtMs: number;
  readonly endedAtMs?: number;
}

/** What is about to be done. */
export interface Intent {
  readonly step: string;
  readonly direction: 'do' | 'undo';
}

/** What came of it. */
export type StepResult =
  | { readonly outcome: 'done'; readonly output?: Json; readonly commands: readonly CommandRecord[] }
  | { readonly outcome: 'failed'; readonly error: string; readonly commands: readonly CommandRecord[] };

/** Where sagas write ahead. Every write carries a claim and throws LostClaim when another claim has taken over; nothing is written then. */
export interface Journal {
  /** All entries in the order in which they were intended. */
  entries(operationId: OperationId): Promise<readonly JournalEntry[]>;
  /** Says what is about to be done, before it is done; answers the entry's sequence. */
  intend(claim: Claim, intent: Intent): Promise<number>;
  record(claim: Claim, sequence: number, result: StepResult): Promise<void>;
  /** Both in one write, for a step that follows another at once: what is true of one entry is true of the other, whatever happens in between. */
  recordAndIntend(claim: Claim, sequence: number, result: StepResult, next: Intent): Promise<number>;
  /** From `running` to `undoing`. */
  turnBack(claim: Claim, failure: string): Promise<void>;
  /** What the operator said who asked for the operation to be undone; `undefined` when nobody did. */
  askedRollback(operationId: OperationId): Promise<OperatorStatement | undefined>;
}

/** Another server, or a later claim of this one, works on the operation now: stop, and undo nothing. */
export class LostClaim extends Error {
  constructor(claim: Claim) {
    super(`operation ${claim.operationId} is no longer held with generation ${claim.generation}`);
    this.name = 'LostClaim';
  }
}
