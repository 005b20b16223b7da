import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JournalEntry, Operation, Operator, VolumeReport } from '../../src/blockstore/operator.ts';
import { outputOn } from '../../src/cli/output.ts';
import { runProgram } from '../../src/cli/program.ts';
import type { ProgramDependencies } from '../../src/cli/program-dependencies.ts';
import { explainFailure } from '../../src/composition/explain-failure.ts';
import type { CommandRecord } from '../../src/model/command-record.ts';

/** What another account, a guest or a tool may have written: it colours, clears, turns round, hides, and begins a line that looks like one of ours. */
const hostile =
  'mine\u001b[31m\u009b2J\u202egpj.\u2066\u2069\u200b\u200e\u200f\u061c\u2028\u2029\u0085\u007f\ufeff\u00ad\u{e0041}\nFORGED line\r\nFORGED\ttoo\r';
/** What XML can carry of it. */
const hostileXml = hostile.replace('\u001b', '').replace(/[\r\n\t\u0085\u2028]/g, (character) => `&#${character.charCodeAt(0)};`);
const foreign = hostile as never;

const command: CommandRecord = {
  host: hostile,
  argv: ['tool', hostile],
  exitCode: 1,
  durationMs: 1,
  outputTail: `first\n${hostile}`,
  startedAtMs: 0,
};
const operation: Operation = {
  ...{ id: foreign, kind: hostile, version: 1, resourceId: hostile, input: {}, state: 'halted', generation: 1 },
  ...{ failure: hostile, createdAtMs: 0, endedAtMs: 1 },
};
const journal: readonly JournalEntry[] = [
  ...[{ sequence: 1, step: hostile, direction: 'do', outcome: 'failed', error: hostile, commands: [command], startedAtMs: 0 } as const],
  {
    ...({ sequence: 2, step: hostile, direction: 'operator', outcome: 'done', commands: [], startedAtMs: 0 } as const),
    output: { by: hostile, statement: hostile },
  },
];
const report: VolumeReport = {
  volume: {
    ...{ id: foreign, accountId: foreign, sizeGiB: 1, type: foreign, zone: hostile, volumeServer: hostile, state: 'in-use' },
    ...{ createdAtMs: 0, multiAttach: true, attachmentsBegun: 1, tags: [{ key: hostile, value: hostile }] },
    attachments: [
      {
        ...{ id: foreign, volumeId: foreign, instanceId: foreign, device: hostile, state: 'busy', generation: 1, attachedAtMs: 0 },
        ...{ placement: { vmmHost: hostile, domain: hostile }, deleteOnTermination: false },
      },
    ],
  } as never,
  bar: { volumeId: foreign, attachmentId: foreign, operationId: foreign, target: hostile, reason: hostile, barredAtMs: 0 },
  ...{
    reason: hostile,
    operation,
    next: hostile,
    failedCommand: { operationId: hostile, step: hostile, ...command },
  },
};
const refused = async () => ({ outcome: 'refused', reason: hostile, next: hostile }) as const;
const operator: Operator = {
  servers: {
    list: async () => [{ use: { kind: 'vmm-host', name: hostile, attachments: 1 }, unnamed: hostile }],
    rename: async () => ({ outcome: 'done', was: { kind: 'vmm-host', name: hostile, attachments: 1 } }),
    forget: refused,
  },
  credentials: {
    add: async () => ({ accessKeyId: hostile, secretAccessKey: hostile, accountId: foreign, createdAtMs: 0, sessionToken: hostile }),
    list: async () => [{ accessKeyId: hostile, secretAccessKey: hostile, accountId: foreign, createdAtMs: 0 }],
    remove: async () => false,
  },
  operations: {
    list: async () => [operation],
    show: async () => ({ operation, journal }),
    retry: refused,
    rollback: refused,
    abandon: refused,
    prune: async () => ({ operations: 1, attachments: 0, volumes: 0, snapshots: 0, clientTokens: 0, ids: 0 }),
  },
  volumes: { list: async () => [report], show: async () => report, clear: refused },
  database: { space: async () => ({ fileBytes: 8_192, freeBytes: 4_096 }), compact: async () => true },
  wipes: {
    list: async () => [
      { volumeServer: hostile, name: hostile, bytes: 1, wipedBytes: 0, waitingSinceMs: 0, failure: { reason: hostile, atMs: 0 } },
    ],
  },
  storage: {
    list: async () => [{ volumeServer: hostile, storage: { state: 'known', id: hostile }, volumes: 1, snapshots: 1 }],
    accept: refused,
  },
  reconcile: {
    begin: async () => foreign,
    result: async () => ({
      findings: [{ kind: 'unknown', host: hostile, thing: hostile, name: hostile, reason: hostile }],
      begun: [foreign],
    }),
  },
  backup: async () => hostile,
};
const done: Operator = {
  ...operator,
  operations: { ...operator.operations, show: async () => ({ operation: { ...operation, state: 'done' }, journal }) },
};

