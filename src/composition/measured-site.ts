import type { Site } from '../blockstore/site.ts';
import { DriverError, type DriverErrorKind } from '../drivers/driver-error.ts';
import type { CommandRecord } from '../drivers/thing.ts';

/** What a host answered to one question or order. */
export interface HostAnswer {
  /** By its name in the settings. */
  readonly host: string;
  /** `ok`, or the kind of the DriverError; a look that could not tell is `unknown` too. */
  readonly outcome: 'ok' | DriverErrorKind;
  readonly commands: readonly CommandRecord[];
}

/** The same site, of which every answer of every host is told: whichever backend it is, and whoever asked. */
export function measuredSite(site: Site, onAnswer: (answer: HostAnswer) => void): Site {
  const measureAll = <Host extends object>(hosts: ReadonlyMap<string, Host>) =>
    new Map([...hosts].map(([name, host]) => [name, measured(host, (answer) => onAnswer({ host: name, ...answer }))]));
  return { ...site, volumeServers: measureAll(site.volumeServers), vmmHosts: measureAll(site.vmmHosts) };
}

/** A copy of a driver, or of a group of them, whose verbs tell what they answered. All contracts answer in the same few ways. */
function measured<Driver extends object>(driver: Driver, onAnswer: (answer: Omit<HostAnswer, 'host'>) => void): Driver {
  const members = Object.entries(driver).map(([name, member]): [string, unknown] => {
    if (typeof member === 'function') {
      return [name, measuredVerb((...given) => Reflect.apply(member, driver, given) as unknown, onAnswer)];
    }
    return [name, typeof member === 'object' && member !== null ? measured(member as object, onAnswer) : member];
  });
  return Object.fromEntries(members) as Driver;
}

function measuredVerb(verb: (...given: readonly unknown[]) => unknown, onAnswer: (answer: Omit<HostAnswer, 'host'>) => void) {
  return async (...given: readonly unknown[]): Promise<unknown> => {
    try {
      const answer = await verb(...given);
      onAnswer({ outcome: isUnknown(answer) ? 'unknown' : 'ok', commands: commandsOf(answer) });
      return answer;
    } catch (cause) {
      if (cause instanceof DriverError) {
        onAnswer({ outcome: cause.kind, commands: cause.commands });
      }
      throw cause;
    }
  };
}

/** A verb answers its commands, or a value with its commands. */
function commandsOf(answer: unknown): readonly CommandRecord[] {
  const commands = Array.isArray(answer) ? answer : isRecord(answer) ? answer.commands : undefined;
  return Array.isArray(commands) ? (commands as CommandRecord[]) : [];
}

function isUnknown(answer: unknown): boolean {
  return isRecord(answer) && isRecord(answer.value) && answer.value.state === 'unknown';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
