import { destination, pino, stdSerializers } from 'pino';
import type { Log } from './log.ts';

/** An Error under any of these names is written with its message, its stack and its causes; pino would write others as `{}`. */
const serializers = { err: stdSerializers.errWithCause, error: stdSerializers.errWithCause, cause: stdSerializers.errWithCause };

/** How much is kept of a log that cannot be written; what comes after is lost. */
const mostUnwrittenCharacters = 1024 * 1024;

/** JSON lines, to a file or to standard error. */
export function pinoLog({ level, file }: { readonly level: 'debug' | 'info' | 'warn' | 'error'; readonly file?: string }): Log {
  // Written at once: the last lines before a crash are the ones that matter.
  const stream = destination({ dest: file ?? 2, sync: true, mkdir: true, maxLength: mostUnwrittenCharacters });
  // A log that cannot be written, as on a full disk, must fail nobody's request; its lines are kept, and written with the next one that can be.
  stream.on('error', () => undefined);
  const log = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime, serializers }, stream);
  return {
    debug: (fields, message) => log.debug(fields, message),
    info: (fields, message) => log.info(fields, message),
    warn: (fields, message) => log.warn(fields, message),
    error: (fields, message) => log.error(fields, message),
  };
}
