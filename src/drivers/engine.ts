import type { CommandRecord } from '../model/command-record.ts';
import { DriverError } from './driver-error.ts';
import type { Answer, Look, Thing } from './thing.ts';

export interface EngineContext {
  /** Takes the commands as they happen, so that a failure still shows what led to it. */
  record(commands: readonly CommandRecord[]): void;
  sleep(milliseconds: number): Promise<void>;
  /** How often a make or unmake that may do better the next time is tried. */
  readonly attempts: number;
  /** The wait before the second try; it doubles with each further one. */
  readonly backoffMs: number;
  /** How long the effect of a make or unmake that claims to have worked may take to show. */
  readonly settleMs: number;
}

/** How long to wait between two looks at a thing that should be settling. */
const lookEveryMs = 50;

/** How long a thing that somebody has open is tried again, from the beginning of the first try, and how long nothing is asked and held between two tries. */
const openedMs = 10_000;
const openedEveryMs = 250;

/**
 * Makes the thing unless it is there, and answers what was found when it surely is. Idempotent.
 * `make` looks first, under its lock, and knows what to do about what is there (thing.ts), so that nobody looks here before it.
 * Verified by looking afterwards: a tool that answers success without effect is caught, and an unknown outcome (time-out, lost connection) is settled by looking, never by guessing.
 * Throws DriverError `conflict` when something else stands in its place.
 */
export async function ensurePresent<Spec, Facts>(thing: Thing<Spec, Facts>, spec: Spec, context: EngineContext): Promise<Facts> {
  const found = await settle(thing, spec, context, {
    isReached: (look) => look.state === 'present',
    change: () => change(thing, 'make', spec, context),
    notReached: 'the command claimed success, and the thing is not there',
  });
  if (found.state !== 'present') {
    throw new DriverError('unknown', `expected to find it present, found it ${found.state}`);
  }
  return found.facts;
}

/**
 * Takes the thing away unless it is gone. Idempotent, verified by looking afterwards.
 * `unmake` looks first, under its lock, and leaves alone what is not ours (thing.ts), so that nobody looks here before it.
 * Something different under its name is not ours; whether that is an error depends on who asks, so it is answered.
 */
export async function ensureAbsent<Spec, Facts>(
  thing: Pick<Thing<Spec, Facts>, 'look' | 'unmake' | 'unmakeAndLook'>,
  spec: Spec,
  context: EngineContext,
): Promise<{ readonly state: 'absent' } | { readonly state: 'different'; readonly difference: string }> {
  for (let attempt = 1; attempt <= context.attempts; attempt += 1) {
    const found = await settle(thing, spec, context, {
      isReached: (look) => look.state === 'absent' || look.state === 'different',
      change: () => change(thing, 'unmake', spec, context),
      notReached: 'the command claimed success, and the thing is still there',
    });
    if (found.state !== 'different') {
      return { state: 'absent' };
    }
    // What is ours would be left for good on the word of one look that erred; what is not ours is there at the next one too.
    const again = await lookCertainly(thing, spec, context);
    if (again.state === 'different') {
      return again;
    }
  }
  throw new DriverError('unknown', 'one look finds something else in its place, and the next one does not');
}

/** Answers the facts of a thing that must be there already, and changes nothing. Throws DriverError when it is not, or when that cannot be told. */
export async function findPresent<Spec, Facts>(thing: Thing<Spec, Facts>, spec: Spec, context: EngineContext): Promise<Facts> {
  const look = await lookCertainly(thing, spec, context);
  if (look.state !== 'present') {
    throw new DriverError(look.state === 'different' ? 'conflict' : 'refused', `it should be there and is ${look.state}${describe(look)}`);
  }
  return look.facts;
}

/** Waits while somebody may let go of a thing that they have open; answers whether it may be tried again, which is no attempt. */
function openersPatience(context: EngineContext): (error: DriverError) => Promise<boolean> {
  let spentMs = 0;
  return async ({ isBusy, commands }) => {
    spentMs += commands.reduce((sum, { durationMs }) => sum + durationMs, 0) + openedEveryMs;
    if (!isBusy || spentMs >= openedMs) return false;
    await context.sleep(openedEveryMs);
    return true;
  };
}

