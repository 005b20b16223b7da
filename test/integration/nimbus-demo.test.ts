import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { startDemoSite } from '../../scripts/demo-nimbus/demo-site.ts';
import { walk } from '../../scripts/demo-nimbus/walk.ts';
import { voiceOn } from '../../scripts/quickstart/voice.ts';

it('attaches a volume by the number of a workspace, and one by its i-… id, through the whole service', async () => {
  const stateFolder = mkdtempSync(join(tmpdir(), 'vbs-demo-nimbus-'));
  const site = await startDemoSite({ repository: fileURLToPath(new URL('../..', import.meta.url)), stateFolder });
  let said = '';
  try {
    const voice = voiceOn({
      write(text: string) {
        said += text;
      },
    });
    await walk(site, voice);
    expect(said).toContain('"InstanceId": "i-e8d60ed1"');
    expect(said).toContain('refused with InvalidInstanceID.NotFound');
    expect(await (await fetch(`${site.endpoint}/healthz`)).text()).toBe('ok');
    expect(readFileSync(site.serviceLog, 'utf8')).not.toContain('"level":50');
  } finally {
    await site.stop();
    rmSync(stateFolder, { recursive: true });
  }
}, 300_000);
