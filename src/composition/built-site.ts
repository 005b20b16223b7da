import type { Site } from '../blockstore/site.ts';
import type { ListedInstance } from '../resolvers/cloud-resolver.ts';
import type { Measurement } from '../telemetry/measurement.ts';

export interface BuiltSite {
  readonly site: Site;
  /** What the static resolver lists. */
  readonly instances: readonly ListedInstance[];
  /** Does what may wait until the service answers. */
  begin?(): void;
  /** Of what belongs to it, beside what its drivers tell. */
  readonly measurements?: readonly Measurement[];
  /** Starts a managed daemon that has died again; `true` when it did, so that the exports have to be made anew. */
  heal(): Promise<boolean>;
  /** Ends what belongs to this process; daemons that VMs depend on go on. */
  close(): Promise<void>;
}
