import type { AskedModification } from '../../model/volume-parameters.ts';

interface WireShape {
  readonly Size?: number;
  readonly VolumeType?: string;
  readonly Iops?: number;
  readonly Throughput?: number;
}

/** What of a volume's size, type and figures was asked for. The site's rules for them are the use case's. */
export function readVolumeShape({ Size, VolumeType, Iops, Throughput }: WireShape): AskedModification {
  return {
    ...(Size === undefined ? {} : { sizeGiB: Size }),
    ...(VolumeType === undefined ? {} : { type: VolumeType }),
    ...(Iops === undefined ? {} : { iops: Iops }),
    ...(Throughput === undefined ? {} : { throughputMiBps: Throughput }),
  };
}
