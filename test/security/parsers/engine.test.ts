import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  exportServerFromPattern,
  initiatorFromPattern,
  vmmFromPattern,
  volumeServerFromPattern,
} from '../../../src/drivers/command/driver-from-pattern.ts';
import type { Host } from '../../../src/drivers/command/host.ts';
import { isCommandLine } from '../../../src/drivers/command/pattern.ts';
import { parseRows, UnreadableOutput } from '../../../src/drivers/command/rows.ts';
import { readRemoteOutcome, remoteScript } from '../../../src/drivers/command/ssh-command-line.ts';
import { DriverError } from '../../../src/drivers/driver-error.ts';
import type { Thing } from '../../../src/drivers/thing.ts';
import { contextHere, shippedBackends } from '../../contract/shipped-backend.ts';

const volumeId = 'vol-0123456789abcdef0';
const target = `iqn.2009-11.org.vbs:${volumeId}`;
const initiatorName = 'iqn.2009-11.org.vbs:att-0123456789abcdef0';
const session = { volumeId, bytes: 1, portal: '192.0.2.1:3260', target, lun: 1, initiatorName, chapUser: 'att-0', chapSecret: 'secret' };
const disk = { domain: 'web', volumeId, device: '/dev/sdf', bytes: 1 };

/** Every setting of a backend that has no default. */
const settings: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  file: { stateFolder: '/srv/vbs' },
  'lvm-thick': { volumeGroup: 'vbs' },
  'lvm-thin': { volumeGroup: 'vbs', pool: 'pool' },
  aoe: { interface: 'eth0' },
  vblade: { interface: 'eth0' },
  ...Object.fromEntries(['iet', 'lio', 'nvmet', 'scst', 'tgt'].map((name) => [name, { portal: '192.0.2.1:3260' }])),
};

interface Case {
  readonly name: string;
  readonly thing: (host: Host) => Thing<never, unknown>;
  readonly spec: object;
}

const contextOf = (kind: 'volume-server' | 'export-server' | 'initiator' | 'vmm', name: string, host: Host) => {
  const pattern = shippedBackends.pattern(kind, name);
  if (!isCommandLine(pattern)) throw new Error(`${name} is no command line`);
  const storage = { id: async () => 'known', check: async () => [] };
  return { pattern, context: { ...contextHere(pattern, settings[name] ?? {}), host, storage } };
};

const volumeServer = (name: string, host: Host) => {
  const { pattern, context } = contextOf('volume-server', name, host);
  if (pattern.kind !== 'volume-server') throw new Error(name);
  return volumeServerFromPattern(pattern, context);
};
const exportServer = (name: string, host: Host) => {
  const { pattern, context } = contextOf('export-server', name, host);
  if (pattern.kind !== 'export-server') throw new Error(name);
  return exportServerFromPattern(pattern, context);
};
const initiator = (name: string, host: Host) => {
  const { pattern, context } = contextOf('initiator', name, host);
  if (pattern.kind !== 'initiator') throw new Error(name);
  return initiatorFromPattern(pattern, context);
};
const vmm = (name: string, host: Host) => {
  const { pattern, context } = contextOf('vmm', name, host);
  if (pattern.kind !== 'vmm') throw new Error(name);
  return vmmFromPattern(pattern, context);
};

const exportSource = { kind: 'export', ...session };
const cases: readonly Case[] = [
  ...['file', 'lvm-thick', 'lvm-thin'].flatMap((name): Case[] => [
    {
      name: `the volume of ${name}`,
      thing: (host) => volumeServer(name, host).volume as Thing<never, unknown>,
      spec: { volumeId, bytes: 1 },
    },
    {
      name: `the snapshot of ${name}`,
      thing: (host) => volumeServer(name, host).snapshot as Thing<never, unknown>,
      spec: { snapshotId: 'snap-0123456789abcdef0', volumeId, bytes: 1 },
    },
  ]),
  ...['tgt', 'lio', 'scst', 'iet', 'nvmet', 'vblade'].flatMap((name): Case[] => [
    {
      name: `the export of ${name}`,
      thing: (host) => exportServer(name, host).export as Thing<never, unknown>,
      spec: { volumeId, target, path: '/dev/x', bytes: 1 },
    },
    { name: `the access of ${name}`, thing: (host) => exportServer(name, host).access as Thing<never, unknown>, spec: session },
  ]),
  ...['open-iscsi', 'nvme-tcp', 'aoe'].map(
    (name): Case => ({
      name: `the session of ${name}`,
      thing: (host) => initiator(name, host).session as Thing<never, unknown>,
      spec: session,
    }),
  ),
  ...['xen-xl', 'xen-xm', 'proxmox', 'libvirt'].map(
    (name): Case => ({
      name: `the disk of ${name}`,
      thing: (host) => vmm(name, host).disk as Thing<never, unknown>,
      spec: { ...disk, source: name === 'libvirt' ? exportSource : { kind: 'device', path: '/dev/x' } },
    }),
  ),
];

