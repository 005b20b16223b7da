import type { Clock } from '../../../../src/drivers/command/clock.ts';
import type { CommandResult, Host, HostCommand } from '../../../../src/drivers/command/host.ts';

/** A host that answers by a function of the command, and remembers what was run. */
export interface ScriptedHost extends Host {
  readonly ran: readonly HostCommand[];
}

export function scriptedHost(
  answer: (command: HostCommand, count: number) => Partial<CommandResult> | Promise<Partial<CommandResult>>,
): ScriptedHost {
  const ran: HostCommand[] = [];
  return {
    name: 'vmm1',
    ran,
    run: async (command) => {
      ran.push(command);
      const given = await answer(command, ran.length);
      const exit = given.timedOut ? {} : { exitCode: 0 };
      return { ...exit, timedOut: false, stdout: '', stderr: '', startedAtMs: 0, durationMs: 1, ...given };
    },
  };
}

/** Time that passes only by waiting. */
export function steppedClock(): Clock & { readonly waitsMs: readonly number[] } {
  const waitsMs: number[] = [];
  return {
    waitsMs,
    nowMs: () => waitsMs.reduce((sum, wait) => sum + wait, 0),
    elapsedMs: () => waitsMs.reduce((sum, wait) => sum + wait, 0),
    waitMs: async (durationMs) => {
      waitsMs.push(durationMs);
    },
  };
}
