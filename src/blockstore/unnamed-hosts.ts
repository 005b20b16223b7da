import { forEachInTurns } from '../sharing/turn.ts';
import type { HostUse, Inventory } from '../store/store.ts';
import { expectedThings, type Finding } from './findings.ts';

/** The names of a site's hosts, as its settings have them. */
export interface HostNames {
  readonly volumeServers: { has(name: string): boolean };
  readonly vmmHosts: { has(name: string): boolean };
}

/** The hosts that something is on and the settings do not name. Nothing on them can be reached. */
export function unnamedHosts(uses: readonly HostUse[], named: HostNames): readonly HostUse[] {
  return uses.filter(({ kind, name }) => !(kind === 'volume-server' ? named.volumeServers : named.vmmHosts).has(name));
}

/** What the settings no longer name, what is on it, and what is to be done. */
export function unnamedSentence(use: HostUse): string {
  const { name } = use;
  if (use.kind === 'vmm-host') {
    return (
      `the settings name no VMM host ${name}, which has ${counted(use.attachments, 'attachment')}: put it back and restart; when it has another name now, ` +
      `stop the service and "vbs servers rename ${name} NEW-NAME --vmm-host"; when it is gone for good, detach its volumes by force and "vbs volumes clear" them`
    );
  }
  const things = [
    counted(use.volumes, 'volume'),
    counted(use.snapshots, 'snapshot'),
    ...(use.wipes > 0 ? [`${use.wipes} to be wiped`] : []),
  ];
  return (
    `the settings name no volume server ${name}, which has ${things.join(', ')}: put it back and restart; when it has another name now, ` +
    `stop the service and "vbs servers rename ${name} NEW-NAME"; when all that is on it is lost, "vbs servers forget ${name} --volumes-are-lost"`
  );
}

function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}

/**
 * Findings with what is known of hosts that the settings do not name: one for each of them, and of what was found on a host and is not expected there,
 * where the database has it. Only what the database has nowhere stays `unknown`.
 */
export async function explainUnnamed(
  findings: readonly Finding[],
  { named, inventory }: { readonly named: HostNames; readonly inventory: Inventory },
): Promise<readonly Finding[]> {
  const unnamed = unnamedHosts(await usesOf(inventory), named);
  const placed = new Map<string, string>();
  if (findings.some(({ kind }) => kind === 'unknown')) {
    await forEachInTurns(expectedThings(inventory), ({ thing, host, name }) => void placed.set(`${thing} ${name}`, host));
  }
  return [
    ...unnamed.map((use): Finding => ({ kind: 'unnamed', host: use.name, reason: unnamedSentence(use) })),
    ...findings.map((finding): Finding => {
      const elsewhere = finding.kind === 'unknown' ? placed.get(`${finding.thing} ${finding.name}`) : undefined;
      if (finding.kind !== 'unknown' || elsewhere === undefined) {
        return finding;
      }
      const { thing, host, name } = finding;
      const isServer = thing !== 'disk' && thing !== 'session';
      const isNamed = (isServer ? named.volumeServers : named.vmmHosts).has(elsewhere);
      const mend = isNamed
        ? `one of the two is a copy or was moved by hand: look which`
        : `if ${host} is ${elsewhere} under a new name, stop the service and "vbs servers rename ${elsewhere} ${host}${isServer ? '' : ' --vmm-host'}"`;
      return { kind: 'elsewhere', thing, host, name, reason: `the database has it on ${elsewhere}; leave it alone: ${mend}` };
    }),
  ];
}

/** As `Store.hostUses`, of what has been read already. */
async function usesOf({ volumes, snapshots, wipes, attachments }: Inventory): Promise<readonly HostUse[]> {
  const servers = new Map<string, { volumes: number; snapshots: number; wipes: number }>();
  const hosts = new Map<string, number>();
  const count = async (things: readonly { readonly volumeServer: string }[], what: 'volumes' | 'snapshots' | 'wipes') =>
    forEachInTurns(things, ({ volumeServer }) => {
      const counts = servers.get(volumeServer) ?? { volumes: 0, snapshots: 0, wipes: 0 };
      counts[what] += 1;
      servers.set(volumeServer, counts);
    });
  await count(volumes, 'volumes');
  await count(snapshots, 'snapshots');
  await count(wipes, 'wipes');
  await forEachInTurns(attachments, ({ vmmHost }) => void hosts.set(vmmHost, (hosts.get(vmmHost) ?? 0) + 1));
  return [
    ...[...servers].map(([name, counts]): HostUse => ({ kind: 'volume-server', name, ...counts })),
    ...[...hosts].map(([name, count]): HostUse => ({ kind: 'vmm-host', name, attachments: count })),
  ];
}
