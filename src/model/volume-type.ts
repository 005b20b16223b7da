/** What EBS allows of each volume type. A range that is missing means that the parameter is not accepted. */
interface VolumeTypeRules {
  readonly sizeGiB: readonly [least: number, most: number];
  readonly iops?: readonly [least: number, most: number];
  readonly iopsRequired?: true;
  readonly iopsByDefault?: number;
  readonly throughputMiBps?: readonly [least: number, most: number];
  readonly throughputByDefault?: number;
}

/** The EBS table of sizes, IOPS and throughput (EBS user guide, "Amazon EBS volume types"). */
export const volumeTypes = {
  gp2: { sizeGiB: [1, 16_384] },
  gp3: { sizeGiB: [1, 65_536], iops: [3_000, 80_000], iopsByDefault: 3_000, throughputMiBps: [125, 2_000], throughputByDefault: 125 },
  io1: { sizeGiB: [4, 16_384], iops: [100, 64_000], iopsRequired: true },
  io2: { sizeGiB: [4, 65_536], iops: [100, 256_000], iopsRequired: true },
  st1: { sizeGiB: [125, 16_384] },
  sc1: { sizeGiB: [125, 16_384] },
  standard: { sizeGiB: [1, 1_024] },
} as const satisfies Record<string, VolumeTypeRules>;

export type VolumeType = keyof typeof volumeTypes;

export function isVolumeType(text: string): text is VolumeType {
  return Object.hasOwn(volumeTypes, text);
}

export function rulesOf(type: VolumeType): VolumeTypeRules {
  return volumeTypes[type];
}
