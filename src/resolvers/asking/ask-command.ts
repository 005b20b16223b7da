import type { Host } from '../../drivers/command/host.ts';
import { CloudUnavailable } from '../cloud-resolver.ts';
import type { TimeLimit } from '../time-limit.ts';

export interface SaidCommand {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a command that only asks, and answers what it said when it ended by itself.
 * Throws CloudUnavailable when it could not be started, did not end in time, or ended with an exit code that is not among the expected.
 */
export async function askCommand(
  host: Host,
  argv: readonly string[],
  limit: TimeLimit,
  { expectedExits = [0] }: { readonly expectedExits?: readonly number[] } = {},
): Promise<SaidCommand> {
  const what = `${argv[0]} on ${host.name}`;
  const result = await host.run({ argv, timeoutMs: limit.remainingMs() }).catch((cause: unknown) => {
    throw new CloudUnavailable(cause instanceof Error ? cause.message : `${what} could not be run`, { cause });
  });
  const { exitCode, stdout, stderr } = result;
  if (exitCode === undefined) {
    throw new CloudUnavailable(`${what} ${result.timedOut ? 'did not end in time and was ended' : 'was ended by a signal'}`);
  }
  if (!expectedExits.includes(exitCode)) {
    const [line = ''] = stderr.split('\n').filter((text) => text.trim() !== '');
    throw new CloudUnavailable(`${what} ended with exit code ${exitCode}${line === '' ? '' : `: ${line.slice(0, 500)}`}`);
  }
  return { exitCode, stdout, stderr };
}
