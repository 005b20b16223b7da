import { zone } from '../../support/saga-rig.ts';
import type { Params } from '../../unit/ec2-query-api/support/api-rig.ts';

/** What an account has. */
export interface Estate {
  readonly volumes: {
    readonly available: string;
    /** On the first instance, under a device name that everybody uses. */
    readonly inUse: string;
    /** On the first instance too, under a device name of the account's own. */
    readonly secondInUse: string;
    /** On the second and the third instance. */
    readonly multiAttached: string;
    readonly error: string;
    readonly recycled: string;
    readonly deleted: string;
  };
  readonly snapshots: {
    readonly completed: string;
    readonly locked: string;
    readonly recycled: string;
    /** Of the neighbour: shared with the friend, and with nobody else. */
    readonly shared: string;
  };
  readonly instanceIds: readonly string[];
  readonly device: string;
  readonly clientToken: string;
  readonly kmsKeyId: string;
}

export interface Furnishing {
  readonly name: string;
  readonly instanceIds: readonly string[];
  readonly device: string;
  ask(params: Params): Promise<string>;
  settle(): Promise<void>;
  putState(volumeId: string, state: string): void;
}

/** One more than the least that a page can have, so that every list has a second page. */
const several = 6;
export const commonDevice = '/dev/sdf';

/** Gives an account something of every kind in every state, each with a name, a tag and a description that nobody else's has. */
export async function furnish({ name, instanceIds, device, ask, settle, putState }: Furnishing): Promise<Estate> {
  const clientToken = `token-of-${name}`;
  const kmsKeyId = `alias/key-of-${name}`;
  const idOf = (answer: string) => /<(?:volume|snapshot)Id>([a-z]+-[0-9a-f]+)</.exec(answer)?.[1] ?? '';
  const tagged = (kind: string) => ({
    'TagSpecification.1.ResourceType': kind,
    'TagSpecification.1.Tag.1.Key': `key-of-${name}`,
    'TagSpecification.1.Tag.1.Value': `value-of-${name}`,
  });
  const volume = async (params: Params = {}) =>
    idOf(await ask({ Action: 'CreateVolume', AvailabilityZone: zone, Size: '1', ...tagged('volume'), ...params }));
  const ofEach = async (count: number, make: (index: number) => Promise<string>) => {
    const ids: string[] = [];
    for (let index = 0; index < count; index += 1) ids.push(await make(index));
    await settle();
    return ids as [string, ...string[]];
  };
  const attach = async (VolumeId: string, index: number, Device: string) => {
    await ask({ Action: 'AttachVolume', VolumeId, InstanceId: instanceIds[index] ?? '', Device });
    await settle();
  };

  const [available] = await ofEach(several, (index) => volume(index === 0 ? { ClientToken: clientToken } : {}));
  const modified = await ofEach(several, (index) => volume({ VolumeType: index === 0 ? 'gp3' : 'gp2' }));
  for (const VolumeId of [available, ...modified]) await ask({ Action: 'ModifyVolume', VolumeId, Size: '2' });
  await settle();
  const [inUse, secondInUse, error, deleted] = (await ofEach(4, () => volume())) as unknown as [string, string, string, string];
  await attach(inUse, 0, commonDevice);
  await attach(secondInUse, 0, device);
  const [multiAttached] = await ofEach(1, () => volume({ VolumeType: 'io2', Iops: '100', Size: '4', MultiAttachEnabled: 'true' }));
  await attach(multiAttached, 1, device);
  await attach(multiAttached, 2, device);
  putState(error, 'error');
  putState(deleted, 'deleted');

  const snapshots = await ofEach(3 * several, async (index) =>
    idOf(
      await ask({ Action: 'CreateSnapshot', VolumeId: available, Description: `description-of-${name}-${index}`, ...tagged('snapshot') }),
    ),
  );
  const [completed, shared] = snapshots as unknown as [string, string];
  const lockedSnapshots = snapshots.slice(several, 2 * several) as [string, ...string[]];
  for (const SnapshotId of lockedSnapshots) {
    await ask({ Action: 'LockSnapshot', SnapshotId, LockMode: 'governance', LockDuration: '3' });
  }
  const recycledSnapshots = snapshots.slice(2 * several) as [string, ...string[]];
  for (const SnapshotId of recycledSnapshots) await ask({ Action: 'DeleteSnapshot', SnapshotId });
  const recycled = await ofEach(several, () => volume());
  for (const VolumeId of recycled) await ask({ Action: 'DeleteVolume', VolumeId });
  await ask({ Action: 'ModifyEbsDefaultKmsKeyId', KmsKeyId: kmsKeyId });
  await settle();
  return {
    volumes: { available, inUse, secondInUse, multiAttached, error, recycled: recycled[0], deleted },
    snapshots: { completed, shared, locked: lockedSnapshots[0], recycled: recycledSnapshots[0] },
    instanceIds,
    device,
    clientToken,
    kmsKeyId,
  };
}
