import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { scriptsFolderOf } from '../../../src/drivers/command/catalogue.ts';
import { systemClock } from '../../../src/drivers/command/clock.ts';
import { localEnvironment, localHost } from '../../../src/drivers/command/local-host.ts';
import { concludeTgtList } from '../../../src/drivers/command/tgt-list.ts';
import { readTgtListing } from '../../../src/drivers/command/tgt-listing.ts';
import { shippedBackends } from '../../contract/shipped-backend.ts';
import { type TgtdTarget, wordsOfDrivers, wordsOfTargets } from '../../support/tgtd-words.ts';

const idOf = (tid: number) => `vol-${String(tid).padStart(17, '0')}`;
const nameOf = (tid: number) => `iqn.2009-11.org.vbs:${idOf(tid)}`;

/** Lines that tgtd writes itself, of these targets and of none: whatever an alias may want to be taken for. */
const lookalikes = [1, 2, 3, 4, 9].flatMap((tid) => [
  `Target ${tid}: ${nameOf(tid)}`,
  `Target ${tid}: ${nameOf(tid)}\n    System information:\n        Driver: iscsi\n        State: ready\n    I_T nexus information:`,
  `        I_T nexus: ${tid}`,
  `        I_T nexus: ${tid}\n            Initiator: x alias: y`,
  `        LUN: ${tid}`,
  `        LUN: 0\n            Type: disk\n    Account information:\n        someone\n    ACL information:\n        stranger`,
]);
const lines = [
  '    System information:',
  '    I_T nexus information:',
  '    LUN information:',
  '        LUN: 1\n            SCSI ID: vol-0badc0de\n            Backing store path: /etc/shadow',
  '    Account information:',
  '    ACL information:',
  '        stranger',
  '            Connection: 0\n                IP Address: 192.0.2.7',
  '\r',
  '|',
  '\x1b[2J',
  '\xff\x80',
];
const alias = fc.oneof(
  { arbitrary: fc.constant('none'), weight: 1 },
  { arbitrary: fc.array(fc.constantFrom(...lookalikes, ...lines), { maxLength: 14 }).map((parts) => `z\n${parts.join('\n')}`), weight: 6 },
  {
    arbitrary: fc.tuple(fc.constantFrom(...lookalikes, ...lines), fc.nat(2_000)).map(([part, length]) => `${'z'.repeat(length)}\n${part}`),
    weight: 1,
  },
  { arbitrary: fc.string({ unit: 'binary', maxLength: 300 }).map((text) => Buffer.from(text).toString('latin1')), weight: 1 },
);

const target = (tid: number, isOurs: fc.Arbitrary<boolean>): fc.Arbitrary<TgtdTarget> =>
  fc
    .record({ aliases: fc.array(alias, { maxLength: 3 }), isOurs, hasAccess: fc.boolean() })
    .map(({ aliases, isOurs: ours, hasAccess }) => ({
      tid,
      name: nameOf(tid),
      id: idOf(tid),
      aliases,
      ...(ours && { backing: `/srv/vbs/volumes/${idOf(tid)}.raw` }),
      accounts: hasAccess ? [`att-${idOf(tid).slice(4)}`] : [],
      acl: hasAccess ? [`iqn.2009-11.org.vbs:att-${idOf(tid).slice(4)}`] : [],
    }));
const site = (isOurs: fc.Arbitrary<boolean>) => fc.tuple(...[1, 2, 3, 4].map((tid) => target(tid, isOurs)));

const truthOf = ({ tid, name, id, backing, accounts, acl }: TgtdTarget) => ({
  tid: String(tid),
  name,
  isClear: true,
  scsiId: backing === undefined ? '' : id,
  scsiSn: backing === undefined ? '' : id.replace('-', ''),
  online: backing === undefined ? '' : 'Yes',
  readOnly: backing === undefined ? '' : 'No',
  backing: backing ?? '',
  accounts,
  acl,
});

it('reads what is true of every target with a LUN of ours, whatever any initiator says of itself', () => {
  fc.assert(
    fc.property(site(fc.constant(true)), (targets) => {
      expect(readTgtListing(wordsOfDrivers(targets), wordsOfTargets(targets))).toEqual({ outcome: 'read', targets: targets.map(truthOf) });
    }),
    { numRuns: 3_000 },
  );
});

it('reads of targets without a LUN what is true, or says that it cannot tell', () => {
  fc.assert(
    fc.property(site(fc.boolean()), (targets) => {
      const reading = readTgtListing(wordsOfDrivers(targets), wordsOfTargets(targets));
      if (reading.outcome !== 'read') throw new Error('the listing is whole');
      expect(reading.targets.map(({ name }) => name)).toEqual(targets.map(({ name }) => name));
      reading.targets.forEach((read, index) => {
        if (read.isClear) expect(read).toEqual(truthOf(targets[index] as TgtdTarget));
      });
    }),
    { numRuns: 3_000 },
  );
});

