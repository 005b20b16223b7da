import type { CommandLinePattern } from '../../src/drivers/command/pattern.ts';
import type { Check } from '../../src/drivers/conformance/check-thing.ts';
import type { CalledAbout } from '../../src/drivers/conformance/driver-calls.ts';

const samples = {
  path: '/nonexistent/vbs-sample',
  int: 1,
  seconds: 1,
  portal: '127.0.0.1:3260',
  word: 'vbs-sample',
  text: 'all',
} as const;

/** Something for every setting that a site would have to give. */
export function sampleSettings({ settings }: CommandLinePattern): Readonly<Record<string, string | number>> {
  return Object.fromEntries(
    Object.entries(settings).flatMap(([name, { type, default: given }]) => (given === undefined ? [[name, samples[type]]] : [])),
  );
}

/** Names that nothing has; `digit` makes them others'. */
export function wantedOf(digit: string): CalledAbout {
  const digits = digit.repeat(17);
  const target = `iqn.2009-11.org.vbs:vol-${digits}`;
  return {
    volumeId: `vol-${digits}`,
    snapshotId: `snap-${digits}`,
    copyId: `vol-${digits.replace(digit, '0')}`,
    bytes: 4 * 1024 ** 2,
    access: { target, initiatorName: `iqn.2009-11.org.vbs:att-${digits}`, chapUser: `att-${digits}`, chapSecret: 'Xq7_sEcret-4Kz9w' },
    domain: '424242',
    device: '/dev/sdp',
  };
}

export function unheldChecks(checks: readonly Check[]): readonly Pick<Check, 'subject' | 'sentence' | 'reason'>[] {
  return checks
    .filter(({ outcome }) => outcome !== 'held')
    .map(({ subject, sentence, reason }) => ({ subject, sentence, ...(reason !== undefined && { reason }) }));
}
