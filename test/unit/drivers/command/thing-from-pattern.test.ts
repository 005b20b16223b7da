import { describe, expect, it } from 'vitest';
import { initiatorFromPattern } from '../../../../src/drivers/command/driver-from-pattern.ts';
import type { CommandResult, HostCommand } from '../../../../src/drivers/command/host.ts';
import { siteSettings } from '../../../../src/drivers/command/site-settings.ts';
import type { Initiator } from '../../../../src/drivers/initiator.ts';
import { exampleFile, exampleWith, parseExample } from './example-pattern.ts';
import { type ScriptedHost, scriptedHost, steppedClock } from './scripted-host.ts';

const target = 'iqn.2009-11.org.vbs:vol-00000001';
const spec = {
  volumeId: 'vol-00000001',
  bytes: 1024,
  portal: '127.0.0.1:3260',
  target,
  lun: 1,
  initiatorName: 'iqn.1993-08.org.debian:01:a',
  chapUser: 'att-1',
  chapSecret: 'Xq7_sEcret-4Kz9w',
};

type AnswerTo = (command: HostCommand, count: number) => Partial<CommandResult> | Promise<Partial<CommandResult>>;

function setUp(answer: AnswerTo, file = exampleFile): { initiator: Initiator; host: ScriptedHost; clock: ReturnType<typeof steppedClock> } {
  const pattern = parseExample('initiator', file);
  const host = scriptedHost(answer);
  const clock = steppedClock();
  return {
    initiator: initiatorFromPattern(pattern, { host, clock, settings: siteSettings(pattern, {}), scriptsFolder: '/scripts' }),
    host,
    clock,
  };
}

const programOf = ({ argv }: HostCommand): string => argv[0] ?? '';
const shows = (stdout: string) => (): Partial<CommandResult> => ({ stdout });

describe('look', () => {
  it.each([
    ['absent', '', { state: 'absent' }],
    ['absent, when only a longer name is there', `${target}0 /dev/sda 1024\n`, { state: 'absent' }],
    ['present', `${target} /dev/sda 2048\n`, { state: 'present', facts: { devicePath: '/dev/sda' } }],
    ['half made, when a wanted field is missing', `${target} /dev/sda \n`, { state: 'partial', missing: 'length' }],
    [
      'different, when a field contradicts',
      `${target} /dev/sda 512\n`,
      { state: 'different', difference: 'length is 512, not at least 1024' },
    ],
    ['different, when there are two', `${target} /dev/sda 2048\n${target} /dev/sdb 2048\n`, { state: 'different' }],
    ['unknown, when a fact is not what it has to be', `${target} sda 2048\n`, { state: 'unknown' }],
  ])('says %s', async (_, stdout, look) => {
    expect((await setUp(shows(stdout)).initiator.session.look(spec)).value).toMatchObject(look);
  });

  it('says absent at an exit that means it, by code and text together', async () => {
    const { initiator } = setUp(() => ({ exitCode: 21, stderr: 'example: no session\n' }));
    expect((await initiator.session.look(spec)).value).toEqual({ state: 'absent' });
    const other = setUp(() => ({ exitCode: 21, stderr: 'example: no memory\n' }));
    expect((await other.initiator.session.look(spec)).value).toEqual({
      state: 'unknown',
      reason: 'sessions on vmm1 exited with 21: example: no memory',
    });
  });

  it('says unknown after a time-out', async () => {
    const { initiator } = setUp(() => ({ timedOut: true }));
    const { value, commands } = await initiator.session.look(spec);
    expect(value).toEqual({ state: 'unknown', reason: 'sessions on vmm1 gave no answer within 5000 ms and was ended' });
    expect(commands).toMatchObject([{ argv: ['sessions', '--of', target] }]);
    expect(commands[0]).not.toHaveProperty('exitCode');
  });

  it('is refused values that do not fit, and runs nothing', async () => {
    const { initiator, host } = setUp(shows(''));
    expect((await initiator.session.look({ ...spec, target: '--help' })).value).toMatchObject({ state: 'unknown' });
    expect(host.ran).toEqual([]);
  });
});

