import { DriverError } from '../driver-error.ts';
import type { Answer, CommandRecord, Listed, Look, Thing } from '../thing.ts';

/** One sentence of the contract, and what came of it. */
export interface Check {
  /** What it is about: `volume`, `copy`. */
  readonly subject: string;
  readonly sentence: string;
  readonly outcome: 'held' | 'failed' | 'skipped';
  /** Of a failed one what was found instead, of a skipped one why. */
  readonly reason?: string;
  /** Every command that it took. */
  readonly commands: readonly CommandRecord[];
}

export interface CheckedThing<Spec, Facts> {
  readonly subject: string;
  readonly thing: Thing<Spec, Facts>;
  readonly spec: Spec;
  /** The name that `list` shows it under. */
  readonly listedName: string;
  /** What must never show in a record. */
  readonly secrets?: readonly string[];
  /** How long what was made or removed may take to show. */
  readonly settleMs: number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

const lookEveryMs = 200;

/**
 * Holds a backend's thing to the contract of thing.ts: made twice, removed twice, made twice at once, listed before and after.
 * `within`, when given, is called while the thing is there, with its facts, and its checks are a part of the answer: what is made of this thing.
 * Each sentence is only tried when those before it held. Whatever came of it, the thing is taken away in the end; that this failed is a check of its own.
 */
export async function checkThing<Spec, Facts>(
  checked: CheckedThing<Spec, Facts>,
  within?: (facts: Facts) => Promise<readonly Check[]>,
): Promise<readonly Check[]> {
  const { thing, spec, listedName } = checked;
  const trial = createTrial(checked.subject, checked.secrets ?? []);
  const look = () => trial.answer(thing.look(spec));
  const listed = async () => namesIn(await trial.answer(thing.list()));
  const make = async () => trial.note(await thing.make(spec));
  const unmake = async () => trial.note(await thing.unmake(spec));
  const settled = (state: Look<Facts>['state']) => lookUntil(look, state, checked);
  const hasName = (names: readonly string[]) => names.filter((name) => name === listedName).length;

  let before: readonly string[] = [];
  let found: Facts | undefined;
  const inner: Check[] = [];
  await trial.holds('is absent and not listed before it is made', async () => {
    before = await listed();
    if (hasName(before) > 0) throw new Broken(`${listedName} is listed already`);
    expectState(await look(), 'absent');
  });
  await trial.holds('may be removed while it is absent, which changes nothing', async () => {
    await unmake();
    expectState(await look(), 'absent');
    expectNames(await listed(), before);
  });
  await trial.holds('is present once it was made', async () => {
    await make();
    found = factsOf(await settled('present'));
  });
  await trial.holds('is the same after it was made a second time', async () => {
    await make();
    const again = factsOf(await settled('present'));
    if (JSON.stringify(again) !== JSON.stringify(found))
      throw new Broken(`it was ${JSON.stringify(found)} and is ${JSON.stringify(again)}`);
  });
  await trial.holds(`is listed once, as ${listedName}`, async () => expectNames(await listed(), [...before, listedName]));
  if (within !== undefined) {
    if (trial.isIntact() && found !== undefined) inner.push(...(await within(found)));
    else inner.push(...trial.skip('what is made of it'));
  }
  await trial.holds('is gone once it was removed, and the listing is as before', async () => {
    await unmake();
    await settled('absent');
    expectNames(await listed(), before);
  });
  await trial.holds('may be removed a second time, which changes nothing', async () => {
    await unmake();
    expectState(await look(), 'absent');
    expectNames(await listed(), before);
  });
  await trial.holds('is shown by whoever makes it as whoever looks finds it', async () => {
    if (thing.makeAndLook === undefined) return;
    const seen = await trial.answer(thing.makeAndLook(spec));
    await settled('present');
    // One that was not seen yet is looked for; one that was seen wrongly is not.
    if (seen.state === 'different' || seen.state === 'unknown') throw new Broken(`it was made and shown as ${JSON.stringify(seen)}`);
    await unmake();
    await settled('absent');
  });
  await trial.holds('is shown as gone by whoever removes it only when it is', async () => {
    if (thing.unmakeAndLook === undefined) return;
    await make();
    await settled('present');
    const seen = await trial.answer(thing.unmakeAndLook(spec));
    if (seen.state === 'absent') expectState(await look(), 'absent');
    else if (seen.state !== 'present' && seen.state !== 'partial') throw new Broken(`it was removed and shown as ${JSON.stringify(seen)}`);
    await unmake();
    await settled('absent');
  });
  await trial.holds('comes out once when it is made twice at the same time', async () => {
    await Promise.all([make(), make()]);
    await settled('present');
    expectNames(await listed(), [...before, listedName]);
    await unmake();
    await settled('absent');
    expectNames(await listed(), before);
  });
  if (!trial.isIntact()) {
    await trial.always('is taken away after the failure', async () => {
      await unmake();
      await settled('absent');
    });
  }
  return [...trial.checks, ...inner];
}

/** A check that did not hold, in words. */
export class Broken extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Broken';
  }
}

