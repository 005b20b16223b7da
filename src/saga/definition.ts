import type { CommandRecord } from '../model/command-record.ts';
import type { Json } from '../model/json.ts';
import type { Claim } from './operation.ts';

/** What a step may use besides its input and the outputs of earlier steps. */
export interface StepContext {
  readonly claim: Claim;
  /** Keeps commands for the journal; called as they happen, so that a step that fails still shows them. */
  record(commands: readonly CommandRecord[]): void;
}

/** What a step knows: the operation's input, and the output of every earlier step under that step's name. */
export type Known<Input, Outputs> = { readonly input: Input } & Readonly<Outputs>;

/** Both may run twice, and `undo` also runs for a step that failed half-way or never began. */
export interface Step<Input, Outputs, Output extends Json> {
  do(known: Known<Input, Outputs>, context: StepContext): Promise<Output>;
  /** Missing when there is nothing to take away. */
  undo?(known: Known<Input, Outputs>, context: StepContext): Promise<void>;
}

/** How an operation ends. Each changes the resource and ends the operation in one transaction, guarded by the claim. */
export interface Ends<Input, Outputs> {
  done(claim: Claim, known: Known<Input, Outputs>): Promise<void>;
  failed(claim: Claim, input: Input, failure: SagaFailure & FailedEnd): Promise<void>;
}

/**
 * `undone`: a step failed, and everything is taken back. `halted`: a saga that goes forward only stopped where it was.
 * `stuck`: an undo failed too; `step` is then the one whose undo failed.
 */
export interface FailedEnd {
  readonly state: 'undone' | 'halted' | 'stuck';
}

export interface SagaFailure {
  readonly step: string;
  /** For the operator: what the step said. */
  readonly reason: string;
}

/** A definition as the runner sees it: the types that the builder checked are gone. */
export interface SagaDefinition {
  readonly kind: string;
  readonly version: number;
  /** `undo`: take back from the failed step on. `halt`: stop there; a later operation of the same kind goes on. */
  readonly whenAStepFails: 'undo' | 'halt';
  readonly steps: readonly ErasedStep[];
  readonly ends: Ends<Json, Record<string, Json>>;
}

export interface ErasedStep {
  readonly name: string;
  isNeeded(input: Json): boolean;
  do(known: ErasedKnown, context: StepContext): Promise<Json>;
  undo(known: ErasedKnown, context: StepContext): Promise<void>;
}

export type ErasedKnown = Known<Json, Record<string, Json>>;

/** Adds steps in their order; each step's output becomes visible to the later ones only, so that using one too early does not compile. */
export interface SagaBuilder<Input extends Json, Outputs> {
  step<Name extends string, Output extends Json>(
    name: Name extends keyof Outputs | 'input' ? never : Name,
    step: Step<Input, Outputs, Output>,
  ): SagaBuilder<Input, Outputs & { readonly [Key in Name]: Output }>;
  /** A step of those operations only whose input needs it: the others know nothing of it, and their journals neither. */
  stepIf<Name extends string, Output extends Json>(
    name: Name extends keyof Outputs | 'input' ? never : Name,
    isNeeded: (input: Input) => boolean,
    step: Step<Input, Outputs, Output>,
  ): SagaBuilder<Input, Outputs & { readonly [Key in Name]?: Output }>;
  ends(ends: Ends<Input, Outputs>): SagaDefinition;
}

/** Begins the definition of a saga. Raise the version whenever a change would misread the journal of an unfinished operation. */
export function saga<Input extends Json>(header: {
  readonly kind: string;
  readonly version: number;
  readonly whenAStepFails: 'undo' | 'halt';
}): SagaBuilder<Input, unknown> {
  return builder(header, []);
}

function builder<Input extends Json, Outputs>(
  header: Pick<SagaDefinition, 'kind' | 'version' | 'whenAStepFails'>,
  steps: readonly ErasedStep[],
): SagaBuilder<Input, Outputs> {
  return {
    step: (name, step) => builder(header, [...steps, erasedStep(name, () => true, step)]),
    stepIf: (name, isNeeded, step) => builder(header, [...steps, erasedStep(name, isNeeded, step)]),
    ends(ends) {
      return { ...header, steps, ends: ends as unknown as SagaDefinition['ends'] };
    },
  };
}

/** The journal gives back as JSON exactly what was given and what earlier steps gave, so the types that the builder checked hold. */
function erasedStep<Input extends Json, Outputs, Output extends Json>(
  name: string,
  isNeeded: (input: Input) => boolean,
  step: Step<Input, Outputs, Output>,
): ErasedStep {
  return {
    name,
    isNeeded: (input) => isNeeded(input as Input),
    do: (known, context) => step.do(known as unknown as Known<Input, Outputs>, context),
    undo: async (known, context) => step.undo?.(known as unknown as Known<Input, Outputs>, context),
  };
}
