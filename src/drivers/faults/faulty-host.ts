import type { CommandResult, Host } from '../command/host.ts';
import type { DriverCall, FaultInjection } from './fault.ts';
import { describeFault, meetFault } from './faulty-call.ts';

/** How many commands a host remembers the results of. */
const mostRemembered = 1_000;

/**
 * A host whose commands go wrong when the source of faults says so, as a host sees it: an exit that says no, a time limit that is reached,
 * a connection that is refused. A lie answers what the very same command answered the last time, which is a stale listing or a deed without
 * effect; a command that never ran before is run.
 */
export function faultyHost(host: Host, injection: FaultInjection): Host {
  const { source, clock, sleep, timeLimitMs } = injection;
  const lastResults = new Map<string, CommandResult>();

  return {
    name: host.name,
    async run(command) {
      const call: DriverCall = { host: host.name, verb: 'command' };
      const fault = await source.meet(call);
      const name = JSON.stringify(command.argv);
      const startedAtMs = clock();
      const carryOut = async (): Promise<CommandResult> => {
        const result = await host.run(command);
        lastResults.delete(name);
        lastResults.set(name, result);
        const [oldest] = lastResults.keys();
        if (lastResults.size > mostRemembered && oldest !== undefined) {
          lastResults.delete(oldest);
        }
        return result;
      };
      const result = (outcome: Pick<CommandResult, 'timedOut' | 'exitCode'>): CommandResult => ({
        ...outcome,
        stdout: '',
        stderr: fault === undefined ? '' : describeFault(call, fault),
        startedAtMs,
        durationMs: clock() - startedAtMs,
      });
      switch (fault?.kind) {
        case 'error-after':
          await carryOut();
          return result({ exitCode: 1, timedOut: false });
        case 'error':
        case 'conflict':
          return result({ exitCode: 1, timedOut: false });
        case 'hang-after':
          await carryOut();
          await sleep(Math.min(command.timeoutMs, timeLimitMs));
          return result({ timedOut: true });
        case 'hang':
          await sleep(Math.min(command.timeoutMs, timeLimitMs));
          return result({ timedOut: true });
        default:
          return meetFault(call, fault, injection, carryOut, () => lastResults.get(name) ?? carryOut());
      }
    },
  };
}