it('says so where two readings fit: short targets with sessions, of which one swallows the other', () => {
  const bare = (tid: number, aliases: readonly string[]): TgtdTarget => ({
    tid,
    name: nameOf(tid),
    id: idOf(tid),
    aliases,
    accounts: [],
    acl: [],
  });
  const [ending] = wordsOfTargets([bare(7, [])])
    .split('    LUN information:\n')
    .slice(1);
  const forged = `z\n    LUN information:\n${ending?.slice(0, 200)}    Account information:\n    ACL information:\n${wordsOfTargets([bare(2, ['z'])]).slice(0, 220)}`;
  const targets = [bare(1, [forged]), bare(2, ['none']), bare(3, [])];
  const reading = readTgtListing(wordsOfDrivers(targets), wordsOfTargets(targets));
  expect(reading).toMatchObject({ targets: [{ isClear: false, backing: '' }, { isClear: true }, { isClear: true }] });
  const ask = (wanted?: string) =>
    concludeTgtList(
      wanted,
      [wordsOfDrivers(targets), wordsOfTargets(targets), wordsOfDrivers(targets)].map((words) => Buffer.from(words, 'latin1')),
    );
  expect(ask(nameOf(1))).toMatchObject({
    exitCode: 2,
    stdout: '',
    stderr: expect.stringMatching(/logged in to target 1 or 2 .* --op delete --mode conn/),
  });
  // That something is nowhere, and that this is all there is, would be guesses.
  expect(ask(nameOf(9))).toMatchObject({ exitCode: 2 });
  expect(ask()).toMatchObject({ exitCode: 2 });
  expect(ask(nameOf(2))).toMatchObject({ exitCode: 0, stderr: '' });
});

it('never takes a listing that is cut, mixed up, or of something else for a shorter one', () => {
  const targets = [1, 2, 3].map(
    (tid): TgtdTarget => ({
      tid,
      name: nameOf(tid),
      id: idOf(tid),
      backing: `/srv/${tid}`,
      aliases: ['none'],
      accounts: ['a'],
      acl: ['b'],
    }),
  );
  const known = wordsOfDrivers(targets);
  const whole = wordsOfTargets(targets);
  const rows = whole.split('\n');
  fc.assert(
    fc.property(
      fc.oneof(
        fc.nat(whole.length).map((length) => whole.slice(0, length)),
        fc.shuffledSubarray(rows, { minLength: rows.length }).map((each) => each.join('\n')),
        fc.subarray(rows).map((each) => each.join('\n')),
        fc.string(),
        fc.constantFrom('', '\0\0\0', 'tgtadm: no such thing\n', known),
      ),
      (listing) => {
        const reading = readTgtListing(known, listing);
        if (reading.outcome === 'unreadable') return;
        // Each has the end of its own, whatever became of the lines in it.
        expect(reading.targets.map(({ name }) => name)).toEqual(targets.map(({ name }) => name));
      },
    ),
    { numRuns: 1_000 },
  );
  expect(readTgtListing(wordsOfDrivers([]), whole)).toEqual({ outcome: 'unreadable' });
  expect(readTgtListing(known, '')).toEqual({ outcome: 'unreadable' });
});

it('takes time in proportion to the listing', () => {
  const crowd = (count: number): readonly TgtdTarget[] => [
    {
      tid: 1,
      name: nameOf(1),
      id: idOf(1),
      backing: '/srv/1',
      accounts: [],
      acl: [],
      aliases: Array.from(
        { length: count },
        (_, index) =>
          `z\n${[1, 2, 3].map((tid) => `Target ${tid}: ${nameOf(tid)}\n    System information:\n    I_T nexus information:\n        I_T nexus: ${index}\n    LUN information:\n        LUN: 0\n    ACL information:\n`).join('')}`,
      ),
    },
    ...[2, 3].map((tid) => ({ tid, name: nameOf(tid), id: idOf(tid), backing: `/srv/${tid}`, accounts: [], acl: [], aliases: [] })),
  ];
  const msOf = (count: number): number => {
    const [known, listing] = [wordsOfDrivers(crowd(count)), wordsOfTargets(crowd(count))];
    const samples = Array.from({ length: 3 }, () => {
      const startedAtMs = performance.now();
      expect(readTgtListing(known, listing).outcome).toBe('read');
      return performance.now() - startedAtMs;
    });
    return Math.min(...samples);
  };
  msOf(500);
  // Ten times as much: a quadratic one would take a hundred times as long.
  expect(msOf(10_000) / Math.max(1, msOf(1_000))).toBeLessThan(40);
});

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vbs-tgtadm-'));
  writeFileSync(join(folder, 'tgtadm'), `#!/bin/sh\ncat "${folder}/$6"\n`);
  chmodSync(join(folder, 'tgtadm'), 0o755);
});
afterAll(() => rmSync(folder, { recursive: true }));

it('is the same as a program and built in', async () => {
  const host = localHost('here', systemClock);
  const script = join(scriptsFolderOf(shippedBackends.pattern('export-server', 'tgt')), 'tgt-list');
  await fc.assert(
    fc.asyncProperty(
      site(fc.boolean()),
      fc.constantFrom(undefined, nameOf(1), nameOf(3), nameOf(9)),
      fc.option(fc.nat(4_000)),
      async (targets, wanted, cut) => {
        const [known, listing] = [wordsOfDrivers(targets), wordsOfTargets(targets).slice(0, cut ?? undefined)].map((words) =>
          Buffer.from(words, 'latin1'),
        );
        writeFileSync(join(folder, 'lld'), known ?? '');
        writeFileSync(join(folder, 'target'), listing ?? '');
        const argv = [script, ...(wanted === undefined ? [] : [wanted])];
        const { exitCode, stdout, stderr } = await host.run({
          argv,
          env: { PATH: `${folder}:${localEnvironment.PATH}` },
          timeoutMs: 30_000,
        });
        expect({ exitCode, stdout, stderr }).toEqual(concludeTgtList(wanted, [known, listing, known] as Buffer[]));
      },
    ),
    { numRuns: 60 },
  );
});
