import { basename } from 'node:path';
import { DriverError } from '../driver-error.ts';
import { debianPackageOf } from './debian-package.ts';

/** A program that could not be started, so that nothing was done; says what to install when it is missing. `code` is the system's (ENOENT). */
export function notStarted(hostName: string, program: string, code: string | undefined, cause?: unknown): DriverError {
  const debianPackage = debianPackageOf(basename(program));
  const mend = debianPackage === undefined ? '' : `: install it with apt-get install ${debianPackage}`;
  const reason = code === 'ENOENT' ? `is not installed on ${hostName}${mend}` : `cannot be started on ${hostName} (${code ?? 'no code'})`;
  return new DriverError('unavailable', `${program} ${reason}`, { cause });
}
