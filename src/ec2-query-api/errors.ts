import { Failure, type FailureKind, type FailureReason } from '../model/failure.ts';
import { maxTagsOfResource } from '../model/tag.ts';

/** What a client sees of an error. */
export interface ErrorAnswer {
  /** The EC2 error code, which programs look at. */
  readonly code: string;
  readonly status: number;
  /** For people; never empty, since some clients search it. */
  readonly message: string;
}

/** The codes of requests that are refused before a use case sees them, with their HTTP status. */
export const protocolErrors = {
  AuthFailure: 401,
  FilterLimitExceeded: 400,
  IncompleteSignature: 400,
  InvalidAction: 400,
  InvalidID: 400,
  'InvalidInstanceID.Malformed': 400,
  InvalidParameterCombination: 400,
  InvalidParameterValue: 400,
  'InvalidUserID.Malformed': 400,
  MalformedQueryString: 400,
  MethodNotAllowed: 405,
  MissingAction: 400,
  MissingAuthenticationToken: 403,
  MissingParameter: 400,
  NoSuchVersion: 400,
  RequestEntityTooLarge: 413,
  RequestExpired: 400,
  RequestLimitExceeded: 503,
  TagLimitExceeded: 400,
  UnknownParameter: 400,
  UnsupportedOperation: 400,
} as const satisfies Record<string, number>;

export type ProtocolErrorCode = keyof typeof protocolErrors;

/** A request that the API itself refuses: badly signed, badly formed, or asking for what EC2 has and this service has not. */
export class ApiError extends Error {
  readonly code: ProtocolErrorCode;

  constructor(code: ProtocolErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ApiError';
    this.code = code;
  }
}

/** What asks for more than an account may have at a time. The SDKs know it, and try again by themselves after a while. */
export const requestLimitExceeded = 'RequestLimitExceeded';

/** In characters: a thousand ids that are not there, and some. */
const longestMessage = 32_000;

type Answers = { readonly [Kind in FailureKind]: (reason: Extract<FailureReason, { kind: Kind }>) => ErrorAnswer };

