import type { Site } from '../blockstore/site.ts';
import type { ListedInstance } from '../resolvers/cloud-resolver.ts';

export interface BuiltSite {
  readonly site: Site;
  /** What the static resolver lists. */
  readonly instances: readonly ListedInstance[];
  /** Does what may wait until the service answers. */
  begin?(): void;
  /** Starts a managed daemon that has died again; `true` when it did, so that the exports have to be made anew. */
  heal(): Promise<boolean>;
  /** Ends what belongs to this process; daemons that VMs depend on go on. */
  close(): Promise<void>;
}
