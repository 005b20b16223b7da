import type { Thing } from '../../drivers/thing.ts';
import type { StoredFacts, VolumeSpec } from '../../drivers/volume-server.ts';
import { bytesOfGiB } from '../../model/size.ts';

/** The volume in the size that is asked for or, when that is not the one it has, in another one that it may have (doubtful-size.ts). */
export function volumeOfEitherSize(
  volume: Thing<VolumeSpec, StoredFacts>,
  maybeSizeGiB: number | undefined,
): Thing<VolumeSpec, StoredFacts> {
  if (maybeSizeGiB === undefined) {
    return volume;
  }
  return {
    ...volume,
    async look(spec) {
      const asked = await volume.look(spec);
      if (asked.value.state !== 'different') {
        return asked;
      }
      const other = await volume.look({ ...spec, bytes: bytesOfGiB(maybeSizeGiB) });
      const commands = [...asked.commands, ...other.commands];
      return { value: other.value.state === 'different' ? asked.value : other.value, commands };
    },
  };
}
