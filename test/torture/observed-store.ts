import type { Tag } from '../../src/model/tag.ts';
import type { EndFailure, Store } from '../../src/store/store.ts';
import type { End, ReferenceModel } from './reference-model.ts';

const tagsOf = (tags: readonly Tag[]): Readonly<Record<string, string>> => Object.fromEntries(tags.map(({ key, value }) => [key, value]));

/** The same store, which tells the model of every change that the database has accepted, in its order. */
export function observedStore(store: Store, model: ReferenceModel): Store {
  /** An intention that may be refused; the model hears of it when it was not. */
  const begun =
    <Request, Result extends { readonly outcome: string }>(
      begin: (request: Request) => Promise<Result>,
      tell: (request: Request) => void,
    ) =>
    async (request: Request): Promise<Result> => {
      const result = await begin(request);
      if (result.outcome !== 'refused') {
        tell(request);
      }
      return result;
    };
  /** An end, which throws when it cannot be. */
  const ended =
    <Id extends string, Rest extends readonly unknown[]>(
      finish: (claim: never, id: Id, ...rest: Rest) => Promise<void>,
      tell: (id: Id, end: End) => void,
      endOf: (...rest: Rest) => End,
    ) =>
    async (claim: never, id: Id, ...rest: Rest): Promise<void> => {
      await finish(claim, id, ...rest);
      tell(id, endOf(...rest));
    };
  const done = (): End => 'done';
  const failed = ({ operationState }: EndFailure): End => operationState;

  return {
    ...store,
    beginCreateVolume: begun(store.beginCreateVolume, ({ volume, operation }) =>
      model.createVolume(
        {
          id: volume.id,
          sizeGiB: volume.sizeGiB,
          tags: tagsOf(volume.tags),
          ...(volume.snapshotId !== undefined && { from: volume.snapshotId }),
          ...(volume.sourceVolumeId !== undefined && { copies: volume.sourceVolumeId }),
        },
        operation.id,
      ),
    ),
    finishCreateVolume: ended(store.finishCreateVolume, model.endCreateVolume, done),
    failCreateVolume: ended(store.failCreateVolume, model.endCreateVolume, failed),
    beginDeleteVolume: begun(store.beginDeleteVolume, ({ volumeId, operation }) => model.deleteVolume(volumeId, operation.id)),
    finishDeleteVolume: ended(store.finishDeleteVolume, model.endDeleteVolume, done),
    failDeleteVolume: ended(store.failDeleteVolume, model.endDeleteVolume, failed),
    beginModify: begun(store.beginModify, ({ modification, operation }) =>
      model.modify(modification.volumeId, modification.target.sizeGiB, operation.id),
    ),
    async recordModified(claim, volumeId, bytes) {
      await store.recordModified(claim, volumeId, bytes);
      model.recordModified(volumeId);
    },
    async settleSize(claim, volumeId, sizeGiB) {
      await store.settleSize(claim, volumeId, sizeGiB);
      model.settleSize(volumeId, sizeGiB);
    },
    finishModify: ended(store.finishModify, model.endModify, done),
    failModify: ended(store.failModify, model.endModify, failed),
    beginAttach: begun(store.beginAttach, ({ attachment: { id, volumeId, instanceId, placement, device }, operation }) =>
      model.attach(volumeId, { id, instanceId, vm: `${placement.vmmHost}/${placement.domain}`, device }, operation.id),
    ),
    finishAttach: ended(store.finishAttach, model.endAttach, done),
    failAttach: ended(store.failAttach, model.endAttach, failed),
    beginDetach: begun(store.beginDetach, ({ attachmentId, operation }) => model.detach(attachmentId, operation.id)),
    finishDetach: ended(store.finishDetach, (id, end) => model.endDetach(id, end), done),
    async failDetach(claim, attachmentId, failure, bar) {
      await store.failDetach(claim, attachmentId, failure, bar);
      model.endDetach(attachmentId, failure.operationState, bar !== undefined);
    },
    beginRestore: begun(store.beginRestore, ({ attachmentId, operation }) => model.restore(attachmentId, operation.id)),
    finishRestore: ended(store.finishRestore, model.endRestore, done),
    failRestore: ended(store.failRestore, model.endRestore, failed),
    beginCreateSnapshot: begun(store.beginCreateSnapshot, ({ snapshot: { id, volumeId, tags }, operation }) =>
      model.createSnapshot({ id, volumeId, tags: tagsOf(tags) }, operation.id),
    ),
    beginCopySnapshot: begun(store.beginCopySnapshot, ({ snapshot: { id, volumeId, tags }, copyOf, operation }) =>
      model.createSnapshot({ id, volumeId, copyOf, tags: tagsOf(tags) }, operation.id),
    ),
    finishCreateSnapshot: ended(store.finishCreateSnapshot, model.endCreateSnapshot, done),
    failCreateSnapshot: ended(store.failCreateSnapshot, model.endCreateSnapshot, failed),
    beginDeleteSnapshot: begun(store.beginDeleteSnapshot, ({ snapshotId, operation }) => model.deleteSnapshot(snapshotId, operation.id)),
    finishDeleteSnapshot: ended(store.finishDeleteSnapshot, model.endDeleteSnapshot, done),
    failDeleteSnapshot: ended(store.failDeleteSnapshot, model.endDeleteSnapshot, failed),
    recycleVolume: begun(store.recycleVolume, ({ volumeId }) => model.recycle(volumeId)),
    recycleSnapshot: begun(store.recycleSnapshot, ({ snapshotId }) => model.recycle(snapshotId)),
    async restoreRecycled(accountId, resourceId) {
      const isRestored = await store.restoreRecycled(accountId, resourceId);
      if (isRestored) {
        model.takeBack(resourceId);
      }
      return isRestored;
    },
    beginDeleteRecycled: begun(store.beginDeleteRecycled, ({ operation }) => model.deleteRecycled(operation.resourceId, operation.id)),
    putSnapshotLock: begun(store.putSnapshotLock, ({ snapshotId }) => model.lock(snapshotId)),
    removeSnapshotLock: begun(store.removeSnapshotLock, ({ snapshotId }) => model.unlock(snapshotId)),
    async abandon(request) {
      const isAbandoned = await store.abandon(request);
      if (isAbandoned) {
        model.abandon(request.operationId, request.release.what);
      }
      return isAbandoned;
    },
    putTags: begun(store.putTags, ({ resourceIds, tags }) => model.tag(resourceIds, tagsOf(tags))),
    removeTags: begun(store.removeTags, ({ resourceIds, tags = [] }) =>
      model.untag(
        resourceIds,
        tags.map(({ key }) => key),
      ),
    ),
  };
}
