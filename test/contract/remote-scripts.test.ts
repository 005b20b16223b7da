import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { installScripts, readScripts, remoteScriptsFolder } from '../../src/drivers/command/remote-scripts.ts';
import { type SshServer, startSshServer } from '../support/ssh-server.ts';

let server: SshServer;
beforeAll(async () => {
  server = await startSshServer();
});
afterAll(async () => {
  await server.stop();
});

it('puts scripts on a remote host, whole, executable and once a version', async () => {
  const source = mkdtempSync(join(server.folder, 'source-'));
  const base = join(server.folder, 'made', 'when missing');
  writeFileSync(join(source, 'greet'), "#!/bin/sh\necho \"hello $1, it's 'you'\" `echo` \\\\ \\$\ncat <<'EOF'\n$HOME\nEOF\n");
  writeFileSync(join(source, '.greet.swp'), 'no script');
  const first = await readScripts(source);
  const folder = remoteScriptsFolder(base, first);
  const host = server.host();
  await Promise.all([installScripts(host, base, first), installScripts(host, base, first)]);
  await installScripts(host, base, first);
  expect(readdirSync(base)).toEqual([first.hash]);
  expect(readdirSync(folder)).toEqual(['greet']);
  expect(statSync(join(folder, 'greet')).mode & 0o777).toBe(0o755);
  expect(await readScripts(folder)).toEqual(first);
  expect(await host.run({ argv: [join(folder, 'greet'), 'you'], timeoutMs: 60_000 })).toMatchObject({
    stdout: "hello you, it's 'you' \\ $\n$HOME\n",
  });

  writeFileSync(join(source, 'greet'), '#!/bin/sh\necho another version\n');
  const second = await readScripts(source);
  await installScripts(host, base, second);
  expect(readdirSync(base).sort()).toEqual([first.hash, second.hash].sort());
  rmSync(base, { recursive: true });
});

it('says where it could not put them', async () => {
  const base = join(server.folder, 'file');
  writeFileSync(base, '');
  mkdirSync(join(server.folder, 'empty'));
  const scripts = await readScripts(join(server.folder, 'empty'));
  await expect(installScripts(server.host(), base, scripts)).rejects.toMatchObject({
    name: 'DriverError',
    kind: 'refused',
    message: expect.stringMatching(/^the scripts of the backends cannot be put into .* on vs1: .*Not a directory|File exists/),
  });
});

it('has no scripts where there is no folder', async () => {
  expect((await readScripts(join(server.folder, 'nowhere'))).files).toEqual([]);
});
