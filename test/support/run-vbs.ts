import { setTimeout as sleep } from 'node:timers/promises';
import { outputOn } from '../../src/cli/output.ts';
import { runProgram } from '../../src/cli/program.ts';
import { checkDriver } from '../../src/composition/check-driver.ts';
import { diagnoseSite } from '../../src/composition/diagnose-site.ts';
import { explainFailure } from '../../src/composition/explain-failure.ts';
import { explainInstance } from '../../src/composition/explain-instance.ts';
import { explainOperation } from '../../src/composition/explain-operation.ts';
import { lintDriver } from '../../src/composition/lint-driver.ts';
import { openChosenOperator } from '../../src/composition/open-operator.ts';
import { restoreState } from '../../src/composition/restore-state.ts';

export interface Run {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `vbs` as the command line would, in this process. */
export async function vbs(...words: readonly string[]): Promise<Run> {
  const written = { stdout: '', stderr: '' };
  const into = (stream: keyof typeof written) => ({
    write(text: string) {
      written[stream] += text;
    },
  });
  const exitCode = await runProgram(words, {
    version: '0.0.0-test',
    output: outputOn(into('stdout'), into('stderr')),
    environment: {},
    serve: async () => {},
    openOperator: openChosenOperator,
    restoreState,
    lintDriver,
    explainFailure,
    checkDriver,
    diagnoseSite,
    explainOperation,
    // As long as it is asked to: commands count their patience by what they have slept.
    sleep: async (milliseconds) => {
      await sleep(milliseconds);
    },
    explainInstance,
    readSecret: async () => 'a-secret-from-standard-input',
  });
  return { exitCode, ...written };
}
