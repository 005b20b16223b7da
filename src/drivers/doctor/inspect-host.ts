import type { Host } from '../command/host.ts';
import { DriverError } from '../driver-error.ts';

/** What a host has to have, and what it has to reach. */
export interface Needs {
  readonly programs: readonly string[];
  readonly modules: readonly string[];
  readonly daemons: readonly { readonly process: string; readonly start: string }[];
  /** `ADDRESS:PORT` of exports. */
  readonly portals: readonly string[];
  /** The backends whose commands work as root alone. */
  readonly rootFor: readonly string[];
  /** Thin pools, as `GROUP/POOL`, with the fillings in per cent at which they are nearly full and full. */
  readonly pools: readonly { readonly name: string; readonly alarmPercent: number; readonly fullPercent: number }[];
  /** What else the script is asked, as `KIND:NAME`; the check of that kind is in host-checks.ts. */
  readonly questions: readonly string[];
}

/** One line that a host said. */
export interface HostAnswer {
  readonly kind: string;
  readonly name: string;
  readonly value: string;
}

/** What a host said of itself. Maps are by the names that were asked for. */
export interface HostFacts {
  /** How far its clock is ahead of this machine's, and how far that may be wrong. */
  readonly clockAheadMs: number;
  readonly clockDoubtMs: number;
  readonly userId: string;
  readonly kernel: string;
  /** Where each program is; empty when it is not there. */
  readonly programs: ReadonlyMap<string, string>;
  readonly modules: ReadonlyMap<string, string>;
  readonly processes: ReadonlyMap<string, string>;
  readonly portals: ReadonlyMap<string, string>;
  readonly versions: ReadonlyMap<string, string>;
  readonly lvm: ReadonlyMap<string, string>;
  readonly initiatorName: string | undefined;
  readonly hostNqn: string | undefined;
  /** Everything that it said; host-checks.ts judges what it knows of it. */
  readonly answers: readonly HostAnswer[];
  /** Of each tgtd, by its process, `OPEN|LIMIT`. */
  readonly descriptors?: ReadonlyMap<string, string>;
}

const inspectTimeoutMs = 120_000;

/** Asks a host by the script `config/doctor/inspect`, whose text is given. Changes nothing there. Throws DriverError when the host cannot be asked. */
export async function inspectHost(host: Host, script: string, needs: Needs, nowMs: () => number): Promise<HostFacts> {
  const subjects = [
    ...needs.programs.map((name) => `program:${name}`),
    ...needs.modules.map((name) => `module:${name}`),
    ...needs.daemons.map(({ process }) => `process:${process}`),
    ...needs.portals.map((portal) => `portal:${portal}`),
    ...needs.pools.map(({ name }) => `pool:${name}`),
    ...needs.questions,
  ];
  // The connection is made by this, so that only its way and not its making is in the clock's doubt.
  await host.run({ argv: ['true'], timeoutMs: inspectTimeoutMs });
  const askedAtMs = nowMs();
  const { exitCode, stdout, stderr } = await host.run({
    argv: ['sh', '-s', '--', ...subjects],
    stdin: script,
    timeoutMs: inspectTimeoutMs,
  });
  const answeredAtMs = nowMs();
  if (exitCode !== 0) {
    throw new DriverError('refused', `${host.name} could not be inspected: ${stderr.trim().split('\n').at(-1) ?? `exit ${exitCode}`}`);
  }
  const rows = stdout.split('\n').map((line) => line.split('|'));
  const one = (kind: string) => rows.find(([first]) => first === kind)?.[1];
  const all = (kind: string) =>
    new Map(
      rows.flatMap(([first, name, ...rest]) => (first === kind && name !== undefined ? [[name, rest.join('|').trim()] as const] : [])),
    );
  const clockSeconds = one('clock');
  if (clockSeconds === undefined || clockSeconds === '' || !Number.isFinite(Number(clockSeconds))) {
    throw new DriverError('refused', `${host.name} could not be inspected: what it says is not what was asked`);
  }
  // Its clock was read some time between the two.
  const middleMs = (askedAtMs + answeredAtMs) / 2;
  return {
    clockAheadMs: Number(clockSeconds) * 1_000 - middleMs,
    clockDoubtMs: (answeredAtMs - askedAtMs) / 2,
    userId: one('user') ?? '',
    kernel: one('kernel') ?? '',
    programs: all('program'),
    modules: all('module'),
    processes: all('process'),
    portals: all('portal'),
    versions: all('version'),
    lvm: all('lvm'),
    initiatorName: one('initiator-name'),
    hostNqn: one('host-nqn'),
    answers: rows.flatMap(([kind, name, ...rest]) =>
      kind !== undefined && name !== undefined ? [{ kind, name, value: rest.join('|').trim() }] : [],
    ),
    descriptors: all('descriptors'),
  };
}
