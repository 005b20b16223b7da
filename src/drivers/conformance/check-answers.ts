import { posix } from 'node:path';
import type { BackendContext } from '../command/command-runner.ts';
import { localEnvironment } from '../command/local-host.ts';
import type { CommandLinePattern } from '../command/pattern.ts';
import { DriverError } from '../driver-error.ts';
import type { Look } from '../thing.ts';
import { type BadAnswer, badAnswers, hostAnswering, replacePrograms } from './bad-answers.ts';
import { Broken, type Check, createTrial, type Trial } from './check-thing.ts';
import { type CalledAbout, type DriverCall, driverCalls } from './driver-calls.ts';

export interface CheckedAnswers {
  readonly pattern: CommandLinePattern;
  /** With a host that scripts can be run on. */
  readonly context: BackendContext;
  readonly about: CalledAbout;
}

/**
 * Feeds a backend what it cannot understand: first in place of every command that its file names, then in place of the programs that its scripts
 * call (`requires.programs`). No verb may conclude anything from that, that something is absent or done least of all, and whose answer it
 * was has to be named. Nothing is made on the host but a folder for the stand-ins, which is removed again.
 */
export async function checkAnswers({ pattern, context, about }: CheckedAnswers): Promise<readonly Check[]> {
  // What is tried again in a moment has the same answer then.
  const hasty = { ...context, clock: { ...context.clock, waitMs: async () => undefined } };
  const checks: Check[] = [];
  for (const answer of badAnswers) {
    const calls = driverCalls(pattern, { ...hasty, host: hostAnswering(context.host, answer) }, about);
    for (const [subject, ofSubject] of bySubject(calls)) {
      const trial = createTrial(subject, [about.access.chapSecret]);
      await trial.holds(`nothing is concluded when a command answers with ${answer}`, async () => {
        for (const call of ofSubject) await expectNothingConcluded(trial, call, answer, programsOf(pattern));
      });
      checks.push(...trial.checks);
    }
  }
  return [...checks, ...(await checkPrograms(pattern, hasty, about))];
}

/** What scripts run. Their own interpreters are none of it. */
async function checkPrograms(pattern: CommandLinePattern, context: BackendContext, about: CalledAbout): Promise<readonly Check[]> {
  const programs = pattern.requires.programs.filter((program) => !interpreters.has(program));
  const trial = createTrial('programs', [about.access.chapSecret]);
  if (programs.length === 0) return [];
  const reading = new Set<string>();
  for (const answer of badAnswers) {
    await trial.always(`nothing is concluded when ${programs.join(', ')} answer with ${answer}`, async () => {
      const replaced = await replacePrograms(context.host, programs, answer, localEnvironment.PATH);
      try {
        for (const call of driverCalls(pattern, { ...context, host: replaced.host }, about)) {
          // What changes something is tried only behind a look that is known to ask one of them.
          if (call.kind === 'change' && !reading.has(`${call.subject} look`)) continue;
          const outcome = await outcomeOf(trial, call);
          const wasCalled = await replaced.wereCalled();
          if (wasCalled) reading.add(`${call.subject} ${call.verb}`);
          if (wasCalled) judge(call, outcome, [...programs, ...programsOf(pattern)]);
        }
      } finally {
        await replaced.remove();
      }
    });
  }
  return trial.checks;
}

const interpreters: ReadonlySet<string> = new Set(['perl', 'sh', 'bash', 'python3', 'dd', 'ionice', 'unshare']);

async function expectNothingConcluded(trial: Trial, call: DriverCall, answer: BadAnswer, tools: readonly string[]): Promise<void> {
  const outcome = await outcomeOf(trial, call);
  // A command that only has to succeed did, by its own word.
  if (call.kind === 'run' && answer !== 'no end' && answer !== 'no such program') return;
  judge(call, outcome, tools);
}

type Outcome = { readonly value?: unknown } | { readonly error: DriverError };

async function outcomeOf(trial: Trial, call: DriverCall): Promise<Outcome> {
  try {
    const { commands, ...outcome } = await call.call();
    trial.note(commands);
    return outcome;
  } catch (error) {
    if (!(error instanceof DriverError)) throw error;
    trial.note(error.commands);
    return { error };
  }
}

function judge(call: DriverCall, outcome: Outcome, tools: readonly string[]): void {
  const { subject, verb } = call;
  if ('error' in outcome) {
    expectNamed(`${subject}: ${verb} fails`, outcome.error.message, tools);
    return;
  }
  const { value } = outcome;
  if (call.kind === 'look') {
    const look = value as Look<unknown>;
    if (look.state !== 'unknown') throw new Broken(`${subject}: ${verb} says ${look.state} and not unknown`);
    expectNamed(`${subject}: ${verb} says unknown`, look.reason, tools);
    return;
  }
  if (call.kind === 'measure' && value === undefined) return;
  throw new Broken(`${subject}: ${verb} ends as if it had been understood${value === undefined ? '' : `: ${JSON.stringify(value)}`}`);
}

function expectNamed(what: string, message: string, tools: readonly string[]): void {
  if (!tools.some((tool) => message.includes(tool))) throw new Broken(`${what} without naming its tool: ${message}`);
}

/** The programs that a file's own commands run. */
function programsOf(pattern: CommandLinePattern): readonly string[] {
  const found = new Set<string>();
  const collect = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if ('argv' in value && Array.isArray(value.argv)) found.add(posix.basename(String(value.argv[0])));
    for (const each of Object.values(value)) collect(each);
  };
  collect(pattern);
  return [...found];
}

function bySubject(calls: readonly DriverCall[]): ReadonlyMap<string, readonly DriverCall[]> {
  const map = new Map<string, DriverCall[]>();
  for (const call of calls) map.set(call.subject, [...(map.get(call.subject) ?? []), call]);
  return map;
}