const hostThatSays = (stdout: string): Host => ({
  name: 'here',
  run: async () => ({ exitCode: 0, timedOut: false, stdout, stderr: '', startedAtMs: 0, durationMs: 1 }),
});

/** What tools print around an empty listing. */
const hostWithNothing: Host = {
  name: 'here',
  run: ({ argv }) => {
    const folder = argv.find((argument) => argument.startsWith('/') && !argument.includes('/vbs-storage-')) ?? '';
    const name = folder.split('/').at(-1) ?? '';
    const found = argv.includes('%f\\n') ? `${name}\n` : `${name}|d|4096|${folder}\n`;
    const listed = '  {\n      "report": [\n          {\n              "lv": [\n              ]\n          }\n      ]\n  }\n';
    const said = argv[0] === 'find' ? found : argv[0] === 'lvs' ? listed : 'end|\n';
    return hostThatSays(said).run({ argv, timeoutMs: 1 });
  },
};

/** What no tool of ours has to say. */
const nonsense = fc.oneof(
  fc.constantFrom(
    'Segmentation fault\n',
    '<html><body>502</body></html>',
    '{"error":{"code":5}}',
    '\0\0\0',
    '\x1b[2J',
    'Target 1: iqn.x:y\n    LUN information:\n',
    'usage: what?\n',
  ),
  fc.string({ unit: 'binary', minLength: 1 }).filter((text) => text.trim() !== ''),
);

describe.each(cases)('$name', ({ thing, spec }) => {
  it('is not called absent, present or anything else for an output that is something else', async () => {
    await fc.assert(
      fc.asyncProperty(nonsense, async (output) => {
        const own = thing(hostThatSays(output));
        // Files of any name may be in the folder of volumes, and are nobody's.
        const { state } = (await own.look(spec as never)).value;
        expect(state).toBe('unknown');
        const listed = await own.list().then(
          ({ value }) => value,
          (error: unknown) => error,
        );
        if (listed instanceof Error) expect(listed).toBeInstanceOf(DriverError);
        else expect(listed).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('is absent, and nothing is listed, when there is nothing, and not when nothing was said', async () => {
    const own = thing(hostWithNothing);
    expect((await own.look(spec as never)).value.state).toBe('absent');
    expect((await own.list()).value).toEqual([]);
    const silent = thing(hostThatSays(''));
    expect((await silent.look(spec as never)).value.state).toBe('unknown');
    await expect(silent.list()).rejects.toBeInstanceOf(DriverError);
  });
});

describe('rows', () => {
  it('are none only of an output that says nothing', () => {
    const ways = [
      { lines: '^row (?<name>\\S+)$' },
      { blocks: { start: '^block (?<name>\\S+)$', fields: [] } },
      { keyValue: { separator: ': ', fields: { name: 'name' } } },
    ];
    for (const way of ways) {
      expect(parseRows(way, '')).toEqual([]);
      expect(parseRows(way, ' \n\r\n')).toEqual([]);
      expect(() => parseRows(way, 'something else\n')).toThrow(UnreadableOutput);
      expect(() => parseRows(way, 'something else\n')).toThrow('it begins with "something else"');
    }
  });

  it('take time in proportion to the output', () => {
    const pattern = shippedBackends.pattern('vmm', 'xen-xl');
    if (!isCommandLine(pattern) || pattern.kind !== 'vmm') throw new Error('xl is a command line');
    const { rows } = pattern.domain;
    const startedAtMs = performance.now();
    const output = `Name ID Mem VCPUs State Time(s) UUID\nweb 1 1 1 r----- 1.0 ${'0'.repeat(8)}-0000-0000-0000-${'0'.repeat(12)}\n${`${'1 '.repeat(2_000)}\n`.repeat(200)}`;
    expect(() => parseRows(rows, output)).toThrow(UnreadableOutput);
    expect(performance.now() - startedAtMs).toBeLessThan(5_000);
  });
});

describe('the words of a shell elsewhere', () => {
  it('are told from those of the command, whatever it says', () => {
    const mark = 'n0b0dyKn0ws';
    const words = fc.array(
      fc.constantFrom('vbs-begin', 'vbs-end', 'vbs-end guessed 0', '\nvbs-end x 0\n', 'vbs-begin guessed\n', '\r\n', '\0', ' 0\n'),
    );
    fc.assert(
      fc.property(words, words, words, fc.nat(255), (motd, out, err, status) => {
        const [said, complained] = [out.join(''), err.join('')];
        const stdout = `${motd.join('')}vbs-begin ${mark}\n${said}\nvbs-end ${mark}\n`;
        const stderr = `${motd.join('')}vbs-begin ${mark}\n${complained}\nvbs-end ${mark} ${status}\n`;
        expect(readRemoteOutcome(stdout, stderr, mark)).toEqual({ began: true, status, stdout: said, stderr: complained });
      }),
    );
    // The command never gets to know it.
    expect(
      remoteScript({ argv: ['env'], env: { A: 'b' }, timeoutMs: 1_000 }, mark)
        .split('\n')
        .filter((line) => line.includes('timeout'))
        .join(),
    ).not.toContain(mark);
  });
});
