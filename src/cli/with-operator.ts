import type { Operator } from '../blockstore/operator.ts';
import type { ProgramDependencies } from './program-dependencies.ts';

/** Opens the state folder for as long as it is used. */
export async function withOperator(
  { openOperator }: Pick<ProgramDependencies, 'openOperator'>,
  stateFolder: string,
  use: (operator: Operator) => Promise<void>,
): Promise<void> {
  const opened = openOperator(stateFolder);
  try {
    await use(opened.operator);
  } finally {
    opened.close();
  }
}
