import type { Site } from '../../src/blockstore/site.ts';
import { DriverError } from '../../src/drivers/driver-error.ts';
import type { Answer, CommandRecord, Look, Thing, ThingKind } from '../../src/drivers/thing.ts';

/** The verbs that change something. */
export type Deed = `${ThingKind}.${'make' | 'unmake'}` | 'volume.copy' | `${'volume' | 'export' | 'session' | 'disk'}.grow`;
export type Verb = Deed | `${ThingKind}.look`;

/** What can go wrong with a deed. */
export type DeedFault = 'is refused' | 'times out without effect' | 'works and times out' | 'works and is refused' | 'lies';
/** What can go wrong with a look. */
export type LookFault = 'cannot tell' | 'finds something else';
/** Something that happens in the moment before a verb is carried out, which then goes its way. */
export type Interruption = () => Promise<void>;
export type Fault = DeedFault | LookFault | Interruption;

/** Faults that are armed at verbs of a site, and what was asked of it. */
export interface Faults {
  /** The next `times` calls of the verb meet the fault; for ever when it is not given. */
  arm(verb: Verb, fault: Fault, times?: number): void;
  disarm(): void;
  /** The deeds that were asked for and had something to do, faulty ones too, in their order. */
  readonly asked: readonly Deed[];
  /** The same site, with the faults in it. */
  inject(site: Site): Site;
}

export function createFaults(): Faults {
  const armed = new Map<Verb, { readonly fault: Fault; left: number }>();
  const asked: Deed[] = [];

  const meet = async (verb: Verb): Promise<DeedFault | LookFault | undefined> => {
    const found = armed.get(verb);
    if (found === undefined || found.left <= 0) {
      return undefined;
    }
    found.left -= 1;
    if (typeof found.fault !== 'function') {
      return found.fault;
    }
    await found.fault();
    return undefined;
  };

  const perform = async (verb: Deed, deed: () => Promise<readonly CommandRecord[]>): Promise<readonly CommandRecord[]> => {
    asked.push(verb);
    const fault = await meet(verb);
    switch (fault) {
      case 'is refused':
        throw new DriverError('refused', `${verb} was refused`);
      case 'times out without effect':
        throw new DriverError('unknown', `${verb} timed out`);
      case 'works and times out':
        await deed();
        throw new DriverError('unknown', `${verb} timed out`);
      case 'works and is refused':
        await deed();
        throw new DriverError('refused', `${verb} was refused`);
      case 'lies':
        return [];
      default:
        return deed();
    }
  };

  const faulty = <Spec, Facts>(kind: ThingKind, thing: Thing<Spec, Facts>): Thing<Spec, Facts> => {
    const look = async (spec: Spec): Promise<Answer<Look<Facts>>> => {
      const fault = await meet(`${kind}.look`);
      switch (fault) {
        case 'cannot tell':
          return { value: { state: 'unknown', reason: `${kind}.look could not tell` }, commands: [] };
        case 'finds something else':
          return { value: { state: 'different', difference: `another ${kind}` }, commands: [] };
        default:
          return thing.look(spec);
      }
    };
    return {
      look,
      // Looks first, as every make does, so that what is wrong with looking is wrong with that look too.
      async make(spec) {
        const { value: found, commands } = await look(spec);
        switch (found.state) {
          case 'present':
            return commands;
          case 'different':
            throw new DriverError('conflict', found.difference, { commands });
          case 'unknown':
            throw new DriverError('unknown', found.reason, { commands });
          default:
            return perform(`${kind}.make`, () => thing.make(spec));
        }
      },
      unmake: (spec) => perform(`${kind}.unmake`, () => thing.unmake(spec)),
      list: () => thing.list(),
    };
  };

  return {
    asked,
    arm(verb, fault, times = Number.POSITIVE_INFINITY) {
      armed.set(verb, { fault, left: times });
    },
    disarm: () => armed.clear(),
    inject: (site) => ({
      ...site,
      volumeServers: new Map(
        [...site.volumeServers].map(([name, { volumes, exports }]) => [
          name,
          {
            volumes: {
              ...volumes,
              volume: faulty('volume', volumes.volume),
              snapshot: faulty('snapshot', volumes.snapshot),
              copy: (spec) => perform('volume.copy', () => volumes.copy(spec)),
              ...(volumes.grow && { grow: (spec) => perform('volume.grow', async () => volumes.grow?.(spec) ?? []) }),
            },
            exports: {
              export: faulty('export', exports.export),
              access: faulty('access', exports.access),
              ...(exports.grow && { grow: (spec) => perform('export.grow', async () => exports.grow?.(spec) ?? []) }),
            },
          },
        ]),
      ),
      vmmHosts: new Map(
        [...site.vmmHosts].map(([name, { vmm, initiator, ...rest }]) => [
          name,
          {
            ...rest,
            vmm: {
              ...vmm,
              disk: faulty('disk', vmm.disk),
              ...(vmm.grow && { grow: (spec) => perform('disk.grow', async () => vmm.grow?.(spec) ?? []) }),
            },
            ...(initiator && {
              initiator: {
                session: faulty('session', initiator.session),
                ...(initiator.grow && { grow: (spec) => perform('session.grow', async () => initiator.grow?.(spec) ?? []) }),
              },
            }),
          },
        ]),
      ),
    }),
  };
}
