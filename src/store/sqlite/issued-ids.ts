import { sql } from 'drizzle-orm';
import { type IdKind, type IssuedIds, idFromUuid } from '../../model/ids.ts';
import type { Store } from '../store.ts';
import { compiled } from './compiled.ts';
import type { WriteContext } from './operation-writes.ts';
import { ids } from './schema.ts';

/** Writes ids into the table of all that were ever issued, so that nobody gets one of them again. */
export type IssueIds = (kind: IdKind, count: number) => Promise<readonly string[]>;

export function createIssuedIds(
  { database, clock }: Pick<WriteContext, 'database' | 'clock'>,
  newUuid: () => string,
): { issueIds: IssueIds } {
  const insertId = compiled(database, () =>
    database
      .insert(ids)
      .values({
        id: sql.placeholder('id'),
        kind: sql.placeholder('kind'),
        uuid: sql.placeholder('uuid'),
        issuedAtMs: sql.placeholder('issuedAtMs'),
      })
      .onConflictDoNothing(),
  );
  return {
    async issueIds(kind, count) {
      const issued: string[] = [];
      while (issued.length < count) {
        const uuid = newUuid();
        const id = idFromUuid(kind, uuid);
        // 68 bits of a hash can meet twice in theory; the table is what makes an id unique.
        if (insertId.run({ id, kind, uuid, issuedAtMs: clock() }).changes === 1) {
          issued.push(id);
        }
      }
      return issued;
    },
  };
}

const idsAhead = 32;

/**
 * Hands out ids of which some were issued ahead, in one write for many: a request that makes something waits for the disk once less. Those that are left when
 * the process ends are nobody's for ever.
 */
export function issueAhead(issueIds: IssueIds): Store['issueId'] {
  const ahead = new Map<IdKind, string[]>();
  const drawing = new Map<IdKind, Promise<void>>();
  const draw = async (kind: IdKind): Promise<void> => {
    const drawn = await issueIds(kind, idsAhead).finally(() => drawing.delete(kind));
    ahead.set(kind, [...(ahead.get(kind) ?? []), ...drawn]);
  };
  return async <Kind extends IdKind>(kind: Kind) => {
    for (;;) {
      const next = ahead.get(kind)?.shift();
      if (next !== undefined) {
        return next as IssuedIds[Kind];
      }
      const drawn = drawing.get(kind) ?? draw(kind);
      drawing.set(kind, drawn);
      await drawn;
    }
  };
}
