import type { Prunable, Pruned, PruneRequest, Store } from '../store.ts';
import type { Database } from './open-database.ts';
import { whenUsed } from './when-used.ts';

/** How much of the table is looked at in a piece. */
const rowsLookedAt = 32;
/** A piece ends after so long, that requests do not wait longer for it than for each other. */
const pieceMs = 4;

interface Candidate {
  readonly position: number;
  readonly row: number;
  readonly id: string;
  readonly kept: 0 | 1;
}

interface Rule {
  /**
   * The next candidates behind (`@position`, `@row`), in an order that an index gives: `position`, `row`, `id`, and whether each has to be `kept`. Said of
   * what is older than `@beforeMs` only.
   */
  readonly candidates: string;
  /** What goes with one of them, children first; `@id` is its id and `@row` its row. */
  readonly removals: readonly string[];
}

const openStates = `('running', 'undoing', 'stuck')`;
/** Something of the resource is still at stake: an operation works on it or is stuck, it waits to be wiped, or a comparison has just found it. */
const isAtStake = (resource: string) => `(
  EXISTS (SELECT 1 FROM operations AS open WHERE open.resource_id = ${resource} AND open.state IN ${openStates})
  OR ${resource} IN (SELECT value FROM json_each(@sparing))
  OR EXISTS (SELECT 1 FROM wipes WHERE instr(wipes.name, ${resource}) > 0))`;
/** The site itself is there for ever. */
const isThere = (resource: string) => `(
  EXISTS (SELECT 1 FROM volumes WHERE volumes.id = ${resource} AND volumes.state <> 'deleted')
  OR EXISTS (SELECT 1 FROM snapshots WHERE snapshots.id = ${resource} AND snapshots.state <> 'deleted')
  OR (${resource} NOT GLOB 'vol-*' AND ${resource} NOT GLOB 'snap-*'))`;

const rules: Readonly<Record<Prunable, Rule>> = {
  // Of what is there the last operation stays: it tells why the resource is as it is, and use cases ask for it. So do those that the operator abandoned,
  // which tell what they may have left on hosts (left-of-copy.ts).
  operations: {
    candidates: `
      SELECT o.created_at_ms AS position, o.rowid AS row, o.id AS id, (
          o.state IN ${openStates} OR o.ended_at_ms IS NULL OR o.ended_at_ms >= @beforeMs
          OR EXISTS (SELECT 1 FROM bars WHERE bars.operation_id = o.id AND (bars.cleared_at_ms IS NULL OR bars.cleared_at_ms >= @beforeMs))
          OR (${isThere('o.resource_id')} AND (
            o.state = 'abandoned'
            OR NOT EXISTS (SELECT 1 FROM operations AS newer WHERE newer.resource_id = o.resource_id
              AND (newer.created_at_ms, newer.id) > (o.created_at_ms, o.id))))
          OR ${isAtStake('o.resource_id')}
        ) AS kept
      FROM operations AS o
      WHERE o.created_at_ms < @beforeMs AND (o.created_at_ms, o.rowid) > (@position, @row)
      ORDER BY o.created_at_ms, o.rowid LIMIT @limit`,
    removals: [
      'DELETE FROM steps WHERE operation_id = @id',
      'DELETE FROM bars WHERE operation_id = @id',
      'DELETE FROM operations WHERE id = @id',
      'DELETE FROM ids WHERE id = @id',
    ],
  },
  attachments: {
    candidates: `
      SELECT 0 AS position, a.rowid AS row, a.id AS id, (
          a.state <> 'detached' OR a.detached_at_ms IS NULL OR a.detached_at_ms >= @beforeMs
          OR EXISTS (SELECT 1 FROM bars WHERE bars.attachment_id = a.id)
          OR ${isAtStake('a.volume_id')}
        ) AS kept
      FROM attachments AS a WHERE a.rowid > @row AND @position = 0 ORDER BY a.rowid LIMIT @limit`,
    removals: ['DELETE FROM attachments WHERE id = @id', 'DELETE FROM ids WHERE id = @id'],
  },
  volumes: {
    candidates: `
      SELECT 0 AS position, v.rowid AS row, v.id AS id, (
          v.state <> 'deleted' OR v.deleted_at_ms IS NULL OR v.deleted_at_ms >= @beforeMs
          OR EXISTS (SELECT 1 FROM bars WHERE bars.volume_id = v.id)
          OR EXISTS (SELECT 1 FROM attachments WHERE attachments.volume_id = v.id AND attachments.state <> 'detached')
          OR ${isAtStake('v.id')}
        ) AS kept
      FROM volumes AS v WHERE v.rowid > @row AND @position = 0 ORDER BY v.rowid LIMIT @limit`,
    removals: [
      'DELETE FROM volume_modifications WHERE volume_id = @id',
      'DELETE FROM attachments WHERE volume_id = @id',
      'DELETE FROM volumes WHERE id = @id',
    ],
  },
  snapshots: {
    candidates: `
      SELECT 0 AS position, s.rowid AS row, s.id AS id, (
          s.state <> 'deleted' OR s.deleted_at_ms IS NULL OR s.deleted_at_ms >= @beforeMs OR ${isAtStake('s.id')}
        ) AS kept
      FROM snapshots AS s WHERE s.rowid > @row AND @position = 0 ORDER BY s.rowid LIMIT @limit`,
    removals: [
      'DELETE FROM snapshot_permissions WHERE snapshot_id = @id',
      'DELETE FROM snapshot_locks WHERE snapshot_id = @id',
      'DELETE FROM snapshots WHERE id = @id',
    ],
  },
  // While what it has made is still being made, a client may ask again.
  clientTokens: {
    candidates: `
      SELECT t.created_at_ms AS position, t.rowid AS row, t.resource_id AS id, (
          EXISTS (SELECT 1 FROM operations AS open WHERE open.resource_id = t.resource_id AND open.state IN ${openStates})
          OR EXISTS (SELECT 1 FROM volumes WHERE volumes.id = t.resource_id AND volumes.state = 'creating')
        ) AS kept
      FROM client_tokens AS t
      WHERE t.created_at_ms < @beforeMs AND (t.created_at_ms, t.rowid) > (@position, @row)
      ORDER BY t.created_at_ms, t.rowid LIMIT @limit`,
    removals: ['DELETE FROM client_tokens WHERE rowid = @row AND resource_id = @id'],
  },
  // Those that were drawn for what was refused then, and those whose rows have gone.
  ids: {
    candidates: `
      SELECT 0 AS position, i.rowid AS row, i.id AS id, (
          i.kind NOT IN ('operation', 'attachment') OR i.issued_at_ms >= @beforeMs
          OR EXISTS (SELECT 1 FROM operations WHERE operations.id = i.id)
          OR EXISTS (SELECT 1 FROM attachments WHERE attachments.id = i.id)
        ) AS kept
      FROM ids AS i WHERE i.rowid > @row AND @position = 0 ORDER BY i.rowid LIMIT @limit`,
    removals: ['DELETE FROM ids WHERE id = @id'],
  },
};

