import type { TagToRemove } from '../../model/tag.ts';
import type { Tag } from '../api-model/operations.ts';
import type { Action } from './action.ts';
import { readTaggableIds } from './tag-resources.ts';
import { readTag, refuseMoreThanAResourceHas } from './tag-specifications.ts';

export const deleteTags: Action<'DeleteTags'> = {
  members: { Resources: 'honoured', Tags: 'honoured', DryRun: 'honoured' },
  async perform(request, { blockstore, caller }) {
    refuseMoreThanAResourceHas(request.Tags ?? []);
    await blockstore.tags.remove(caller, {
      resourceIds: readTaggableIds(request.Resources),
      // Without tags all of them go.
      ...(request.Tags === undefined ? {} : { tags: request.Tags.map(readTagToRemove) }),
      dryRun: request.DryRun ?? false,
    });
    return undefined;
  },
};

/** A key alone takes the tag away whatever its value; with a value, be it an empty one, only the tag that has it. */
function readTagToRemove({ Key, Value }: Tag): TagToRemove {
  const { key, value } = readTag(Key, Value ?? '', 'Tag.N.Key');
  return Value === undefined ? { key } : { key, value };
}
