import { destination, pino } from 'pino';
import { boundedFields, cutTo } from './bounded-fields.ts';
import type { Log } from './log.ts';
import { openLogFile } from './log-file.ts';
import { printable } from './printable.ts';

export interface PinoLogOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** Standard error without one. */
  readonly file?: string;
  /** A file of more is put aside, and so many are kept besides it. */
  readonly mostMiB: number;
  readonly files: number;
}

/** A log that can be put aside by somebody else. */
export interface ServiceLog extends Log {
  /** Begins the file anew by its name. Nothing to do for standard error. */
  reopen(): void;
  close(): void;
}

/** A line takes no more than 8 KiB: that, with the time and the sentence. */
const mostFieldBytes = 7 * 1_024;
const mostMessageBytes = 512;
const MiB = 1024 ** 2;
/** How much is kept of what standard error does not take; what comes after is lost. */
const mostUnwrittenCharacters = MiB;

/** JSON lines, to a file that only its owner reads or to standard error. Whoever looks at them with `cat` sees what stands there and nothing else. */
export function pinoLog({ level, file, mostMiB, files }: PinoLogOptions): ServiceLog {
  const stream = file === undefined ? standardError() : openLogFile({ file, mostBytes: mostMiB * MiB, files });
  const log = pino(
    {
      ...{ level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
      // An Error is in plain words by then, which pino would take for an error again.
      serializers: { err: (inWords: unknown) => inWords },
      formatters: { log: (fields) => boundedFields(fields, mostFieldBytes) },
    },
    { write: (line) => stream.write(`${printable(line.trimEnd())}\n`) },
  );
  const short = (message: string) => cutTo(message, mostMessageBytes);
  return {
    debug: (fields, message) => log.debug(fields, short(message)),
    info: (fields, message) => log.info(fields, short(message)),
    warn: (fields, message) => log.warn(fields, short(message)),
    error: (fields, message) => log.error(fields, short(message)),
    reopen: stream.reopen,
    close: stream.close,
  };
}

function standardError() {
  // Written at once: the last lines before a crash are the ones that matter.
  const stream = destination({ dest: 2, sync: true, maxLength: mostUnwrittenCharacters });
  // A log that cannot be written must fail nobody's request; its lines are kept, and written with the next one that can be.
  stream.on('error', () => undefined);
  return { write: (line: string) => void stream.write(line), reopen: () => undefined, close: () => undefined };
}
