import { basename } from 'node:path';
import { DriverError } from '../driver-error.ts';
import type { Answer, CommandRecord, Listed, Look, Thing } from '../thing.ts';
import type { CommandRunner } from './command-runner.ts';
import { judge, type Sight } from './judge.ts';
import type { KeyedMutex } from './keyed-mutex.ts';
import type { CommandPattern, RowsPattern, ThingPattern } from './pattern.ts';
import { fieldNamesOf, parseRows, type Row, UnreadableOutput } from './rows.ts';
import { fill, placeholdersOf, ValueRefused, type Values } from './template.ts';

/** What distinguishes one kind of thing from another to the engine. */
export interface ThingShape<Spec, Facts> {
  /** Names the thing in messages and keeps two operations on it apart. */
  keyOf(spec: Spec): string;
  valuesOf(spec: Spec): Values;
  factsOf(facts: Readonly<Record<string, string>>): Facts;
}

export interface ThingContext {
  readonly run: CommandRunner;
  readonly settings: Values;
  readonly mutex: KeyedMutex;
}

/** A thing whose verbs are a pattern's commands. */
export function thingFromPattern<Spec, Facts>(
  pattern: ThingPattern,
  shape: ThingShape<Spec, Facts>,
  { run, settings, mutex }: ThingContext,
): Thing<Spec, Facts> {
  const rowFields = new Set(fieldNamesOf(pattern.look.rows));

  return {
    look: async (spec) => {
      const { sight, records } = await see(spec);
      return { value: lookOf(sight), commands: records };
    },

    make: async (spec) => (await alone(spec, () => collecting((collect) => makeUnlessThere(spec, collect)))).records,

    makeAndLook: async (spec) => {
      const { value, records } = await alone(spec, () =>
        collecting(async (collect) => (await makeUnlessThere(spec, collect)) ?? collect(await see(spec)).sight),
      );
      return { value: lookOf(value), commands: records };
    },

    unmake: async (spec) => (await alone(spec, () => collecting((collect) => unmakeUnlessForeign(spec, collect)))).records,

    unmakeAndLook: async (spec) => {
      const { value, records } = await alone(spec, () =>
        collecting(async (collect) => (await unmakeUnlessForeign(spec, collect)) ?? collect(await see(spec)).sight),
      );
      return { value: lookOf(value), commands: records };
    },

    list: () => listNow(pattern.list, run),
  };

  function alone<Value>(spec: Spec, task: () => Promise<Value>): Promise<Value> {
    if (pattern.overlaps === 'free') return task();
    return mutex(pattern.overlaps === 'none-per-host' ? 'host' : shape.keyOf(spec), task);
  }

  async function see(spec: Spec): Promise<Seen<Facts>> {
    const values = shape.valuesOf(spec);
    try {
      const { records, output, absent } = await run(pattern.look.commands, values);
      return { sight: sightOf(pattern.look.commands, output, absent, values), records };
    } catch (error) {
      if (!(error instanceof DriverError)) throw error;
      return { sight: { state: 'unknown', reason: error.message }, records: error.commands, cause: error };
    }
  }

  function sightOf(commands: readonly CommandPattern[], output: string, absent: boolean, values: Values): Sight<Facts> {
    try {
      const rows = absent ? [] : parseRows(pattern.look.rows, output);
      return judge(pattern.look, rows, { ...settings, ...values }, shape.factsOf);
    } catch (error) {
      if (!(error instanceof UnreadableOutput || error instanceof ValueRefused)) throw error;
      return { state: 'unknown', reason: `${speakerOf(commands)}: ${error.message}` };
    }
  }

  /** Answers what is there afterwards, when that was seen on the way. */
  async function makeUnlessThere(spec: Spec, collect: Collect): Promise<Sight<Facts> | undefined> {
    const sight = clearSight(spec, collect(await see(spec)), 'made');
    if (sight.state === 'present') return sight;
    if (sight.state === 'absent') return makeNow(spec, sight, collect);
    await unmakeNow(spec, sight.row, collect);
    const cleared = clearSight(spec, collect(await see(spec)), 'made');
    if (cleared.state !== 'absent') {
      throw new DriverError('refused', `${shape.keyOf(spec)} is half made and what there is cannot be removed`, { retryable: true });
    }
    return makeNow(spec, cleared, collect);
  }

  async function makeNow(spec: Spec, { rows, row }: Absent, collect: Collect): Promise<Sight<Facts> | undefined> {
    const allocated = Object.entries(pattern.make.allocate).map(([name, numbers]) => [name, smallestFreeNumber(rows, name, numbers)]);
    const values = { ...row, ...shape.valuesOf(spec), ...Object.fromEntries(allocated) };
    const { output } = collect(await run(pattern.make.commands, values));
    return pattern.make.shows ? sightOf(pattern.make.commands, output, false, shape.valuesOf(spec)) : undefined;
  }

  /** Answers what is there afterwards, when that was seen on the way. */
  async function unmakeUnlessForeign(spec: Spec, collect: Collect): Promise<Sight<Facts> | undefined> {
    const { row } = clearSight(spec, collect(await see(spec)), 'removed');
    return unmakeNow(spec, row, collect);
  }

  /** Without a row (the thing is absent) only the commands run that need nothing captured: they clear away what `look` cannot see. */
  async function unmakeNow(spec: Spec, row: Row | undefined, collect: Collect): Promise<Sight<Facts> | undefined> {
    const { commands, shows } = pattern.unmake;
    const possible = row === undefined ? commands.filter((command) => !usesAny(command, rowFields)) : commands;
    const { output } = collect(await run(possible, { ...row, ...shape.valuesOf(spec) }));
    return shows && possible.length === commands.length ? sightOf(commands, output, false, shape.valuesOf(spec)) : undefined;
  }

  /** What is different is not ours to touch, and what cannot be seen must not be guessed. */
  function clearSight(spec: Spec, { sight, cause }: Seen<Facts>, verb: string): Exclude<Sight<Facts>, { state: 'different' | 'unknown' }> {
    if (sight.state === 'different') throw new DriverError('conflict', `${shape.keyOf(spec)} is not ${verb}: ${sight.difference}`);
    if (sight.state === 'unknown') {
      const { kind } = cause ?? {};
      // A look that was refused tells nothing of the thing, and the next one may tell.
      throw new DriverError(kind === 'unavailable' ? kind : 'unknown', `${shape.keyOf(spec)} is not ${verb}: ${sight.reason}`, {
        retryable: true,
        ...(cause && { commands: cause.commands, cause }),
      });
    }
    return sight;
  }
}

