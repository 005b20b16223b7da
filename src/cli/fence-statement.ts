import type { OperatorStatement } from '../blockstore/operator.ts';
import { CommandFailed, exitCodes } from './exit-codes.ts';
import { operatorName } from './operator-name.ts';
import type { ProgramDependencies } from './program-dependencies.ts';

/** What `--fenced` says, with who said it. Throws when it says nothing that somebody could answer for. */
export function fenceStatement(
  text: string | undefined,
  dependencies: Pick<ProgramDependencies, 'environment'>,
): Required<OperatorStatement> {
  const statement = text?.trim() ?? '';
  if (statement.length < 10 || statement.length > 1_000) {
    throw new CommandFailed(
      exitCodes.wrongUsage,
      '--fenced "WHAT WAS DONE" is needed, in 10 to 1000 characters: by what it is sure that the VMM host cannot reach the volume, as --fenced "pulled the power of xen1"',
    );
  }
  return { by: operatorName(dependencies), statement };
}
