import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { YamlRefused } from '../checked-yaml/checked-yaml.ts';
import { CommandFailed, exitCodes } from '../cli/exit-codes.ts';
import type { Diagnosis } from '../cli/program-dependencies.ts';
import { type Catalogue, loadCatalogue } from '../drivers/command/catalogue.ts';
import { isCommandLine, type Pattern } from '../drivers/command/pattern.ts';
import { type HostFacts, inspectHost, type Needs } from '../drivers/doctor/inspect-host.ts';
import { type Finding, judgeHost, judgeTogether, type Patient } from '../drivers/doctor/judge-host.ts';
import { DriverError } from '../drivers/driver-error.ts';
import { readSettings, SettingsUnusable } from '../settings/read-settings.ts';
import type { Settings, SshSettings } from '../settings/settings.ts';
import { embeddedVolumeServer } from './embedded-volume-server.ts';
import { hostOf } from './host-of.ts';
import { packageFolder, shippedBackends } from './package-folder.ts';

/** Looks at every host of the settings, as its backends want it. Changes nothing. Throws CommandFailed when the settings cannot be used. */
export async function diagnoseSite({ config }: { readonly config?: string }): Promise<Diagnosis> {
  const scratch = mkdtempSync(join(tmpdir(), 'vbs-doctor-'));
  try {
    const { value: settings } = readSettings(config);
    const catalogue = await loadCatalogue(shippedBackends, settings.driverFolders);
    const script = readFileSync(join(packageFolder, 'config', 'doctor', 'inspect'), 'utf8');
    const outcomes = await Promise.all(
      examined(settings, catalogue).map(async (host): Promise<Patient | Finding> => {
        try {
          return { ...host, host: host.name, facts: await inspect(host, script, scratch) };
        } catch (cause) {
          if (!(cause instanceof DriverError)) throw cause;
          return {
            host: host.name,
            subject: 'connection',
            outcome: 'wrong',
            found: cause.message,
            mend: 'see "ssh" of this host in the settings: address, user, identityFile, knownHostsFile',
          };
        }
      }),
    );
    const patients = outcomes.filter((outcome) => 'facts' in outcome);
    const lost = outcomes.filter((outcome) => 'outcome' in outcome);
    return { findings: [...lost, ...patients.flatMap(judgeHost), ...judgeTogether(patients)] };
  } catch (cause) {
    if (cause instanceof YamlRefused || cause instanceof SettingsUnusable)
      throw new CommandFailed(exitCodes.wrongUsage, cause.message.split('\n'), { cause });
    throw cause;
  } finally {
    rmSync(scratch, { recursive: true, force: true, maxRetries: 10 });
  }
}

type Examined = Pick<Patient, 'roles' | 'needs'> & { readonly name: string; readonly ssh?: SshSettings | undefined };

async function inspect(host: Examined, script: string, scratch: string): Promise<HostFacts> {
  return inspectHost(await hostOf(host, scratch), script, host.needs, Date.now);
}

function examined({ volumeServers = [embeddedVolumeServer('')], vmmHosts }: Settings, catalogue: Catalogue): readonly Examined[] {
  const portals = volumeServers.flatMap(({ exports }) =>
    typeof exports.settings.portal === 'string' && exports.daemon === 'external' ? [exports.settings.portal] : [],
  );
  return [
    ...volumeServers.map(({ name, ssh, volumes, exports }): Examined => {
      const patterns = [catalogue.pattern('volume-server', volumes.driver), catalogue.pattern('export-server', exports.driver)];
      const needs = needsOf(patterns);
      // The service starts its own daemon.
      return { name, ssh, roles: ['volume server'], needs: exports.daemon === 'managed' ? { ...needs, daemons: [] } : needs };
    }),
    ...vmmHosts.map(({ name, ssh, vmm, initiator }): Examined => {
      const patterns = [
        catalogue.pattern('vmm', vmm.driver),
        ...(initiator === undefined ? [] : [catalogue.pattern('initiator', initiator.driver)]),
      ];
      return { name, ssh, roles: ['VMM host'], needs: { ...needsOf(patterns), portals } };
    }),
  ];
}

function needsOf(patterns: readonly Pattern[]): Needs {
  const required = patterns.flatMap((pattern) => (isCommandLine(pattern) ? [pattern.requires] : []));
  return {
    programs: [...new Set(required.flatMap(({ programs }) => programs))],
    modules: [...new Set(required.flatMap(({ modules }) => modules))],
    daemons: required.flatMap(({ daemons }) => daemons),
    portals: [],
  };
}
