import type { Site } from '../blockstore/site.ts';
import type { FaultInjection } from '../drivers/faults/fault.ts';
import { faultyExportServer, faultyInitiator, faultyVmm, faultyVolumeServer } from '../drivers/faults/faulty-drivers.ts';

/** The same site, with faults in all of its drivers. */
export function faultySite(site: Site, injection: FaultInjection): Site {
  return {
    ...site,
    volumeServers: new Map(
      [...site.volumeServers].map(([name, { volumes, exports, ...rest }]) => [
        name,
        { ...rest, volumes: faultyVolumeServer(name, volumes, injection), exports: faultyExportServer(name, exports, injection) },
      ]),
    ),
    vmmHosts: new Map(
      [...site.vmmHosts].map(([name, { vmm, initiator, ...rest }]) => [
        name,
        { ...rest, vmm: faultyVmm(name, vmm, injection), ...(initiator && { initiator: faultyInitiator(name, initiator, injection) }) },
      ]),
    ),
  };
}
