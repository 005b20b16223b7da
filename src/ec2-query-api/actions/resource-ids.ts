import { type InstanceId, parseInstanceId, parseSnapshotId, parseVolumeId, type SnapshotId, type VolumeId } from '../../model/ids.ts';
import { ApiError } from '../errors.ts';
import { shorten } from '../wire/nest-params.ts';

export function readVolumeId(text: string): VolumeId {
  const id = parseVolumeId(text);
  if (id === undefined) throw malformed(text, 'volumeId', 'vol-...');
  return id;
}

export function readSnapshotId(text: string): SnapshotId {
  const id = parseSnapshotId(text);
  if (id === undefined) throw malformed(text, 'snapshotId', 'snap-...');
  return id;
}

export function readInstanceId(text: string): InstanceId {
  const id = parseInstanceId(text);
  if (id === undefined) throw new ApiError('InvalidInstanceID.Malformed', `Invalid id: "${shorten(text)}"`);
  return id;
}

/** Ids asked for by a describe action: none given means all. */
export function readIds<Id>(texts: readonly string[] | undefined, read: (text: string) => Id): readonly Id[] | undefined {
  return texts === undefined || texts.length === 0 ? undefined : [...new Set(texts.map(read))];
}

function malformed(text: string, parameter: string, form: string): ApiError {
  return new ApiError('InvalidParameterValue', `Value (${shorten(text)}) for parameter ${parameter} is invalid. Expected: '${form}'.`);
}
