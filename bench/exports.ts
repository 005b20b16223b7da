import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { shippedBackends } from '../src/composition/package-folder.ts';
import { loadCatalogue, scriptsFolderOf } from '../src/drivers/command/catalogue.ts';
import { systemClock } from '../src/drivers/command/clock.ts';
import { exportServerFromPattern } from '../src/drivers/command/driver-from-pattern.ts';
import { localHost } from '../src/drivers/command/local-host.ts';
import { siteSettings } from '../src/drivers/command/site-settings.ts';
import { ensureTgtDaemon, type TgtDaemon } from '../src/drivers/command/tgt-daemon.ts';
import { withTgtadm } from '../src/drivers/command/tgtadm-built-in.ts';
import { descriptorsOf } from '../src/drivers/command/tgtd-descriptors.ts';
import { askTgtd } from '../src/drivers/command/tgtd-socket.ts';
import { type Cleanup, withCleanup } from './support/cleanup.ts';
import { distributionOf, timed } from './support/distribution.ts';
import { distributionRow, distributionTitles, type Report } from './support/report.ts';

const exports = 1_000;
const measured = 10;
/** Until the code is compiled. */
const uncounted = 20;
const bytes = 1024 ** 2;
const limitRatio = 2;
/** systemd's default, which the service raises. */
const limitBefore = 1_024;

const programs = localHost('here', systemClock);

/** A thousand exports on one tgtd of the service, which had a limit that they would not have fitted into: the last ones against the first, with all looks. */
export async function benchmarkExports(report: Report): Promise<void> {
  report.heading(`${exports} exports on one tgtd with the raised limit: the last against the first`);
  await withCleanup(async (cleanup) => {
    const folder = cleanup.folder();
    const { controlSocket, portal } = await startRaised(folder, cleanup);
    const pattern = (await loadCatalogue(shippedBackends, [])).pattern('export-server', 'tgt');
    const server = exportServerFromPattern(pattern, {
      host: withTgtadm(programs, systemClock),
      clock: systemClock,
      settings: siteSettings(pattern, { controlSocket, portal }),
      scriptsFolder: scriptsFolderOf(pattern),
    });
    const durationsMs: number[] = [];
    for (let number = 1; number <= uncounted + exports; number += 1) {
      const volumeId = `vol-${String(number).padStart(17, '0')}`;
      const path = join(folder, `${number}.raw`);
      await writeFile(path, '');
      await truncate(path, bytes);
      durationsMs.push(await timed(() => server.export.make({ volumeId, target: `iqn.2009-11.org.vbs:${volumeId}`, path, bytes })));
    }
    const listingsMs: number[] = [];
    for (let time = 0; time < measured; time += 1) {
      listingsMs.push(await timed(() => askTgtd(`${controlSocket}.0`, { operation: 'show', mode: 'target' }, 30_000)));
    }
    const first = distributionOf(durationsMs.slice(uncounted, uncounted + measured));
    const last = distributionOf(durationsMs.slice(-measured));
    report.table(distributionTitles, [
      distributionRow(`export, of the first ${measured}`, first),
      distributionRow(`export, of the last ${measured}`, last),
      distributionRow('of the last: a listing, of which it takes two, in tgtd alone', distributionOf(listingsMs)),
    ]);
    const { open, limit } = descriptorsOf(controlSocket) ?? {};
    report.line(`  tgtd has ${open} of ${limit} descriptors open`);
    report.target('ratio of the medians, the last to the first', last.median / first.median, limitRatio, 'times');
  });
}

/** A tgtd that ran with systemd's default, and of which the limit was raised when the service looked after it. */
async function startRaised(folder: string, cleanup: Cleanup): Promise<TgtDaemon> {
  const ensure = () => ensureTgtDaemon({ portal: '127.0.0.1:0' }, { stateFolder: folder, host: programs, clock: systemClock });
  const { controlSocket } = await ensure();
  const pid = descriptorsOf(controlSocket)?.pid;
  if (pid === undefined) throw new Error('nothing can be told of the tgtd that was started');
  cleanup.add(() => void process.kill(pid, 'SIGKILL'));
  await programs.run({ argv: ['prlimit', '--pid', String(pid), `--nofile=${limitBefore}:`], timeoutMs: 10_000 });
  return ensure();
}
