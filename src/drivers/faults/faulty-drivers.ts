import type { ExportServer } from '../export-server.ts';
import type { Initiator } from '../initiator.ts';
import type { Answer, CommandRecord } from '../thing.ts';
import type { Vmm } from '../vmm.ts';
import type { Remains, RemainsFacts, RemainsSpec, VolumeServer } from '../volume-server.ts';
import type { DriverVerb, FaultInjection } from './fault.ts';
import { meetFault } from './faulty-call.ts';
import { faultyThing } from './faulty-thing.ts';

// Each gives a driver of the same contract, which does what the real one does until the source of faults says otherwise.

export function faultyVolumeServer(host: string, volumes: VolumeServer, injection: FaultInjection): VolumeServer {
  const { grow, remains } = volumes;
  return {
    ...volumes,
    volume: faultyThing(host, 'volume', volumes.volume, injection),
    snapshot: faultyThing(host, 'snapshot', volumes.snapshot, injection),
    // Nothing in the contract compares a copy with what it was made from, so that a copy that lies could be told from a true one only by its bytes.
    copy: (spec) =>
      meet(
        host,
        'volume.copy',
        injection,
        () => volumes.copy(spec),
        () => volumes.copy(spec),
      ),
    ...(grow && { grow: faultyGrow(host, 'volume.grow', grow, injection) }),
    ...(remains && { remains: faultyRemains(host, remains, injection) }),
    progress: (spec) => ask(host, 'volume.progress', injection, () => volumes.progress(spec)),
    freeBytes: () => ask(host, 'volume.free', injection, () => volumes.freeBytes()),
  };
}

function faultyRemains(host: string, remains: Remains, injection: FaultInjection): Remains {
  // Nobody makes what remains.
  const { look, unmake, list } = faultyThing<RemainsSpec, RemainsFacts>(host, 'remains', { ...remains, make: async () => [] }, injection);
  return {
    look,
    unmake,
    list,
    zero: (piece) =>
      meet(
        host,
        'remains.zero',
        injection,
        () => remains.zero(piece),
        () => [],
      ),
  };
}

export function faultyExportServer(host: string, exports: ExportServer, injection: FaultInjection): ExportServer {
  const { grow } = exports;
  return {
    ...exports,
    export: faultyThing(host, 'export', exports.export, injection),
    access: faultyThing(host, 'access', exports.access, injection),
    ...(grow && { grow: faultyGrow(host, 'export.grow', grow, injection) }),
  };
}

export function faultyInitiator(host: string, initiator: Initiator, injection: FaultInjection): Initiator {
  const { grow } = initiator;
  return {
    ...initiator,
    session: faultyThing(host, 'session', initiator.session, injection),
    ...(grow && { grow: faultyGrow(host, 'session.grow', grow, injection) }),
  };
}

export function faultyVmm(host: string, vmm: Vmm, injection: FaultInjection): Vmm {
  const { grow } = vmm;
  return {
    ...vmm,
    disk: faultyThing(host, 'disk', vmm.disk, injection),
    ...(grow && { grow: faultyGrow(host, 'disk.grow', grow, injection) }),
    domain: (name) => ask(host, 'domain.look', injection, () => vmm.domain(name)),
  };
}

function faultyGrow<Spec>(
  host: string,
  verb: Extract<DriverVerb, `${string}.grow`>,
  grow: (spec: Spec) => Promise<readonly CommandRecord[]>,
  injection: FaultInjection,
): (spec: Spec) => Promise<readonly CommandRecord[]> {
  return (spec) =>
    meet(
      host,
      verb,
      injection,
      () => grow(spec),
      () => [],
    );
}

/** A question has no effect to be without, so that a lie about it is the truth. */
function ask<Value>(
  host: string,
  verb: DriverVerb,
  injection: FaultInjection,
  carryOut: () => Promise<Answer<Value>>,
): Promise<Answer<Value>> {
  return meet(host, verb, injection, carryOut, carryOut);
}

async function meet<Value>(
  host: string,
  verb: DriverVerb,
  injection: FaultInjection,
  carryOut: () => Promise<Value>,
  pretend: () => Promise<Value> | Value,
): Promise<Value> {
  const call = { host, verb };
  return meetFault(call, await injection.source.meet(call), injection, carryOut, pretend);
}