export function createPruning({ $client }: Pick<Database, '$client'>): Pick<Store, 'prune' | 'space' | 'compact'> {
  const preparedFor = (rule: Rule) =>
    whenUsed(() => ({
      candidates: $client.prepare<unknown[], Candidate>(rule.candidates),
      removals: rule.removals.map((text) => $client.prepare(text)),
    }));
  const prepared = Object.fromEntries(Object.entries(rules).map(([what, rule]) => [what, preparedFor(rule)])) as Record<
    Prunable,
    ReturnType<typeof preparedFor>
  >;

  const piece = ({ what, beforeMs, sparing, after, isDryRun }: PruneRequest): Pruned => {
    const startedAtMs = performance.now();
    const { candidates, removals } = prepared[what]();
    const { position, row } = after ?? { position: 0, row: 0 };
    const named = rules[what].candidates.includes('@sparing') ? { sparing: JSON.stringify(sparing) } : {};
    const found = candidates.all({ beforeMs, position, row, limit: rowsLookedAt, ...named });
    let removed = 0;
    let last: Candidate | undefined;
    for (const candidate of found) {
      if (last !== undefined && performance.now() - startedAtMs > pieceMs) {
        break;
      }
      last = candidate;
      if (candidate.kept === 0) {
        removed += 1;
        for (const removal of isDryRun ? [] : removals) {
          removal.run(removal.source.includes('@row') ? { id: candidate.id, row: candidate.row } : { id: candidate.id });
        }
      }
    }
    const isMore = found.length === rowsLookedAt || last !== found.at(-1);
    return { removed, ...(isMore && last !== undefined && { next: { position: last.position, row: last.row } }) };
  };
  const transaction = $client.transaction(piece);
  const bytesOf = (pages: 'page_count' | 'freelist_count') =>
    Number($client.pragma(pages, { simple: true })) * Number($client.pragma('page_size', { simple: true }));

  return {
    async prune(request) {
      return request.isDryRun ? transaction.deferred(request) : transaction.immediate(request);
    },
    async space() {
      return { fileBytes: bytesOf('page_count'), freeBytes: bytesOf('freelist_count') };
    },
    async compact() {
      $client.exec('VACUUM');
      $client.pragma('wal_checkpoint(TRUNCATE)');
    },
  };
}
