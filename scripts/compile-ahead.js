// Starts the built service once, for nobody else and with a volume server that has no tgtd, lets it answer one signed request, and keeps what V8 compiled for that.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import aws4 from 'aws4';
import { compiledBundle, loadBundle } from '../bin/load-bundle.js';

const accessKeyId = 'AKIAAHEADOFTIME';
const secretAccessKey = 'only-for-this-start';
const readyWithinMs = 60_000;
const askEveryMs = 20;

const { main, script } = loadBundle();
const state = mkdtempSync(join(tmpdir(), 'vbs-ahead-'));
const site = {
  volumeServers: [
    {
      name: 'local',
      volumes: { driver: 'file', settings: { stateFolder: join(state, 'data') } },
      exports: { driver: 'tgt', settings: { controlSocket: join(state, 'tgtd'), portal: '127.0.0.1:3260' } },
    },
  ],
};
try {
  await main([
    'credentials',
    'add',
    '--new-state',
    '--state',
    state,
    '--access-key-id',
    accessKeyId,
    '--secret-access-key',
    secretAccessKey,
  ]);
  const host = `127.0.0.1:${await freePort()}`;
  const config = join(state, 'vbs.yaml');
  writeFileSync(config, JSON.stringify(site));
  const serving = main(['serve', '--config', config, '--state', state, '--listen', host]);
  await untilAnswered(host);
  // V8 takes what was compiled with the flags that it has itself, and a process that begins has none.
  setFlagsFromString('--heap-growing-percent=0');
  writeFileSync(compiledBundle, script.createCachedData());
  // Who builds is often root, and the service has a user of its own; the program keeps what it writes for itself.
  chmodSync(compiledBundle, 0o644);
  process.kill(process.pid, 'SIGTERM');
  await serving;
} finally {
  rmSync(state, { recursive: true });
}

async function untilAnswered(host) {
  const body = 'Action=DescribeVolumes&Version=2016-11-15';
  const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
  const request = { host, method: 'POST', path: '/', service: 'ec2', region: 'us-east-1', headers, body };
  const signed = aws4.sign(request, { accessKeyId, secretAccessKey });
  for (const deadlineMs = Date.now() + readyWithinMs; ; ) {
    const answer = await fetch(`http://${host}/`, { method: 'POST', headers: signed.headers, body }).catch(() => undefined);
    if (answer?.status === 200) {
      await answer.text();
      return;
    }
    if (Date.now() > deadlineMs) {
      throw new Error(`the service gave no answer to compile ahead for: ${answer === undefined ? 'none' : await answer.text()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, askEveryMs));
  }
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
