import type { Prunable, Store } from '../store/store.ts';
import type { ShownFinding } from './findings.ts';

/** What refers to others goes before them. */
const prunables = ['operations', 'attachments', 'volumes', 'snapshots', 'clientTokens', 'ids'] as const satisfies readonly Prunable[];

export interface PruneDependencies {
  readonly store: Pick<Store, 'prune'>;
  /** Called between two pieces, that others have their turn; `false` ends it. */
  rest(): Promise<boolean>;
}

export interface PruneOrder {
  /** In milliseconds since 1970: what ended before, or was issued and never used, goes. */
  readonly beforeMs: number;
  readonly clientTokensBeforeMs: number;
  /** What a comparison with the hosts has just found, whose history is still needed. */
  readonly findings: readonly Pick<ShownFinding, 'name'>[];
  readonly isDryRun: boolean;
}

export type PruneCount = Readonly<Record<Prunable, number>>;

/**
 * Removes what is over for long, in pieces of some milliseconds: operations with their journals and closed bars, attachments, volumes and snapshots that
 * are gone, client tokens. Answers how much of each. What is kept nevertheless: store.ts. May be interrupted and called again at any time.
 */
export async function prune({ store, rest }: PruneDependencies, order: PruneOrder): Promise<PruneCount> {
  const sparing = order.findings.flatMap(({ name = '' }) => name.match(/(?:vol|snap)-[0-9a-f]+/g) ?? []);
  const counts = Object.fromEntries(prunables.map((what) => [what, 0])) as Record<Prunable, number>;
  for (const what of prunables) {
    const beforeMs = what === 'clientTokens' ? order.clientTokensBeforeMs : order.beforeMs;
    let after: { readonly position: number; readonly row: number } | undefined;
    do {
      const { removed, next } = await store.prune({ what, beforeMs, sparing, isDryRun: order.isDryRun, ...(after && { after }) });
      counts[what] += removed;
      after = next;
      if (!(await rest())) {
        return counts;
      }
    } while (after !== undefined);
  }
  return counts;
}
