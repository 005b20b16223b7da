import { expect, test } from 'vitest';
import { ApiError, errorAnswer } from '../../../src/ec2-query-api/errors.ts';
import { Failure, type FailureReason } from '../../../src/model/failure.ts';
import { idFromUuid } from '../../../src/model/ids.ts';
import { instanceId } from './support/fake-blockstore.ts';

const volumeId = idFromUuid('volume', 'a');
const otherVolumeId = idFromUuid('volume', 'b');
const snapshotId = idFromUuid('snapshot', 'a');
const instance = instanceId('i-00000001');

const worded: readonly [FailureReason, code: string, status: number, message: string][] = [
  [{ kind: 'volume-not-found', volumeIds: [volumeId] }, 'InvalidVolume.NotFound', 400, `The volume '${volumeId}' does not exist.`],
  [
    { kind: 'volume-not-found', volumeIds: [volumeId, otherVolumeId] },
    'InvalidVolume.NotFound',
    400,
    `The volumes '${volumeId}, ${otherVolumeId}' do not exist.`,
  ],
  [
    { kind: 'snapshot-not-found', snapshotIds: [snapshotId] },
    'InvalidSnapshot.NotFound',
    400,
    `The snapshot '${snapshotId}' does not exist.`,
  ],
  [
    { kind: 'instance-not-found', instanceIds: [instance] },
    'InvalidInstanceID.NotFound',
    400,
    "The instance ID 'i-00000001' does not exist.",
  ],
  [
    { kind: 'resolver-unavailable', instanceId: instance, resolver: 'nimbus at http://10.0.0.1' },
    'Unavailable',
    503,
    "The cloud could not be asked about the instance 'i-00000001'. Try again later.",
  ],
  [
    { kind: 'instance-not-authorised', instanceId: instance },
    'UnauthorizedOperation',
    403,
    "The cloud does not let this service see the instance 'i-00000001'. Its owner or the operator can change that.",
  ],
  [
    { kind: 'instance-contradicted', instanceId: instance, resolvers: ['nimbus', 'xen'] },
    'IncorrectInstanceState',
    400,
    "The resolvers nimbus and xen say different things of where the instance 'i-00000001' is. Only the operator can settle that.",
  ],
  [{ kind: 'instance-not-running', instanceId: instance }, 'IncorrectInstanceState', 400, "The instance 'i-00000001' is not 'running'."],
  [{ kind: 'volume-state', volumeId, state: 'in-use', wanted: 'available' }, 'IncorrectState', 400, `${volumeId} is not 'available'.`],
  [{ kind: 'volume-in-use', volumeId, instanceId: instance }, 'VolumeInUse', 400, `Volume ${volumeId} is currently attached to i-00000001`],
  [
    { kind: 'operation-under-way', resourceId: volumeId, operation: 'attach-volume' },
    'IncorrectState',
    400,
    `Another operation (attach-volume) on ${volumeId} is not finished.`,
  ],
  [
    { kind: 'device-in-use', device: '/dev/xvdb', instanceId: instance },
    'InvalidParameterValue',
    400,
    "Invalid value '/dev/xvdb' for unixDevice. Attachment point /dev/xvdb is already in use",
  ],
  [
    { kind: 'attachment-not-found', volumeId, instanceId: instance, device: '/dev/sdf' },
    'InvalidAttachment.NotFound',
    400,
    `The volume '${volumeId}' is not attached to instance 'i-00000001' as device '/dev/sdf'.`,
  ],
  [
    { kind: 'snapshot-state', snapshotId, state: 'pending' },
    'IncorrectState',
    400,
    `The snapshot ${snapshotId} is in an invalid state: pending`,
  ],
  [
    { kind: 'snapshot-in-use', snapshotId, readerId: volumeId },
    'InvalidSnapshot.InUse',
    400,
    `The snapshot ${snapshotId} is currently in use by ${volumeId}`,
  ],
  [
    { kind: 'volume-being-copied', copyId: snapshotId, volumeId },
    'VolumeInUse',
    400,
    `Volume ${volumeId} is being copied into ${snapshotId}, which is not completed.`,
  ],
  [
    { kind: 'snapshot-locked', snapshotId, expiresAtMs: 0 },
    'SnapshotLocked',
    400,
    `The snapshot ${snapshotId} is locked until 1970-01-01T00:00:00.000Z and cannot be deleted.`,
  ],
  [{ kind: 'snapshot-not-locked', snapshotId }, 'IncorrectState', 400, `The snapshot ${snapshotId} is not locked.`],
  [
    { kind: 'zone-not-found', zone: 'x', zones: ['a', 'b'] },
    'InvalidZone.NotFound',
    400,
    "The zone 'x' does not exist. The zones are: a, b",
  ],
  [{ kind: 'region-not-found', region: 'x' }, 'InvalidParameterValue', 400, 'Invalid region names: [x]'],
  [
    { kind: 'size-smaller-than-snapshot', sizeGiB: 1, snapshotSizeGiB: 2 },
    'InvalidParameterValue',
    400,
    'Volume of 1GiB is smaller than its snapshot; expected at least 2GiB.',
  ],
  [
    { kind: 'insufficient-capacity', what: 'volume', sizeGiB: 9 },
    'InsufficientVolumeCapacity',
    400,
    'There is not enough capacity for a volume of 9GiB.',
  ],
  [
    { kind: 'insufficient-capacity', what: 'volume', sizeGiB: 9, waitingGiB: 11.5 },
    'InsufficientVolumeCapacity',
    400,
    'There is not enough capacity for a volume of 9GiB. 12GiB of what was deleted wait to be wiped and are free then.',
  ],
  [
    { kind: 'idempotent-parameter-mismatch', clientToken: 't' },
    'IdempotentParameterMismatch',
    400,
    "The client token 't' was used before with other parameters.",
  ],
  [{ kind: 'dry-run' }, 'DryRunOperation', 412, 'Request would have succeeded, but DryRun flag is set.'],
  [{ kind: 'unsupported', reason: 'No.' }, 'UnsupportedOperation', 400, 'No.'],
  [{ kind: 'invalid-parameter-value', parameter: 'Size', reason: 'No.' }, 'InvalidParameterValue', 400, 'No.'],
  [{ kind: 'invalid-parameter-combination', reason: 'No.' }, 'InvalidParameterCombination', 400, 'No.'],
  [{ kind: 'invalid-parameter-dependency', reason: 'No.' }, 'InvalidParameterDependency', 400, 'No.'],
  [{ kind: 'missing-parameter', parameter: 'Size' }, 'MissingParameter', 400, 'The request must contain the parameter Size'],
  [{ kind: 'unavailable', reason: 'Later.' }, 'Unavailable', 503, 'Later.'],
];

test.each(worded.map(([reason, ...answer]) => [reason.kind, reason, ...answer] as const))(
  '%s is told as EC2 tells it',
  (_kind, reason, code, status, message) => {
    expect(errorAnswer(new Failure(reason))).toEqual({ code, status, message });
  },
);

test('a badly signed request is 401', () => {
  expect(errorAnswer(new ApiError('AuthFailure', 'No.'))).toEqual({ code: 'AuthFailure', status: 401, message: 'No.' });
});

test.each([new Error('lvcreate on vs1: secret'), 'a text', undefined])('anything else says nothing of itself', (thrown) => {
  const { code, status, message } = errorAnswer(thrown);
  expect({ code, status }).toEqual({ code: 'InternalError', status: 500 });
  expect(message).not.toMatch(/lvcreate|secret|text/);
});
