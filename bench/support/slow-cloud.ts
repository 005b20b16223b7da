import { createServer } from 'node:http';
import { createInterface } from 'node:readline';

/**
 * A cloud as a process of its own, for a resolver of the kind `http`. It answers one question after the other, takes 5 ms for each, and never
 * answers what is asked of instances whose ids begin as those below. Its standard input says how many instances it lists; it ends with that.
 */
const lookMs = 5;
const hangs = 'i-ca0';
const victims = /^i-cb0(\d)$/;
let listed = '{"instances": []}';
let queue = Promise.resolve();

const server = createServer((request, response) => {
  const id = decodeURIComponent((request.url ?? '').slice(1));
  if (id === 'all') {
    response.setHeader('content-type', 'application/json').end(listed);
    return;
  }
  if (id.startsWith(hangs)) return;
  queue = queue.then(async () => {
    await new Promise((resolve) => setTimeout(resolve, lookMs));
    const [, number] = victims.exec(id) ?? [];
    if (number === undefined) response.writeHead(404, { 'content-type': 'application/json' }).end('{}');
    else response.setHeader('content-type', 'application/json').end(JSON.stringify({ vmmHost: 'vmm1', domain: `victim${number}` }));
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`);
});
for await (const line of createInterface({ input: process.stdin })) {
  const instances = Array.from({ length: Number(line) }, (_, index) => ({
    id: `i-cc${index.toString(16).padStart(6, '0')}`,
    vmmHost: 'vmm2',
    domain: `many${index}`,
  }));
  listed = JSON.stringify({ instances });
  process.stdout.write('listed\n');
}
process.exit(0);
