import type { Site } from '../blockstore/site.ts';
import type { ListedInstance } from '../resolvers/cloud-resolver.ts';

export interface BuiltSite {
  readonly site: Site;
  /** What the static resolver lists. */
  readonly instances: readonly ListedInstance[];
  /** Ends what belongs to this process; daemons that VMs depend on go on. */
  close(): Promise<void>;
}
