import type { Login } from './export-server.ts';
import type { Answer, CommandRecord, Thing } from './thing.ts';

/** What a VMM can put into a VM: a block device of its host, or an export that the hypervisor's own initiator logs in to. */
export type DiskSource =
  | { readonly kind: 'device'; readonly path: string }
  | ({ readonly kind: 'export'; readonly portal: string; readonly lun: number } & Login);

export interface DiskSpec {
  readonly domain: string;
  readonly volumeId: string;
  /** The device name as the caller gave it. A VMM that lets the guest name its disks (virtio) ignores it. */
  readonly device: string;
  readonly bytes: number;
  /** The guest is told that it cannot write, which its source refuses. Only where the VMM `takesReadOnly`. */
  readonly readOnly?: boolean;
  readonly source: DiskSource;
}

export interface DomainFacts {
  readonly state: 'running' | 'stopped';
  /** Stays over reboots, unlike a domain number. */
  readonly uuid: string;
}

/** A hypervisor. */
export interface Vmm {
  readonly takes: DiskSource['kind'];
  /** Whether it can plug in a disk that refuses writes; missing means that it cannot. */
  readonly takesReadOnly?: boolean;
  /** Whether it keeps nothing of a disk for itself, so that VMs of several hosts can have the same volume; missing means that it is not known to. */
  readonly takesShared?: boolean;
  /** `look` says `absent` when the domain does not run: a stopped VM holds no disk of ours. `unmake` is complete only when the guest has let go. */
  readonly disk: Thing<DiskSpec, Record<string, never>>;
  /** Makes a VM see that a disk which it has is at least `bytes` large by now. Idempotent. Missing when the backend cannot. */
  grow?(spec: DiskSpec): Promise<readonly CommandRecord[]>;
  /** The domain by its name, `undefined` when the host has none. Throws when the host cannot be asked. */
  domain(name: string): Promise<Answer<DomainFacts | undefined>>;
}