type Absent = Extract<Sight<unknown>, { readonly state: 'absent' }>;

interface Seen<Facts> {
  readonly sight: Sight<Facts>;
  readonly records: readonly CommandRecord[];
  /** Why the sight is `unknown`, when a command failed. */
  readonly cause?: DriverError;
}

/** Takes the records of what was just run, and hands it on. */
type Collect = <Outcome extends { readonly records: readonly CommandRecord[] }>(outcome: Outcome) => Outcome;

/** Runs a verb of several steps and answers with the records of all of them; a DriverError carries those of the steps before it too. */
async function collecting<Value>(
  verb: (collect: Collect) => Promise<Value>,
): Promise<{ readonly value: Value; readonly records: readonly CommandRecord[] }> {
  const records: CommandRecord[] = [];
  const collect: Collect = (outcome) => {
    records.push(...outcome.records);
    return outcome;
  };
  try {
    return { value: await verb(collect), records };
  } catch (error) {
    if (!(error instanceof DriverError)) throw error;
    const later = error.commands.filter((record) => !records.includes(record));
    const { retryable, isBusy, cause } = error;
    throw new DriverError(error.kind, error.message, { retryable, isBusy, commands: [...records, ...later], cause });
  }
}

function lookOf<Facts>(sight: Sight<Facts>): Look<Facts> {
  switch (sight.state) {
    case 'absent':
      return { state: 'absent' };
    case 'present':
      return { state: 'present', facts: sight.facts };
    case 'partial':
      return { state: 'partial', missing: sight.missing };
    case 'different':
    case 'unknown':
      return sight;
  }
}

