import * as z from 'zod';
import type { InstanceId } from '../../model/ids.ts';
import { CloudUnavailable, type ListedInstance, type Resolution } from '../cloud-resolver.ts';
import { readJson } from './read-json.ts';

/** What a site's own service or program says of an instance; docs/resolvers/http.md shows it. */
const placement = z.object({
  vmmHost: z.string().min(1).nullable(),
  domain: z.string().min(1).nullable(),
  ended: z.boolean().optional(),
});

const listed = z.object({
  instances: z.array(
    z.object({
      id: z.string().min(1),
      vmmHost: z.string().min(1),
      domain: z.string().min(1),
      name: z.string().optional(),
      privateIpAddress: z.string().optional(),
      publicIpAddress: z.string().optional(),
    }),
  ),
});

/** `null`: no such instance. A host or domain that is `null`: it is nowhere now, or with `ended` for good. Throws CloudUnavailable for anything else than the shape. */
export function readPlacement(text: string, speaker: string): Resolution {
  const answer = readJson(text, placement.nullable(), speaker);
  if (answer === null) {
    return { outcome: 'not-known', ended: 'forgotten' };
  }
  const { vmmHost, domain, ended = false } = answer;
  if (ended) {
    if (vmmHost !== null && domain !== null) {
      throw new CloudUnavailable(`${speaker} says that the instance has ended, and where it runs`);
    }
    return { outcome: 'not-known', reason: `${speaker} says that it has ended`, ended: 'reported' };
  }
  return vmmHost === null || domain === null
    ? { outcome: 'not-placed', reason: `${speaker} knows it and names no host` }
    : { outcome: 'resolved', placement: { vmmHost, domain } };
}

export function readListedInstances(text: string, speaker: string): readonly ListedInstance[] {
  return readJson(text, listed, speaker).instances.map(({ id, vmmHost, domain, name, privateIpAddress, publicIpAddress }) => ({
    id: id as InstanceId,
    placement: { vmmHost, domain },
    ...(name !== undefined && { name }),
    ...(privateIpAddress !== undefined && { privateIpAddress }),
    ...(publicIpAddress !== undefined && { publicIpAddress }),
  }));
}
