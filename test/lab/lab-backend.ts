import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scriptsFolderOf } from '../../src/drivers/command/catalogue.ts';
import { systemClock } from '../../src/drivers/command/clock.ts';
import type { BackendContext } from '../../src/drivers/command/command-runner.ts';
import { prepareBackend } from '../../src/drivers/command/driver-from-pattern.ts';
import type { CommandLinePattern } from '../../src/drivers/command/pattern.ts';
import { installScripts, readScripts, remoteScriptsFolder } from '../../src/drivers/command/remote-scripts.ts';
import { siteSettings } from '../../src/drivers/command/site-settings.ts';
import { sshHost } from '../../src/drivers/command/ssh-host.ts';
import type { LabInUse } from './lab-in-use.ts';

const scriptsBase = '/var/lib/vbs/scripts';
const stateFolder = mkdtempSync(join(tmpdir(), 'vbs-lab-'));

/** A backend's surroundings on a host of the lab, prepared. */
export async function contextOnLab(
  lab: LabInUse,
  name: string,
  pattern: CommandLinePattern,
  settings: Readonly<Record<string, unknown>>,
): Promise<BackendContext> {
  const host = sshHost(name, await lab.address(name), { stateFolder, clock: systemClock, newMark: randomUUID });
  const scripts = await readScripts(scriptsFolderOf(pattern));
  await installScripts(host, scriptsBase, scripts);
  const context = {
    host,
    clock: systemClock,
    settings: siteSettings(pattern, settings),
    scriptsFolder: remoteScriptsFolder(scriptsBase, scripts),
  };
  await prepareBackend(pattern, context);
  return context;
}
