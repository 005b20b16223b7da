import { DriverError } from '../driver-error.ts';
import type { ExportServer, ExportSpec } from '../export-server.ts';
import type { Initiator, SessionSpec } from '../initiator.ts';
import type { Answer, CommandRecord } from '../thing.ts';
import type { DiskSpec, DomainFacts, Vmm } from '../vmm.ts';
import type { Remains, RemainsFacts, RemainsSpec, StoredFacts, VolumeServer, VolumeSpec } from '../volume-server.ts';
import { type BackendContext, type CommandRunner, commandRunner } from './command-runner.ts';
import { keyedMutex } from './keyed-mutex.ts';
import {
  type CommandLinePattern,
  type CommandPattern,
  type ExportServerPattern,
  type InitiatorPattern,
  madeByOthers,
  type RemainsPattern,
  type VmmPattern,
  type VolumeServerPattern,
} from './pattern.ts';
import { fill, type Values } from './template.ts';
import { valuesOfAccess, valuesOfDisk, valuesOfExport } from './thing-fields.ts';
import { readRows, speakerOf, type ThingContext, thingFromPattern } from './thing-from-pattern.ts';

/** What a backend needs before its first use (kernel modules, active volumes), whatever its storage is. Idempotent; to be run once at start. Throws DriverError. */
export async function prepareBackend(pattern: CommandLinePattern, context: BackendContext): Promise<readonly CommandRecord[]> {
  const { storage: _, ...bare } = context;
  const { records } = await commandRunner(pattern, bare)(pattern.prepare ?? [], {});
  return records;
}

export function volumeServerFromPattern(pattern: VolumeServerPattern, context: BackendContext): VolumeServer {
  const things = thingContext(pattern, context);
  const { run } = things;
  const volume = thingFromPattern<VolumeSpec, StoredFacts>(
    pattern.volume,
    { keyOf: ({ volumeId }) => volumeId, valuesOf: (spec) => ({ ...spec }), factsOf: storedFacts },
    things,
  );
  const { progress, freeBytes, fullness, grow } = pattern;
  return {
    volume: {
      ...volume,
      // It begins every comparison of the host with the database: then too the storage may have been exchanged.
      list: async () => {
        const checks = (await context.storage?.check()) ?? [];
        const { value, commands } = await volume.list();
        return { value, commands: [...checks, ...commands] };
      },
    },
    snapshot: thingFromPattern(
      pattern.snapshot,
      { keyOf: ({ snapshotId }) => snapshotId, valuesOf: (spec) => ({ ...spec }), factsOf: storedFacts },
      things,
    ),
    ...(pattern.remains && { remains: remainsFromPattern(pattern.remains, things) }),
    // Apart from whatever else is done with the volume that it writes to.
    copy: (spec) =>
      things.mutex(spec.volumeId, async () => {
        const { records } = await run(pattern.copy.commands, { ...spec });
        return records;
      }),
    ...growing(grow, things, (spec: VolumeSpec) => ({ key: spec.volumeId, values: { ...spec } })),
    progress: async (spec) => {
      if (progress === undefined) return { value: undefined, commands: [] };
      const { rows, commands } = await readRows(progress, run, { ...spec });
      return { value: fraction(rows[0]?.[progress.done], rows[0]?.[progress.of]), commands };
    },
    freeBytes: async () => {
      if (freeBytes === undefined) return { value: undefined, commands: [] };
      const { rows, commands } = await readRows(freeBytes, run, {});
      return { value: wholeNumber(rows[0]?.[freeBytes.bytes]), commands };
    },
    ...(fullness && {
      fullness: async () => {
        const { rows, commands } = await readRows(fullness, run, {});
        const filled = fullness.percents.map((part) => {
          const percent = Number(rows[0]?.[part] || Number.NaN);
          if (Number.isNaN(percent)) {
            throw new DriverError('unknown', `${speakerOf(fullness.commands)} does not say how far the ${part} is filled`, { commands });
          }
          return { part, percent };
        });
        const limit = (text: string) => Number(fill(text, context.settings));
        return { value: { filled, alarmPercent: limit(fullness.alarm), fullPercent: limit(fullness.full) }, commands };
      },
    }),
  };
}

function remainsFromPattern(pattern: RemainsPattern, things: ThingContext): Remains {
  const { look, unmake, list } = thingFromPattern<RemainsSpec, RemainsFacts>(
    madeByOthers(pattern),
    {
      keyOf: ({ name }) => name,
      valuesOf: (spec) => ({ ...spec }),
      factsOf: ({ was = '', bytes = '' }) => ({ was, bytes: Number(bytes) }),
    },
    things,
  );
  return {
    look,
    unmake,
    list,
    zero: (piece) =>
      things.mutex(piece.name, async () => {
        const { records } = await things.run(pattern.zero.commands, { ...piece });
        return records;
      }),
  };
}

