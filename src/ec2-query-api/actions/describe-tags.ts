import type { TagOfResource } from '../../model/tag.ts';
import { mapInTurns } from '../../sharing/turn.ts';
import type { FilterTable } from '../wire/filters.ts';
import type { Action } from './action.ts';
import { listPage } from './list-page.ts';
import { resourceTypeOf } from './tag-resources.ts';

const tagFilters: FilterTable<TagOfResource> = {
  fields: {
    key: ({ key }) => [key],
    'resource-id': ({ resourceId }) => [resourceId],
    'resource-type': ({ resourceId }) => [resourceTypeOf(resourceId)],
    value: ({ value }) => [value],
  },
  tagsOf: (tag) => [tag],
};

/** An account may have millions. Who does not ask for pages gets one of this many. */
const mostTags = 100_000;

export const describeTags: Action<'DescribeTags'> = {
  members: { Filters: 'honoured', MaxResults: 'honoured', NextToken: 'honoured', DryRun: 'honoured' },
  async perform(request, { blockstore, caller }) {
    const page = await listPage<TagOfResource>(request, {
      ...{ kind: 'tag', filters: tagFilters, idOf: orderOf },
      list: () => blockstore.tags.listAfter(caller, { afterId: undefined, count: mostTags }),
      listAfter: (range) => blockstore.tags.listAfter(caller, range),
      mostUnpaged: mostTags,
    });
    return {
      Tags: await mapInTurns(page.items, ({ key, value, resourceId }) => ({
        Key: key,
        Value: value,
        ResourceId: resourceId,
        ResourceType: resourceTypeOf(resourceId),
      })),
      NextToken: page.nextToken,
    };
  },
};

/** No id has a space, so resource and key together are as unique as in the database. */
function orderOf({ resourceId, key }: TagOfResource): string {
  return `${resourceId} ${key}`;
}
