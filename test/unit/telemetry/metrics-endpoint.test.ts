import { afterEach, describe, expect, it } from 'vitest';
import type { Measurement } from '../../../src/telemetry/measurement.ts';
import { type MetricsEndpoint, serveMetrics } from '../../../src/telemetry/metrics-endpoint.ts';
import { createTally } from '../../../src/telemetry/tally.ts';
import { recordingLog } from '../../support/recording-log.ts';

let endpoint: MetricsEndpoint | undefined;
const log = recordingLog();
const about = { hostNames: [], describeHealth: () => [] };
afterEach(() => endpoint?.close());

async function ask(measurements: readonly Measurement[], path = '/metrics', method = 'GET') {
  await endpoint?.close();
  endpoint = await serveMetrics({ host: '127.0.0.1', port: 0 }, { ...about, measurements, log });
  const answer = await fetch(`http://${endpoint.host}:${endpoint.port}${path}`, { method });
  return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() };
}

const gauge = (read: Measurement['read']): Measurement => ({ name: 'vbs_level', help: 'How high.', kind: 'gauge', labels: ['of'], read });

describe('the metrics', () => {
  it('are what is counted, in the text format of Prometheus, as often as they are asked for', async () => {
    const tally = createTally({
      name: 'vbs_deeds',
      help: 'Deeds.',
      labels: ['kind', 'outcome'],
      seconds: { name: 'vbs_deed_seconds', help: 'Their time.' },
    });
    tally.expect({ kind: 'b', outcome: 'done' });
    tally.count({ kind: 'a', outcome: 'done' }, 1_500);
    tally.count({ kind: 'a', outcome: 'done' }, 500);
    const first = await ask(tally.measurements);
    expect(first).toMatchObject({ status: 200, type: 'text/plain; version=0.0.4; charset=utf-8' });
    expect(first.text).toBe(
      '# HELP vbs_deeds_total Deeds.\n# TYPE vbs_deeds_total counter\nvbs_deeds_total{kind="b",outcome="done"} 0\nvbs_deeds_total{kind="a",outcome="done"} 2\n\n' +
        '# HELP vbs_deed_seconds_total Their time.\n# TYPE vbs_deed_seconds_total counter\nvbs_deed_seconds_total{kind="b",outcome="done"} 0\nvbs_deed_seconds_total{kind="a",outcome="done"} 2\n',
    );
    tally.count({ kind: 'a', outcome: 'failed' });
    const again = await fetch(`http://127.0.0.1:${endpoint?.port}/metrics`).then((answer) => answer.text());
    expect(again).toContain('vbs_deeds_total{kind="a",outcome="done"} 2\n');
    expect(again).toContain('vbs_deeds_total{kind="a",outcome="failed"} 1\n');
  });

  it('forget what is no more', async () => {
    let level: readonly string[] = ['one', 'two'];
    const measured = gauge(async () => level.map((of) => ({ labels: { of }, value: 1 })));
    expect((await ask([measured])).text).toContain('{of="one"}');
    level = ['two'];
    const again = await fetch(`http://127.0.0.1:${endpoint?.port}/metrics`).then((answer) => answer.text());
    expect(again).not.toContain('{of="one"}');
    expect(again).toContain('vbs_level{of="two"} 1');
  });

  it('are not half of what there is: what cannot be read is an error, and the next one who asks gets it again', async () => {
    let isBroken = true;
    const measured = gauge(() => {
      if (isBroken) throw new Error('the database is locked');
      return [{ labels: { of: 'one' }, value: 3 }];
    });
    expect(await ask([measured])).toMatchObject({ status: 500, text: expect.stringContaining('the log says why') });
    expect(log.lines('error')).toHaveLength(1);
    isBroken = false;
    expect(await fetch(`http://127.0.0.1:${endpoint?.port}/metrics`).then((answer) => answer.text())).toContain('{of="one"} 3');
  });

  it('are at one path, for reading only', async () => {
    expect(await ask([], '/')).toMatchObject({ status: 404, text: expect.stringContaining('/metrics') });
    expect(await ask([], '/metrics', 'POST')).toMatchObject({ status: 405 });
    expect(await ask([], '/metrics', 'HEAD')).toMatchObject({ status: 200, text: '' });
    expect(await ask([], '/metrics?from=prometheus')).toMatchObject({ status: 200 });
  });

  it('are refused an address that another has', async () => {
    await ask([]);
    await expect(serveMetrics({ host: '127.0.0.1', port: endpoint?.port ?? 0 }, { ...about, measurements: [], log })).rejects.toMatchObject(
      {
        code: 'EADDRINUSE',
      },
    );
  });
});
