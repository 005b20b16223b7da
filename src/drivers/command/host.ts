/** A command to run. Never a shell line: each element of `argv` reaches the program as it is. */
export interface HostCommand {
  readonly argv: readonly string[];
  /** Added to the host's own small environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Given on standard input, which is closed otherwise. The only way in for a secret: argv and environment can be read in /proc. */
  readonly stdin?: string;
  readonly timeoutMs: number;
}

/** What was seen of a command. Plain values, so that a host behind ssh can answer the same. */
export interface CommandResult {
  /** `undefined`: no exit was seen (killed at its time limit or by someone's signal), so what it did is unknown. */
  readonly exitCode?: number;
  readonly timedOut: boolean;
  readonly stdout: string;
  readonly stderr: string;
  readonly startedAtMs: number;
  readonly durationMs: number;
}

/**
 * A machine that runs commands.
 * `run` answers for whatever exit it sees and throws DriverError `unavailable` only when the program could not be started at all,
 * and `unknown` when it was started and lost.
 */
export interface Host {
  /** The host's name in the settings. */
  readonly name: string;
  run(command: HostCommand): Promise<CommandResult>;
}
