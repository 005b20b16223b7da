import type { Site } from '../../src/blockstore/site.ts';
import { faultySite } from '../../src/composition/faulty-site.ts';
import type { DriverVerb, FaultKind, FaultSource } from '../../src/drivers/faults/fault.ts';
import type { ThingKind } from '../../src/drivers/thing.ts';

/** The verbs that change something. */
export type Deed = `${ThingKind}.${'make' | 'unmake'}` | 'volume.copy' | `${'volume' | 'export' | 'session' | 'disk'}.grow`;
export type Verb = DriverVerb;

/** What can go wrong with a deed. */
export type DeedFault = 'is refused' | 'times out without effect' | 'works and times out' | 'works and is refused' | 'lies';
/** What can go wrong with a look. */
export type LookFault = 'cannot tell' | 'finds something else';
/** Something that happens in the moment before a verb is carried out, which then goes its way. */
export type Interruption = () => Promise<void>;
export type Fault = DeedFault | LookFault | Interruption;

const kinds = {
  'is refused': 'error',
  'works and is refused': 'error-after',
  'times out without effect': 'hang',
  'works and times out': 'hang-after',
  lies: 'lie',
  'cannot tell': 'error',
  'finds something else': 'conflict',
} as const satisfies Record<DeedFault | LookFault, FaultKind>;

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
  const source: FaultSource = {
    async meet({ verb }) {
      if (isDeed(verb)) {
        asked.push(verb);
      }
      const found = armed.get(verb);
      if (found === undefined || found.left <= 0) {
        return undefined;
      }
      found.left -= 1;
      if (typeof found.fault !== 'function') {
        return { kind: kinds[found.fault] };
      }
      await found.fault();
      return undefined;
    },
  };
  return {
    asked,
    arm(verb, fault, times = Number.POSITIVE_INFINITY) {
      armed.set(verb, { fault, left: times });
    },
    disarm: () => armed.clear(),
    inject: (site) => faultySite(site, { source, clock: () => 0, sleep: async () => {}, timeLimitMs: 0 }),
  };
}

function isDeed(verb: Verb): verb is Deed {
  return verb === 'volume.copy' || verb.endsWith('.grow') || verb.endsWith('.make') || verb.endsWith('.unmake');
}
