import type { CommandRecord } from '../model/command-record.ts';
import type { Json } from '../model/json.ts';
import type { ErasedKnown, ErasedStep, SagaDefinition, SagaFailure, StepContext } from './definition.ts';
import type { Journal, JournalEntry, OperatorStatement, StepResult } from './journal.ts';
import type { Claim, Operation } from './operation.ts';

export interface RunnerDependencies {
  readonly journal: Journal;
}

/** What became of a run that was not interrupted. */
export type RunResult =
  | { readonly outcome: 'done' }
  | { readonly outcome: 'failed'; readonly failure: SagaFailure }
  | { readonly outcome: 'stuck'; readonly failure: SagaFailure; readonly undoFailure: SagaFailure };

/**
 * Runs a claimed operation to one of its ends, from wherever its journal says that it stands: a fresh operation and one that a crash interrupted take the same way.
 * A step that is in doubt (intended, no outcome) runs again. Throws LostClaim, and what the journal throws, having undone nothing.
 */
export async function runOperation(definition: SagaDefinition, operation: Operation, { journal }: RunnerDependencies): Promise<RunResult> {
  const claim: Claim = { operationId: operation.id, generation: operation.generation };
  const history = readHistory(await journal.entries(operation.id));
  const known: Record<string, Json> = { ...history.outputs };
  const isNeeded = (step: ErasedStep) => step.isNeeded(operation.input);
  const knownNow = (): ErasedKnown => ({ ...known, input: operation.input }) as ErasedKnown;

  const rolledBack = async (): Promise<SagaFailure | undefined> => {
    const asked = definition.whenAStepFails === 'undo' ? await journal.askedRollback(operation.id) : undefined;
    return asked && rollbackFailure(definition.steps.filter(isNeeded), known, asked);
  };

  let failure: SagaFailure | undefined =
    operation.state === 'undoing' ? (lastFailure(history, await rolledBack()) ?? refuseWithoutFailure(operation)) : undefined;
  let failedAt = failure === undefined ? -1 : indexOfStep(definition, failure, operation);

  if (failure === undefined) {
    const isOver = (step: ErasedStep) => Object.hasOwn(known, step.name) || !isNeeded(step);
    /** The entry of the step that comes next, when the one before it was recorded together with it. */
    let intended: number | undefined;
    for (const [index, step] of definition.steps.entries()) {
      if (isOver(step)) {
        continue;
      }
      failure = intended === undefined ? await rolledBack() : undefined;
      if (failure !== undefined) {
        failedAt = index;
        break;
      }
      const sequence: number = intended ?? (await journal.intend(claim, { step: step.name, direction: 'do' }));
      const result = await performStep(claim, step, 'do', knownNow());
      if (result.outcome === 'failed') {
        await journal.record(claim, sequence, result);
        failure = { step: step.name, reason: result.error };
        failedAt = index;
        break;
      }
      known[step.name] = result.output ?? null;
      const next = definition.steps.find((other) => !isOver(other));
      if ((await rolledBack()) !== undefined) {
        await journal.record(claim, sequence, result);
        intended = undefined;
      } else if (next === undefined) {
        // The end is asked for before the record is answered, so that they may share a commit; in this order, and none without the claim.
        await Promise.all([journal.record(claim, sequence, result), definition.ends.done(claim, knownNow())]);
        return { outcome: 'done' };
      } else {
        intended = await journal.recordAndIntend(claim, sequence, result, { step: next.name, direction: 'do' });
      }
    }
  }

  if (failure === undefined) {
    failure = await rolledBack();
    failedAt = definition.steps.length - 1;
  }
  if (failure === undefined) {
    await definition.ends.done(claim, knownNow());
    return { outcome: 'done' };
  }
  if (definition.whenAStepFails === 'halt') {
    await definition.ends.failed(claim, operation.input, { ...failure, state: 'halted' });
    return { outcome: 'failed', failure };
  }
  if (operation.state !== 'undoing') {
    await journal.turnBack(claim, `${failure.step}: ${failure.reason}`);
  }
  // The failed step is undone too: it may have done half of its work, or all of it and failed to say so.
  for (const step of definition.steps.slice(0, failedAt + 1).reverse()) {
    if (history.undone.has(step.name) || !isNeeded(step)) {
      continue;
    }
    const sequence = await journal.intend(claim, { step: step.name, direction: 'undo' });
    const result = await performStep(claim, step, 'undo', knownNow());
    await journal.record(claim, sequence, result);
    if (result.outcome === 'failed') {
      const undoFailure = { step: step.name, reason: result.error };
      const reason = `${result.error} (while undoing, after the step ${failure.step} had failed: ${failure.reason})`;
      await definition.ends.failed(claim, operation.input, { step: step.name, reason, state: 'stuck' });
      return { outcome: 'stuck', failure, undoFailure };
    }
  }
  await definition.ends.failed(claim, operation.input, { ...failure, state: 'undone' });
  return { outcome: 'failed', failure };
}

