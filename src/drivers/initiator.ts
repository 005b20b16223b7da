import type { Login } from './export-server.ts';
import type { CommandRecord, Thing } from './thing.ts';

/** A VMM host's own login to an export, for hypervisors that take a device. */
export interface SessionSpec extends Login {
  readonly volumeId: string;
  readonly bytes: number;
  readonly portal: string;
  readonly lun: number;
}

export interface SessionFacts {
  /** The block device on the VMM host. Its identity (serial and size) was checked: `look` answers `different` otherwise. */
  readonly devicePath: string;
}

/** The VMM-host side of an export. */
export interface Initiator {
  readonly session: Thing<SessionSpec, SessionFacts>;
  /** Makes the device of a session that is there show that its export is at least `bytes` large by now, while it is used. Idempotent. Missing when the backend cannot. */
  grow?(spec: SessionSpec): Promise<readonly CommandRecord[]>;
}
