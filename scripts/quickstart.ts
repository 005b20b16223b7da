import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { endTgtd, type QuickstartSite, startQuickstartSite } from './quickstart/quickstart-site.ts';
import { claimRunning, describeRunning, findRunning, forgetRunning } from './quickstart/running-quickstart.ts';
import { voiceOn } from './quickstart/voice.ts';
import { walk } from './quickstart/walk.ts';
import { runInGuest } from './tiny-vm/tiny-vm.ts';

// Keys, sockets and the disks of the VM are nobody else's.
process.umask(0o077);
const repository = fileURLToPath(new URL('..', import.meta.url));
const stateFolder = join(repository, 'vbs-state', 'quickstart');
const runningFile = join(repository, 'vbs-state', 'quickstart.json');
/** 128 and the number of SIGINT, as shells count. */
const interruptedExitCode = 130;
const voice = voiceOn(process.stdout);

const { values: options } = parseArgs({ options: { exit: { type: 'boolean', default: false }, 'in-vm': { type: 'string' } } });
process.exitCode = options['in-vm'] === undefined ? await quickstart(options.exit) : await inVm(options['in-vm']);

async function inVm(command: string): Promise<number> {
  const running = findRunning(runningFile);
  if (running?.commandSocket === undefined) {
    voice.line('No quickstart is running; start one with scripts/quickstart.sh');
    return 1;
  }
  const { exitCode, output } = await runInGuest(running.commandSocket, command, 60_000);
  process.stdout.write(output);
  return exitCode;
}

async function quickstart(exitAtTheEnd: boolean): Promise<number> {
  const running = findRunning(runningFile);
  if (running !== undefined) {
    voice.line(
      `A quickstart is already running, at ${running.endpoint ?? 'an endpoint that is just being started'}. End it with Ctrl-C where it runs, or with: kill ${running.pid}`,
    );
    return 1;
  }
  claimRunning(runningFile);
  // Each run begins anew: what an earlier one kept was only to look at, and one that was killed has left its tgtd.
  endTgtd(join(stateFolder, 'vbs'));
  rmSync(stateFolder, { recursive: true, force: true });
  const interrupted = new Promise<'interrupted'>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve('interrupted'));
  });

  const socketFolder = mkdtempSync(join(tmpdir(), 'vbs-quickstart-'));
  process.once('exit', () => rmSync(socketFolder, { recursive: true, force: true }));

  voice.heading('A site on this machine');
  const starting = startQuickstartSite({ repository, stateFolder, socketFolder, voice });
  const site = await unlessInterrupted(starting, interrupted);
  describeRunning(runningFile, { pid: process.pid, endpoint: site.endpoint, commandSocket: site.vm.commandSocket });
  try {
    const end = await Promise.race([walk(site, voice), interrupted]);
    if (end !== 'interrupted') {
      voice.heading('All went as it should: the VM read what it had written, and nothing is left behind');
      if (exitAtTheEnd) return 0;
      invite(site);
      await interrupted;
    }
    return exitAtTheEnd ? interruptedExitCode : 0;
  } catch (error) {
    voice.heading('It went wrong');
    voice.line(error instanceof Error ? error.message : String(error));
    voice.line(`\nThe service's log is ${site.serviceLog}; what it did, step by step:`);
    voice.line(await site.vbs('operations', 'list').catch(String));
    return 1;
  } finally {
    forgetRunning(runningFile);
    voice.line();
    await voice.during('Stopping everything', site.stop());
  }
}

async function unlessInterrupted(starting: Promise<QuickstartSite>, interrupted: Promise<'interrupted'>): Promise<QuickstartSite> {
  try {
    const site = await Promise.race([starting, interrupted]);
    if (site !== 'interrupted') return site;
  } catch (error) {
    forgetRunning(runningFile);
    throw error;
  }
  forgetRunning(runningFile);
  // What was started ends with this process.
  process.exit(interruptedExitCode);
}

function invite({ endpoint, region, zone, instanceId, accessKeyId, secretAccessKey, settingsFile }: QuickstartSite): void {
  voice.line(`
The service and the VM go on running. For ~/.aws/config (AWS CLI 2.13 or newer; an older one wants --endpoint-url):

    [profile vbs]
    region = ${region}
    endpoint_url = ${endpoint}
    aws_access_key_id = ${accessKeyId}
    aws_secret_access_key = ${secretAccessKey}

Then, in another terminal:

    export AWS_PROFILE=vbs
    aws ec2 create-volume --size 1 --availability-zone ${zone}
    aws ec2 attach-volume --volume-id vol-… --instance-id ${instanceId} --device /dev/sdf
    scripts/quickstart.sh --in-vm 'ls /sys/block; cat /sys/block/*/serial'

The settings are in ${settingsFile}. Ctrl-C stops everything.`);
}
