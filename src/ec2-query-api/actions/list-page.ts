import type { IdRange } from '../../model/id-range.ts';
import { filterInTurns } from '../../sharing/turn.ts';
import type { Filter } from '../api-model/operations.ts';
import { compileFilters, type FilterTable } from '../wire/filters.ts';
import { type AskedPage, compilePage, type Page } from '../wire/paging.ts';
import { stopDryRun } from './action.ts';

/** The members that the requests of actions which list have in common. */
interface ListRequest extends AskedPage {
  readonly Filters?: readonly Filter[];
  readonly DryRun?: boolean;
}

interface Listing<Resource> {
  /** Names what is listed, in messages and within tokens. */
  readonly kind: string;
  /** What was asked for by id, if anything was. */
  readonly ids?: readonly string[] | undefined;
  /** Missing for an action without filters. */
  readonly filters?: FilterTable<Resource>;
  /** Whether it is meant at all, by what the request says besides its filters. */
  readonly isMeant?: ((resource: Resource) => boolean) | undefined;
  /** How many an answer has at the most that nobody asked to be of pages; without one, all. */
  readonly mostUnpaged?: number;
  /** What pages go by; unique. */
  readonly idOf: (resource: Resource) => string;
  /** Everything, or what was asked for by id, in the order of `idOf`. */
  list(): Promise<readonly Resource[]>;
  /** A part of everything, where there is a way to read no more than that. */
  readonly listAfter?: ((range: IdRange) => Promise<readonly Resource[]>) | undefined;
}

/** With filters nobody knows how many have to be read for a page, and reading few at a time takes longer. */
const filteredAtOnce = 1_000;

/** Checks the request whole before anything is read, ends a dry run there, and gives the page that was asked for of what passes the filters. */
export async function listPage<Resource>(request: ListRequest, listing: Listing<Resource>): Promise<Page<Resource>> {
  const { kind, ids, filters, isMeant, mostUnpaged, idOf } = listing;
  const passes = filters && compileFilters(request.Filters, filters);
  const wanted = compilePage<Resource>(request, { kind, idsGiven: ids !== undefined, idOf, mostUnpaged });
  stopDryRun(request.DryRun);
  const isFiltered = isMeant !== undefined || (passes !== undefined && request.Filters !== undefined);
  const isWanted = (resource: Resource) => (isMeant?.(resource) ?? true) && (passes?.(resource) ?? true);
  // A list that nothing is taken out of stays the same object, so that what was made of it before can be used again.
  const filtered = async (resources: readonly Resource[]) => (isFiltered ? filterInTurns(resources, isWanted) : resources);
  // What does not pass is not kept while the rest is read.
  const range = wanted.range ?? (isFiltered && ids === undefined ? { afterId: undefined, count: Number.POSITIVE_INFINITY } : undefined);
  if (range === undefined || listing.listAfter === undefined) {
    return wanted.take(await filtered(await listing.list()));
  }
  const count = isFiltered ? filteredAtOnce : range.count;
  let found: readonly Resource[] = [];
  let { afterId } = range;
  for (;;) {
    const part = await listing.listAfter({ afterId, count });
    found = found.length === 0 ? await filtered(part) : found.concat(await filtered(part));
    const last = part.at(-1);
    if (last === undefined || part.length < count || found.length >= range.count) {
      return wanted.take(found);
    }
    afterId = idOf(last);
  }
}
