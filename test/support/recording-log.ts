import type { Log } from '../../src/telemetry/log.ts';

type Level = keyof Log;

/** A log that keeps its lines, each with its fields. */
export interface RecordingLog extends Log {
  lines(level: Level): readonly string[];
}

export function recordingLog(): RecordingLog {
  const written: { readonly level: Level; readonly line: string }[] = [];
  const at = (level: Level) => (fields: object, message: string) => {
    written.push({ level, line: `${message} ${JSON.stringify(fields)}` });
  };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    lines: (level) => written.filter((one) => one.level === level).map(({ line }) => line),
  };
}
