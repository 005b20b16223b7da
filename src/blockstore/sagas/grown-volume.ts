import type { Thing } from '../../drivers/thing.ts';
import type { StoredFacts, VolumeServer, VolumeSpec } from '../../drivers/volume-server.ts';

/**
 * A volume in its larger size as a thing of its own, so that the engine grows it as it makes anything else: looked at before and after,
 * and never believed. It is absent as long as the volume has its old size. A volume cannot be made smaller, so it cannot be unmade.
 */
export function grownVolume(
  volume: VolumeServer['volume'],
  grow: NonNullable<VolumeServer['grow']>,
  oldSize: VolumeSpec,
): Thing<VolumeSpec, StoredFacts> {
  return {
    async look(spec) {
      const grown = await volume.look(spec);
      if (grown.value.state !== 'different') {
        return grown.value.state === 'absent' ? { ...grown, value: { state: 'different', difference: 'the volume is not there' } } : grown;
      }
      const before = await volume.look(oldSize);
      const commands = [...grown.commands, ...before.commands];
      switch (before.value.state) {
        case 'present':
          return { value: { state: 'absent' }, commands };
        case 'unknown':
          return { value: before.value, commands };
        default:
          return { value: grown.value, commands };
      }
    },
    make: grow,
    unmake: async () => {
      throw new Error('a volume is never made smaller');
    },
    list: () => volume.list(),
  };
}
