import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { YamlRefused } from '../checked-yaml/checked-yaml.ts';
import { CommandFailed, exitCodes } from '../cli/exit-codes.ts';
import type { Diagnosis } from '../cli/program-dependencies.ts';
import { type Catalogue, loadCatalogue } from '../drivers/command/catalogue.ts';
import { systemClock } from '../drivers/command/clock.ts';
import { isCommandLine, type Pattern } from '../drivers/command/pattern.ts';
import { SettingsRefused, siteSettings } from '../drivers/command/site-settings.ts';
import type { Finding } from '../drivers/doctor/finding.ts';
import { type HostFacts, inspectHost, type Needs } from '../drivers/doctor/inspect-host.ts';
import { inspectMonitors } from '../drivers/doctor/inspect-monitors.ts';
import { judgeDescriptors } from '../drivers/doctor/judge-descriptors.ts';
import { judgeHost, judgeTogether, type Patient } from '../drivers/doctor/judge-host.ts';
import { DriverError } from '../drivers/driver-error.ts';
import { qmpSocketTemplate } from '../drivers/qemu/qmp-socket-template.ts';
import { readSettings, SettingsUnusable } from '../settings/read-settings.ts';
import { refuseWrongPlaces } from '../settings/refuse-wrong-places.ts';
import type { BackendSettings, Settings, SshSettings } from '../settings/settings.ts';
import { embeddedVolumeServer } from './embedded-volume-server.ts';
import { hostOf } from './host-of.ts';
import { packageFolder, shippedBackends } from './package-folder.ts';

/** Looks at every host of the settings, as its backends want it. Changes nothing. Throws CommandFailed when the settings cannot be used. */
export async function diagnoseSite({ config }: { readonly config?: string }): Promise<Diagnosis> {
  const scratch = mkdtempSync(join(tmpdir(), 'vbs-doctor-'));
  try {
    const checked = readSettings(config);
    refuseWrongPlaces(checked);
    const settings = checked.value;
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
    const descriptors = patients.flatMap(({ host, facts }) => judgeDescriptors(host, facts.descriptors ?? new Map()));
    return {
      findings: [
        ...lost,
        ...patients.flatMap(judgeHost),
        ...descriptors,
        ...(await monitorsOf(settings, catalogue)),
        ...judgeTogether(patients),
      ],
    };
  } catch (cause) {
    if (cause instanceof YamlRefused || cause instanceof SettingsUnusable || cause instanceof SettingsRefused)
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

function examined(
  { volumeServers = [embeddedVolumeServer('/var/lib/vbs/data')], vmmHosts }: Settings,
  catalogue: Catalogue,
): readonly Examined[] {
  const portals = volumeServers.flatMap(({ exports }) =>
    typeof exports.settings.portal === 'string' && exports.daemon === 'external' ? [exports.settings.portal] : [],
  );
  // What has a daemon speaks iSCSI; the kernel's own targets are silent until they export something.
  const logins = volumeServers.flatMap(({ exports }) => {
    const pattern = catalogue.pattern('export-server', exports.driver);
    const isDaemons = isCommandLine(pattern) && pattern.requires.daemons.length > 0;
    return isDaemons && exports.daemon === 'external' && typeof exports.settings.portal === 'string' ? [exports.settings.portal] : [];
  });
  const blockDrivers = (vmm: BackendSettings): readonly string[] =>
    catalogue.pattern('vmm', vmm.driver).takes === 'export' ? ['qemu-block:iscsi'] : [];
  return [
    ...volumeServers.map(({ name, ssh, volumes, exports }): Examined => {
      const patterns = [catalogue.pattern('volume-server', volumes.driver), catalogue.pattern('export-server', exports.driver)];
      const needs = { ...needsOf(patterns), ...serverNeeds(volumes, exports, catalogue) };
      // The service starts its own daemon.
      return { name, ssh, roles: ['volume server'], needs: exports.daemon === 'managed' ? { ...needs, daemons: [] } : needs };
    }),
    ...vmmHosts.map(({ name, ssh, vmm, initiator }): Examined => {
      const patterns = [
        catalogue.pattern('vmm', vmm.driver),
        ...(initiator === undefined ? [] : [catalogue.pattern('initiator', initiator.driver)]),
      ];
      return {
        name,
        ssh,
        roles: ['VMM host'],
        needs: { ...needsOf(patterns), portals, questions: [...logins.map((portal) => `login:${portal}`), ...blockDrivers(vmm)] },
      };
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
    rootFor: patterns.flatMap((pattern) => (isCommandLine(pattern) && pattern.requires.root ? [pattern.name] : [])),
    pools: [],
    questions: [],
  };
}

type VolumeServerSettings = NonNullable<Settings['volumeServers']>[number];

/** What only the settings of a volume server tell: its pool, and the sockets of its daemon. */
function serverNeeds(
  volumes: VolumeServerSettings['volumes'],
  exports: VolumeServerSettings['exports'],
  catalogue: Catalogue,
): Pick<Needs, 'pools' | 'questions'> {
  const { volumeGroup, pool, alarmPercent, fullPercent } = siteSettings(
    catalogue.pattern('volume-server', volumes.driver),
    volumes.settings,
  );
  const isManaged = exports.daemon === 'managed';
  const { portal } = exports.settings;
  // tgtd appends its number to the name of its socket, and its first is 0.
  const { controlSocket } = isManaged ? {} : siteSettings(catalogue.pattern('export-server', exports.driver), exports.settings);
  return {
    pools:
      volumeGroup !== undefined && pool !== undefined
        ? [{ name: `${volumeGroup}/${pool}`, alarmPercent: Number(alarmPercent), fullPercent: Number(fullPercent) }]
        : [],
    questions: [
      ...(isManaged && typeof portal === 'string' ? [`managed:${portal}`] : []),
      ...(controlSocket === undefined ? [] : [`control:${controlSocket}.0`]),
    ],
  };
}

/** QEMU's monitors are sockets of this machine. */
async function monitorsOf({ vmmHosts }: Settings, catalogue: Catalogue): Promise<readonly Finding[]> {
  const all = await Promise.all(
    vmmHosts.map(async ({ name, vmm }) => {
      const pattern = catalogue.pattern('vmm', vmm.driver);
      if (isCommandLine(pattern)) return [];
      const template = String(siteSettings(pattern, vmm.settings).qmpSocket);
      const sockets = qmpSocketTemplate(template);
      return sockets === undefined ? [] : inspectMonitors(name, template, sockets, systemClock);
    }),
  );
  return all.flat();
}
