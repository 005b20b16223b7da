import { Failure } from '../model/failure.ts';
import { bytesOfGiB } from '../model/size.ts';
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

/** Thin storage may promise more than it has, but never one volume that could not be filled even if it were alone. */
export async function refuseWithoutRoom(
  site: Site,
  { volumeServer, sizeGiB, addedGiB = sizeGiB }: { readonly volumeServer: string; readonly sizeGiB: number; readonly addedGiB?: number },
): Promise<void> {
  const answer = await site.volumeServers
    .get(volumeServer)
    ?.volumes.freeBytes()
    .catch((cause: unknown) => {
      throw new Failure({ kind: 'unavailable', reason: 'The volume server does not answer.' }, { cause });
    });
  if (answer?.value !== undefined && answer.value < bytesOfGiB(addedGiB)) {
    throw new Failure({ kind: 'insufficient-capacity', sizeGiB });
  }
}
