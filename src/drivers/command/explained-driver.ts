import type { AccessSpec, ExportFacts, ExportServer, ExportSpec } from '../export-server.ts';
import type { Initiator, SessionFacts, SessionSpec } from '../initiator.ts';
import type { CommandRecord, Look, Thing } from '../thing.ts';
import type { DiskSpec, Vmm } from '../vmm.ts';
import type { SnapshotSpec, StoredFacts, VolumeServer, VolumeSpec } from '../volume-server.ts';
import type { CommandPattern, ExportServerPattern, InitiatorPattern, ThingPattern, VmmPattern, VolumeServerPattern } from './pattern.ts';
import { parseTemplate, type Values } from './template.ts';
import { valuesOfAccess, valuesOfDisk, valuesOfExport } from './thing-fields.ts';
import { writeValue } from './value-type.ts';

/** A command that a verb would run. What only the host could tell stands in it as `<name>`, and so does a secret. */
export interface ExplainedCommand {
  readonly host: string;
  /** As `export.make`. */
  readonly verb: string;
  readonly argv: readonly string[];
  readonly stdin?: string;
}

export interface ExplainedContext {
  readonly host: string;
  readonly settings: Values;
  readonly scriptsFolder: string;
  /** Takes what would be run, in its order. */
  say(command: ExplainedCommand): void;
}

/** Drivers of a pattern that tell what they would run and run nothing. They find whatever was made, and nothing else. */
export function explainedVolumeServer(pattern: VolumeServerPattern, context: ExplainedContext): VolumeServer {
  const { grow } = pattern;
  const volume = explainedThing<VolumeSpec, StoredFacts>('volume', pattern.volume, context, ({ volumeId }) => volumeId, plain, stored);
  return {
    volume,
    snapshot: explainedThing<SnapshotSpec, StoredFacts>(
      'snapshot',
      pattern.snapshot,
      context,
      ({ snapshotId }) => snapshotId,
      plain,
      stored,
    ),
    copy: async (spec) => tell('volume.copy', pattern.copy.commands, { ...spec }, context),
    ...(grow && { grow: async (spec) => grown(volume, spec, tell('volume.grow', grow.commands, { ...spec }, context)) }),
    // Asked for from time to time, and not for the change itself.
    progress: async () => ({ value: undefined, commands: [] }),
    freeBytes: async () => {
      if (pattern.freeBytes !== undefined) tell('volume.free', pattern.freeBytes.commands, {}, context);
      return { value: undefined, commands: [] };
    },
  };
}

export function explainedExportServer(pattern: ExportServerPattern, context: ExplainedContext): ExportServer {
  const { grow } = pattern;
  return {
    exportsReadOnly: pattern.capabilities.readOnly,
    sharesExports: pattern.capabilities.shared,
    export: explainedThing<ExportSpec, ExportFacts>(
      'export',
      pattern.export,
      context,
      ({ target }) => target,
      valuesOfExport,
      ({ portal = '', lun = '' }) => ({ portal, lun: Number(lun) }),
    ),
    access: explainedThing<AccessSpec, Record<string, never>>(
      'access',
      pattern.access,
      context,
      ({ target, initiatorName }) => `${target} ${initiatorName}`,
      valuesOfAccess,
      () => ({}),
    ),
    ...(grow && { grow: async (spec) => tell('export.grow', grow.commands, valuesOfExport(spec), context) }),
  };
}

export function explainedInitiator(pattern: InitiatorPattern, context: ExplainedContext): Initiator {
  const { grow } = pattern;
  const session = explainedThing<SessionSpec, SessionFacts>(
    'session',
    pattern.session,
    context,
    ({ target }) => target,
    plain,
    ({ devicePath = '' }) => ({ devicePath }),
  );
  return {
    session,
    ...(grow && { grow: async (spec) => grown(session, spec, tell('session.grow', grow.commands, { ...spec }, context)) }),
  };
}

export function explainedVmm(pattern: VmmPattern, context: ExplainedContext): Vmm {
  const { grow } = pattern;
  const disk = explainedThing<DiskSpec, Record<string, never>>(
    'disk',
    pattern.disk,
    context,
    ({ domain, volumeId }) => `${domain}:${volumeId}`,
    valuesOfDisk,
    () => ({}),
  );
  return {
    takes: pattern.takes,
    takesReadOnly: pattern.capabilities.readOnly,
    takesShared: pattern.capabilities.shared,
    disk,
    ...(grow && { grow: async (spec) => grown(disk, spec, tell('disk.grow', grow.commands, valuesOfDisk(spec), context)) }),
    async domain(domain) {
      tell('domain.look', pattern.domain.commands, { domain }, context);
      return { value: { state: 'running', uuid: '<uuid>' }, commands: [] };
    },
  };
}

