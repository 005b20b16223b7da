import { noticeRemains, type WipeOutcome, wipeNext, wipingServers } from '../../src/blockstore/wipes.ts';
import type { RunningService } from './saga-rig.ts';

/** Longer than what failed is left alone for. */
const pauseMs = 61_000;

/** What the service does in the background, as fast as it goes, until nothing waits; answers what happened. Throws when that never ends. */
export async function wipeEverything(
  { sagaDependencies }: Pick<RunningService, 'sagaDependencies'>,
  pieceBytes = 256 * 1024 ** 2,
): Promise<readonly WipeOutcome[]> {
  const { site, store, sleep } = sagaDependencies;
  const outcomes: WipeOutcome[] = [];
  for (const volumeServer of wipingServers(site)) {
    await noticeRemains(sagaDependencies, volumeServer);
    for (let idle = 0; idle < 100; idle += 1) {
      for (;;) {
        const outcome = await wipeNext(sagaDependencies, { volumeServer, pieceBytes });
        if (outcome === undefined) {
          break;
        }
        outcomes.push(outcome);
      }
      if ((await store.wipes()).length === 0) {
        break;
      }
      await sleep(pauseMs);
    }
  }
  const left = await store.wipes();
  if (left.length > 0) {
    throw new Error(`it still waits to be wiped: ${JSON.stringify(left)}`);
  }
  return outcomes;
}
