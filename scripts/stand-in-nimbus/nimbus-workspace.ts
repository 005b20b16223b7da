/** A VM as the stand-in has it. */
export interface NimbusWorkspace {
  readonly id: number;
  /** The distinguished name of the one who made it, whom alone Nimbus tells about it. */
  readonly owner: string;
  readonly state: 'Unpropagated' | 'Running';
  /** The host that it runs on; none before it is placed. */
  readonly vmm?: string;
  readonly nics: readonly NimbusNic[];
  readonly startsAt: string;
  readonly endsAt: string;
  readonly memoryMiB: number;
  readonly cpus?: number;
  /** What the EC2 front end calls it. */
  readonly elasticId: string;
  readonly reservationId: string;
}

export interface NimbusNic {
  readonly name: string;
  readonly mac: string;
  readonly hostname: string;
  readonly ipAddress: string;
  readonly netmask?: string;
  readonly gateway: string;
  readonly broadcast?: string;
  readonly association: 'public' | 'private';
}

export const alice = '/O=Grid/OU=Test/CN=Alice';
export const mallory = '/O=Grid/CN=Mallory';

/** The two workspaces of the exchanges that were captured from a real Nimbus: one from its own client, one launched through EC2. */
export const capturedWorkspaces: readonly NimbusWorkspace[] = [
  {
    id: 1,
    owner: alice,
    state: 'Running',
    vmm: 'vmm1.example.org',
    nics: [
      {
        name: 'eth0',
        mac: 'A2:AA:BB:E1:79:BB',
        hostname: 'pub02',
        ipAddress: '192.168.0.2',
        gateway: '192.168.0.1',
        association: 'public',
      },
    ],
    startsAt: '2026-11-22T11:18:10.448Z',
    endsAt: '2026-11-23T11:20:10.448Z',
    memoryMiB: 256,
    elasticId: 'i-5566b1b7',
    reservationId: 'r-7936fb18',
  },
  {
    id: 2,
    owner: alice,
    state: 'Running',
    vmm: 'vmm2.example.org',
    nics: [
      {
        name: 'autoeth0',
        mac: 'A2:AA:BB:EE:5F:2A',
        hostname: 'pub03',
        ipAddress: '192.168.0.3',
        netmask: '255.255.255.0',
        gateway: '192.168.0.1',
        broadcast: '192.168.0.255',
        association: 'public',
      },
      {
        name: 'autoeth1',
        mac: 'A2:AA:BB:4A:3A:07',
        hostname: 'priv010',
        ipAddress: '172.20.6.10',
        netmask: '255.255.255.0',
        gateway: '172.20.6.1',
        broadcast: '172.20.6.255',
        association: 'private',
      },
    ],
    startsAt: '2026-11-22T11:22:26.990Z',
    endsAt: '2026-11-23T11:24:26.990Z',
    memoryMiB: 2048,
    cpus: 1,
    elasticId: 'i-e8d60ed1',
    reservationId: 'r-f0f93894',
  },
];