/** A series of checks of one subject. */
export interface Trial {
  readonly checks: readonly Check[];
  isIntact(): boolean;
  /** Tries a sentence, unless one before it failed. */
  holds(sentence: string, attempt: () => Promise<void>): Promise<void>;
  /** Tries it in any case. */
  always(sentence: string, attempt: () => Promise<void>): Promise<void>;
  skip(sentence: string, reason?: string): readonly Check[];
  note(commands: readonly CommandRecord[]): void;
  answer<Value>(asked: Promise<Answer<Value>>): Promise<Value>;
}

export function createTrial(subject: string, secrets: readonly string[]): Trial {
  const checks: Check[] = [];
  let commands: CommandRecord[] = [];
  let isIntact = true;
  const note = (records: readonly CommandRecord[]) => {
    commands.push(...records);
    const shown = JSON.stringify(records);
    if (secrets.some((secret) => shown.includes(secret))) throw new Broken('a secret shows in a command or in what a command said');
  };
  const run = async (sentence: string, attempt: () => Promise<void>) => {
    commands = [];
    try {
      await attempt();
      checks.push({ subject, sentence, outcome: 'held', commands });
    } catch (cause) {
      if (!(cause instanceof Broken || cause instanceof DriverError)) throw cause;
      if (cause instanceof DriverError) commands.push(...cause.commands.filter((record) => !commands.includes(record)));
      isIntact = false;
      checks.push({ subject, sentence, outcome: 'failed', reason: cause.message, commands });
    }
  };
  const skipped = (sentence: string, reason: string): Check => ({ subject, sentence, outcome: 'skipped', reason, commands: [] });
  return {
    checks,
    isIntact: () => isIntact,
    async holds(sentence, attempt) {
      if (isIntact) await run(sentence, attempt);
      else checks.push(skipped(sentence, 'what it needs did not hold'));
    },
    always: run,
    skip: (sentence, reason = 'what it needs did not hold') => [skipped(sentence, reason)],
    note,
    async answer(asked) {
      const { value, commands: records } = await asked;
      note(records);
      return value;
    },
  };
}

async function lookUntil<Facts>(
  look: () => Promise<Look<Facts>>,
  state: Look<Facts>['state'],
  { settleMs, sleep }: Pick<CheckedThing<unknown, Facts>, 'settleMs' | 'sleep'>,
): Promise<Look<Facts>> {
  for (let waitedMs = 0; ; waitedMs += lookEveryMs) {
    const found = await look();
    if (found.state === state) return found;
    if (waitedMs >= settleMs || found.state === 'different') return expectState(found, state);
    await sleep(lookEveryMs);
  }
}

function expectState<Facts>(found: Look<Facts>, state: Look<Facts>['state']): never | Look<Facts> {
  if (found.state === state) return found;
  const { state: is, ...more } = found;
  throw new Broken(
    `look says ${is} and not ${state}${Object.keys(more).length === 0 ? '' : `: ${Object.values(more).map(textOf).join(', ')}`}`,
  );
}

function factsOf<Facts>(found: Look<Facts>): Facts {
  if (found.state !== 'present') throw new Broken(`look says ${found.state} and not present`);
  return found.facts;
}

function expectNames(names: readonly string[], wanted: readonly string[]): void {
  const found = [...names].sort();
  const sorted = [...wanted].sort();
  if (JSON.stringify(found) === JSON.stringify(sorted)) return;
  const lost = sorted.filter((name) => !found.includes(name));
  const more = found.filter((name) => !sorted.includes(name));
  throw new Broken(
    `the listing ${[lost.length > 0 && `lacks ${lost.join(', ')}`, more.length > 0 && `has ${more.join(', ')} too`].filter(Boolean).join(' and ') || 'shows something twice'}`,
  );
}

function namesIn(listed: readonly Listed[]): readonly string[] {
  return listed.map(({ name }) => name);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
