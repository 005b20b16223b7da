import * as z from 'zod';
import type { InstanceId } from '../../model/ids.ts';
import { listedOnce } from '../asking/listed-once.ts';
import { secretFile } from '../asking/secret-file.ts';
import { tlsSettings } from '../asking/tls-settings.ts';
import { CloudUnavailable, type InstanceOwner, type ListedInstance } from '../cloud-resolver.ts';
import { baseUrl, resolverKind } from '../resolver-kind.ts';
import { type Ec2Instance, ec2Client } from './ec2-client.ts';
import { placementBy, placementRule } from './placement-rules.ts';

/** A terminated instance is shown for an hour, and is gone all the same. */
const goneStates = new Set(['terminated', 'shutting-down']);

/** Another endpoint of the EC2 API, which knows instances and tells no host: rules make the placement of what it tells. */
export const ec2Resolver = resolverKind(
  {
    url: baseUrl,
    accessKeyId: z.string().min(1),
    secretKeyFile: secretFile,
    signature: z.enum(['v2', 'v4']).default('v4'),
    region: z.string().min(1).default('us-east-1'),
    version: z
      .string()
      .regex(/^\d{4}-\d{2}-\d{2}$/, 'must be the date of an API version')
      .default('2016-11-15'),
    rules: z.array(placementRule).min(1),
    tls: tlsSettings.optional(),
  },
  ({ rules, ...endpoint }, { name }) => {
    const client = ec2Client({ name, ...endpoint });
    return {
      name,
      async resolve(instanceId, limit) {
        if (!/^i-[0-9a-f]+$/.test(instanceId)) {
          return { outcome: 'not-known', reason: 'not the form of an EC2 instance id' };
        }
        const answer = await client.describeInstances(limit, instanceId);
        if (answer.outcome === 'not-known') {
          return { outcome: 'not-known', ...(answer.isGone && { ended: 'forgotten' }) };
        }
        if (answer.outcome !== 'described') {
          return answer;
        }
        const [instance] = answer.instances;
        if (instance === undefined) {
          // Left out, and not said to be gone: it may be another account's.
          return { outcome: 'not-known', reason: `${name} describes no such instance` };
        }
        if (goneStates.has(instance.state)) {
          // One that is shutting down may still be writing.
          const ended = instance.state === 'terminated' ? ({ ended: 'reported' } as const) : {};
          return { outcome: 'not-known', reason: `${name} has it as ${instance.state}`, ...ended };
        }
        const placement = placementBy(rules, instance);
        return placement === undefined
          ? { outcome: 'not-placed', reason: `none of the rules of ${name} fits the instance`, ...ownerOf(instance) }
          : { outcome: 'resolved', placement, ...ownerOf(instance) };
      },
      async list(limit) {
        const answer = await client.describeInstances(limit);
        if (answer.outcome !== 'described') {
          throw new CloudUnavailable(answer.outcome === 'not-authorised' ? answer.reason : `${name} does not list instances`);
        }
        const there = answer.instances.filter(({ state }) => !goneStates.has(state));
        return listedOnce(there.flatMap(listedInstance), name);
      },
    };

    function ownerOf({ ownerId }: Ec2Instance): InstanceOwner {
      return ownerId === undefined ? {} : { owner: ownerId };
    }

    function listedInstance(instance: Ec2Instance): ListedInstance[] {
      const placement = placementBy(rules, instance);
      const name = instance.tags.get('Name');
      return placement === undefined
        ? []
        : [
            {
              id: instance.id as InstanceId,
              placement,
              ...ownerOf(instance),
              ...(name !== undefined && { name }),
              ...(instance.privateAddress !== undefined && { privateIpAddress: instance.privateAddress }),
              ...(instance.publicAddress !== undefined && { publicIpAddress: instance.publicAddress }),
            },
          ];
    }
  },
);
