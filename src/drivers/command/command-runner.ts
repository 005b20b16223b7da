import { basename } from 'node:path';
import { DriverError, saysBusy } from '../driver-error.ts';
import type { CommandRecord } from '../thing.ts';
import type { Clock } from './clock.ts';
import type { CommandResult, Host, HostCommand } from './host.ts';
import type { CommandLinePattern, CommandPattern, ExitPattern } from './pattern.ts';
import { redactor } from './redact.ts';
import type { Storage } from './storage.ts';
import { fill, placeholdersOf, ValueRefused, type Values } from './template.ts';

/** What a backend needs to work: where it runs, what the site set, and time. */
export interface BackendContext {
  readonly host: Host;
  /** Checked by siteSettings(). */
  readonly settings: Values;
  readonly clock: Clock;
  /** What `{scripts:path}` stands for. */
  readonly scriptsFolder: string;
  /** Of a volume server: no command is run before its storage is known to be the right one. Its id is `{storageId}`, and VBS_STORAGE for scripts. */
  readonly storage?: Pick<Storage, 'id' | 'check'>;
}

export interface CommandsOutcome {
  readonly records: readonly CommandRecord[];
  /** Standard output of all commands, one after another; secrets are taken out. */
  readonly output: string;
  /** Whether a command said that what it was asked about is not there. */
  readonly absent: boolean;
}

/** Runs a verb's commands in order. Throws DriverError, with the records of all that was run, at the first that fails. */
export type CommandRunner = (commands: readonly CommandPattern[], values: Values) => Promise<CommandsOutcome>;

/** A transient exit is tried again so often, with waits of 100, 200, 400 and 800 ms between. */
const attempts = 5;
const firstWaitMs = 100;

const tailBytes = 2048;
const tailLines = 20;

export function commandRunner(pattern: CommandLinePattern, context: BackendContext): CommandRunner {
  const { host, clock, storage } = context;
  const settings: Values = { ...context.settings, scripts: context.scriptsFolder };
  const environment = Object.fromEntries(Object.entries(pattern.environment).map(([name, text]) => [name, fill(text, settings)]));
  const hints = pattern.hints.map(({ text, means }) => ({ text: new RegExp(text, 'm'), means }));

  return async (commands, values) => {
    const records: CommandRecord[] = [];
    const outputs: string[] = [];
    let absent = false;
    const storageId = await storage?.id();
    const site: Values = { ...settings, ...(storageId !== undefined && { storageId }) };
    const env = { ...environment, ...(storageId !== undefined && { VBS_STORAGE: storageId }) };
    // Every command is filled in before the first one runs: a value that is refused leaves nothing half done.
    for (const prepared of commands.map((command) => prepareCommand(command, { ...site, ...values }, env))) {
      const { result, meaning } = await runWithRetries(prepared, records);
      if (meaning === 'absent') absent = true;
      outputs.push(prepared.redact(result.stdout));
    }
    return { records, output: outputs.join(''), absent };
  };

  async function runWithRetries(
    prepared: PreparedCommand,
    records: CommandRecord[],
  ): Promise<{ result: CommandResult; meaning: 'ok' | 'absent' }> {
    for (let attempt = 1; ; attempt += 1) {
      const result = await runOnce(prepared, records);
      const meaning = meaningOf(prepared.pattern, result);
      if (meaning === 'ok' || meaning === 'absent') return { result, meaning };
      if (meaning !== 'transient' || attempt === attempts) throw failureOf(prepared, result, meaning, records);
      await clock.waitMs(firstWaitMs * 2 ** (attempt - 1));
    }
  }

  async function runOnce(prepared: PreparedCommand, records: CommandRecord[]): Promise<CommandResult> {
    const startedAtMs = clock.nowMs();
    const began = clock.elapsedMs();
    const about = { host: host.name, argv: prepared.command.argv.map(prepared.redact) };
    try {
      const result = await host.run(prepared.command);
      const { durationMs, exitCode } = result;
      const outputTail = tailOf(prepared.redact(result.stdout + result.stderr));
      records.push({ ...about, startedAtMs: result.startedAtMs, durationMs, ...(exitCode === undefined ? {} : { exitCode }), outputTail });
      return result;
    } catch (error) {
      if (!(error instanceof DriverError)) throw error;
      const message = prepared.redact(error.message);
      records.push({ ...about, startedAtMs, durationMs: Math.round(clock.elapsedMs() - began), outputTail: message });
      throw new DriverError(error.kind, message, { retryable: error.retryable, commands: [...records], cause: error.cause });
    }
  }

  function failureOf(
    prepared: PreparedCommand,
    result: CommandResult,
    meaning: FailedMeaning,
    records: readonly CommandRecord[],
  ): DriverError {
    const [program = ''] = prepared.command.argv;
    const text = prepared.redact(result.stderr.trim() === '' ? result.stdout : result.stderr);
    const lastLine = text.trim().split('\n').at(-1) ?? '';
    const hint = hints.find((each) => each.text.test(text));
    const end = `${lastLine === '' ? '' : `: ${lastLine}`}${hint === undefined ? '' : ` (${hint.means})`}`;
    const subject = `${basename(program)} on ${host.name}`;
    const commands = [...records];
    if (meaning === 'unseen') {
      const what = result.timedOut ? `gave no answer within ${prepared.command.timeoutMs} ms and was ended` : 'was ended by a signal';
      return new DriverError('unknown', `${subject} ${what}${end}`, { commands });
    }
    const message = `${subject} exited with ${result.exitCode}${end}`;
    if (meaning === 'unavailable') return new DriverError('unavailable', message, { retryable: true, commands });
    return new DriverError('refused', message, { retryable: meaning === 'transient', isBusy: saysBusy(withoutTrace(text)), commands });
  }
}

