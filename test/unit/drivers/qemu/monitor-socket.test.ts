import { mkdtempSync, rmSync, unlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connectMonitor, isListenedOn } from '../../../../src/drivers/qemu/monitor-socket.ts';

describe('the socket of a monitor', () => {
  it('does not pass for that of a stopped domain when only its file was removed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vbs-monitor-'));
    const socketPath = join(folder, 'web.qmp');
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(socketPath, resolve));
    unlinkSync(socketPath);
    await expect(connectMonitor(socketPath)).rejects.toMatchObject({ kind: 'unavailable' });
    await new Promise((resolve) => server.close(resolve));
    expect(await connectMonitor(socketPath)).toBeUndefined();
    rmSync(folder, { recursive: true });
  });

  it('is found among the listeners of the kernel, by its file name when its process gave a relative path', () => {
    const line = (flags: string, path: string) => `0000000059301b28: 00000002 00000000 ${flags} 0001 01 16788 ${path}`;
    expect(isListenedOn(line('00010000', '/run/vbs/web.qmp'), '/run/vbs/web.qmp')).toBe(true);
    expect(isListenedOn(line('00010000', 'web.qmp'), '/run/vbs/web.qmp')).toBe(true);
    expect(isListenedOn(line('00000000', '/run/vbs/web.qmp'), '/run/vbs/web.qmp')).toBe(false);
    expect(isListenedOn(line('00010000', '/run/vbs/web2.qmp'), '/run/vbs/web.qmp')).toBe(false);
    expect(isListenedOn('Num       RefCount Protocol Flags    Type St Inode Path', '/run/vbs/web.qmp')).toBe(false);
  });
});