describe('make', () => {
  it.each([
    ['the smallest number that is free', '1 2 4', ['login', '--tid', '3']],
    ['the last one', '1 2 3', ['login', '--tid', '4']],
    ['none beyond it, and runs nothing', '1 2 3 4', undefined],
    ['none for what stands beyond it', '1 2 3 4 9', undefined],
  ])('of a thing with a number up to a last one gets %s', async (_, taken, login) => {
    const numbered = exampleWith({
      "'^(?<name>\\S+) (?<device>\\S*) (?<length>\\d*)$'": "'^(?<name>\\S+) (?<device>\\S*) (?<length>\\d*) (?<tid>\\d+)$'",
      'make:\n    commands:\n      - argv: [login, ':
        'make:\n    allocate: { newTid: { smallestFree: tid, from: 1, to: 4 } }\n    commands:\n      - argv: [login, --tid, "{newTid:int}", ',
    });
    const rows = taken.split(' ').map((tid) => `iqn.2009-11.org.vbs:other-${tid} /dev/sda 2048 ${tid}\n`);
    const { initiator, host } = setUp(shows(rows.join('')), numbered);
    const error = await initiator.session.make(spec).catch((cause: unknown) => cause);
    expect(host.ran.find((command) => programOf(command) === 'login')?.argv.slice(0, 3)).toEqual(login);
    if (login === undefined) {
      expect(error).toMatchObject({
        name: 'DriverError',
        kind: 'refused',
        message: expect.stringContaining('no newTid is free from 1 to 4: remove what is not needed, or spread the volumes over more hosts'),
      });
    }
  });

  it('runs its commands in order, with the secret on standard input only', async () => {
    const { initiator, host } = setUp(shows(''));
    const records = await initiator.session.make(spec);
    expect(host.ran.map(({ argv }) => argv)).toEqual([
      ['sessions', '--of', target],
      ['login', '--target', target, '--portal', '127.0.0.1:3260'],
      ['rescan', target],
    ]);
    expect(host.ran.map(({ stdin }) => stdin)).toEqual([undefined, 'Xq7_sEcret-4Kz9w\n', undefined]);
    expect(host.ran.every(({ env }) => env?.EXAMPLE_FOLDER === '/var/lib/example')).toBe(true);
    expect(JSON.stringify(records)).not.toContain(spec.chapSecret);
  });

  it('takes the secret out of what a tool repeats, in the error and in its records', async () => {
    const { initiator } = setUp((command) =>
      programOf(command) === 'login' ? { exitCode: 24, stderr: `bad password ${command.stdin}` } : {},
    );
    const error: unknown = await initiator.session.make(spec).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ kind: 'refused', retryable: false, message: 'login on vmm1 exited with 24: bad password [secret]' });
    expect(error).toMatchObject({
      commands: [{ argv: ['sessions', '--of', target] }, { exitCode: 24, outputTail: 'bad password [secret]' }],
    });
    expect(JSON.stringify(error)).not.toContain(spec.chapSecret);
  });

  it('tries a transient exit again with longer and longer waits, and gives up', async () => {
    const { initiator, host, clock } = setUp((command) => (programOf(command) === 'login' ? { exitCode: 11 } : {}));
    await expect(initiator.session.make(spec)).rejects.toMatchObject({ kind: 'refused', retryable: true });
    expect(host.ran.filter((command) => programOf(command) === 'login')).toHaveLength(5);
    expect(clock.waitsMs).toEqual([100, 200, 400, 800]);
  });

  it('goes on when a transient exit passes, and after a benign one', async () => {
    const { initiator, host } = setUp((command, count) => (programOf(command) === 'login' ? { exitCode: count < 4 ? 11 : 15 } : {}));
    await initiator.session.make(spec);
    expect(host.ran.map(programOf)).toEqual(['sessions', 'login', 'login', 'login', 'rescan']);
  });

  it('stops at a time-out, of which nobody knows what it did', async () => {
    const { initiator, host } = setUp((command) => (programOf(command) === 'login' ? { timedOut: true } : {}));
    await expect(initiator.session.make(spec)).rejects.toMatchObject({ kind: 'unknown', retryable: true });
    expect(host.ran.map(programOf)).toEqual(['sessions', 'login']);
  });

  it('changes nothing when its look cannot tell, and may be asked again', async () => {
    for (const look of [{ exitCode: 1, stderr: 'no such option' }, { timedOut: true }]) {
      const { initiator, host } = setUp((command) => (programOf(command) === 'sessions' ? look : {}));
      const error: unknown = await initiator.session.make(spec).catch((cause: unknown) => cause);
      expect(error).toMatchObject({ kind: 'unknown', retryable: true, commands: [{ argv: ['sessions', '--of', target] }] });
      expect(host.ran.map(programOf)).toEqual(['sessions']);
    }
  });

  it('runs nothing when a daemon is not there, when it is there already, or when something else is', async () => {
    const away = setUp(() => ({ exitCode: 20 }));
    await expect(away.initiator.session.make(spec)).rejects.toMatchObject({ kind: 'unavailable' });
    const there = setUp(shows(`${target} /dev/sda 1024\n`));
    await there.initiator.session.make(spec);
    const foreign = setUp(shows(`${target} /dev/sda 1\n`));
    await expect(foreign.initiator.session.make(spec)).rejects.toMatchObject({ kind: 'conflict' });
    for (const { host } of [away, there, foreign]) expect(host.ran.map(programOf)).toEqual(['sessions']);
  });
});

