import { CloudUnavailable } from '../cloud-resolver.ts';

/**
 * Refuses an answer that names something else than what was asked for, as a mixed up cache or proxy gives one: it says nothing of what was
 * asked for. `thing` is what is asked for, as `workspace 3`; `named` is what the answer says that it is about. Throws CloudUnavailable.
 */
export function requireAbout(thing: { readonly kind: string; readonly id: string }, named: string, speaker: string): void {
  if (named !== thing.id) {
    throw new CloudUnavailable(`${speaker} was asked for ${thing.kind} ${thing.id}, and answered about ${named.slice(0, 100)}`, {
      hint: 'does something stand between VBS and the cloud that mixes up or remembers answers?',
    });
  }
}
