import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLogFile } from '../../src/telemetry/log-file.ts';
import { pinoLog } from '../../src/telemetry/pino-log.ts';
import { type SimulatedService, startSimulatedService } from '../support/simulated-service.ts';

const mostLineBytes = 8 * 1_024;
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vbs-log-'));
  file = join(folder, 'vbs.log');
});
afterEach(() => rmSync(folder, { recursive: true }));

const logTo = (path = file) => pinoLog({ level: 'info', file: path, mostMiB: 1, files: 2 });
const lines = () => readFileSync(file, 'utf8').trimEnd().split('\n');
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

describe('a line of the log', () => {
  it.each<[string, object]>([
    ['a long text', { reason: 'x'.repeat(200_000) }],
    ['a long text of letters that take much room', { reason: '\u0001'.repeat(200_000) }],
    ['many items', { volumes: Array.from({ length: 10_000 }, (_, index) => `vol-${index}`) }],
    ['many long items', { volumes: Array.from({ length: 1_000 }, () => 'y'.repeat(5_000)) }],
    ['many fields', Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`field${index}`, index]))],
    ['long names', { ['n'.repeat(50_000)]: { ['m'.repeat(50_000)]: 1 } }],
    ['an error with long causes', { err: new Error('z'.repeat(50_000), { cause: new Error('w'.repeat(50_000)) }) }],
    ['an error below another name', { host: { trouble: new Error('z'.repeat(50_000)) } }],
    ['what goes round in a circle', circle()],
  ])('is short, and JSON, with %s', (_, fields) => {
    logTo().warn({ ...fields, status: 400 }, 'request refused');
    const [line = '', ...more] = lines();
    expect(more).toEqual([]);
    expect(Buffer.byteLength(line)).toBeLessThan(mostLineBytes);
    expect(JSON.parse(line)).toMatchObject({ level: 40, msg: 'request refused' });
    expect(line).toMatch(/…/);
  });

  it('is short and shows nothing but visible characters, whatever is said', () => {
    const log = logTo();
    const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 3_000 }), fc.constantFrom('\u202e\u2028\u009b2J\u{e0041}'));
    fc.assert(
      fc.property(fc.dictionary(text, fc.oneof(text, fc.array(text), fc.dictionary(text, text))), text, (fields, message) => {
        log.info(fields, message);
        const line = lines().at(-1) ?? '';
        expect(Buffer.byteLength(line)).toBeLessThan(mostLineBytes);
        expect(line).not.toMatch(unseen);
        JSON.parse(line);
      }),
      { numRuns: 60 },
    );
  });

  it('keeps what is short beside what was cut, and says how much that was', () => {
    logTo().info(
      { reason: 'x'.repeat(10_000), list: Array(100).fill('y'), requestId: 'r-1', accountId: '123456789012' },
      'request refused',
    );
    const line = JSON.parse(lines()[0] ?? '');
    expect(line).toMatchObject({ requestId: 'r-1', accountId: '123456789012' });
    expect(line.reason).toMatch(/^x{1000,}… \(\d+ characters more\)$/);
    expect(line.list.at(-1)).toBe('… (68 items more)');
  });
});

