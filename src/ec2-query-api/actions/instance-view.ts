import { createHash } from 'node:crypto';
import type { AccountInstance, WithAttachments, WithState } from '../../blockstore/blockstore.ts';
import type { Attachment } from '../../model/attachment.ts';
import type { Instance } from '../../model/instance.ts';
import type { Tag } from '../../model/tag.ts';
import type {
  InstanceBlockDeviceMapping,
  Instance as InstanceResponse,
  InstanceState,
  Reservation,
  StateReason,
} from '../api-model/operations.ts';
import type { ActionContext } from './action.ts';
import { tagSetView } from './tag-set-view.ts';

/** An instance with all that is shown of it. */
export type ShownInstance = WithState<WithAttachments<AccountInstance>>;

/**
 * What EC2 calls each state. EC2 has no word for a VMM host that does not answer. `running` with a state reason misleads least: a client that
 * reads `stopped` or `terminated` may take the instance's volumes for free.
 */
export const instanceStates = {
  running: { Code: 16, Name: 'running' },
  stopped: { Code: 80, Name: 'stopped' },
  unknown: { Code: 16, Name: 'running' },
} as const satisfies Record<Instance['state'], InstanceState>;

const unknownState: StateReason = {
  Code: 'Server.Unknown',
  Message: 'The host of the instance does not answer, so its state is not known.',
};

/** A reservation of one: the clouds behind the resolvers do not tell which instances were started together. */
export function reservationView(instance: ShownInstance, context: ActionContext): Reservation {
  const digits = createHash('sha256').update(instance.id).digest('hex').slice(0, 17);
  return {
    ReservationId: `r-${digits}`,
    OwnerId: instance.accountId,
    Groups: [],
    Instances: [instanceView(instance, context)],
  };
}

function instanceView(instance: ShownInstance, context: ActionContext): InstanceResponse {
  const zone = instanceZone(context.zones);
  return {
    InstanceId: instance.id,
    State: instanceStates[instance.state],
    StateReason: instance.state === 'unknown' ? unknownState : undefined,
    PrivateIpAddress: instance.privateIpAddress,
    PublicIpAddress: instance.publicIpAddress,
    Placement: zone === undefined ? undefined : { AvailabilityZone: zone },
    BlockDeviceMappings: blockDeviceMappingsView(instance.attachments),
    Tags: tagSetView(instanceTags(instance)),
  };
}

export function blockDeviceMappingsView(attachments: readonly Attachment[]): readonly InstanceBlockDeviceMapping[] {
  return attachments.map((attachment) => ({
    DeviceName: attachment.device,
    Ebs: {
      VolumeId: attachment.volumeId,
      Status: attachment.state,
      AttachTime: new Date(attachment.attachedAtMs),
      DeleteOnTermination: attachment.deleteOnTermination,
    },
  }));
}

/** Resolvers do not tell zones, so the zone is only known where there is one. */
export function instanceZone(zones: readonly string[]): string | undefined {
  return zones.length === 1 ? zones[0] : undefined;
}

/** The name that the cloud gives an instance, where EC2 clients look for one. */
export function instanceTags(instance: Pick<Instance, 'name'>): readonly Tag[] {
  return instance.name === undefined ? [] : [{ key: 'Name', value: instance.name }];
}
