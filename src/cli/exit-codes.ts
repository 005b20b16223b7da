/** What a script can tell apart. */
export const exitCodes = {
  done: 0,
  /** The service, or the state folder, said no. */
  refused: 1,
  /** The command line or the settings are wrong. */
  wrongUsage: 2,
  /** The endpoint did not answer. */
  unreachable: 3,
  /** A mistake of the program's own: EX_SOFTWARE of sysexits.h. */
  broken: 70,
} as const;

/** A command that did not work, in words that name the mend: a line of them, or several. */
export class CommandFailed extends Error {
  readonly exitCode: number;
  readonly lines: readonly string[];

  constructor(exitCode: (typeof exitCodes)[keyof typeof exitCodes], message: string | readonly string[], options?: ErrorOptions) {
    const lines = typeof message === 'string' ? [message] : message;
    super(lines.join('\n'), options);
    this.name = 'CommandFailed';
    this.exitCode = exitCode;
    this.lines = lines;
  }
}
