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
/** Of these kinds, ids that nothing bears are removed, after a day at the soonest (pruning.ts): they must not be given out then. */
const removedWhenUnused: readonly IdKind[] = ['operation', 'attachment'];
const keptAheadMs = 12 * 60 * 60 * 1_000;

/**
 * Hands out ids of which some were issued ahead, in one write for many: a request that makes something waits for the disk once less. Those that are left when
 * the process ends are nobody's for ever.
 */
export function issueAhead(issueIds: IssueIds, clock: () => number): Store['issueId'] {
  const ahead = new Map<IdKind, { readonly id: string; readonly drawnAtMs: number }[]>();
  const drawing = new Map<IdKind, Promise<void>>();
  const draw = async (kind: IdKind): Promise<void> => {
    const drawnAtMs = clock();
    const drawn = await issueIds(kind, idsAhead).finally(() => drawing.delete(kind));
    ahead.set(kind, [...(ahead.get(kind) ?? []), ...drawn.map((id) => ({ id, drawnAtMs }))]);
  };
  return async <Kind extends IdKind>(kind: Kind) => {
    for (;;) {
      const next = ahead.get(kind)?.shift();
      if (next !== undefined) {
        if (removedWhenUnused.includes(kind) && clock() - next.drawnAtMs > keptAheadMs) continue;
        return next.id as IssuedIds[Kind];
      }
      const drawn = drawing.get(kind) ?? draw(kind);
      drawing.set(kind, drawn);
      await drawn;
    }
  };
}
