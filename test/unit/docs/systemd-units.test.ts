import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const operating = readFileSync(fileURLToPath(new URL('../../../docs/operating.md', import.meta.url)), 'utf8');
/** The units and drop-ins that an operator is told to write, by the paths in their first lines. */
const units = new Map([...operating.matchAll(/^```ini\n# (\S+)\n([^`]*)^```$/gm)].map(([, path = '', text = '']) => [path, text]));

it.each(['/etc/systemd/system/vbs.service', '/etc/systemd/system/tgt.service.d/vbs.conf'])(
  'gives a tgtd that is started by %s descriptors and threads for thousands of exports',
  (path) => {
    const service = units.get(path)?.split('[Service]')[1] ?? '';
    // An export takes one, its session another.
    expect(Number(/^LimitNOFILE=(\d+)$/m.exec(service)?.[1])).toBeGreaterThanOrEqual(65_536);
    // An export has sixteen threads, and systemd's default ends at some thousands.
    expect(service).toMatch(/^TasksMax=infinity$/m);
  },
);