export function exportServerFromPattern(pattern: ExportServerPattern, context: BackendContext): ExportServer {
  const things = thingContext(pattern, context);
  return {
    exportsReadOnly: pattern.capabilities.readOnly,
    sharesExports: pattern.capabilities.shared,
    export: thingFromPattern(
      pattern.export,
      {
        keyOf: ({ target }) => target,
        valuesOf: valuesOfExport,
        factsOf: ({ portal = '', lun = '' }) => ({ portal, lun: Number(lun) }),
      },
      things,
    ),
    access: thingFromPattern(pattern.access, { keyOf: ({ target }) => target, valuesOf: valuesOfAccess, factsOf: () => ({}) }, things),
    ...growing(pattern.grow, things, (spec: ExportSpec) => ({ key: spec.target, values: valuesOfExport(spec) })),
  };
}

export function initiatorFromPattern(pattern: InitiatorPattern, context: BackendContext): Initiator {
  const things = thingContext(pattern, context);
  return {
    session: thingFromPattern(
      pattern.session,
      { keyOf: ({ target }) => target, valuesOf: (spec) => ({ ...spec }), factsOf: ({ devicePath = '' }) => ({ devicePath }) },
      things,
    ),
    ...growing(pattern.grow, things, (spec: SessionSpec) => ({ key: spec.target, values: { ...spec } })),
  };
}

export function vmmFromPattern(pattern: VmmPattern, context: BackendContext): Vmm {
  const things = thingContext(pattern, context);
  return {
    takes: pattern.takes,
    takesReadOnly: pattern.capabilities.readOnly,
    takesShared: pattern.capabilities.shared,
    disk: thingFromPattern(
      pattern.disk,
      { keyOf: ({ domain, volumeId }) => `${domain}:${volumeId}`, valuesOf: valuesOfDisk, factsOf: () => ({}) },
      things,
    ),
    ...growing(pattern.grow, things, (spec: DiskSpec) => ({ key: `${spec.domain}:${spec.volumeId}`, values: valuesOfDisk(spec) })),
    domain: (name) => findDomain(pattern.domain, name, context, things.run),
  };
}

/** The verb `grow`, where the pattern has it: apart from whatever else is done with the same thing. */
function growing<Spec>(
  pattern: { readonly commands: readonly CommandPattern[] } | undefined,
  { mutex, run }: ThingContext,
  wanted: (spec: Spec) => { readonly key: string; readonly values: Values },
): { grow?(spec: Spec): Promise<readonly CommandRecord[]> } {
  if (pattern === undefined) return {};
  return {
    grow: (spec) => {
      const { key, values } = wanted(spec);
      return mutex(key, async () => {
        const { records } = await run(pattern.commands, values);
        return records;
      });
    },
  };
}

async function findDomain(
  pattern: VmmPattern['domain'],
  name: string,
  { settings }: BackendContext,
  run: CommandRunner,
): Promise<Answer<DomainFacts | undefined>> {
  const values = { ...settings, domain: name };
  const { rows, commands } = await readRows(pattern, run, values);
  const found = rows.find((row) => Object.entries(pattern.is).every(([field, text]) => row[field] === fill(text, values)));
  if (found === undefined) return { value: undefined, commands };
  const running = Object.entries(pattern.running).every(([field, expression]) => new RegExp(expression).test(found[field] ?? ''));
  return { value: { state: running ? 'running' : 'stopped', uuid: found[pattern.uuid] ?? '' }, commands };
}

function thingContext(pattern: CommandLinePattern, context: BackendContext): ThingContext {
  return { run: commandRunner(pattern, context), settings: context.settings, mutex: keyedMutex() };
}

function storedFacts({ path = '', bytes = '' }: Readonly<Record<string, string>>): StoredFacts {
  return { path, bytes: Number(bytes) };
}

/** From 0 to 1. Nothing to do is all done. */
function fraction(done: string | undefined, of: string | undefined): number | undefined {
  const doneCount = wholeNumber(done);
  const ofCount = wholeNumber(of);
  if (doneCount === undefined || ofCount === undefined) return undefined;
  return ofCount === 0 ? 1 : Math.min(1, doneCount / ofCount);
}

function wholeNumber(text: string | undefined): number | undefined {
  const value = Number(text);
  return text !== undefined && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
