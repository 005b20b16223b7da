/** The service's log: structured fields first, then a sentence. Secrets never go in; hosts, argv and tool output may. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
