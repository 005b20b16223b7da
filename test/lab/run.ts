import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startLab, twoNodes } from './lab.ts';

/** Starts the lab and keeps it until Ctrl-C. */
const { values: options } = parseArgs({ options: { folder: { type: 'string' } } });
const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'vbs-lab-'));
// Only what was made here; a folder that was named stays.
if (options.folder === undefined) process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

const interrupted = new Promise<'interrupted'>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve('interrupted'));
});
const startedAtMs = Date.now();
const lab = await Promise.race([startLab({ folder, onProgress: console.log }), interrupted]);
// What was started until then ends with this process.
if (lab === 'interrupted') process.exit(130);

const ssh = `ssh -F ${lab.sshConfigFile}`;
console.log(`
The lab runs, after ${Math.round((Date.now() - startedAtMs) / 1000)} s. Its files and logs are in ${lab.folder}. In another terminal:

${[lab.volumeServer, ...lab.nodes].map(({ name, address }) => `    ${ssh} ${name}    # ${address}`).join('\n')}
${twoNodes.flatMap(({ name, domUs }) => domUs.map((domU) => `    ${ssh} ${name} domu-run ${domU} "'ls /dev'"`)).join('\n')}

Ctrl-C ends it.`);
await interrupted;
console.log('\nStopping the lab');
await lab.stop();
process.exit();
