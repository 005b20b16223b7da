import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { outputOn } from './cli/output.ts';
import { runProgram } from './cli/program.ts';
import { explainFailure } from './composition/explain-failure.ts';
import { explainInstance } from './composition/explain-instance.ts';
import { openChosenOperator } from './composition/open-operator.ts';
import { packageFolder } from './composition/package-folder.ts';
import { restoreState } from './composition/restore-state.ts';
import { serve } from './composition/serve.ts';

/** The program `vbs`. Sets the exit code of the process. */
export async function main(argv: readonly string[]): Promise<void> {
  // Whatever the program and those that it starts make is its user's alone: volumes, logs, sockets, what tgtd writes.
  process.umask(0o077);
  for (const stream of [process.stdout, process.stderr]) stream.on('error', passOverClosedPipe);
  const output = outputOn(process.stdout, process.stderr);
  const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as { version: string };
  process.exitCode = await runProgram(argv, {
    version,
    output,
    environment: process.env,
    serve: (options) => serve(options, output),
    openOperator: openChosenOperator,
    restoreState,
    explainFailure,
    // Only this command needs what it loads.
    lintDriver: async (file) => (await import('./composition/lint-driver.ts')).lintDriver(file),
    checkDriver: async (file, options) => (await import('./composition/check-driver.ts')).checkDriver(file, options),
    explainOperation: async (request) => (await import('./composition/explain-operation.ts')).explainOperation(request),
    diagnoseSite: async (options) => (await import('./composition/diagnose-site.ts')).diagnoseSite(options),
    sleep: async (milliseconds) => {
      await sleep(milliseconds);
    },
    explainInstance,
    readSecret,
  });
}

/** Whoever reads may have seen enough, as `head` has, or have closed the terminal: what was begun goes on to its end. */
function passOverClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
}

async function readSecret(): Promise<string> {
  for await (const line of createInterface({ input: process.stdin })) {
    return line;
  }
  return '';
}