/** Every failure of the model, as EC2 words it. A kind without an entry does not compile. */
const answers: Answers = {
  'volume-not-found': ({ volumeIds }) => bad('InvalidVolume.NotFound', notFound('volume', volumeIds)),
  'snapshot-not-found': ({ snapshotIds }) => bad('InvalidSnapshot.NotFound', notFound('snapshot', snapshotIds)),
  'instance-not-found': ({ instanceIds }) => bad('InvalidInstanceID.NotFound', notFound('instance ID', instanceIds)),
  'resolver-unavailable': ({ instanceId }) =>
    unavailable(`The cloud could not be asked about the instance '${instanceId}'. Try again later.`),
  'instance-not-authorised': ({ instanceId }) => ({
    code: 'UnauthorizedOperation',
    status: 403,
    message: `The cloud does not let this service see the instance '${instanceId}'. Its owner or the operator can change that.`,
  }),
  'instance-contradicted': ({ instanceId, resolvers }) =>
    bad(
      'IncorrectInstanceState',
      `The resolvers ${resolvers.join(' and ')} say different things of where the instance '${instanceId}' is. Only the operator can settle that.`,
    ),
  'instance-not-running': ({ instanceId }) => bad('IncorrectInstanceState', `The instance '${instanceId}' is not 'running'.`),
  'volume-state': ({ volumeId, wanted }) => bad('IncorrectState', `${volumeId} is not '${wanted}'.`),
  'volume-in-use': ({ volumeId, instanceId }) => bad('VolumeInUse', `Volume ${volumeId} is currently attached to ${instanceId}`),
  'volume-barred': ({ volumeId, operationId }) =>
    bad(
      'IncorrectState',
      `The volume ${volumeId} is barred: it is not known whether its instance has let go of it (${operationId}). The operator has to clear it.`,
    ),
  'operation-under-way': ({ resourceId, operation }) =>
    bad('IncorrectState', `Another operation (${operation}) on ${resourceId} is not finished.`),
  'attachment-limit': ({ volumeId, most }) =>
    bad('AttachmentLimitExceeded', `Volume ${volumeId} is attached to ${most} instances, which is the most with Multi-Attach.`),
  'device-in-use': ({ device }) =>
    bad('InvalidParameterValue', `Invalid value '${device}' for unixDevice. Attachment point ${device} is already in use`),
  'attachment-not-found': ({ volumeId, instanceId, device }) => {
    const instance = instanceId === undefined ? '' : ` to instance '${instanceId}'`;
    const as = device === undefined ? '' : ` as device '${device}'`;
    return bad('InvalidAttachment.NotFound', `The volume '${volumeId}' is not attached${instance}${as}.`);
  },
  'snapshot-state': ({ snapshotId, state }) => bad('IncorrectState', `The snapshot ${snapshotId} is in an invalid state: ${state}`),
  'snapshot-in-use': ({ snapshotId, readerId = 'another account' }) =>
    bad('InvalidSnapshot.InUse', `The snapshot ${snapshotId} is currently in use by ${readerId}`),
  'volume-being-copied': ({ volumeId, copyId }) =>
    bad('VolumeInUse', `Volume ${volumeId} is being copied into ${copyId}, which is not completed.`),
  'snapshot-locked': ({ snapshotId, expiresAtMs }) => {
    const until = expiresAtMs === undefined ? '' : ` until ${new Date(expiresAtMs).toISOString()}`;
    return bad('SnapshotLocked', `The snapshot ${snapshotId} is locked${until} and cannot be deleted.`);
  },
  'snapshot-not-locked': ({ snapshotId }) => bad('IncorrectState', `The snapshot ${snapshotId} is not locked.`),
  'zone-not-found': ({ zone, zones }) =>
    bad('InvalidZone.NotFound', `The zone '${zone}' does not exist. The zones are: ${zones.join(', ')}`),
  'region-not-found': ({ region }) => bad('InvalidParameterValue', `Invalid region names: [${region}]`),
  'size-smaller-than-snapshot': ({ sizeGiB, snapshotSizeGiB }) =>
    bad('InvalidParameterValue', `Volume of ${sizeGiB}GiB is smaller than its snapshot; expected at least ${snapshotSizeGiB}GiB.`),
  'insufficient-capacity': ({ what, sizeGiB, waitingGiB }) => {
    const waiting = waitingGiB === undefined ? '' : ` ${Math.ceil(waitingGiB)}GiB of what was deleted wait to be wiped and are free then.`;
    return bad('InsufficientVolumeCapacity', `There is not enough capacity for a ${what} of ${sizeGiB}GiB.${waiting}`);
  },
  'idempotent-parameter-mismatch': ({ clientToken }) =>
    bad('IdempotentParameterMismatch', `The client token '${clientToken}' was used before with other parameters.`),
  'modification-not-found': ({ volumeIds }) =>
    bad('InvalidVolumeModification.NotFound', `There is no modification of ${volumeIds.join(', ')}.`),
  'modification-under-way': ({ volumeId, state }) =>
    bad('IncorrectModificationState', `Volume ${volumeId} is currently in modification state '${state.toUpperCase()}'.`),
  'not-permitted': ({ reason }) => bad('OperationNotPermitted', reason),
  'request-limit': ({ reason }) => ({ code: requestLimitExceeded, status: 503, message: `Request limit exceeded. ${reason}` }),
  'too-many-tags': ({ resourceId }) =>
    bad('TagLimitExceeded', `The resource ${resourceId} would have more than ${maxTagsOfResource} tags.`),
  'dry-run': () => ({
    code: 'DryRunOperation',
    status: 412,
    message: 'Request would have succeeded, but DryRun flag is set.',
  }),
  unsupported: ({ reason }) => bad('UnsupportedOperation', reason),
  'invalid-parameter-value': ({ reason }) => bad('InvalidParameterValue', reason),
  'invalid-parameter-combination': ({ reason }) => bad('InvalidParameterCombination', reason),
  'invalid-parameter-dependency': ({ reason }) => bad('InvalidParameterDependency', reason),
  'missing-parameter': ({ parameter }) => bad('MissingParameter', `The request must contain the parameter ${parameter}`),
  unavailable: ({ reason }) => unavailable(reason),
};

/** What the client is told about anything that was thrown. Only the two kinds of error that are meant for clients say more than that it went wrong. */
export function errorAnswer(error: unknown): ErrorAnswer {
  const answer = wholeAnswer(error);
  const { message } = answer;
  // It is made of what a client sent, which may be a megabyte.
  return message.length > longestMessage ? { ...answer, message: `${message.slice(0, longestMessage)}…` } : answer;
}

function wholeAnswer(error: unknown): ErrorAnswer {
  if (error instanceof Failure) return answerOf(error.reason);
  if (error instanceof ApiError) return { code: error.code, status: protocolErrors[error.code], message: error.message };
  return { code: 'InternalError', status: 500, message: 'An internal error has occurred. Give the request id to the operator.' };
}

function answerOf<Kind extends FailureKind>(reason: Extract<FailureReason, { kind: Kind }>): ErrorAnswer {
  const answer: (reason: Extract<FailureReason, { kind: Kind }>) => ErrorAnswer = answers[reason.kind];
  return answer(reason);
}

function bad(code: string, message: string): ErrorAnswer {
  return { code, status: 400, message };
}

function unavailable(message: string): ErrorAnswer {
  return { code: 'Unavailable', status: 503, message };
}

function notFound(what: string, ids: readonly string[]): string {
  return ids.length === 1 ? `The ${what} '${ids[0]}' does not exist.` : `The ${what}s '${ids.join(', ')}' do not exist.`;
}
