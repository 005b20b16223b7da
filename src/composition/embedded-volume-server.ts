import type { VolumeServerSettings } from '../settings/settings.ts';

/** What a site has that names no volume server: sparse files in a folder of the service's own, and a tgtd of its own. */
export function embeddedVolumeServer(dataFolder: string): VolumeServerSettings {
  return {
    name: 'local',
    volumes: { driver: 'file', settings: { stateFolder: dataFolder } },
    exports: { driver: 'tgt', daemon: 'managed', openToNetwork: false, settings: {} },
  };
}