let server: Server;
let endpoint: string;
/** Whether the service refuses everything, in the words of whoever stands in its place. */
let refuses = false;
beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      const action = new URLSearchParams(body).get('Action') ?? '';
      const text = `<a>${hostileXml}</a>`;
      const one = (name: string) => text.replaceAll('a>', `${name}>`);
      const attachment = `${one('volumeId')}${one('instanceId')}${one('device')}${one('status')}`;
      const tags = `<tagSet><item><key>Comment</key>${one('value')}</item></tagSet>`;
      const volume = `${one('volumeId')}<size>1</size>${one('status')}${one('snapshotId')}<attachmentSet><item>${attachment}</item></attachmentSet>${tags}`;
      const snapshot = `${one('snapshotId')}${one('volumeId')}${one('status')}${one('progress')}${one('description')}`;
      const answers: Readonly<Record<string, string>> = {
        CreateVolume: volume,
        DescribeVolumes: `<volumeSet><item>${volume}</item></volumeSet>`,
        AttachVolume: attachment,
        DetachVolume: attachment,
        CreateSnapshot: snapshot,
        DescribeSnapshots: `<snapshotSet><item>${snapshot}</item></snapshotSet>`,
        DescribeAvailabilityZones: '<availabilityZoneInfo><item><zoneName>z</zoneName></item></availabilityZoneInfo>',
      };
      const error = `<Response><Errors><Error><Code>Refused</Code>${one('Message')}</Error></Errors></Response>`;
      response.writeHead(refuses ? 400 : 200, { 'content-type': 'text/xml;charset=UTF-8' });
      response.end(refuses ? error : `<${action}Response>${answers[action] ?? ''}</${action}Response>`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  process.env.AWS_ACCESS_KEY_ID = 'AKIAEXAMPLE';
  process.env.AWS_SECRET_ACCESS_KEY = 'of/nobody';
});
afterAll(() => server.close());

async function vbs(words: readonly string[], changed: Partial<ProgramDependencies> = {}): Promise<{ stdout: string; all: string }> {
  let stdout = '';
  let stderr = '';
  const into = (take: (text: string) => void) => ({ write: take });
  const output = outputOn(
    into((text) => {
      stdout += text;
    }),
    into((text) => {
      stderr += text;
    }),
  );
  await runProgram(words, {
    ...{ version: '0', output, environment: { USER: hostile }, sleep: async () => undefined, readSecret: async () => hostile },
    serve: async () => {
      throw new Error(hostile);
    },
    explainFailure,
    openOperator: () => ({ operator: words[0] === 'reconcile' && words[1] !== '--dry-run' ? done : operator, close: () => undefined }),
    restoreState: () => ({ database: hostile, kept: hostile }),
    lintDriver: async () => ({ describes: hostile, complaints: words.includes('bad.yaml') ? [hostile, hostile] : [] }),
    checkDriver: async () => ({
      describes: hostile,
      checks: [{ subject: hostile, sentence: hostile, outcome: 'failed', reason: hostile, commands: [command] }],
    }),
    explainOperation: async () => ({
      operation: hostile,
      commands: [{ host: hostile, verb: hostile, argv: ['tool', hostile], stdin: `line\n${hostile}` }],
    }),
    diagnoseSite: async () => ({
      findings: [{ host: hostile, subject: hostile, outcome: 'wrong', found: hostile, mend: hostile }],
    }),
    explainInstance: async () => ({
      ...{ instanceId: hostile, outcome: 'resolved', vmmHost: hostile, domain: hostile, reason: hostile },
      testimonies: [
        { resolver: hostile, outcome: hostile, vmmHost: hostile, domain: hostile, reason: hostile, hint: hostile, durationMs: 1 },
      ],
    }),
    ...changed,
  });
  return { stdout, all: stdout + stderr };
}

