import { describe, expect, it } from 'vitest';
import { readFioResult } from '../../../bench/lab/fio-result.ts';

const idle = { io_bytes: 0, io_kbytes: 0, bw_bytes: 0, bw: 0, iops: 0, runtime: 0, total_ios: 0, short_ios: 0, drop_ios: 0 };
/** Of what fio 3.33 of Debian 12 wrote, without latencies and how deep its queues were. */
const written = {
  'fio version': 'fio-3.33',
  timestamp: 1795414131,
  time: 'Mon Nov 23 06:08:51 2026',
  'global options': { filename: '/dev/xvdf', size: '32m', runtime: '2', direct: '1', ioengine: 'libaio' },
  jobs: [
    {
      jobname: 'seqWrite',
      groupid: 0,
      error: 0,
      elapsed: 5,
      'job options': { name: 'seqWrite', rw: 'write', bs: '256k', iodepth: '4' },
      read: idle,
      write: {
        ...idle,
        io_bytes: 177733632,
        io_kbytes: 173568,
        bw_bytes: 88689437,
        bw: 86610,
        iops: 338.323353,
        runtime: 2004,
        total_ios: 678,
      },
    },
  ],
};
const output = JSON.stringify(written);

describe('what fio wrote', () => {
  it('is read for each job, in megabytes of a million bytes', () => {
    expect(readFioResult(output)).toEqual([{ name: 'seqWrite', megabytesPerSecond: 88.689437, operationsPerSecond: 338.323353 }]);
  });

  it('is read behind a warning', () => {
    expect(readFioResult(`fio: this platform does not support process shared mutexes\n${output}`)).toHaveLength(1);
  });

  it('is refused when a job failed or did nothing', () => {
    const changed = (change: object) => JSON.stringify({ ...written, jobs: [{ ...written.jobs[0], ...change }] });
    expect(() => readFioResult(changed({ error: 5 }))).toThrow('error 5');
    expect(() => readFioResult(changed({ write: idle }))).toThrow('did nothing');
    expect(() => readFioResult('fio: failed to open /dev/xvdf')).toThrow();
  });
});
