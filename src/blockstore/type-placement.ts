import { Failure } from '../model/failure.ts';
import type { VolumeType } from '../model/volume-type.ts';
import type { Site } from './site.ts';

/** The volume server that volumes of a type are kept on. Throws Failure when the site has none. */
export function volumeServerFor({ volumeTypes, volumeServers }: Site, type: VolumeType): string {
  const name = volumeTypes[type]?.volumeServer ?? volumeServers.keys().next().value;
  if (name === undefined) {
    throw new Failure({ kind: 'unsupported', reason: 'This site has no volume server.' });
  }
  return name;
}

/**
 * Throws when contents that one volume server holds are wanted in a volume of a type that is kept on another one: they are copied within a
 * volume server only. A type that names none is kept wherever its contents are.
 */
export function refuseOnOtherServer({ volumeTypes }: Site, type: VolumeType, holder: string): void {
  const wanted = volumeTypes[type]?.volumeServer;
  if (wanted !== undefined && wanted !== holder) {
    throw new Failure({
      kind: 'unsupported',
      reason: `Volumes of the type ${type} are kept on another volume server than the contents, which are not moved between them. Use a type that is kept there.`,
    });
  }
}
