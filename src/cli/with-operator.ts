import type { Operator } from '../blockstore/operator.ts';
import type { ProgramDependencies } from './program-dependencies.ts';
import type { StateChoice } from './state-choice.ts';

/** Opens the state folder for as long as it is used. */
export async function withOperator(
  { openOperator }: Pick<ProgramDependencies, 'openOperator'>,
  choice: StateChoice,
  use: (operator: Operator) => Promise<void>,
): Promise<void> {
  const opened = openOperator(choice);
  try {
    await use(opened.operator);
  } finally {
    opened.close();
  }
}
