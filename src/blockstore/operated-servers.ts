import type { OperatorStatement } from '../saga/journal.ts';
import type { HostUse, Store } from '../store/store.ts';
import { type HostNames, unnamedHosts, unnamedSentence } from './unnamed-hosts.ts';

export type { HostUse };

export interface OperatedServers {
  /** What is on which host, and, of one that the settings do not name, what is to be done. */
  list(): Promise<readonly { readonly use: HostUse; readonly unnamed?: string }[]>;
  /** Everything on a host is on the host of another name from now on: what the settings call it now. Refused while a server runs. */
  rename(request: {
    readonly kind: HostUse['kind'];
    readonly from: string;
    readonly to: string;
    /** There may be something under the new name already; the two cannot be told apart afterwards. */
    readonly merge: boolean;
  }): Promise<Changed>;
  /** All that is on a volume server is lost, on the operator's word. Refused while a server runs, and of a server that the settings still name. */
  forget(name: string, statement: Required<OperatorStatement>): Promise<Changed>;
}

export type Changed =
  | { readonly outcome: 'done'; readonly was: HostUse }
  | { readonly outcome: 'refused'; readonly reason: string; readonly next: string };

export interface OperatedServersDependencies {
  readonly store: Store;
  readonly holdState: () => { release(): void } | undefined;
  /** What the settings name; of a simulated site, what that has. */
  readonly hostNames: (siteKind: string | undefined) => HostNames;
}

export function operatedServers({ store, holdState, hostNames }: OperatedServersDependencies): OperatedServers {
  const named = async () => hostNames(await store.siteFact('site-kind'));
  const whileStopped = async (change: () => Promise<Changed>): Promise<Changed> => {
    const held = holdState();
    if (held === undefined) {
      return refused('a server uses the state folder', 'stop it first, since it works with the names that it has read');
    }
    return change().finally(held.release);
  };
  const useOf = async (kind: HostUse['kind'], name: string) =>
    (await store.hostUses()).find((use) => use.kind === kind && use.name === name);

  return {
    async list() {
      const uses = await store.hostUses();
      const unnamed = new Set(unnamedHosts(uses, await named()));
      return uses.map((use) => ({ use, ...(unnamed.has(use) && { unnamed: unnamedSentence(use) }) }));
    },

    rename: ({ kind, from, to, merge }) =>
      whileStopped(async () => {
        const was = await useOf(kind, from);
        const noun = kind === 'volume-server' ? 'volume server' : 'VMM host';
        if (was === undefined) {
          return refused(`nothing is on a ${noun} ${from}`, '"vbs servers list" shows what is on which');
        }
        const names = await named();
        if (!(kind === 'volume-server' ? names.volumeServers : names.vmmHosts).has(to)) {
          return refused(`the settings name no ${noun} ${to}`, 'give the settings of the server with --config, with the new name in them');
        }
        const result = await store.renameHost({ kind, from, to, merge });
        if (result.outcome === 'done') {
          return { outcome: 'done', was };
        }
        return result.reason === 'collides'
          ? refused(
              `attachments of ${from} and of ${to} are of the same domain`,
              'detach those that are older than the new name, then try again',
            )
          : refused(
              `there is something on a ${noun} ${to} already`,
              'when the two names are of one host, add --merge; afterwards nobody can tell what was on which',
            );
      }),

    forget: (name, statement) =>
      whileStopped(async () => {
        const was = await useOf('volume-server', name);
        if (was === undefined) {
          return refused(`nothing is on a volume server ${name}`, '"vbs servers list" shows what is on which');
        }
        if ((await named()).volumeServers.has(name)) {
          return refused(`the settings name the volume server ${name}`, 'take it out of the settings first, and give them with --config');
        }
        await store.forgetVolumeServer({ name, statement });
        await store.eraseEndedSecrets();
        return { outcome: 'done', was };
      }),
  };
}

function refused(reason: string, next: string): Changed {
  return { outcome: 'refused', reason, next };
}
