import { YamlRefused } from '../checked-yaml/checked-yaml.ts';
import { CommandFailed, exitCodes } from '../cli/exit-codes.ts';
import { DriverError } from '../drivers/driver-error.ts';
import { Failure } from '../model/failure.ts';
import { SettingsUnusable } from '../settings/read-settings.ts';
import { DatabaseUnusable } from '../store/sqlite/database-unusable.ts';

/** What made a command fail, as the one who gave it can mend it, in a sentence and an exit code; `undefined` for a mistake of the program's own. */
export function explainFailure(cause: unknown): CommandFailed | undefined {
  if (cause instanceof CommandFailed) {
    return cause;
  }
  if (cause instanceof YamlRefused || cause instanceof SettingsUnusable) {
    return new CommandFailed(exitCodes.wrongUsage, cause.message.split('\n'), { cause });
  }
  if (cause instanceof DriverError || cause instanceof DatabaseUnusable) {
    return new CommandFailed(exitCodes.refused, cause.message, { cause });
  }
  if (cause instanceof Failure && cause.reason.kind === 'unavailable') {
    return new CommandFailed(exitCodes.refused, cause.reason.reason, { cause });
  }
  // What the system refuses says itself what and where: "EISDIR: illegal operation on a directory, open '/var/log'".
  return cause instanceof Error && 'syscall' in cause ? new CommandFailed(exitCodes.refused, cause.message, { cause }) : undefined;
}
