import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startDemoSite } from './demo-nimbus/demo-site.ts';
import { walk } from './demo-nimbus/walk.ts';
import { voiceOn } from './quickstart/voice.ts';

// Keys are nobody else's.
process.umask(0o077);
const repository = fileURLToPath(new URL('..', import.meta.url));
const stateFolder = join(repository, 'vbs-state', 'demo-nimbus');
const { values: options } = parseArgs({ options: { exit: { type: 'boolean', default: false } } });
process.exitCode = await demo(options.exit);

/** A stand-in of Nimbus, and a simulated VBS that asks it; volumes are attached by Nimbus' own instance ids. */
async function demo(exitAtTheEnd: boolean): Promise<number> {
  const voice = voiceOn(process.stdout);
  const interrupted = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, resolve);
  });
  rmSync(stateFolder, { recursive: true, force: true });
  voice.heading('A stand-in of Nimbus, and a service that asks it');
  const site = await startDemoSite({ repository, stateFolder });
  try {
    await walk(site, voice);
    voice.heading('All went as it should');
    if (!exitAtTheEnd) {
      voice.line(`\nNimbus and the service go on running, at ${site.nimbusUrl} and ${site.endpoint}, until Ctrl-C.`);
      voice.line(`The settings are in ${site.settingsFile}; try: node bin/vbs.js resolve 2 --explain --config ${site.settingsFile}`);
      await interrupted;
    }
    return 0;
  } catch (error) {
    voice.heading('It went wrong');
    voice.line(error instanceof Error ? error.message : String(error));
    voice.line(`\nThe service's log is ${site.serviceLog}`);
    return 1;
  } finally {
    await site.stop();
  }
}
