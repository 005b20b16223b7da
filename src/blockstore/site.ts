import type { ExportServer } from '../drivers/export-server.ts';
import type { Initiator } from '../drivers/initiator.ts';
import type { Vmm } from '../drivers/vmm.ts';
import type { VolumeServer } from '../drivers/volume-server.ts';
import type { VolumeTypeTable } from '../model/volume-type.ts';

/** The hosts of a site, each with the drivers that its settings name. */
export interface Site {
  readonly zones: readonly string[];
  readonly volumeTypes: VolumeTypeTable;
  /** By name, the first one being where new volumes go whose type names no other. */
  readonly volumeServers: ReadonlyMap<string, VolumeServerHost>;
  /** By the name that placements use. */
  readonly vmmHosts: ReadonlyMap<string, VmmHost>;
  /** The naming authority of this site's iSCSI names, as `iqn.2009-11.org.vbs`; the volume id follows it. */
  readonly iqnPrefix: string;
}

export interface VolumeServerHost {
  readonly volumes: VolumeServer;
  readonly exports: ExportServer;
  /** How fast what was deleted is wiped, where that is done afterwards; without it, as fast as it goes. */
  readonly wipeMiBps?: number;
}

export interface VmmHost {
  readonly vmm: Vmm;
  /** The host's own initiator. A VMM that takes devices must have one; one that takes exports brings its own. */
  readonly initiator?: Initiator;
  /** The initiator's name when it has a fixed one (a host's open-iscsi); otherwise each attachment gets a name of its own. */
  readonly initiatorName?: string;
}
