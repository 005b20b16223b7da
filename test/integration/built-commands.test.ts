import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const program = fileURLToPath(new URL('../../bin/vbs.js', import.meta.url));

/** A port where nobody listens any more. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

test('a command of the built program finds the client that it speaks to the endpoint with, and says that nobody answers', async () => {
  const endpoint = `http://127.0.0.1:${await closedPort()}`;
  const env = { ...process.env, AWS_ACCESS_KEY_ID: 'AKIAEXAMPLEFORTESTS3', AWS_SECRET_ACCESS_KEY: 'secret', AWS_REGION: 'us-east-1' };
  const failed = promisify(execFile)(process.execPath, [program, 'describe-volumes', '--endpoint', endpoint], { env });
  await expect(failed).rejects.toMatchObject({ code: 3, stderr: expect.stringContaining(`nothing answers at ${endpoint}`) });
});

test('a command whose reader has seen enough goes on to its end, and says nothing of it', async () => {
  // The reader has ended long before Node has started.
  const script = '{ "$0" "$1" --help; echo "ended with $?" >&2; } | true';
  const { stderr } = await promisify(execFile)('sh', ['-c', script, process.execPath, program]);
  expect(stderr).toBe('ended with 0\n');
});