const volumeId = 'vol-0123456789abcdef0';
const fenced = ['--fenced', 'pulled the power of the host'];
/** A way to call each command that there is; those that can print JSON are called for that too. */
const calls: Readonly<Record<string, readonly (readonly string[])[]>> = {
  serve: [[]],
  'create-volume': [['1', 'comment']],
  'delete-volume': [[volumeId], [volumeId, '--wait']],
  'describe-volumes': [[]],
  'attach-volume': [
    [volumeId, 'i-1', '/dev/sdf'],
    [volumeId, 'i-1', '/dev/sdf', '--wait'],
  ],
  'detach-volume': [[volumeId], [volumeId, '--wait']],
  'create-snapshot': [[volumeId], [volumeId, '--wait']],
  'delete-snapshot': [['snap-0123456789abcdef0']],
  'describe-snapshots': [[]],
  'credentials add': [[], ['--account', hostile], ['--access-key-id', hostile]],
  'credentials list': [[]],
  'credentials remove': [[hostile]],
  'operations list': [[]],
  'operations show': [[hostile]],
  'operations retry': [[hostile]],
  'operations rollback': [[hostile]],
  'operations abandon': [[hostile, ...fenced]],
  'operations prune': [[], ['--older-than', hostile]],
  'volumes list': [[]],
  'volumes show': [[volumeId], [hostile]],
  'volumes clear': [[volumeId, ...fenced]],
  'servers list': [[]],
  'servers rename': [[hostile, hostile]],
  'servers forget': [[hostile], [hostile, '--volumes-are-lost']],
  'wipes list': [[]],
  'storage list': [[]],
  'storage accept': [[hostile]],
  // The second one fails.
  reconcile: [[], ['--dry-run']],
  backup: [[hostile]],
  restore: [[hostile]],
  resolve: [[hostile], [hostile, '--explain']],
  doctor: [[]],
  'drivers lint': [['good.yaml'], ['bad.yaml']],
  'drivers conformance': [['x.yaml']],
  explain: [['delete-volume', volumeId], [hostile]],
};
const cases = Object.entries(calls).flatMap(([name, all]) => all.map((words): [string, readonly string[]] => [name, words]));
const wordsOf = (name: string, words: readonly string[]): readonly string[] => {
  const isClient = /^(create|delete|describe|attach|detach)-/.test(name);
  return [...name.split(' '), ...words, ...(isClient ? ['--endpoint', endpoint] : [])];
};

/** Everything that a terminal would act upon or not show, all but the ends of our own lines. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

function expectHarmless(text: string): void {
  expect(text).not.toBe('');
  for (const line of text.split('\n')) {
    expect(line).not.toMatch(unseen);
    expect(line).not.toMatch(/^\s*FORGED/);
  }
}

describe('what others wrote', () => {
  it.each(cases)('reaches no terminal raw by vbs %s %j', async (name, words) => {
    const { all } = await vbs(wordsOf(name, words));
    expectHarmless(all);
  });

  it.each(cases.filter(([name]) => /^(create|delete|describe|attach|detach)-/.test(name)))(
    'reaches no terminal raw in the refusal of vbs %s %j',
    async (name, words) => {
      refuses = true;
      const { all } = await vbs(wordsOf(name, words)).finally(() => {
        refuses = false;
      });
      expect(all).toContain('Refused: mine');
      expectHarmless(all);
    },
  );

  it.each(cases.filter(([, words]) => !words.includes(hostile) && !words.includes('--wait') && !words.includes('--dry-run')))(
    'is whole in the JSON of vbs %s %j, and escaped',
    async (name, words) => {
      const help = await vbs([...name.split(' '), '--help']);
      if (!help.all.includes('--json')) {
        return;
      }
      const { stdout } = await vbs([...wordsOf(name, words), '--json']);
      expectHarmless(stdout);
      expect(stdout.match(/\n/g)).toHaveLength(1);
      const parsed: unknown = JSON.parse(stdout);
      if (!name.startsWith('delete-') && name !== 'operations prune') {
        expect(JSON.stringify(parsed)).toContain(JSON.stringify('mine').slice(1, -1));
        expect(JSON.stringify(parsed)).toContain('\u202egpj.');
      }
    },
  );

  it('keeps the lines of what a tool printed, each behind a mark of ours', async () => {
    const { stdout } = await vbs(['operations', 'show', 'op-1']);
    expect(stdout).toContain('\n       | FORGED line\n       | FORGED\\u0009too');
    expect(stdout).toContain('\nfailure     mine\\u001b[31m');
    expect(stdout).toContain('\n              | FORGED line\n');
  });

  it('cannot make itself wider than its column', async () => {
    const { stdout } = await vbs(['wipes', 'list']);
    const [headings = '', row = ''] = stdout.split('\n');
    expect(row.indexOf('mine', headings.indexOf('NAME'))).toBe(headings.indexOf('NAME'));
  });
});

it('has a call here for each command of the program', async () => {
  const named = async (...words: readonly string[]) => {
    const [, list = ''] = (await vbs([...words, '--help'])).all.split('Commands:');
    return [...list.matchAll(/^ {2}([a-z-]+) /gm)].flatMap(([, name = 'help']) => (name === 'help' ? [] : [name]));
  };
  const commands: string[] = [];
  for (const name of await named()) {
    const nested = await named(name);
    commands.push(...(nested.length === 0 ? [name] : nested.map((each) => `${name} ${each}`)));
  }
  expect(commands.sort()).toEqual(Object.keys(calls).sort());
});
