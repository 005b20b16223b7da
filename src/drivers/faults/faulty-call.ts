import { DriverError, type DriverErrorKind } from '../driver-error.ts';
import type { Answer, CommandRecord } from '../thing.ts';
import type { DriverCall, Fault, FaultInjection } from './fault.ts';

/** The answer of a call that a fault met, or the DriverError with which it fails. `pretend` is what a lie answers. */
export async function meetFault<Value>(
  call: DriverCall,
  fault: Fault | undefined,
  injection: FaultInjection,
  carryOut: () => Promise<Value>,
  pretend: () => Promise<Value> | Value,
): Promise<Value> {
  const { sleep, timeLimitMs } = injection;
  switch (fault?.kind) {
    case undefined:
      return carryOut();
    case 'delay':
      await sleep(fault.delayMs ?? 0);
      return carryOut();
    case 'lie':
      return pretend();
    case 'error':
      throw injectedError('refused', call, fault, injection);
    case 'error-after':
      await carryOut();
      throw injectedError('refused', call, fault, injection);
    case 'hang':
      await sleep(timeLimitMs);
      throw injectedError('unknown', call, fault, injection);
    case 'hang-after':
      await carryOut();
      await sleep(timeLimitMs);
      throw injectedError('unknown', call, fault, injection);
    case 'conflict':
      throw injectedError('conflict', call, fault, injection);
    case 'unavailable':
      throw injectedError('unavailable', call, fault, injection);
  }
}

const descriptions = {
  error: 'was refused',
  'error-after': 'was refused',
  hang: 'did not answer in time',
  'hang-after': 'did not answer in time',
  delay: 'was late',
  lie: 'answered without doing anything',
  conflict: 'found something else in its place',
  unavailable: 'was asked of a host that does not answer',
} as const satisfies Record<Fault['kind'], string>;

/** What a fault says of itself: an operator who reads the journal must see that no real host misbehaved. */
export function describeFault({ host, verb }: DriverCall, { kind }: Fault): string {
  return `injected fault: ${verb} on ${host} ${descriptions[kind]}`;
}

/** For the journal, in place of the commands of the real call. */
export function faultRecord(call: DriverCall, fault: Fault, { clock }: Pick<FaultInjection, 'clock'>): CommandRecord {
  return {
    host: call.host,
    argv: ['injected-fault', fault.kind, call.verb],
    startedAtMs: clock(),
    durationMs: 0,
    outputTail: describeFault(call, fault),
  };
}

export function answerOf<Value>(value: Value, call: DriverCall, fault: Fault, injection: FaultInjection): Answer<Value> {
  return { value, commands: [faultRecord(call, fault, injection)] };
}

function injectedError(kind: DriverErrorKind, call: DriverCall, fault: Fault, injection: FaultInjection): DriverError {
  return new DriverError(kind, describeFault(call, fault), {
    commands: [faultRecord(call, fault, injection)],
    // A host that answers nothing now may do so in a moment.
    ...(kind === 'unavailable' && { retryable: true }),
  });
}
