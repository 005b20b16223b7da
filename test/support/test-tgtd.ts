import { spawn } from 'node:child_process';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { vi } from 'vitest';

export interface TestExport {
  readonly target: string;
  readonly bytes: number;
  readonly initiatorName: string;
  readonly chapUser: string;
  readonly chapSecret: string;
}

export interface TestTgtd {
  readonly portal: string;
  readonly pid: number;
  tgtadm(...words: readonly string[]): Promise<string>;
  /** Makes the target number `tid` with one LUN, 1, that one initiator may use. Answers the file with its data. */
  addExport(tid: number, wanted: TestExport): Promise<string>;
  sessions(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

/** A real tgtd with a control socket and a port of its own. */
export async function startTestTgtd(): Promise<TestTgtd> {
  const folder = await mkdtemp(join(tmpdir(), 'vbs-tgtd-'));
  const portal = `127.0.0.1:${await freePort()}`;
  const env = { ...process.env, TGT_IPC_SOCKET: join(folder, 'tgtd') };
  const tgtd = spawn('tgtd', ['-f', '--iscsi', `portal=${portal}`], { env, stdio: 'ignore' });
  const tgtadm = async (...words: readonly string[]) => (await execa('tgtadm', ['--lld', 'iscsi', ...words], { env })).stdout;
  await vi.waitFor(() => tgtadm('--op', 'show', '--mode', 'sys'), { timeout: 60_000 });
  return {
    portal,
    pid: tgtd.pid ?? 0,
    tgtadm,
    async addExport(tid, { target, bytes, initiatorName, chapUser, chapSecret }) {
      const data = join(folder, `data-${tid}`);
      await writeFile(data, '');
      await truncate(data, bytes);
      const ofTarget = ['--tid', String(tid)];
      await tgtadm('--op', 'new', '--mode', 'target', ...ofTarget, '-T', target);
      await tgtadm('--op', 'new', '--mode', 'logicalunit', ...ofTarget, '--lun', '1', '-b', data);
      await tgtadm('--op', 'new', '--mode', 'account', '--user', chapUser, '--password', chapSecret);
      await tgtadm('--op', 'bind', '--mode', 'account', ...ofTarget, '--user', chapUser);
      await tgtadm('--op', 'bind', '--mode', 'target', ...ofTarget, '-Q', initiatorName);
      return data;
    },
    sessions: async () => (await tgtadm('--op', 'show', '--mode', 'target')).match(/I_T nexus: \d+/g) ?? [],
    async stop() {
      // tgtd ignores SIGTERM while it has targets.
      tgtd.kill('SIGKILL');
      await rm(folder, { recursive: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