describe('the file of the log', () => {
  it('is put aside when it is full, with a bounded number of older ones, and no line is lost but with the oldest', () => {
    const opened = openLogFile({ file, mostBytes: 100, files: 2 });
    for (let number = 0; number < 100; number += 1) {
      opened.write(`${String(number).padStart(18)}.\n`);
    }
    opened.close();
    expect(readdirSync(folder).sort()).toEqual(['vbs.log', 'vbs.log.1', 'vbs.log.2']);
    const kept = ['vbs.log.2', 'vbs.log.1', 'vbs.log'].map((name) => readFileSync(join(folder, name), 'utf8'));
    expect(kept.every((text) => text.length <= 100)).toBe(true);
    expect(kept.join('').trimEnd().split('\n').map(Number)).toEqual(Array.from({ length: 15 }, (_, index) => 85 + index));
  });

  it('counts what it held before it was opened', () => {
    writeFileSync(file, 'x'.repeat(95));
    const opened = openLogFile({ file, mostBytes: 100, files: 1 });
    opened.write('of the next start\n');
    expect(readFileSync(file, 'utf8')).toBe('of the next start\n');
    expect(readFileSync(`${file}.1`, 'utf8')).toBe('x'.repeat(95));
  });

  it('is emptied rather than that it grows, when it cannot be put aside', () => {
    mkdirSync(`${file}.1`);
    writeFileSync(join(`${file}.1`, 'in the way'), '');
    const opened = openLogFile({ file, mostBytes: 1_000, files: 1 });
    for (let number = 0; number < 100; number += 1) {
      opened.write(`${'x'.repeat(99)}\n`);
      expect(statSync(file).size).toBeLessThan(1_300);
    }
    expect(readFileSync(file, 'utf8')).toContain('the log was emptied, since it cannot be put aside');
  });

  it('is begun anew by its name after somebody has put it aside', () => {
    const opened = openLogFile({ file, mostBytes: 1_000, files: 1 });
    opened.write('before\n');
    renameSync(file, `${file}-20261130`);
    opened.write('still there\n');
    opened.reopen();
    opened.write('after\n');
    expect(readFileSync(`${file}-20261130`, 'utf8')).toBe('before\nstill there\n');
    expect(readFileSync(file, 'utf8')).toBe('after\n');
  });

  it("leaves a stranger's file of its name where it is", () => {
    const opened = openLogFile({ file, mostBytes: 100, files: 1 });
    opened.write(`${'x'.repeat(90)}\n`);
    renameSync(file, `${file}-aside`);
    writeFileSync(file, 'of logrotate\n');
    opened.write(`${'y'.repeat(90)}\n`);
    expect(readFileSync(file, 'utf8')).toBe(`of logrotate\n${'y'.repeat(90)}\n`);
    expect(existsSync(`${file}.1`)).toBe(false);
  });

  it('is readable by its owner alone, also one that was there, and so are the older ones', () => {
    writeFileSync(file, 'from before\n', { mode: 0o644 });
    const before = process.umask(0);
    const opened = openLogFile({ file, mostBytes: 20, files: 2 });
    expect(modeOf(file)).toBe('600');
    for (let number = 0; number < 4; number += 1) {
      opened.write('fifteen letters.\n');
    }
    process.umask(before);
    expect(readdirSync(folder).map((name) => modeOf(join(folder, name)))).toEqual(['600', '600', '600']);
  });

  it('touches neither mode nor name of what is no ordinary file', () => {
    symlinkSync('/dev/null', file);
    const before = modeOf('/dev/null');
    const opened = openLogFile({ file, mostBytes: 10, files: 1 });
    for (let number = 0; number < 5; number += 1) {
      opened.write('more than ten letters\n');
    }
    expect(readdirSync(folder)).toEqual(['vbs.log']);
    expect(modeOf('/dev/null')).toBe(before);
  });

  it('writes into nothing else once it is closed', () => {
    const opened = openLogFile({ file, mostBytes: 1_000, files: 1 });
    opened.close();
    const other = openLogFile({ file: join(folder, 'other'), mostBytes: 1_000, files: 1 });
    opened.write('too late\n');
    opened.reopen();
    expect(readFileSync(join(folder, 'other'), 'utf8')).toBe('');
    other.close();
  });
});

describe('what anybody can have logged', () => {
  let service: SimulatedService;
  beforeEach(async () => {
    service = await startSimulatedService(folder, { log: { level: 'info', file } });
  });
  afterEach(async () => {
    await service.close();
    mkdirSync(folder);
  });

  it('is bounded, without a key too', async () => {
    const before = statSync(file).size;
    const ids = Array.from({ length: 900 }, (_, index) => `VolumeId.${index + 1}=vol-${String(index).padStart(17, '0')}`);
    await fetch(service.endpoint, { method: 'POST', body: `Action=${'A'.repeat(10_000)}&${ids.join('&')}` });
    expect(statSync(file).size).toBeGreaterThan(before);
    expect(statSync(file).size - before).toBeLessThan(mostLineBytes);
  });
});

function circle(): object {
  const one: { text: string; other?: object } = { text: 'round' };
  one.other = { one };
  return one;
}
