import { createHash } from 'node:crypto';

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** `vol-` and 8 (old clients) or 17 hex digits. */
export type VolumeId = Branded<'VolumeId'>;
/** `snap-` and 8 or 17 hex digits. */
export type SnapshotId = Branded<'SnapshotId'>;
/** What a cloud calls a VM: `i-…`, a workspace number, or the direct form `HOST/DOMAIN`. Only a resolver can tell whether it exists. */
export type InstanceId = Branded<'InstanceId'>;
/** `att-` and 17 hex digits; internal, never in an EC2 answer. */
export type AttachmentId = Branded<'AttachmentId'>;
/** `op-` and 17 hex digits. */
export type OperationId = Branded<'OperationId'>;
/** Twelve decimal digits. */
export type AccountId = Branded<'AccountId'>;

/** The kinds of id that VBS issues, by the prefix they carry. */
export const idPrefixes = { volume: 'vol', snapshot: 'snap', attachment: 'att', operation: 'op' } as const;
export type IdKind = keyof typeof idPrefixes;

export interface IssuedIds {
  volume: VolumeId;
  snapshot: SnapshotId;
  attachment: AttachmentId;
  operation: OperationId;
}

/** Makes the id that belongs to a UUID: the prefix and the first 17 hex digits of its SHA-256, as the paper derives its ids. Pure: the same UUID gives the same id. */
export function idFromUuid<Kind extends IdKind>(kind: Kind, uuid: string): IssuedIds[Kind] {
  const digits = createHash('sha256').update(uuid).digest('hex').slice(0, 17);
  return `${idPrefixes[kind]}-${digits}` as IssuedIds[Kind];
}

const hexDigits = '(?:[0-9a-f]{8}|[0-9a-f]{17})';
const volumeIdForm = new RegExp(`^vol-${hexDigits}$`);
const snapshotIdForm = new RegExp(`^snap-${hexDigits}$`);
const accountIdForm = /^\d{12}$/;
const instanceIdForm = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,254}$/;

/** The id, or `undefined` when the text does not have the form of one. Says nothing of whether the volume exists. */
export function parseVolumeId(text: string): VolumeId | undefined {
  return volumeIdForm.test(text) ? (text as VolumeId) : undefined;
}

export function parseSnapshotId(text: string): SnapshotId | undefined {
  return snapshotIdForm.test(text) ? (text as SnapshotId) : undefined;
}

/** Clouds differ in what an instance id looks like, so this only refuses what could not be one of any (spaces, control characters, a leading dash). */
export function parseInstanceId(text: string): InstanceId | undefined {
  return instanceIdForm.test(text) ? (text as InstanceId) : undefined;
}

export function parseAccountId(text: string): AccountId | undefined {
  return accountIdForm.test(text) ? (text as AccountId) : undefined;
}
