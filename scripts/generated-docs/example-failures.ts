import type { FailureKind, FailureReason } from '../../src/model/failure.ts';
import type { InstanceId, OperationId, SnapshotId, VolumeId } from '../../src/model/ids.ts';

const volumeId = 'vol-0123456789abcdef0' as VolumeId;
const snapshotId = 'snap-0123456789abcdef0' as SnapshotId;
const instanceId = 'i-0123456789abcdef0' as InstanceId;
const reason = '(what is wrong, in a sentence)';

/** One failure of each kind, for the table of errors: a kind without one does not compile. */
export const exampleFailures: { readonly [Kind in FailureKind]: Extract<FailureReason, { kind: Kind }> } = {
  'volume-not-found': { kind: 'volume-not-found', volumeIds: [volumeId] },
  'snapshot-not-found': { kind: 'snapshot-not-found', snapshotIds: [snapshotId] },
  'instance-not-found': { kind: 'instance-not-found', instanceIds: [instanceId] },
  'resolver-unavailable': { kind: 'resolver-unavailable', instanceId, resolver: 'cloud' },
  'instance-not-authorised': { kind: 'instance-not-authorised', instanceId },
  'instance-contradicted': { kind: 'instance-contradicted', instanceId, resolvers: ['one', 'another'] },
  'instance-not-running': { kind: 'instance-not-running', instanceId },
  'volume-state': { kind: 'volume-state', volumeId, state: 'creating', wanted: 'available' },
  'volume-in-use': { kind: 'volume-in-use', volumeId, instanceId },
  'volume-barred': { kind: 'volume-barred', volumeId, operationId: 'op-0123456789abcdef0' as OperationId },
  'operation-under-way': { kind: 'operation-under-way', resourceId: volumeId, operation: 'attach-volume op-0123456789abcdef0' },
  'attachment-limit': { kind: 'attachment-limit', volumeId, most: 16 },
  'device-in-use': { kind: 'device-in-use', device: '/dev/sdf', instanceId },
  'attachment-not-found': { kind: 'attachment-not-found', volumeId, instanceId, device: '/dev/sdf' },
  'snapshot-state': { kind: 'snapshot-state', snapshotId, state: 'pending' },
  'snapshot-in-use': { kind: 'snapshot-in-use', snapshotId, readerId: volumeId },
  'volume-being-copied': { kind: 'volume-being-copied', volumeId, copyId: snapshotId },
  'snapshot-locked': { kind: 'snapshot-locked', snapshotId, expiresAtMs: Date.UTC(2030, 0, 1) },
  'snapshot-not-locked': { kind: 'snapshot-not-locked', snapshotId },
  'zone-not-found': { kind: 'zone-not-found', zone: 'us-east-1x', zones: ['us-east-1a'] },
  'region-not-found': { kind: 'region-not-found', region: 'eu-west-1' },
  'size-smaller-than-snapshot': { kind: 'size-smaller-than-snapshot', sizeGiB: 1, snapshotSizeGiB: 8 },
  'insufficient-capacity': { kind: 'insufficient-capacity', what: 'volume', sizeGiB: 16_384 },
  'idempotent-parameter-mismatch': { kind: 'idempotent-parameter-mismatch', clientToken: 'token' },
  'modification-not-found': { kind: 'modification-not-found', volumeIds: [volumeId] },
  'modification-under-way': { kind: 'modification-under-way', volumeId, state: 'modifying' },
  'not-permitted': { kind: 'not-permitted', reason },
  'request-limit': { kind: 'request-limit', reason },
  'too-many-tags': { kind: 'too-many-tags', resourceId: volumeId },
  'dry-run': { kind: 'dry-run' },
  unsupported: { kind: 'unsupported', reason },
  'invalid-parameter-value': { kind: 'invalid-parameter-value', parameter: 'Size', reason },
  'invalid-parameter-combination': { kind: 'invalid-parameter-combination', reason },
  'invalid-parameter-dependency': { kind: 'invalid-parameter-dependency', reason },
  'missing-parameter': { kind: 'missing-parameter', parameter: 'VolumeId' },
  unavailable: { kind: 'unavailable', reason },
};
