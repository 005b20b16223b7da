import type { Tag } from '../../model/tag.ts';
import type { Tag as TagResponse } from '../api-model/operations.ts';

export function tagSetView(tags: readonly Tag[]): readonly TagResponse[] {
  return tags.map(({ key, value }) => ({ Key: key, Value: value }));
}
