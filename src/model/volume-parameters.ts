import { Failure, type FailureReason } from './failure.ts';
import type { VolumeShape } from './volume-modification.ts';
import type { VolumeType, VolumeTypeRules, VolumeTypeTable } from './volume-type.ts';

/** What a caller asks of a new volume, as it was written. */
export interface AskedVolumeParameters {
  readonly type?: string;
  readonly sizeGiB?: number;
  readonly fromSnapshot: boolean;
  readonly iops?: number;
  readonly throughputMiBps?: number;
  readonly multiAttach?: boolean;
}

/** What EBS makes of it: the type settled, and the type's own figures where none were given. */
export interface VolumeParameters {
  readonly type: VolumeType;
  /** Missing only for a volume that takes its size from a snapshot; check that size with `checkVolumeSize`. */
  readonly sizeGiB?: number;
  readonly iops?: number;
  readonly throughputMiBps?: number;
  readonly multiAttach?: true;
}

/** The type that the API takes when none is given (the console's is gp3). */
const defaultType = 'gp2';

/** Checks the parameters of a new volume against its type's rules. Throws Failure. */
export function volumeParameters(asked: AskedVolumeParameters, types: VolumeTypeTable): VolumeParameters {
  const { type, rules } = offeredType(asked.type ?? defaultType, types);
  if (asked.sizeGiB !== undefined) checkVolumeSize(type, asked.sizeGiB, types);
  else if (!asked.fromSnapshot) throw new Failure({ kind: 'missing-parameter', parameter: 'size/snapshot' });

  if (asked.iops === undefined && rules.iopsRequired) throw invalidCombination(`The parameter iops must be specified for ${type} volumes.`);
  const iops = figure({ parameter: 'Iops', words: 'iops', type, asked: asked.iops, range: rules.iops, byDefault: rules.iopsByDefault });
  const throughputMiBps = figure({
    parameter: 'Throughput',
    words: 'throughput',
    type,
    asked: asked.throughputMiBps,
    range: rules.throughputMiBps,
    byDefault: rules.throughputByDefault,
  });
  return {
    type,
    ...(asked.sizeGiB === undefined ? {} : { sizeGiB: asked.sizeGiB }),
    ...(iops === undefined ? {} : { iops }),
    ...(throughputMiBps === undefined ? {} : { throughputMiBps }),
    ...(asked.multiAttach === true && multiAttachOf(type)),
  };
}

function multiAttachOf(type: VolumeType): { readonly multiAttach: true } {
  if (type === 'io1' || type === 'io2') return { multiAttach: true };
  throw invalidCombination(`The parameter multiAttachEnabled is not supported for ${type} volumes.`);
}

/** What a caller asks to change of a volume; what is missing stays as it is, as far as the type has it. */
export interface AskedModification {
  readonly sizeGiB?: number;
  readonly type?: string;
  readonly iops?: number;
  readonly throughputMiBps?: number;
  readonly multiAttach?: boolean;
}

/** Checks a modification against the rules of the type that the volume will have, and gives the shape that it will have. Throws Failure. */
export function modifiedShape(current: VolumeShape, asked: AskedModification, types: VolumeTypeTable): VolumeShape {
  const { sizeGiB, type, iops, throughputMiBps } = asked;
  if ([sizeGiB, type, iops, throughputMiBps, asked.multiAttach].every((value) => value === undefined)) {
    throw invalidCombination('At least one of the parameters Size, VolumeType, Iops, Throughput and MultiAttachEnabled must be given.');
  }
  const newSizeGiB = sizeGiB ?? current.sizeGiB;
  if (newSizeGiB < current.sizeGiB) throw invalidValue('Size', 'New size cannot be smaller than existing size');
  const newType = type ?? current.type;
  const kept: Pick<VolumeShape, 'iops' | 'throughputMiBps'> =
    newType === current.type ? current : figures(iopsOfNewType(newType, types), undefined);
  const wanted = figures(iops ?? kept.iops, throughputMiBps ?? kept.throughputMiBps);
  const multiAttach = asked.multiAttach ?? current.multiAttach === true;
  const parameters = volumeParameters({ type: newType, sizeGiB: newSizeGiB, fromSnapshot: false, multiAttach, ...wanted }, types);
  const shape: VolumeShape = {
    sizeGiB: newSizeGiB,
    type: parameters.type,
    ...figures(parameters.iops, parameters.throughputMiBps),
    ...(multiAttach && { multiAttach }),
  };
  refuseFixed(current, shape);
  return shape;
}

