import { type EngineContext, ensurePresent } from '../../drivers/engine.ts';
import type { ExportServer } from '../../drivers/export-server.ts';
import type { AttachmentPlan } from '../../store/store.ts';
import { accessSpec } from './attachment-things.ts';

/**
 * Makes sure that the other instances of a volume still have their access after one was taken away: a driver may have to move entries of the same
 * list to do so, and may have been interrupted in it. A detach that stopped has none to keep, and what a stranger has changed was so before.
 */
export async function keepAccesses(
  exports: ExportServer,
  gone: AttachmentPlan,
  sharers: readonly AttachmentPlan[],
  engine: EngineContext,
): Promise<void> {
  for (const each of sharers.filter(({ state }) => state === 'attached')) {
    const others = [gone, ...sharers].filter(({ id }) => id !== each.id);
    const spec = accessSpec(each, others);
    const { value: look, commands } = await exports.access.look(spec);
    engine.record(commands);
    if (look.state !== 'present' && look.state !== 'different') {
      await ensurePresent(exports.access, spec, engine);
    }
  }
}
