import { destination, pino, stdSerializers } from 'pino';
import type { Log } from './log.ts';

/** An Error under any of these names is written with its message, its stack and its causes; pino would write others as `{}`. */
const serializers = { err: stdSerializers.errWithCause, error: stdSerializers.errWithCause, cause: stdSerializers.errWithCause };

/** JSON lines, to a file or to standard error. */
export function pinoLog({ level, file }: { readonly level: 'debug' | 'info' | 'warn' | 'error'; readonly file?: string }): Log {
  // Written at once: the last lines before a crash are the ones that matter.
  const log = pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, serializers },
    destination({ dest: file ?? 2, sync: true, mkdir: true }),
  );
  return {
    debug: (fields, message) => log.debug(fields, message),
    info: (fields, message) => log.info(fields, message),
    warn: (fields, message) => log.warn(fields, message),
    error: (fields, message) => log.error(fields, message),
  };
}
