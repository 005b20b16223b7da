import { isDeepStrictEqual } from 'node:util';
import type { InstanceId } from '../../model/ids.ts';
import { forEachInTurns } from '../../sharing/turn.ts';
import { CloudUnavailable, type ListedInstance } from '../cloud-resolver.ts';

/**
 * Each instance of a list once. The same said twice, as where two pages overlap, is said once; two different things said of one instance make
 * the list unreadable, for whichever is taken may be another's. Throws CloudUnavailable.
 */
export async function listedOnce(listed: readonly ListedInstance[], speaker: string): Promise<readonly ListedInstance[]> {
  const byId = new Map<InstanceId, ListedInstance>();
  await forEachInTurns(
    listed,
    (instance) => {
      const known = byId.get(instance.id);
      if (known !== undefined && !isDeepStrictEqual(known, instance)) {
        throw new CloudUnavailable(`${speaker} lists ${instance.id} twice, with different things said of it`);
      }
      byId.set(instance.id, instance);
    },
    'all',
  );
  return [...byId.values()];
}
