/** One command that ran on a host, as the journal keeps it: secrets are already taken out. Plain values. */
export interface CommandRecord {
  /** The host's name in the settings. */
  readonly host: string;
  /** The argv, or for a protocol that is no command line what stands for it (`['qmp', 'device_add', '{…}']`). */
  readonly argv: readonly string[];
  readonly startedAtMs: number;
  readonly durationMs: number;
  /** `undefined`: no exit was seen (time-out, lost connection), so what it did is unknown. */
  readonly exitCode?: number;
  /** The last lines of standard output and error. */
  readonly outputTail: string;
}
