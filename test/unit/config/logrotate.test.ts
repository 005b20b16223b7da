import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

it('the file for logrotate is about the log and the unit that the documents name, and sends the signal upon which the log is begun anew', () => {
  const text = read('config/logrotate.example');
  const [, log = 'none', body = ''] = /^(\/\S+) \{\n([\s\S]*)\n\}\n$/m.exec(text) ?? [];
  const operating = read('docs/operating.md');
  expect(operating).toContain(`rm -r /opt/vbs /etc/vbs ${log.slice(0, log.lastIndexOf('/'))}`);
  expect(operating).toContain('config/logrotate.example');
  const [, signal, unit] = /postrotate\n\s+systemctl kill --kill-whom=main --signal=(\w+) (\w+)\n\s+endscript/.exec(body) ?? [];
  expect(signal).toBe('HUP');
  expect(operating).toContain(`/etc/systemd/system/${unit}.service`);
  // logrotate must not write into the file that the service goes on with.
  expect(body).not.toContain('copytruncate');
});
