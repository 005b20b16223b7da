import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { readYaml, YamlRefused } from '../../src/checked-yaml/checked-yaml.ts';
import { systemClock } from '../../src/drivers/command/clock.ts';
import { localHost } from '../../src/drivers/command/local-host.ts';
import { openRemoteShell, outputLimit } from '../../src/drivers/command/remote-shell.ts';
import { withTgtadm } from '../../src/drivers/command/tgtadm-built-in.ts';
import { longestAnswerBytes } from '../../src/drivers/command/tgtd-socket.ts';
import { qemuVmm } from '../../src/drivers/qemu/qemu-vmm.ts';
import { longestLine } from '../../src/drivers/qemu/qmp-lines.ts';
import type { DiskSpec } from '../../src/drivers/vmm.ts';
import { httpClient } from '../../src/resolvers/asking/http-client.ts';
import { readXml } from '../../src/resolvers/xml/read-xml.ts';

// Whoever answers may be broken or mean harm: he gets so much memory and time, and no more.
const mebibyte = 1024 * 1024;
const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0).reverse()) cleanUp();
});

const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'vbs-bounds-'));
  cleanUps.push(() => rmSync(path, { recursive: true }));
  return path;
};

/** Listens, and tells how much it could write to each client before that one had enough. */
async function listen(server: Server, path?: string): Promise<AddressInfo | string | null> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  cleanUps.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await new Promise<void>((resolve) => void (path === undefined ? server.listen(0, '127.0.0.1', resolve) : server.listen(path, resolve)));
  return server.address();
}

/** Writes the same for ever, as fast as it is taken. */
function pour(socket: Socket, text: string): { readonly taken: () => number } {
  let taken = 0;
  const more = (): void => {
    while (!socket.destroyed) {
      taken += text.length;
      if (!socket.write(text)) return void socket.once('drain', more);
    }
  };
  more();
  return { taken: () => taken };
}

async function grownBy(task: () => Promise<void>): Promise<number> {
  const before = process.memoryUsage().rss;
  await task();
  return process.memoryUsage().rss - before;
}

describe('the monitor of a QEMU', () => {
  const spec: DiskSpec = {
    domain: 'web',
    volumeId: 'vol-0123456789abcdef0',
    device: '/dev/sdf',
    bytes: mebibyte,
    source: { kind: 'export', portal: '192.0.2.1:3260', target: 'iqn.x', lun: 1, initiatorName: 'iqn.y', chapUser: 'u', chapSecret: 's' },
  };
  const greeting = '{"QMP": {"version": {}, "capabilities": []}}\n{"return": {}, "id": 1}\n';

  /** Greets as QEMU does, and answers what it is asked then. */
  const greetingFirst = (answers: (socket: Socket) => void) => (socket: Socket) => {
    socket.once('data', () => {
      socket.write(greeting);
      socket.once('data', () => answers(socket));
    });
  };

  async function monitorThat(answers: (socket: Socket) => void) {
    const path = join(folder(), 'web.qmp');
    await listen(createServer(answers), path);
    return qemuVmm({
      host: 'here',
      socketOf: () => path,
      domains: async () => ['web'],
      clock: systemClock,
      attachTimeoutMs: 30_000,
      detachTimeoutMs: 30_000,
    });
  }

  it.each([
    ['a line without an end, in the place of its greeting', '', (answers: (socket: Socket) => void) => answers],
    ['a line without an end, in the place of an answer', '', greetingFirst],
    ['text without an end in an answer', '{"return": "', greetingFirst],
  ])('that sends %s is left, and nothing is concluded from it', async (_what, begun, when) => {
    const says = 'a line of more than';
    let taken = () => 0;
    const vmm = await monitorThat(
      when((socket) => {
        socket.write(begun);
        taken = pour(socket, 'x'.repeat(64 * 1024)).taken;
      }),
    );
    const grown = await grownBy(async () => {
      expect((await vmm.disk.look(spec)).value).toMatchObject({ state: 'unknown', reason: expect.stringContaining(says) });
    });
    // What is on the way in both sockets comes on top.
    expect(taken()).toBeLessThan(longestLine + 8 * mebibyte);
    expect(grown).toBeLessThan(64 * mebibyte);
  });

  it.each([
    ['nests without an end', `{"return": ${'['.repeat(400_000)}${']'.repeat(400_000)}, "id": 2}\n`, 'nests deeper'],
    ['is of another form', '{"return": [{"name": 5}], "id": 2}\n', 'something else than it should'],
    ['is no JSON', '(qemu) \n', 'JSON'],
    ['is no text', '\0\xff\n', 'JSON'],
  ])('whose answer %s is not understood, and nothing is concluded from it', async (_what, answer, says) => {
    const vmm = await monitorThat(
      greetingFirst((socket) => {
        for (const id of [2, 3, 4]) socket.write(answer.replace('"id": 2', `"id": ${id}`));
      }),
    );
    expect((await vmm.disk.look(spec)).value).toMatchObject({ state: 'unknown', reason: expect.stringContaining(says) });
    await expect(vmm.disk.list()).rejects.toMatchObject({ name: 'DriverError' });
  });

  it('may have as much to say of events as it likes', async () => {
    const event = '{"event": "BLOCK_JOB_READY", "data": {}}\n'.repeat(1_000);
    const vmm = await monitorThat(
      greetingFirst((socket) => {
        socket.write(event.repeat(100));
        for (const id of [2, 3, 4]) socket.write(`{"return": [], "id": ${id}}\n`);
      }),
    );
    expect((await vmm.disk.look(spec)).value).toEqual({ state: 'absent' });
  });
});

