import { DriverError } from '../../drivers/driver-error.ts';
import type { Answer, Look, Thing } from '../../drivers/thing.ts';
import type { StoredFacts, VolumeServer, VolumeSpec } from '../../drivers/volume-server.ts';

/**
 * A volume in its larger size as a thing of its own, so that the engine grows it as it makes anything else: looked at before and after,
 * and never believed. It is absent as long as the volume has its old size. A volume cannot be made smaller, so it cannot be unmade.
 */
export function grownVolume(
  volume: VolumeServer['volume'],
  grow: NonNullable<VolumeServer['grow']>,
  lookInOldSize: VolumeServer['volume']['look'],
): Thing<VolumeSpec, StoredFacts> {
  const look = async (spec: VolumeSpec): Promise<Answer<Look<StoredFacts>>> => {
    const grown = await volume.look(spec);
    if (grown.value.state !== 'different') {
      return grown.value.state === 'absent' ? { ...grown, value: { state: 'different', difference: 'the volume is not there' } } : grown;
    }
    const before = await lookInOldSize(spec);
    const commands = [...grown.commands, ...before.commands];
    switch (before.value.state) {
      case 'present':
        return { value: { state: 'absent' }, commands };
      case 'unknown':
        return { value: before.value, commands };
      default:
        return { value: grown.value, commands };
    }
  };
  return {
    look,
    async make(spec) {
      const { value: found, commands } = await look(spec);
      switch (found.state) {
        case 'absent':
          return [...commands, ...(await grow(spec))];
        case 'different':
          throw new DriverError('conflict', found.difference, { commands });
        case 'unknown':
          throw new DriverError('unknown', found.reason, { commands });
        default:
          return commands;
      }
    },
    unmake: async () => {
      throw new Error('a volume is never made smaller');
    },
    list: () => volume.list(),
  };
}