/** What cannot be modified once a volume has multi-attach, and of an io1 volume at all (EBS user guide, "Considerations and limitations" of Multi-Attach). */
function refuseFixed(current: VolumeShape, wanted: VolumeShape): void {
  const [had, has] = [current.multiAttach === true, wanted.multiAttach === true];
  if (had && wanted.type !== current.type) {
    throw invalidCombination('The volume type of a volume with Multi-Attach enabled cannot be modified.');
  }
  if (has !== had && wanted.type === 'io1') {
    throw invalidCombination('Multi-Attach of io1 volumes can be enabled at their creation only, and not be disabled.');
  }
  if (had && current.type === 'io1' && (wanted.sizeGiB !== current.sizeGiB || wanted.iops !== current.iops)) {
    throw invalidCombination('The size and IOPS of io1 volumes with Multi-Attach enabled cannot be modified.');
  }
}

/** A volume that becomes one of a type with IOPS of its own, and for which none are asked, has 3,000 (EC2 API reference, ModifyVolume). */
function iopsOfNewType(type: string, types: VolumeTypeTable): number | undefined {
  const { iops } = offeredType(type, types).rules;
  return iops === undefined ? undefined : Math.min(iops[1], Math.max(iops[0], 3_000));
}

function offeredType(type: string, types: VolumeTypeTable): { readonly type: VolumeType; readonly rules: VolumeTypeRules } {
  const rules = Object.hasOwn(types, type) ? types[type as VolumeType] : undefined;
  if (rules === undefined) {
    const offered = Object.keys(types).join(', ');
    throw invalidValue('VolumeType', `Value (${type}) for parameter volumeType is invalid. The volume types are: ${offered}`);
  }
  return { type: type as VolumeType, rules };
}

function figures(iops: number | undefined, throughputMiBps: number | undefined): Pick<VolumeShape, 'iops' | 'throughputMiBps'> {
  return { ...(iops !== undefined && { iops }), ...(throughputMiBps !== undefined && { throughputMiBps }) };
}

/** Throws Failure when a volume of the type cannot have the size. */
export function checkVolumeSize(type: VolumeType, sizeGiB: number, types: VolumeTypeTable): void {
  const [least, most] = offeredType(type, types).rules.sizeGiB;
  if (sizeGiB < least) {
    throw invalidValue('Size', `Volume of ${sizeGiB}GiB is too small for volume type ${type}; minimum is ${least}GiB.`);
  }
  if (sizeGiB > most) {
    throw invalidValue('Size', `Volume of ${sizeGiB}GiB is too large for volume type ${type}; maximum is ${most}GiB.`);
  }
}

interface Figure {
  readonly parameter: string;
  readonly words: string;
  readonly type: VolumeType;
  readonly asked: number | undefined;
  readonly range: readonly [least: number, most: number] | undefined;
  readonly byDefault: number | undefined;
}

function figure({ parameter, words, type, asked, range, byDefault }: Figure): number | undefined {
  if (asked === undefined) return byDefault;
  if (range === undefined) throw invalidCombination(`The parameter ${words} is not supported for ${type} volumes.`);
  const [least, most] = range;
  if (asked < least) throw invalidValue(parameter, `Volume ${words} of ${asked} is too low; minimum is ${least}.`);
  if (asked > most) throw invalidValue(parameter, `Volume ${words} of ${asked} is too high; maximum is ${most}.`);
  return asked;
}

function invalidValue(parameter: string, reason: string): Failure {
  return new Failure({ kind: 'invalid-parameter-value', parameter, reason } satisfies FailureReason);
}

function invalidCombination(reason: string): Failure {
  return new Failure({ kind: 'invalid-parameter-combination', reason });
}
