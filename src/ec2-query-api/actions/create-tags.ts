import type { Action } from './action.ts';
import { readTaggableIds } from './tag-resources.ts';
import { readTags } from './tag-specifications.ts';

export const createTags: Action<'CreateTags'> = {
  members: { Resources: 'honoured', Tags: 'honoured', DryRun: 'honoured' },
  async perform(request, { blockstore, caller }) {
    await blockstore.tags.put(caller, {
      resourceIds: readTaggableIds(request.Resources),
      tags: readTags(request.Tags),
      dryRun: request.DryRun ?? false,
    });
    return undefined;
  },
};
