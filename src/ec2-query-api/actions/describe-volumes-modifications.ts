import type { VolumeModification } from '../../model/volume-modification.ts';
import { mapInTurns } from '../../sharing/turn.ts';
import type { FilterTable } from '../wire/filters.ts';
import type { Action } from './action.ts';
import { listPage } from './list-page.ts';
import { readIds, readVolumeId } from './resource-ids.ts';
import { volumeModificationView } from './volume-modification-view.ts';
import { shownIops } from './volume-view.ts';

const modificationFilters: FilterTable<VolumeModification> = {
  fields: {
    'modification-state': ({ state }) => [state],
    'original-iops': ({ original }) => given(shownIops(original)),
    'original-size': ({ original }) => [String(original.sizeGiB)],
    'original-volume-type': ({ original }) => [original.type],
    originalMultiAttachEnabled: ({ original }) => [String(original.multiAttach ?? false)],
    'start-time': ({ startedAtMs }) => [new Date(startedAtMs).toISOString()],
    'target-iops': ({ target }) => given(shownIops(target)),
    'target-size': ({ target }) => [String(target.sizeGiB)],
    'target-volume-type': ({ target }) => [target.type],
    targetMultiAttachEnabled: ({ target }) => [String(target.multiAttach ?? false)],
    'volume-id': ({ volumeId }) => [volumeId],
  },
};

export const describeVolumesModifications: Action<'DescribeVolumesModifications'> = {
  members: {
    VolumeIds: 'honoured',
    Filters: 'honoured',
    MaxResults: 'honoured',
    NextToken: 'honoured',
    // No volume is managed by an AWS service, so with or without them the answer is the same.
    IncludeManagedResources: 'honoured',
    DryRun: 'honoured',
  },
  async perform(request, { blockstore, caller }) {
    const ids = readIds(request.VolumeIds, readVolumeId);
    const page = await listPage<VolumeModification>(request, {
      ...{ kind: 'modification', ids, filters: modificationFilters, idOf: ({ volumeId }) => volumeId },
      list: () => blockstore.modifications.list(caller, ids),
      listAfter: (range) => blockstore.modifications.listAfter(caller, range),
    });
    return { VolumesModifications: await mapInTurns(page.items, volumeModificationView), NextToken: page.nextToken };
  },
};

function given(figure: number | undefined): readonly string[] {
  return figure === undefined ? [] : [String(figure)];
}
