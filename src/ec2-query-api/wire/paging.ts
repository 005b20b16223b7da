import type { IdRange } from '../../model/id-range.ts';
import { firstBehind } from '../../sharing/first-behind.ts';
import { ApiError } from '../errors.ts';
import { shorten } from './nest-params.ts';

const leastResults = 5;
const mostResults = 1_000;

/** The paging members that every describe action with pages has. */
export interface AskedPage {
  readonly MaxResults?: number;
  readonly NextToken?: string;
}

export interface Page<Resource> {
  readonly items: readonly Resource[];
  /** Missing on the last page. */
  readonly nextToken: string | undefined;
}

/** A page that was found good to ask for. */
export interface WantedPage<Resource> {
  /** What is enough to take the page of; missing when the page is not limited. One more than the page has, to know whether it is the last one. */
  readonly range: IdRange | undefined;
  /** Takes the page out of a list, or of the part of it that `range` tells. */
  take(resources: readonly Resource[]): Page<Resource>;
}

/**
 * Checks what is asked for before anything is read. Pages go by the last id seen, not by
 * a position: what is created or deleted between two pages moves nothing else. The resources have to be ordered by that id.
 */
export function compilePage<Resource>(
  asked: AskedPage,
  resource: {
    readonly kind: string;
    readonly idsGiven: boolean;
    readonly idOf: (resource: Resource) => string;
    /** How many there are at the most where nobody asks for pages. */
    readonly mostUnpaged?: number | undefined;
  },
): WantedPage<Resource> {
  const { MaxResults: maxResults, NextToken: nextToken } = asked;
  if (resource.idsGiven && (maxResults !== undefined || nextToken !== undefined)) {
    const parameter = maxResults === undefined ? 'NextToken' : 'MaxResults';
    throw new ApiError('InvalidParameterCombination', `The parameter ${parameter} cannot be used with ids of ${resource.kind}s.`);
  }
  if (maxResults !== undefined && (maxResults < leastResults || maxResults > mostResults)) {
    throw new ApiError(
      'InvalidParameterValue',
      `Value (${maxResults}) for parameter maxResults is invalid. Expected: a value from ${leastResults} to ${mostResults}.`,
    );
  }
  const most = maxResults ?? resource.mostUnpaged;
  const lastId = nextToken === undefined ? undefined : readToken(nextToken, resource.kind);
  return {
    range: most === undefined ? undefined : { afterId: lastId, count: most + 1 },
    take(resources) {
      const rest = lastId === undefined ? resources : resources.slice(firstBehind(lastId, resources, resource.idOf));
      if (most === undefined || rest.length <= most) return { items: rest, nextToken: undefined };
      const items = rest.slice(0, most);
      const last = items.at(-1);
      return { items, nextToken: last === undefined ? undefined : writeToken(resource.kind, resource.idOf(last)) };
    },
  };
}

function writeToken(kind: string, lastId: string): string {
  return Buffer.from(`${kind} ${lastId}`).toString('base64url');
}

function readToken(token: string, kind: string): string {
  const text = Buffer.from(token, 'base64url').toString();
  const lastId = text.slice(kind.length + 1);
  // Writing it again catches whatever the lenient decoder skipped.
  if (!text.startsWith(`${kind} `) || lastId === '' || writeToken(kind, lastId) !== token) {
    throw new ApiError('InvalidParameterValue', `Value (${shorten(token)}) for parameter nextToken is invalid.`);
  }
  return lastId;
}
