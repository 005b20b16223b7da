/** What is allowed of a volume type. A range that is missing means that the parameter is not accepted. */
export interface VolumeTypeRules {
  readonly sizeGiB: readonly [least: number, most: number];
  readonly iops?: readonly [least: number, most: number];
  readonly iopsRequired?: true;
  readonly iopsByDefault?: number;
  readonly throughputMiBps?: readonly [least: number, most: number];
  readonly throughputByDefault?: number;
  /** Where new volumes of the type are kept; without it, on the site's first volume server. */
  readonly volumeServer?: string;
}

/** The EBS table of sizes, IOPS and throughput (EBS user guide, "Amazon EBS volume types"). */
export const ebsVolumeTypes = {
  gp2: { sizeGiB: [1, 16_384] },
  gp3: { sizeGiB: [1, 65_536], iops: [3_000, 80_000], iopsByDefault: 3_000, throughputMiBps: [125, 2_000], throughputByDefault: 125 },
  io1: { sizeGiB: [4, 16_384], iops: [100, 64_000], iopsRequired: true },
  io2: { sizeGiB: [4, 65_536], iops: [100, 256_000], iopsRequired: true },
  st1: { sizeGiB: [125, 16_384] },
  sc1: { sizeGiB: [125, 16_384] },
  standard: { sizeGiB: [1, 1_024] },
} as const satisfies Record<string, VolumeTypeRules>;

export type VolumeType = keyof typeof ebsVolumeTypes;

/** The types that a site offers, with its rules for each. */
export type VolumeTypeTable = Readonly<Partial<Record<VolumeType, VolumeTypeRules>>>;

/** What a site has otherwise than EBS. */
export interface VolumeTypeChange {
  /** `false`: no volumes of this type. */
  readonly offered: boolean;
  readonly sizeGiB?: readonly [least: number, most: number] | undefined;
  readonly iops?: readonly [least: number, most: number] | undefined;
  readonly throughputMiBps?: readonly [least: number, most: number] | undefined;
  readonly volumeServer?: string | undefined;
}

/** The rules of EBS with a site's changes. A figure that EBS gives by default stays within the site's range. */
export function volumeTypesWith(changes: { readonly [Type in VolumeType]?: VolumeTypeChange | undefined }): VolumeTypeTable {
  const table: Partial<Record<VolumeType, VolumeTypeRules>> = {};
  for (const type of Object.keys(ebsVolumeTypes) as VolumeType[]) {
    const { offered = true, sizeGiB, iops, throughputMiBps, volumeServer } = changes[type] ?? {};
    if (offered) {
      const rules: VolumeTypeRules = {
        ...ebsVolumeTypes[type],
        ...(sizeGiB && { sizeGiB }),
        ...(iops && { iops }),
        ...(throughputMiBps && { throughputMiBps }),
        ...(volumeServer !== undefined && { volumeServer }),
      };
      const { iopsByDefault, throughputByDefault } = rules;
      table[type] = {
        ...rules,
        ...(iopsByDefault !== undefined && { iopsByDefault: within(rules.iops, iopsByDefault) }),
        ...(throughputByDefault !== undefined && { throughputByDefault: within(rules.throughputMiBps, throughputByDefault) }),
      };
    }
  }
  return table;
}

function within(range: readonly [least: number, most: number] | undefined, figure: number): number {
  return range === undefined ? figure : Math.min(range[1], Math.max(range[0], figure));
}
