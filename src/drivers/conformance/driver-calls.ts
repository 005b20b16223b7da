import type { BackendContext } from '../command/command-runner.ts';
import { exportServerFromPattern, initiatorFromPattern, vmmFromPattern, volumeServerFromPattern } from '../command/driver-from-pattern.ts';
import type { CommandLinePattern } from '../command/pattern.ts';
import type { AccessSpec } from '../export-server.ts';
import type { Answer, CommandRecord, Look, Thing } from '../thing.ts';
import type { Vmm } from '../vmm.ts';

/** What calls are made about: ids, names and addresses that nothing has. */
export interface CalledAbout {
  readonly volumeId: string;
  readonly snapshotId: string;
  readonly copyId: string;
  readonly bytes: number;
  readonly access: AccessSpec;
  readonly domain: string;
  readonly device: string;
}

/** One verb of a backend, and what it may answer when its tool cannot be understood. */
export interface DriverCall {
  readonly subject: string;
  readonly verb: string;
  /**
   * - `look` has to say `unknown`.
   * - `list` and `change` have to throw: what is there, and what was done, is not known.
   * - `run` has to throw where it reads something, and otherwise where its command cannot be run.
   * - `measure` has to throw or to say that it does not know.
   */
  readonly kind: 'look' | 'list' | 'change' | 'run' | 'measure';
  call(): Promise<{ readonly value?: unknown; readonly commands: readonly CommandRecord[] }>;
}

/** Every verb of a backend, the looking ones first. */
export function driverCalls(pattern: CommandLinePattern, context: BackendContext, about: CalledAbout): readonly DriverCall[] {
  const calls = callsOf(pattern, context, about);
  const isChange = ({ kind }: DriverCall) => kind === 'change' || kind === 'run';
  return [...calls.filter((call) => !isChange(call)), ...calls.filter(isChange)];
}

function callsOf(pattern: CommandLinePattern, context: BackendContext, about: CalledAbout): readonly DriverCall[] {
  switch (pattern.kind) {
    case 'volume-server':
      return ofVolumeServer(volumeServerFromPattern(pattern, context), about);
    case 'export-server':
      return ofExportServer(exportServerFromPattern(pattern, context), about);
    case 'initiator':
      return ofInitiator(initiatorFromPattern(pattern, context), about);
    case 'vmm':
      return ofVmm(vmmFromPattern(pattern, context), about);
  }
}

function ofVolumeServer(
  server: ReturnType<typeof volumeServerFromPattern>,
  { volumeId, snapshotId, copyId, bytes }: CalledAbout,
): readonly DriverCall[] {
  const { remains, grow, fullness } = server;
  const volume = { volumeId, bytes };
  const snapshot = { snapshotId, volumeId, bytes };
  const left = { name: `del-${volumeId}` };
  return [
    ...ofThing('volume', server.volume, volume),
    ...ofThing('snapshot', server.snapshot, snapshot),
    ...(remains === undefined
      ? []
      : [
          asking('remains', 'look', () => remains.look(left)),
          asking('remains', 'list', () => remains.list()),
          doing('remains', 'unmake', 'change', () => remains.unmake(left)),
          doing('remains', 'zero', 'run', () => remains.zero({ ...left, offset: 0, length: bytes })),
        ]),
    doing('copy', 'copy', 'run', () => server.copy({ snapshotId, volumeId: copyId, bytes })),
    ...(grow === undefined ? [] : [doing('growth', 'grow', 'run', () => grow(volume))]),
    asking('progress', 'progress', () => server.progress(snapshot), 'measure'),
    asking('space', 'freeBytes', () => server.freeBytes(), 'measure'),
    ...(fullness === undefined ? [] : [asking('space', 'fullness', () => fullness(), 'measure')]),
  ];
}

function ofExportServer(
  { export: exported, access: admitted, grow }: ReturnType<typeof exportServerFromPattern>,
  { volumeId, bytes, access }: CalledAbout,
): readonly DriverCall[] {
  const spec = { volumeId, bytes, target: access.target, path: `/nonexistent/${volumeId}` };
  return [
    ...ofThing('export', exported, spec),
    ...ofThing('access', admitted, access),
    ...(grow === undefined ? [] : [doing('growth', 'grow', 'run', () => grow(spec))]),
  ];
}

function ofInitiator({ session, grow }: ReturnType<typeof initiatorFromPattern>, about: CalledAbout): readonly DriverCall[] {
  const { volumeId, bytes, access } = about;
  const spec = { ...access, volumeId, bytes, ...nowhere };
  return [...ofThing('session', session, spec), ...(grow === undefined ? [] : [doing('growth', 'grow', 'run', () => grow(spec))])];
}

function ofVmm(vmm: Vmm, { volumeId, bytes, access, domain, device }: CalledAbout): readonly DriverCall[] {
  const { grow } = vmm;
  const source =
    vmm.takes === 'export'
      ? ({ kind: 'export', ...access, ...nowhere } as const)
      : ({ kind: 'device', path: `/nonexistent/${volumeId}` } as const);
  const spec = { domain, volumeId, device, bytes, source };
  return [
    ...ofThing('disk', vmm.disk, spec),
    asking('domain', 'domain', () => vmm.domain(domain), 'list'),
    ...(grow === undefined ? [] : [doing('growth', 'grow', 'run', () => grow(spec))]),
  ];
}

/** Of a network for documentation (RFC 5737). */
const nowhere = { portal: '192.0.2.1:3260', lun: 1 };

function ofThing<Spec, Facts>(subject: string, thing: Thing<Spec, Facts>, spec: Spec): readonly DriverCall[] {
  const { makeAndLook, unmakeAndLook } = thing;
  return [
    asking(subject, 'look', () => thing.look(spec)),
    asking(subject, 'list', () => thing.list()),
    doing(subject, 'make', 'change', () => thing.make(spec)),
    ...(makeAndLook === undefined ? [] : [asking(subject, 'makeAndLook', () => makeAndLook(spec), 'change')]),
    doing(subject, 'unmake', 'change', () => thing.unmake(spec)),
    ...(unmakeAndLook === undefined ? [] : [asking(subject, 'unmakeAndLook', () => unmakeAndLook(spec), 'change')]),
  ];
}

function asking(
  subject: string,
  verb: string,
  call: () => Promise<Answer<Look<unknown> | unknown>>,
  kind: DriverCall['kind'] = verb === 'look' ? 'look' : 'list',
): DriverCall {
  return { subject, verb, kind, call };
}

function doing(subject: string, verb: string, kind: 'change' | 'run', call: () => Promise<readonly CommandRecord[]>): DriverCall {
  return { subject, verb, kind, call: async () => ({ commands: await call() }) };
}
