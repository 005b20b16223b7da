import type { AccessSpec, ExportSpec } from '../export-server.ts';
import type { SessionSpec } from '../initiator.ts';
import type { DiskSource, DiskSpec } from '../vmm.ts';
import type { CopySpec, RemainsPiece, RemainsSpec, SnapshotSpec, VolumeSpec } from '../volume-server.ts';
import type { Values } from './template.ts';
import type { ValueType } from './value-type.ts';

type FieldsOf<Spec> = Readonly<Record<keyof Spec, ValueType>>;

/** What a pattern is given for a flag, in the words of tgt's own listing. */
function yesOrNo(flag: boolean | undefined): string {
  return flag === true ? 'Yes' : 'No';
}

const deviceDisk = {
  domain: 'word',
  volumeId: 'id',
  device: 'text',
  bytes: 'size',
  readOnly: 'word',
  devicePath: 'path',
} as const satisfies Record<string, ValueType>;

/** What a pattern can use of each thing, by the names of the contracts, with the one type each has. */
export const thingFields = {
  volume: { volumeId: 'id', bytes: 'size' } as const satisfies FieldsOf<VolumeSpec>,
  snapshot: { snapshotId: 'id', volumeId: 'id', bytes: 'size' } as const satisfies FieldsOf<SnapshotSpec & CopySpec>,
  remains: { name: 'word' } as const satisfies FieldsOf<RemainsSpec>,
  export: { volumeId: 'id', target: 'iqn', path: 'path', bytes: 'size', readOnly: 'word' } as const satisfies FieldsOf<ExportSpec>,
  access: {
    target: 'iqn',
    initiatorName: 'iqn',
    chapUser: 'word',
    chapSecret: 'secret',
    readOnly: 'word',
    otherInitiators: 'text',
    otherUsers: 'text',
  } as const satisfies Record<Exclude<keyof AccessSpec, 'besides'> | 'otherInitiators' | 'otherUsers', ValueType>,
  session: {
    volumeId: 'id',
    bytes: 'size',
    portal: 'portal',
    target: 'iqn',
    lun: 'int',
    initiatorName: 'iqn',
    chapUser: 'word',
    chapSecret: 'secret',
  } as const satisfies FieldsOf<SessionSpec>,
  'disk from a device': deviceDisk,
  'disk from an export': {
    domain: 'word',
    volumeId: 'id',
    device: 'text',
    bytes: 'size',
    readOnly: 'word',
    portal: 'portal',
    target: 'iqn',
    lun: 'int',
    initiatorName: 'iqn',
    chapUser: 'word',
    chapSecret: 'secret',
  } as const satisfies Record<string, ValueType>,
} as const;

export type ThingKind = keyof typeof thingFields;

/** What `zero` can use of a piece of what remains. */
export const pieceFields = { name: 'word', offset: 'size', length: 'size' } as const satisfies FieldsOf<RemainsPiece>;

/** The facts that `look` has to give for each thing. */
export const thingFacts = {
  volume: { path: 'path', bytes: 'size' },
  snapshot: { path: 'path', bytes: 'size' },
  remains: { was: 'word', bytes: 'size' },
  export: { portal: 'portal', lun: 'int' },
  access: {},
  session: { devicePath: 'path' },
  'disk from a device': {},
  'disk from an export': {},
} as const satisfies Record<ThingKind, Readonly<Record<string, ValueType>>>;

/** `readOnly` is `Yes` or `No`. */
export function valuesOfExport({ readOnly, ...spec }: ExportSpec): Values {
  return { ...spec, readOnly: yesOrNo(readOnly) };
}

/** `readOnly` is `Yes` or `No`; who else may have access stands in two lists with blanks between, in the same order. */
export function valuesOfAccess({ readOnly, besides = [], ...spec }: AccessSpec): Values {
  return {
    ...spec,
    readOnly: yesOrNo(readOnly),
    otherInitiators: besides.map(({ initiatorName }) => initiatorName).join(' '),
    otherUsers: besides.map(({ chapUser }) => chapUser).join(' '),
  };
}

/** A disk's fields in one level: what the source adds stands beside the disk's own. */
export function valuesOfDisk(spec: DiskSpec): Values {
  const { source, readOnly, ...disk } = spec;
  return { ...disk, readOnly: yesOrNo(readOnly), ...valuesOfSource(source) };
}

function valuesOfSource(source: DiskSource): Values {
  if (source.kind === 'device') return { devicePath: source.path };
  const { kind: _, ...values } = source;
  return values;
}
