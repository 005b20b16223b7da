import * as z from 'zod';
import type { InstanceId } from '../../model/ids.ts';
import { CloudUnavailable, type ListedInstance, type Resolution } from '../cloud-resolver.ts';
import { listedOnce } from './listed-once.ts';
import { readJson } from './read-json.ts';
import { readJsonRows } from './read-json-rows.ts';
import { requireAbout } from './require-about.ts';

/** `null` and nothing are the same: nobody in particular, so that it is the operator's. Anything else than a name is a mistake, and no absence. */
const owner = z.string().min(1).nullish();

/** What a site's own service or program says of an instance; docs/resolvers/http.md shows it. */
const placement = z.object({
  id: z.string().optional(),
  vmmHost: z.string().min(1).nullable(),
  domain: z.string().min(1).nullable(),
  ended: z.boolean().optional(),
  owner,
});

const listed = z
  .object({
    id: z.string().min(1),
    vmmHost: z.string().min(1),
    domain: z.string().min(1),
    owner,
    name: z.string().optional(),
    privateIpAddress: z.string().optional(),
    publicIpAddress: z.string().optional(),
  })
  .transform(
    ({ id, vmmHost, domain, owner: name, ...shown }): ListedInstance => ({
      id: id as InstanceId,
      placement: { vmmHost, domain },
      ...ownedBy(name),
      ...(shown.name !== undefined && { name: shown.name }),
      ...(shown.privateIpAddress !== undefined && { privateIpAddress: shown.privateIpAddress }),
      ...(shown.publicIpAddress !== undefined && { publicIpAddress: shown.publicIpAddress }),
    }),
  );

/**
 * What is said of the instance that was asked for. `null`: no such instance. A host or domain that is `null`: it is nowhere now, or with
 * `ended` for good. Throws CloudUnavailable for anything else than the shape, and for an answer that bears another id.
 */
export function readPlacement(text: string, instanceId: InstanceId, speaker: string): Resolution {
  const answer = readJson(text, placement.nullable(), speaker);
  if (answer === null) {
    return { outcome: 'not-known', ended: 'forgotten' };
  }
  const { id = instanceId, vmmHost, domain, ended = false } = answer;
  requireAbout({ kind: 'instance', id: instanceId }, id, speaker);
  if (ended) {
    if (vmmHost !== null && domain !== null) {
      throw new CloudUnavailable(`${speaker} says that the instance has ended, and where it runs`);
    }
    return { outcome: 'not-known', reason: `${speaker} says that it has ended`, ended: 'reported' };
  }
  return {
    ...(vmmHost === null || domain === null
      ? { outcome: 'not-placed', reason: `${speaker} knows it and names no host` }
      : { outcome: 'resolved', placement: { vmmHost, domain } }),
    ...ownedBy(answer.owner),
  };
}

/** Throws CloudUnavailable for anything else than the shape, and for two rows that contradict each other. There may be many, which are read in turns. */
export async function readListedInstances(text: string, speaker: string): Promise<readonly ListedInstance[]> {
  const { rows } = await readJsonRows(text, { key: 'instances', row: listed, speaker });
  return listedOnce(rows, speaker);
}

function ownedBy(name: string | null | undefined): { readonly owner?: string } {
  return typeof name === 'string' ? { owner: name } : {};
}