interface PreparedCommand {
  readonly pattern: CommandPattern;
  readonly command: HostCommand;
  redact(text: string): string;
}

function prepareCommand(pattern: CommandPattern, values: Values, env: Readonly<Record<string, string>>): PreparedCommand {
  try {
    const stdin = pattern.stdin === undefined ? {} : { stdin: fill(pattern.stdin, values) };
    const command = { argv: pattern.argv.map((text) => fill(text, values)), env, ...stdin, timeoutMs: pattern.timeoutSeconds * 1000 };
    return { pattern, command, redact: redactor(secretsOf(pattern, values)) };
  } catch (error) {
    if (!(error instanceof ValueRefused)) throw error;
    throw new DriverError('refused', `${basename(pattern.argv[0] ?? '')} was not run: ${error.message}`, { cause: error });
  }
}

function secretsOf(pattern: CommandPattern, values: Values): readonly string[] {
  if (pattern.stdin === undefined) return [];
  return placeholdersOf(pattern.stdin)
    .filter(({ type }) => type === 'secret')
    .map(({ name }) => String(values[name] ?? ''));
}

type FailedMeaning = 'transient' | 'unavailable' | 'refused' | 'unseen';

function meaningOf({ exits }: CommandPattern, result: CommandResult): 'ok' | 'absent' | FailedMeaning {
  const { exitCode } = result;
  if (exitCode === undefined) return 'unseen';
  if (exitCode === 0) return 'ok';
  const fits = (exit: ExitPattern): boolean =>
    typeof exit === 'number'
      ? exit === exitCode
      : exit.code === exitCode && new RegExp(exit.text, 'm').test(`${result.stderr}\n${result.stdout}`);
  if (exits.benign?.some(fits)) return 'ok';
  if (exits.absent?.some(fits)) return 'absent';
  if (exits.transient?.some(fits)) return 'transient';
  return exits.unavailable?.some(fits) ? 'unavailable' : 'refused';
}

/** Without the commands that a script tells of, whose arguments are names. */
function withoutTrace(text: string): string {
  return text
    .split('\n')
    .filter((line) => !line.startsWith('+ '))
    .join('\n');
}

/** The end of an output: 20 lines or 2 KiB, whichever is less. */
function tailOf(output: string): string {
  return Buffer.from(output.trimEnd().split('\n').slice(-tailLines).join('\n')).subarray(-tailBytes).toString();
}
