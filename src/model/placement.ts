/** Where a VM runs: the VMM (hypervisor) host by the name it has in the settings, and the domain by its name there (never a Xen domain number, which changes at every reboot). */
export interface Placement {
  readonly vmmHost: string;
  readonly domain: string;
}
