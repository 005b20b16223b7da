import { describe, expect, test } from 'vitest';
import { checkVolumeSize as checkSize, modifiedShape, volumeParameters as parametersOf } from '../../../src/model/volume-parameters.ts';
import { ebsVolumeTypes, type VolumeType, volumeTypesWith } from '../../../src/model/volume-type.ts';

const fromSnapshot = false;
const volumeParameters = (asked: Parameters<typeof parametersOf>[0]) => parametersOf(asked, ebsVolumeTypes);
const checkVolumeSize = (type: VolumeType, sizeGiB: number) => checkSize(type, sizeGiB, ebsVolumeTypes);

function refusal(reason: object) {
  return expect.objectContaining({ reason: expect.objectContaining(reason) });
}

describe('what is not said', () => {
  test('the type is gp2, which has no figures', () => {
    expect(volumeParameters({ sizeGiB: 1, fromSnapshot })).toEqual({ type: 'gp2', sizeGiB: 1 });
  });

  test('gp3 has 3,000 IOPS and 125 MiB/s', () => {
    expect(volumeParameters({ type: 'gp3', sizeGiB: 1, fromSnapshot })).toEqual({
      type: 'gp3',
      sizeGiB: 1,
      iops: 3_000,
      throughputMiBps: 125,
    });
  });

  test('the size may come from a snapshot, and from nowhere else', () => {
    expect(volumeParameters({ fromSnapshot: true })).toEqual({ type: 'gp2' });
    expect(() => volumeParameters({ fromSnapshot })).toThrow(refusal({ kind: 'missing-parameter' }));
  });

  test('io1 and io2 need their IOPS', () => {
    for (const type of ['io1', 'io2']) {
      const reason = `The parameter iops must be specified for ${type} volumes.`;
      expect(() => volumeParameters({ type, sizeGiB: 8, fromSnapshot })).toThrow(
        refusal({ kind: 'invalid-parameter-combination', reason }),
      );
      expect(volumeParameters({ type, sizeGiB: 8, iops: 100, fromSnapshot })).toEqual({ type, sizeGiB: 8, iops: 100 });
    }
  });
});

test.each(['gp2', 'st1', 'sc1', 'standard'])('%s takes neither IOPS nor throughput', (type) => {
  const asked = { type, sizeGiB: 125, fromSnapshot };
  const combination = (words: string) =>
    refusal({ kind: 'invalid-parameter-combination', reason: `The parameter ${words} is not supported for ${type} volumes.` });
  expect(() => volumeParameters({ ...asked, iops: 3_000 })).toThrow(combination('iops'));
  expect(() => volumeParameters({ ...asked, throughputMiBps: 125 })).toThrow(combination('throughput'));
});

test.each([
  ['gp2', 1, 16_384],
  ['gp3', 1, 65_536],
  ['io1', 4, 16_384],
  ['io2', 4, 65_536],
  ['st1', 125, 16_384],
  ['sc1', 125, 16_384],
  ['standard', 1, 1_024],
] as const)('%s is from %s to %s GiB', (type, least, most) => {
  expect(() => checkVolumeSize(type, least)).not.toThrow();
  expect(() => checkVolumeSize(type, most)).not.toThrow();
  expect(() => checkVolumeSize(type, least - 1)).toThrow(refusal({ kind: 'invalid-parameter-value', parameter: 'Size' }));
  expect(() => checkVolumeSize(type, most + 1)).toThrow(refusal({ kind: 'invalid-parameter-value', parameter: 'Size' }));
});

test.each([
  [{ iops: 2_999 }, 'Volume iops of 2999 is too low; minimum is 3000.'],
  [{ iops: 80_001 }, 'Volume iops of 80001 is too high; maximum is 80000.'],
  [{ throughputMiBps: 124 }, 'Volume throughput of 124 is too low; minimum is 125.'],
  [{ throughputMiBps: 2_001 }, 'Volume throughput of 2001 is too high; maximum is 2000.'],
])('gp3 with %o is refused', (figures, reason) => {
  expect(() => volumeParameters({ type: 'gp3', sizeGiB: 1, fromSnapshot, ...figures })).toThrow(
    refusal({ kind: 'invalid-parameter-value', reason }),
  );
});

test.each(['gp4', 'GP2', 'toString', ''])('"%s" is no volume type', (type) => {
  expect(() => volumeParameters({ type, sizeGiB: 1, fromSnapshot })).toThrow(
    refusal({ kind: 'invalid-parameter-value', parameter: 'VolumeType' }),
  );
});

describe("a site's own rules", () => {
  const types = volumeTypesWith({
    gp3: { offered: true, sizeGiB: [2, 100], iops: [500, 2_000], throughputMiBps: [10, 50] },
    io1: { offered: true, iops: [100, 1_000] },
    st1: { offered: false },
  });

  test('take the place of those of EBS, and the defaults stay within them', () => {
    expect(parametersOf({ type: 'gp3', sizeGiB: 100, fromSnapshot }, types)).toMatchObject({ iops: 2_000, throughputMiBps: 50 });
    expect(() => parametersOf({ type: 'gp3', sizeGiB: 101, fromSnapshot }, types)).toThrow(refusal({ parameter: 'Size' }));
    expect(() => parametersOf({ type: 'gp3', sizeGiB: 1, fromSnapshot }, types)).toThrow(refusal({ parameter: 'Size' }));
    expect(() => parametersOf({ type: 'gp3', sizeGiB: 2, iops: 2_001, fromSnapshot }, types)).toThrow(refusal({ parameter: 'Iops' }));
  });

  test('leave the other types as they are, and those that are not offered out', () => {
    expect(types.gp2).toEqual(ebsVolumeTypes.gp2);
    expect(() => parametersOf({ type: 'st1', sizeGiB: 125, fromSnapshot }, types)).toThrow(refusal({ parameter: 'VolumeType' }));
  });

  test('hold for what a volume is modified to', () => {
    expect(modifiedShape({ sizeGiB: 4, type: 'gp2' }, { type: 'io1' }, types)).toEqual({ sizeGiB: 4, type: 'io1', iops: 1_000 });
    expect(() => modifiedShape({ sizeGiB: 4, type: 'gp2' }, { type: 'gp3', sizeGiB: 200 }, types)).toThrow(refusal({ parameter: 'Size' }));
  });
});
