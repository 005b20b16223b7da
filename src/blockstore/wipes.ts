import { DriverError } from '../drivers/driver-error.ts';
import { ensureAbsent } from '../drivers/engine.ts';
import type { Remains } from '../drivers/volume-server.ts';
import type { Store, Wipe } from '../store/store.ts';
import { attachVolumeHeader } from './sagas/attach-volume.ts';
import { createVolumeHeader } from './sagas/create-volume.ts';
import { detachVolumeHeader } from './sagas/detach-volume.ts';
import { modifyVolumeHeader } from './sagas/modify-volume.ts';
import { restoreAttachmentHeader } from './sagas/restore-attachment.ts';
import type { Patience } from './sagas/saga-dependencies.ts';
import type { Site } from './site.ts';

export interface WipeDependencies {
  readonly store: Pick<Store, 'wipes' | 'beginWipe' | 'recordWiped' | 'failWipe' | 'finishWipe'>;
  readonly site: Site;
  readonly clock: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly patience: Pick<Patience, 'attempts' | 'backoffMs' | 'settleMs'>;
}

/** `removed`: it is wiped, its space is free, and nothing of it is left. */
export type WipeOutcome = { readonly wipe: Wipe } & (
  | { readonly outcome: 'wiped'; readonly bytes: number }
  | { readonly outcome: 'removed' }
  | { readonly outcome: 'failed'; readonly reason: string }
);

/** One that could not be gone on with is left alone for so long, and the others have their turn. */
const retryAfterMs = 60_000;

/**
 * Brings the backlog in the database to what waits on a volume server: what is new comes in, and what is gone goes. Nothing is changed there.
 * Safe beside itself and whatever else runs. Throws DriverError when the volume server cannot be asked.
 */
export async function noticeRemains({ store, site }: Pick<WipeDependencies, 'store' | 'site'>, volumeServer: string): Promise<void> {
  const remains = remainsOn(site, volumeServer);
  if (remains === undefined) {
    return;
  }
  // Read before the listing: what came in after it is not taken for gone.
  const known = new Set((await backlogOf(store, volumeServer)).map(({ name }) => name));
  const listed = new Set((await remains.list()).value.map(({ name }) => name));
  for (const name of [...listed].filter((each) => !known.has(each))) {
    const { value: found } = await remains.look({ name });
    if (found.state === 'present') {
      await store.beginWipe({ volumeServer, name, ...found.facts });
    }
  }
  for (const name of [...known].filter((each) => !listed.has(each))) {
    await store.finishWipe({ volumeServer, name });
  }
}

/**
 * Wipes a piece of what has waited longest, or removes it when all of it is wiped. What the process did not live to write down is done again.
 * `undefined` when there is nothing to do now.
 */
export async function wipeNext(
  { store, site, clock, sleep, patience }: WipeDependencies,
  { volumeServer, pieceBytes }: { readonly volumeServer: string; readonly pieceBytes: number },
): Promise<WipeOutcome | undefined> {
  const remains = remainsOn(site, volumeServer);
  const backlog = await backlogOf(store, volumeServer);
  const wipe = backlog.find(({ failure }) => failure === undefined || clock() - failure.atMs >= retryAfterMs);
  if (remains === undefined || wipe === undefined) {
    return undefined;
  }
  const { name, bytes, wipedBytes } = wipe;
  const isWiped = wipedBytes >= bytes;
  try {
    if (!isWiped) {
      const length = Math.min(pieceBytes, bytes - wipedBytes);
      await remains.zero({ name, offset: wipedBytes, length });
      await store.recordWiped(wipe, wipedBytes + length);
      return { wipe, outcome: 'wiped', bytes: length };
    }
    const found = await ensureAbsent(remains, { name }, { record: () => undefined, sleep, ...patience });
    if (found.state === 'different') {
      throw new DriverError('conflict', `something that was not put aside stands in its place, and was left alone: ${found.difference}`);
    }
    await store.finishWipe(wipe);
    return { wipe, outcome: 'removed' };
  } catch (cause) {
    if (!(cause instanceof DriverError)) {
      throw cause;
    }
    // What refuses to be removed may not be zeros, whatever was answered when it was wiped.
    await store.failWipe(wipe, { reason: cause.message, startOver: isWiped && cause.kind === 'refused' && !cause.retryable });
    return { wipe, outcome: 'failed', reason: cause.message };
  }
}

const removesNothing: ReadonlySet<string> = new Set(
  [createVolumeHeader, attachVolumeHeader, detachVolumeHeader, restoreAttachmentHeader, modifyVolumeHeader].map(({ kind }) => kind),
);

/** Whether an operation that came to such an end may have left something to wipe. What comes in another way is noticed within a minute. */
export function mayLeaveRemains({ kind }: { readonly kind: string }, { outcome }: { readonly outcome: string }): boolean {
  return outcome !== 'done' || !removesNothing.has(kind);
}

/** The volume servers on which something can wait to be wiped. */
export function wipingServers({ volumeServers }: Site): readonly string[] {
  return [...volumeServers].filter(([, { volumes }]) => volumes.remains !== undefined).map(([name]) => name);
}

export async function backlogOf(store: Pick<Store, 'wipes'>, volumeServer: string): Promise<readonly Wipe[]> {
  return (await store.wipes()).filter((wipe) => wipe.volumeServer === volumeServer);
}

function remainsOn({ volumeServers }: Site, volumeServer: string): Remains | undefined {
  return volumeServers.get(volumeServer)?.volumes.remains;
}
