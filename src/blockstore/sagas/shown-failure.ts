import type { FailedEnd, SagaFailure } from '../../saga/definition.ts';
import type { Claim } from '../../saga/operation.ts';
import type { EndFailure } from '../../store/store.ts';

const consequences: Record<FailedEnd['state'], string> = {
  undone: 'Everything was undone.',
  halted: 'It stopped there; asking again goes on from where it is.',
  stuck: 'Undoing it failed too; the operator has to look at it.',
};

/** Keeps what the host said for the operator, and gives the owner of the resource the step and the operation to ask about: hosts, commands and their output are not for clients. */
export function shownFailure(what: string, { operationId }: Claim, { step, reason, state }: SagaFailure & FailedEnd): EndFailure {
  return {
    operationState: state,
    reason: `${step}: ${reason}`,
    shown: `The ${what} failed at its step "${step}". ${consequences[state]} Operation ${operationId} has the details.`,
  };
}