function usesAny(command: CommandPattern, fields: ReadonlySet<string>): boolean {
  return [...command.argv, command.stdin ?? ''].some((text) => placeholdersOf(text).some(({ name }) => fields.has(name)));
}

function smallestFreeNumber(
  rows: readonly Row[],
  name: string,
  { smallestFree, from, to = Number.MAX_SAFE_INTEGER }: ThingPattern['make']['allocate'][string],
): number {
  const taken = new Set(rows.map((row) => Number(row[smallestFree])));
  let candidate = from;
  while (taken.has(candidate)) candidate += 1;
  if (candidate > to) {
    throw new DriverError(
      'refused',
      `no ${name} is free from ${from} to ${to}: remove what is not needed, or spread the volumes over more hosts`,
    );
  }
  return candidate;
}

/** Runs a listing. Throws DriverError when it is not certainly whole. */
export async function listNow(pattern: ThingPattern['list'], run: CommandRunner): Promise<Answer<readonly Listed[]>> {
  const { rows, commands } = await readRows(pattern, run, {});
  const isOurs = matcher(pattern.ours);
  const isWorking = matcher(pattern.working);
  const listed = new Map<string, Listed>();
  for (const row of rows.filter(isOurs)) {
    const name = nameOf(row);
    const remark = pattern.remark === undefined ? undefined : row[pattern.remark];
    const initiators = pattern.initiators === undefined ? undefined : row[pattern.initiators];
    for (const initiatorName of initiators?.split(' ') ?? [undefined]) {
      const key = `${name} ${initiatorName ?? ''}`;
      const isBroken = !isWorking(row) || listed.get(key)?.isBroken === true;
      listed.set(key, {
        name,
        ...(initiatorName !== undefined && { initiatorName }),
        ...(isBroken && { isBroken }),
        ...(remark !== undefined && { remark }),
      });
    }
  }
  return { value: [...listed.values()], commands };

  function nameOf(row: Row): string {
    try {
      return fill(pattern.name, row);
    } catch (error) {
      if (!(error instanceof ValueRefused)) throw error;
      throw new DriverError('refused', `the listing holds a name that cannot be one of ours: ${error.message}`, { commands, cause: error });
    }
  }
}

function matcher(expressions: Readonly<Record<string, string>>): (row: Row) => boolean {
  const compiled = Object.entries(expressions).map(([field, expression]) => ({ field, expression: new RegExp(expression) }));
  return (row) => compiled.every(({ field, expression }) => expression.test(row[field] ?? ''));
}

/** Runs a reading verb's commands and parses what they say. Throws DriverError when the output is not what the pattern describes. */
export async function readRows(
  verb: { readonly commands: readonly CommandPattern[]; readonly rows: RowsPattern },
  run: CommandRunner,
  values: Values,
): Promise<{ readonly rows: readonly Row[]; readonly commands: readonly CommandRecord[] }> {
  const { records, output, absent } = await run(verb.commands, values);
  try {
    return { rows: absent ? [] : parseRows(verb.rows, output), commands: records };
  } catch (error) {
    if (!(error instanceof UnreadableOutput)) throw error;
    throw new DriverError('refused', `${speakerOf(verb.commands)}: ${error.message}`, { commands: records, cause: error });
  }
}

/** Whose output it is, for messages. */
export function speakerOf(commands: readonly CommandPattern[]): string {
  return [...new Set(commands.map(({ argv }) => basename(argv[0] ?? '')))].join(', ');
}
