import type { AccountId } from '../../model/ids.ts';
import { maxTagsOfResource } from '../../model/tag.ts';
import { isTurnOver, nextTurn } from '../../sharing/turn.ts';
import type { Done, Refused, Store } from '../store.ts';
import type { TagChange, TagRefusal, TagWrites } from './tag-writes.ts';

/** So many tags are written in one transaction, which holds the event loop until it has ended. */
const mostTagsAtOnce = 500;

type TagChanges = Pick<Store, 'putTags' | 'removeTags' | 'resumeTagChanges'>;

/**
 * Changes of few tags are one transaction. Of many, as CreateTags may give fifty tags to a thousand resources, it would hold up everybody: what is to be
 * done is written down first, whole and checked, then done in parts, and crossed out. A process that ends in between leaves it to the next one, so
 * that all is done or nothing; who looks meanwhile may see a part of it. One account's changes wait for each other, since what was checked has to stay
 * true.
 */
export function changeTagsInParts(writes: TagWrites): TagChanges {
  const last = new Map<AccountId, Promise<unknown>>();
  /** What could not be gone on with, as when the disk is full, by account. */
  const left = new Map<AccountId, { readonly number: number; readonly change: TagChange }>();
  const inOrder = async <Value>(accountId: AccountId, task: () => Promise<Value>): Promise<Value> => {
    const before = last.get(accountId) ?? Promise.resolve();
    const mine = before.then(task);
    const settled = mine.catch(() => undefined);
    last.set(accountId, settled);
    try {
      return await mine;
    } finally {
      if (last.get(accountId) === settled) {
        last.delete(accountId);
      }
    }
  };

  const refusal = async (change: TagChange): Promise<TagRefusal | undefined> => {
    for (const part of partsOf(change)) {
      if (isTurnOver()) {
        await nextTurn();
      }
      const refused = await writes.checkTagChange(part);
      if (refused !== undefined) {
        return refused;
      }
    }
    return undefined;
  };
  const finish = async (number: number, change: TagChange): Promise<void> => {
    left.set(change.accountId, { number, change });
    for (const part of partsOf(change)) {
      await writes.recordTagChange(part);
    }
    await writes.finishTagChange(number);
    left.delete(change.accountId);
  };
  const perform = (change: TagChange): Promise<Done | Refused<TagRefusal>> =>
    inOrder(change.accountId, async () => {
      const unfinished = left.get(change.accountId);
      if (unfinished !== undefined) {
        await finish(unfinished.number, unfinished.change);
      }
      if (change.resourceIds.length * tagCount(change) <= mostTagsAtOnce) {
        return writes.changeTags(change);
      }
      const reason = await refusal(change);
      if (reason !== undefined) {
        return { outcome: 'refused', reason };
      }
      await finish(await writes.beginTagChange(change), change);
      return { outcome: 'done' };
    });

  return {
    putTags: ({ tags, ...rest }) => perform({ ...rest, what: { put: tags } }),

    async removeTags({ tags, ...rest }) {
      const result = await perform({ ...rest, what: { remove: tags ?? 'all' } });
      return result.outcome === 'done' ? result : { outcome: 'refused', reason: 'resource-not-found' };
    },

    async resumeTagChanges() {
      for (const { number, change } of await writes.unfinishedTagChanges()) {
        await inOrder(change.accountId, () => finish(number, change));
      }
    },
  };
}

/** How many tags of a resource it concerns, at the most. */
function tagCount({ what }: TagChange): number {
  return 'put' in what ? what.put.length : what.remove === 'all' ? maxTagsOfResource : what.remove.length;
}

function* partsOf(change: TagChange): Generator<TagChange> {
  const count = Math.max(1, Math.floor(mostTagsAtOnce / Math.max(1, tagCount(change))));
  for (let at = 0; at < change.resourceIds.length; at += count) {
    yield { ...change, resourceIds: change.resourceIds.slice(at, at + count) };
  }
}
