import { userInfo } from 'node:os';
import type { ProgramDependencies } from './program-dependencies.ts';

/** Who gives the command, for the journal: the person behind sudo where there is one. */
export function operatorName({ environment }: Pick<ProgramDependencies, 'environment'>): string {
  const { SUDO_USER: behindSudo } = environment;
  if (behindSudo !== undefined && behindSudo !== '') {
    return behindSudo;
  }
  try {
    return userInfo().username;
  } catch {
    // A user id without a name, as in containers.
    return `user ${process.getuid?.()}`;
  }
}
