import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { diagnoseSite } from '../../src/composition/diagnose-site.ts';

const uuid = '0b6a6c0e-2d5b-4c0b-9c55-1e2d5b3a9f10';

let folder: string;
const machines: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vbs-monitors-'));
});
afterEach(async () => {
  for (const machine of machines.splice(0)) {
    const ended = once(machine, 'exit');
    machine.kill('SIGKILL');
    await ended;
  }
  rmSync(folder, { recursive: true });
});

/** A real QEMU whose machine never runs a guest. */
async function machine(name: string, ...words: readonly string[]): Promise<void> {
  const qmp = ['-qmp', `unix:${join(folder, name)}.qmp,server=on,wait=off`];
  machines.push(spawn('qemu-system-x86_64', ['-S', '-nodefaults', '-display', 'none', '-m', '32', ...qmp, ...words], { stdio: 'ignore' }));
  await vi.waitFor(() => expect(existsSync(join(folder, `${name}.qmp`))).toBe(true), { timeout: 60_000 });
}

async function findings(qmpSocket = `${folder}/{domain}.qmp`) {
  const volumes = { driver: 'file', settings: { stateFolder: folder } };
  const settings = {
    volumeServers: [{ name: 'here', volumes, exports: { driver: 'tgt', daemon: 'managed' } }],
    vmmHosts: [{ name: 'vmm1', vmm: { driver: 'qemu', settings: { qmpSocket } } }],
  };
  const config = join(folder, 'vbs.yaml');
  writeFileSync(config, JSON.stringify(settings));
  return (await diagnoseSite({ config })).findings.filter(({ host }) => host === 'vmm1');
}

describe('vbs doctor, of real VMs', () => {
  it('has nothing to say against one that can be given a volume', async () => {
    await machine('pc', '-M', 'pc', '-uuid', uuid);
    await machine('q35', '-M', 'q35', '-uuid', uuid, '-device', 'pcie-root-port,id=vbs0,chassis=1');
    const found = await findings();
    expect(found.filter(({ subject }) => subject.startsWith('VM'))).toEqual([
      expect.objectContaining({ subject: 'VM pc', outcome: 'ok' }),
      expect.objectContaining({ subject: 'VM q35', outcome: 'ok' }),
    ]);
    expect(found).toContainEqual(expect.objectContaining({ subject: "QEMU's driver iscsi", outcome: 'ok' }));
  });

  it('tells of one without a uuid, of a q35 machine without a free port, with the mend', async () => {
    await machine('nameless', '-M', 'pc');
    await machine('full', '-M', 'q35', '-uuid', uuid, '-device', 'pcie-root-port,id=p0,chassis=1', '-device', 'virtio-rng-pci,bus=p0');
    expect((await findings()).filter(({ outcome }) => outcome === 'wrong')).toEqual([
      {
        host: 'vmm1',
        subject: 'VM full',
        outcome: 'wrong',
        found: 'a q35 machine without a free pcie-root-port (it has 1)',
        mend: expect.stringContaining('-device pcie-root-port,id=vbs1'),
      },
      expect.objectContaining({ subject: 'VM nameless', found: 'has no uuid', mend: expect.stringContaining('-uuid') }),
    ]);
  });

  it('tells of a folder without sockets how VMs are started', async () => {
    expect(await findings(`${folder}/none/{domain}.qmp`)).toContainEqual(
      expect.objectContaining({ subject: 'QMP sockets', outcome: 'warning', mend: expect.stringContaining('-qmp unix:') }),
    );
  });
});
