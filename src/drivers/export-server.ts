import type { CommandRecord, Thing } from './thing.ts';

/** A volume made reachable. One export a volume; its name is never used for another volume. */
export interface ExportSpec {
  readonly volumeId: string;
  /** The iSCSI qualified name. */
  readonly target: string;
  /** Where the volume server holds the data. */
  readonly path: string;
  readonly bytes: number;
  /** Nobody can write through the export, whatever its initiator tries. Only where the server `exportsReadOnly`. */
  readonly readOnly?: boolean;
}

export interface ExportFacts {
  /** `ADDRESS:PORT` that initiators use; an IP address, since name resolution on a VMM host is one more thing to fail. */
  readonly portal: string;
  readonly lun: number;
}

/** What an initiator logs in to an export with. */
export interface Login {
  readonly target: string;
  readonly initiatorName: string;
  readonly chapUser: string;
  /** Sixteen URL-safe characters. A driver never puts it on a command line, into a CommandRecord or into an error. */
  readonly chapSecret: string;
}

/** The leave for one initiator to use one export, with a secret of its own; made anew for every attachment. */
export interface AccessSpec extends Login {
  /** As the export: where it is the access that refuses writes. */
  readonly readOnly?: boolean;
  /** Who else may have leave to use the export, and keeps it. Anybody else's is a conflict. Only where the server `sharesExports`. */
  readonly besides?: readonly Pick<Login, 'initiatorName' | 'chapUser'>[];
}

/** Makes volumes reachable over the storage network. */
export interface ExportServer {
  /** Whether it can refuse writes to an export; missing means that it cannot. */
  readonly exportsReadOnly?: boolean;
  /** Whether several initiators may have access to one export at a time, each taken away without the others noticing; missing means that only one may. */
  readonly sharesExports?: boolean;
  readonly export: Thing<ExportSpec, ExportFacts>;
  readonly access: Thing<AccessSpec, Record<string, never>>;
  /**
   * Makes initiators see that the volume of an export that is there is at least `bytes` large by now, while they use it. Idempotent. Missing when
   * the backend cannot: an export then keeps the size that it was made with.
   */
  grow?(spec: ExportSpec): Promise<readonly CommandRecord[]>;
}