describe('the management socket of a tgtd', () => {
  const ask = async (answers: (socket: Socket) => void) => {
    const place = folder();
    await listen(
      createServer((socket) => void socket.once('data', () => answers(socket))),
      join(place, 'control.0'),
    );
    const host = withTgtadm(localHost('here', systemClock), systemClock);
    return host.run({ argv: ['/x/tgt-list'], env: { TGT_IPC_SOCKET: join(place, 'control') }, timeoutMs: 30_000 });
  };
  const head = (length: number) => {
    const bytes = Buffer.alloc(8);
    bytes.writeUInt32LE(length, 4);
    return bytes;
  };

  it('that promises more than any listing has is left at once', async () => {
    await expect(ask((socket) => void socket.write(head(0xffffffff)))).rejects.toMatchObject({ name: 'DriverError', kind: 'unknown' });
    await expect(ask((socket) => void socket.write(head(longestAnswerBytes + 1)))).rejects.toThrow('more than');
  });

  it('that says more than it promised is read as far as that', async () => {
    // Which targets there are, with all that is known of them, and again which there are: there is none.
    const answers = ['LLDs:\n    iscsi: ready\n', '', 'LLDs:\n    iscsi: ready\n'];
    const more = Buffer.alloc(mebibyte, 'x');
    const said = await ask((socket) => {
      const answer = Buffer.from(answers.shift() ?? '');
      socket.write(Buffer.concat([head(8 + answer.length), answer, more]));
    });
    expect(said).toMatchObject({ exitCode: 0, stdout: 'end|\n' });
  });

  it('that gives its answer byte by byte is read in time that grows with its length', async () => {
    const listing = Buffer.concat([head(8 + 2 * mebibyte), Buffer.alloc(2 * mebibyte, 'x')]);
    const answer = ask((socket) => {
      socket.setNoDelay(true);
      for (let at = 0; at < listing.length; at += 1_024) socket.write(listing.subarray(at, at + 1_024));
    });
    // It is no listing, and which targets there are is asked twice.
    expect(await answer).toMatchObject({ exitCode: 75 });
  });
});

describe('a command', () => {
  it.each(['stdout', 'stderr'] as const)('that writes to %s without an end is ended, and its answer is none', async (stream) => {
    const argv = ['sh', '-c', `exec yes ${stream === 'stderr' ? '>&2' : ''}`];
    const grown = await grownBy(async () => {
      await expect(localHost('here', systemClock).run({ argv, timeoutMs: 60_000 })).rejects.toMatchObject({ kind: 'unknown' });
    });
    expect(grown).toBeLessThan(160 * mebibyte);
  });

  it('elsewhere that writes without an end is left with its shell', async () => {
    const shell = openRemoteShell('sh', []);
    const { ending, stdout } = await shell.run('yes\n', () => false, 60_000);
    expect(ending).toBe('wrote too much');
    expect(stdout.length).toBeLessThan(outputLimit + 2 * mebibyte);
    expect(shell.isOpen()).toBe(false);
  });
});

describe('a server that a resolver asks', () => {
  it('and that answers without an end is left', async () => {
    let taken = () => 0;
    const server = createServer((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
        taken = pour(socket, `10000\r\n${'x'.repeat(65_536)}\r\n`).taken;
      });
    });
    const { port } = (await listen(server)) as AddressInfo;
    await expect(
      httpClient().ask(
        { method: 'GET', url: `http://127.0.0.1:${port}/` },
        { signal: AbortSignal.timeout(60_000), remainingMs: () => 60_000 },
      ),
    ).rejects.toThrow('longer than');
    expect(taken()).toBeLessThan(64 * mebibyte);
  });

  it.each([
    ['that defines entities', '<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><a>&c;</a>'],
    ['that nests too deep', `${'<a>'.repeat(100_000)}${'</a>'.repeat(100_000)}`],
    ['that ends in its middle', '<a><b attribute="'],
  ])('and that gives XML %s is not believed', (_what, text) => {
    expect(() => readXml(text, 'the cloud')).toThrow(expect.objectContaining({ name: 'CloudUnavailable' }));
  });
});

describe('a settings file', () => {
  it.each([
    [
      'whose aliases multiply',
      `a0: &a0 [x, x]\n${Array.from({ length: 30 }, (_, n) => `a${n + 1}: &a${n + 1} [${`*a${n}, `.repeat(9)}*a${n}]\n`).join('')}`,
    ],
    ['that nests without an end', `a: ${'['.repeat(20_000)}`],
  ])('%s is refused', (_what, text) => {
    expect(() => readYaml(text, 'vbs.yaml')).toThrow(YamlRefused);
  });
});
