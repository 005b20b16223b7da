import type { Answer } from '../drivers/thing.ts';
import type { Fullness } from '../drivers/volume-server.ts';
import { Failure } from '../model/failure.ts';
import { bytesOfGiB, bytesPerGiB } from '../model/size.ts';
import { backlogOf, noticeRemains, type WipeDependencies } from './wipes.ts';

/**
 * Throws when a volume server cannot take so much more. Thin storage may promise more than it has, but never one volume that could not be filled
 * even if it were alone, and nothing at all once it is filled up to its limit.
 */
export async function refuseWithoutRoom(
  { store, site }: Pick<WipeDependencies, 'store' | 'site'>,
  volumeServer: string,
  room: { readonly sizeGiB: number; readonly addedGiB: number; readonly what?: 'volume' | 'snapshot' },
): Promise<void> {
  const { sizeGiB, addedGiB, what = 'volume' } = room;
  const volumes = site.volumeServers.get(volumeServer)?.volumes;
  const free = addedGiB > 0 ? await answered(volumes?.freeBytes()) : undefined;
  const fullness = await answered(volumes?.fullness?.());
  if ((free !== undefined && free < bytesOfGiB(addedGiB)) || (fullness !== undefined && isFull(fullness))) {
    await unlessUnavailable(noticeRemains({ store, site }, volumeServer));
    const waitingGiB = (await backlogOf(store, volumeServer)).reduce((sum, { bytes }) => sum + bytes, 0) / bytesPerGiB;
    throw new Failure({ kind: 'insufficient-capacity', what, sizeGiB, ...(waitingGiB > 0 && { waitingGiB }) });
  }
}

export function isFull({ filled, fullPercent }: Fullness): boolean {
  return filled.some(({ percent }) => percent >= fullPercent);
}

async function answered<Value>(answer: Promise<Answer<Value>> | undefined): Promise<Value | undefined> {
  return (await unlessUnavailable(answer))?.value;
}

async function unlessUnavailable<Value>(answer: Promise<Value> | undefined): Promise<Value | undefined> {
  try {
    return await answer;
  } catch (cause) {
    throw new Failure({ kind: 'unavailable', reason: 'The volume server does not answer.' }, { cause });
  }
}