describe('unmake', () => {
  it('uses what look captured', async () => {
    const { initiator, host } = setUp(shows(`${target} /dev/sda 1024\n`));
    await initiator.session.unmake(spec);
    expect(host.ran.map(({ argv }) => argv).slice(1)).toEqual([
      ['logout', '/dev/sda'],
      ['forget', target],
    ]);
  });

  it('runs only what needs nothing captured when the thing is absent', async () => {
    const { initiator, host } = setUp(shows(''));
    await initiator.session.unmake(spec);
    expect(host.ran.map(programOf)).toEqual(['sessions', 'forget']);
  });
});

describe('unmake that shows what is left', () => {
  const showing = exampleWith({ '  unmake:\n': '  unmake:\n    shows: true\n' });
  const there = `${target} /dev/sda 1024\n`;
  const answering = (listed: string, left: string) =>
    setUp((command) => ({ stdout: { sessions: listed, forget: left }[programOf(command)] ?? '' }), showing);

  it('answers by what its commands wrote, and asks for no listing', async () => {
    for (const [left, state] of [
      ['', 'absent'],
      [there, 'present'],
      [`${target} /dev/sda \n`, 'partial'],
      [`${target} sda 2048\n`, 'unknown'],
    ] as const) {
      const { initiator, host } = answering(there, left);
      const seen = await initiator.session.unmakeAndLook?.(spec);
      expect(seen?.value.state).toBe(state);
      expect(host.ran.map(programOf)).toEqual(['sessions', 'logout', 'forget']);
      expect(seen?.commands).toHaveLength(3);
    }
  });

  it('asks for the listing when not all of its commands ran, or when it shows nothing', async () => {
    const absent = answering('', '');
    expect((await absent.initiator.session.unmakeAndLook?.(spec))?.value).toEqual({ state: 'absent' });
    expect(absent.host.ran.map(programOf)).toEqual(['sessions', 'forget', 'sessions']);
    const silent = setUp(shows(there));
    expect((await silent.initiator.session.unmakeAndLook?.(spec))?.value.state).toBe('present');
    expect(silent.host.ran.map(programOf)).toEqual(['sessions', 'logout', 'forget', 'sessions']);
  });

  it('leaves alone what is not ours', async () => {
    const { initiator, host } = answering(`${target} /dev/sda 1\n`, '');
    await expect(initiator.session.unmakeAndLook?.(spec)).rejects.toMatchObject({ kind: 'conflict' });
    expect(host.ran.map(programOf)).toEqual(['sessions']);
  });
});

describe('list', () => {
  it('gives each of ours once', async () => {
    const { initiator } = setUp(shows(`${target} /dev/sda\n${target} /dev/sdb\niqn.2001-01.com.example:disk /dev/sdc\n`));
    expect((await initiator.session.list()).value).toEqual([{ name: target }]);
  });

  it('tells of those that do not do what they are for', async () => {
    const file = exampleWith({
      "lines: '^(?<name>\\S+) '\n": "lines: '^(?<name>\\S+) (?<device>\\S*)'\n",
      "ours: { name: ':vol-' }": "ours: { name: ':vol-' }\n    working: { device: '^/dev/' }",
    });
    const { initiator } = setUp(shows(`${target} /dev/sda\n${target}2 -\niqn.2001-01.com.example:disk -\n`), file);
    expect((await initiator.session.list()).value).toEqual([{ name: target }, { name: `${target}2`, isBroken: true }]);
  });

  it('throws rather than answer a part', async () => {
    await expect(setUp(() => ({ exitCode: 1 })).initiator.session.list()).rejects.toMatchObject({ kind: 'refused' });
    await expect(setUp(() => ({ timedOut: true })).initiator.session.list()).rejects.toMatchObject({ kind: 'unknown' });
    await expect(setUp(shows('x:vol-! \n')).initiator.session.list()).rejects.toMatchObject({ kind: 'refused' });
  });
});

describe('overlaps', () => {
  it.each([
    ['none-per-host', 'none-per-host', target.replace('1', '2'), 1],
    ['none-per-thing, for one thing', 'none-per-thing', target, 1],
    ['none-per-thing, for two', 'none-per-thing', `${target}2`, 2],
    ['free', 'free', target, 2],
  ])('%s', async (_, overlaps, otherTarget, most) => {
    let running = 0;
    let highest = 0;
    const { initiator } = setUp(
      async (command) => {
        if (programOf(command) !== 'login') return {};
        running += 1;
        highest = Math.max(highest, running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        return {};
      },
      exampleWith({ 'overlaps: none-per-thing': `overlaps: ${overlaps}` }),
    );
    await Promise.all([initiator.session.make(spec), initiator.session.make({ ...spec, target: otherTarget })]);
    expect(highest).toBe(most);
  });
});
