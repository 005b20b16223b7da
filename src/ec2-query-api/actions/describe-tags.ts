import type { TagOfResource } from '../../model/tag.ts';
import { compileFilters, type FilterTable } from '../wire/filters.ts';
import { compilePage } from '../wire/paging.ts';
import { type Action, stopDryRun } from './action.ts';
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

export const describeTags: Action<'DescribeTags'> = {
  members: { Filters: 'honoured', MaxResults: 'honoured', NextToken: 'honoured', DryRun: 'honoured' },
  async perform(request, { blockstore, caller }) {
    const passes = compileFilters(request.Filters, tagFilters);
    const takePage = compilePage<TagOfResource>(request, { kind: 'tag', idsGiven: false, idOf: orderOf });
    stopDryRun(request.DryRun);
    const tags = await blockstore.tags.list(caller);
    const page = takePage([...tags].filter(passes).sort((one, other) => (orderOf(one) < orderOf(other) ? -1 : 1)));
    return {
      Tags: page.items.map(({ key, value, resourceId }) => ({
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