/** From now on the thing is found in the size that it has grown to. */
function grown<Spec>(thing: { grown(spec: Spec): void }, spec: Spec, commands: readonly CommandRecord[]): readonly CommandRecord[] {
  thing.grown(spec);
  return commands;
}

function explainedThing<Spec, Facts>(
  kind: string,
  pattern: ThingPattern,
  context: ExplainedContext,
  keyOf: (spec: Spec) => string,
  valuesOf: (spec: Spec) => Values,
  factsOf: (facts: Readonly<Record<string, string>>) => Facts,
): Thing<Spec, Facts> & { grown(spec: Spec): void } {
  const made = new Map<string, Values>();
  /** What a row of the thing would hold, as far as that can be said. */
  const rowOf = (values: Values): Values =>
    Object.fromEntries(
      [
        ...Object.entries(pattern.look.wanted).map(
          ([field, { equals, atLeast, includes }]) => [field, equals ?? atLeast ?? includes ?? ''] as const,
        ),
        ...Object.entries(pattern.look.is),
      ].map(([field, text]) => [field, fillKnown(text, { ...context.settings, ...values })]),
    );
  const look = (spec: Spec): Look<Facts> => {
    tell(`${kind}.look`, pattern.look.commands, valuesOf(spec), context);
    return seen(spec);
  };
  const seen = (spec: Spec): Look<Facts> => {
    const values = valuesOf(spec);
    const known = made.get(keyOf(spec));
    if (known === undefined) return { state: 'absent' };
    // What grows is another thing until it has grown, as on a host.
    if (Number(known.bytes ?? 0) < Number(values.bytes ?? 0)) return { state: 'different', difference: 'it is smaller' };
    const all = { ...context.settings, scripts: context.scriptsFolder, ...rowOf(values), ...values };
    const facts = Object.entries(pattern.look.facts).map(([name, text]) => [name, fillKnown(text, all)]);
    return { state: 'present', facts: factsOf(Object.fromEntries(facts)) };
  };
  /** Whether what is there afterwards was seen on the way. */
  const makeUnlessThere = (spec: Spec): boolean => {
    if (look(spec).state === 'present') return true;
    const values = valuesOf(spec);
    const part = pattern.look.absentWithout === undefined ? {} : rowOf(values);
    tell(`${kind}.make`, pattern.make.commands, { ...part, ...values }, context);
    made.set(keyOf(spec), values);
    return pattern.make.shows;
  };
  const unmake = (spec: Spec): void => {
    look(spec);
    const values = valuesOf(spec);
    tell(`${kind}.unmake`, pattern.unmake.commands, { ...rowOf(values), ...values }, context);
    made.delete(keyOf(spec));
  };
  return {
    grown: (spec) => void made.set(keyOf(spec), valuesOf(spec)),
    look: async (spec) => ({ value: look(spec), commands: [] }),
    async make(spec) {
      makeUnlessThere(spec);
      return [];
    },
    async makeAndLook(spec) {
      const isSeen = makeUnlessThere(spec);
      return { value: isSeen ? seen(spec) : look(spec), commands: [] };
    },
    async unmake(spec) {
      unmake(spec);
      return [];
    },
    async unmakeAndLook(spec) {
      unmake(spec);
      return { value: pattern.unmake.shows ? seen(spec) : look(spec), commands: [] };
    },
    async list() {
      tell(`${kind}.list`, pattern.list.commands, {}, context);
      return { value: [], commands: [] };
    },
  };
}

function tell(
  verb: string,
  commands: readonly CommandPattern[],
  values: Values,
  { host, settings, scriptsFolder, say }: ExplainedContext,
): readonly CommandRecord[] {
  const all = { ...settings, scripts: scriptsFolder, ...values };
  for (const { argv, stdin } of commands) {
    say({ host, verb, argv: argv.map((text) => fillKnown(text, all)), ...(stdin !== undefined && { stdin: fillKnown(stdin, all) }) });
  }
  return [];
}

/** Fills in what is known, each value in the form of its type; the rest, and every secret, stays a name in angle brackets. */
function fillKnown(template: string, values: Values): string {
  const parts = parseTemplate(template);
  if ('complaint' in parts) throw new TypeError(parts.complaint);
  return parts
    .map((part) => {
      if (typeof part === 'string') return part;
      const value = values[part.name];
      if (value === undefined || part.type === 'secret') return `<${part.name}>`;
      return placeholderForm.test(String(value)) ? String(value) : (writeValue(value, part.type) ?? String(value));
    })
    .join('');
}

const placeholderForm = /<[^>]*>/;

function plain(spec: object): Values {
  return Object.fromEntries(Object.entries(spec));
}

function stored({ path = '', bytes = '' }: Readonly<Record<string, string>>) {
  return { path, bytes: Number(bytes) };
}
