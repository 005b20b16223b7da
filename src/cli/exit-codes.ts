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

/** A command that did not work, in words that name the mend. */
export class CommandFailed extends Error {
  readonly exitCode: number;

  constructor(exitCode: (typeof exitCodes)[keyof typeof exitCodes], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CommandFailed';
    this.exitCode = exitCode;
  }
}