/** Runs an idempotent verb that is no thing (a copy) until it works, as long as another try may do better. */
export async function repeatUntilDone(verb: () => Promise<readonly CommandRecord[]>, context: EngineContext): Promise<void> {
  const mayLetGo = openersPatience(context);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return context.record(await verb());
    } catch (cause) {
      if (!(cause instanceof DriverError)) {
        throw cause;
      }
      context.record(cause.commands);
      if (await mayLetGo(cause)) {
        attempt -= 1;
        continue;
      }
      if (!cause.retryable || attempt >= context.attempts) {
        throw cause;
      }
      await context.sleep(context.backoffMs * 2 ** (attempt - 1));
    }
  }
}

interface Goal<Facts> {
  isReached(look: Look<Facts>): boolean;
  /** Answers what it saw afterwards, if it looked. */
  change(): Promise<Look<Facts> | undefined>;
  /** What is wrong when nothing failed and the goal is not reached. */
  readonly notReached: string;
}

async function settle<Spec, Facts>(
  thing: Pick<Thing<Spec, Facts>, 'look'>,
  spec: Spec,
  context: EngineContext,
  goal: Goal<Facts>,
): Promise<Look<Facts>> {
  let lastError: DriverError | undefined;
  const mayLetGo = openersPatience(context);
  for (let attempt = 1; ; attempt += 1) {
    let seen: Look<Facts> | undefined;
    try {
      seen = await goal.change();
      lastError = undefined;
    } catch (cause) {
      if (!(cause instanceof DriverError)) {
        throw cause;
      }
      lastError = cause;
      context.record(cause.commands);
    }
    if (seen !== undefined && goal.isReached(seen)) {
      return seen;
    }
    const after = await lookUntil(thing, spec, context, goal, lastError === undefined ? context.settleMs : 0);
    if (goal.isReached(after)) {
      return after;
    }
    if (after.state === 'different') {
      throw new DriverError('conflict', `something else stands in its place and was left alone: ${after.difference}`, { cause: lastError });
    }
    if (lastError !== undefined && (await mayLetGo(lastError))) {
      attempt -= 1;
      continue;
    }
    if (lastError !== undefined && !lastError.retryable) {
      throw lastError;
    }
    if (attempt >= context.attempts) {
      throw lastError ?? new DriverError('refused', `${goal.notReached}${describe(after)}`);
    }
    await context.sleep(context.backoffMs * 2 ** (attempt - 1));
  }
}

async function lookUntil<Spec, Facts>(
  thing: Pick<Thing<Spec, Facts>, 'look'>,
  spec: Spec,
  context: EngineContext,
  goal: Goal<Facts>,
  patienceMs: number,
): Promise<Look<Facts>> {
  let look = await lookCertainly(thing, spec, context);
  for (let waitedMs = 0; waitedMs < patienceMs && !goal.isReached(look) && look.state !== 'different'; waitedMs += lookEveryMs) {
    await context.sleep(lookEveryMs);
    look = await lookCertainly(thing, spec, context);
  }
  return look;
}

/** A look that knows: one that could not tell is repeated, and after that nothing may be concluded from it. */
async function lookCertainly<Spec, Facts>(
  thing: Pick<Thing<Spec, Facts>, 'look'>,
  spec: Spec,
  context: EngineContext,
): Promise<Look<Facts>> {
  for (let attempt = 1; ; attempt += 1) {
    const answer: Answer<Look<Facts>> = await thing.look(spec);
    context.record(answer.commands);
    if (answer.value.state !== 'unknown') {
      return answer.value;
    }
    if (attempt >= context.attempts) {
      throw new DriverError('unknown', `cannot tell whether it is there: ${answer.value.reason}`);
    }
    await context.sleep(context.backoffMs * 2 ** (attempt - 1));
  }
}

/** Answers what was seen afterwards, by a thing that can look in the same conversation. */
async function change<Spec, Facts, Verb extends 'make' | 'unmake'>(
  thing: Pick<Thing<Spec, Facts>, Verb | `${Verb}AndLook`>,
  verb: Verb,
  spec: Spec,
  context: EngineContext,
): Promise<Look<Facts> | undefined> {
  const seen = await thing[`${verb}AndLook`]?.(spec);
  context.record(seen?.commands ?? (await thing[verb](spec)));
  return seen?.value;
}

function describe<Facts>(look: Look<Facts>): string {
  switch (look.state) {
    case 'partial':
      return ` (half made: ${look.missing})`;
    case 'different':
      return ` (found: ${look.difference})`;
    default:
      return '';
  }
}