interface History {
  readonly outputs: Record<string, Json>;
  readonly undone: ReadonlySet<string>;
  readonly failure?: SagaFailure;
}

function readHistory(entries: readonly JournalEntry[]): History {
  const outputs: Record<string, Json> = {};
  const undone = new Set<string>();
  let failure: SagaFailure | undefined;
  for (const entry of entries) {
    if (entry.direction === 'undo' && entry.outcome === 'done') {
      undone.add(entry.step);
    }
    if (entry.direction === 'do' && entry.outcome === 'done') {
      outputs[entry.step] = entry.output ?? null;
    }
    if (entry.direction === 'do' && entry.outcome === 'failed') {
      // The last one: a step that failed just before a crash runs again afterwards, and may then succeed.
      failure = { step: entry.step, reason: entry.error ?? '' };
    }
  }
  return { outputs, undone, ...(failure && { failure }) };
}

/**
 * Where an operation that is rolled back turns around: at the first step that is not done, which may have begun. No later one has, so that it is
 * the same one after a crash.
 */
function rollbackFailure(steps: readonly ErasedStep[], known: Readonly<Record<string, Json>>, asked: OperatorStatement): SagaFailure {
  const { name } = steps.find((step) => !Object.hasOwn(known, step.name)) ?? (steps.at(-1) as ErasedStep);
  return { step: name, reason: `rolled back by ${asked.by}${asked.statement === undefined ? '' : `: ${asked.statement}`}` };
}

/** A failed step that was done again afterwards, before a rollback, is not where the operation turned around. */
function lastFailure({ failure }: History, rolledBack: SagaFailure | undefined): SagaFailure | undefined {
  return rolledBack === undefined || failure?.step === rolledBack.step ? failure : rolledBack;
}

/** To find none and undo nothing would call everything undone that was left. */
function indexOfStep({ steps }: SagaDefinition, { step }: SagaFailure, { id, kind }: Operation): number {
  const index = steps.findIndex(({ name }) => name === step);
  if (index === -1) {
    throw new Error(`operation ${id} failed at its step ${step}, and ${kind} has no such step`);
  }
  return index;
}

function refuseWithoutFailure(operation: Operation): never {
  throw new Error(`operation ${operation.id} is being undone, and its journal names no failed step`);
}

async function performStep(claim: Claim, step: ErasedStep, direction: 'do' | 'undo', known: ErasedKnown): Promise<StepResult> {
  const commands: CommandRecord[] = [];
  const context: StepContext = { claim, record: (more) => commands.push(...more) };
  try {
    if (direction === 'undo') {
      await step.undo(known, context);
      return { outcome: 'done', commands };
    }
    return { outcome: 'done', output: await step.do(known, context), commands };
  } catch (cause) {
    return { outcome: 'failed', error: cause instanceof Error ? cause.message : String(cause), commands };
  }
}
