import type { Complaint } from '../../checked-yaml/checked-yaml.ts';
import type {
  CommandLinePattern,
  CommandPattern,
  LookPattern,
  Pattern,
  RemainsPattern,
  RowsPattern,
  ThingPattern,
  VolumeServerPattern,
} from './pattern.ts';
import { isCommandLine, madeByOthers } from './pattern.ts';
import { fieldNamesOf } from './rows.ts';
import { parseTemplate } from './template.ts';
import { pieceFields, type ThingKind, thingFacts, thingFields } from './thing-fields.ts';
import { mayBeWrittenAs, type ValueType, valueTypes, writeValue } from './value-type.ts';

/** Fields by name. A captured field has no type of its own: it takes, and is checked against, the one that its placeholder asks for. */
type Fields = Readonly<Record<string, ValueType | 'captured'>>;
type Path = readonly PropertyKey[];

const builtIn: Fields = { scripts: 'path' };
/** What is known of a volume server once its storage has been seen. */
const storageFields: Fields = { storageId: 'word' };

/** What the shape alone cannot tell: placeholders that name nothing, fields that nothing captures, secrets where they could be read. */
export function checkPattern(pattern: Pattern): readonly Complaint[] {
  const complaints = checkDefaults(pattern);
  return isCommandLine(pattern) ? [...complaints, ...checkCommandLinePattern(pattern)] : complaints;
}

function checkDefaults(pattern: Pattern): readonly Complaint[] {
  return Object.entries(pattern.settings).flatMap(([name, setting]) => {
    const path = ['settings', name];
    if (Object.hasOwn(builtIn, name)) return [{ path, reason: `"${name}" is the engine's own name; call the setting otherwise` }];
    if (setting.default === undefined || writeValue(setting.default, setting.type) !== undefined) return [];
    return [{ path: [...path, 'default'], reason: `the default of "${name}" is not ${valueTypes[setting.type].says}` }];
  });
}

function checkCommandLinePattern(pattern: CommandLinePattern): readonly Complaint[] {
  const settings: Fields = { ...Object.fromEntries(Object.entries(pattern.settings).map(([name, { type }]) => [name, type])), ...builtIn };
  const storage = pattern.kind === 'volume-server' ? pattern.storage : undefined;
  const site: Fields = storage === undefined ? settings : { ...settings, ...storageFields };
  const common = [
    // Before the storage is known.
    ...Object.entries(pattern.environment).flatMap(([name, text]) => checkTemplate(text, settings, ['environment', name])),
    ...checkCommands(pattern.prepare ?? [], settings, ['prepare']),
    ...(storage === undefined ? [] : checkStorage(storage, settings)),
  ];
  switch (pattern.kind) {
    case 'volume-server':
      return [
        ...common,
        ...checkThing('volume', pattern.volume, site, ['volume']),
        ...checkThing('snapshot', pattern.snapshot, site, ['snapshot']),
        ...(pattern.remains === undefined ? [] : checkRemains(pattern.remains, site)),
        ...checkCommands(pattern.copy.commands, { ...site, ...thingFields.snapshot }, ['copy', 'commands']),
        ...checkCommands(pattern.grow?.commands ?? [], { ...site, ...thingFields.volume }, ['grow', 'commands']),
        ...(pattern.progress === undefined
          ? []
          : checkReading(pattern.progress, ['done', 'of'], { ...site, ...thingFields.snapshot }, ['progress'])),
        ...(pattern.freeBytes === undefined ? [] : checkReading(pattern.freeBytes, ['bytes'], site, ['freeBytes'])),
        ...(pattern.fullness === undefined ? [] : checkFullness(pattern.fullness, site)),
      ];
    case 'export-server':
      return [
        ...common,
        ...checkThing('export', pattern.export, site, ['export']),
        ...checkThing('access', pattern.access, site, ['access']),
        ...checkCommands(pattern.grow?.commands ?? [], { ...site, ...thingFields.export }, ['grow', 'commands']),
      ];
    case 'initiator':
      return [
        ...common,
        ...checkThing('session', pattern.session, site, ['session']),
        ...checkCommands(pattern.grow?.commands ?? [], { ...site, ...thingFields.session }, ['grow', 'commands']),
      ];
    case 'vmm': {
      const disk = pattern.takes === 'device' ? 'disk from a device' : 'disk from an export';
      const domain: Fields = { ...site, domain: 'word' };
      const captured = fieldNamesOf(pattern.domain.rows);
      return [
        ...common,
        ...checkThing(disk, pattern.disk, site, ['disk']),
        ...checkCommands(pattern.grow?.commands ?? [], { ...site, ...thingFields[disk] }, ['grow', 'commands']),
        ...checkReading(pattern.domain, ['uuid'], domain, ['domain']),
        ...checkEqualities(pattern.domain.is, captured, domain, ['domain', 'is']),
        ...checkCaptured(Object.keys(pattern.domain.running), captured, ['domain', 'running']),
      ];
    }
  }
}

function checkThing(kind: ThingKind, thing: ThingPattern, site: Fields, path: Path): readonly Complaint[] {
  const own: Fields = thingFields[kind];
  const fields: Fields = { ...site, ...own };
  const rowFields = asCaptured(fieldNamesOf(thing.look.rows));
  const allocated = asCaptured(Object.keys(thing.make.allocate));
  const clashes = [
    ...clashesBetween(Object.keys(site), own, `a field of the ${kind}`, ['settings']),
    ...clashesBetween(Object.keys(rowFields), fields, `a setting or a field of the ${kind}`, [...path, 'look', 'rows']),
    ...clashesBetween(Object.keys(allocated), fields, `a setting or a field of the ${kind}`, [...path, 'make', 'allocate']),
  ];
  return [
    ...clashes,
    ...checkLook(kind, thing.look, fields, rowFields, [...path, 'look']),
    ...Object.entries(thing.make.allocate).flatMap(([name, { smallestFree }]) =>
      checkCaptured([smallestFree], Object.keys(rowFields), [...path, 'make', 'allocate', name, 'smallestFree']),
    ),
    // A thing that is a part of a row (absentWithout) is made into a row that is there; any other has no row yet.
    ...checkCommands(thing.make.commands, { ...fields, ...allocated, ...(thing.look.absentWithout === undefined ? {} : rowFields) }, [
      ...path,
      'make',
      'commands',
    ]),
    ...checkCommands(thing.unmake.commands, { ...fields, ...rowFields }, [...path, 'unmake', 'commands']),
    ...thing.make.commands.flatMap((command, index) =>
      command.exits.absent === undefined
        ? []
        : [
            {
              path: [...path, 'make', 'commands', index, 'exits', 'absent'],
              reason: 'nothing can be absent while it is made; use benign or transient',
            },
          ],
    ),
    ...checkList(thing.list, site, [...path, 'list']),
  ];
}

function checkStorage({ name, look, make }: NonNullable<VolumeServerPattern['storage']>, settings: Fields): readonly Complaint[] {
  return [
    ...clashesBetween(Object.keys(settings), storageFields, 'what the storage is told by', ['settings']),
    ...checkTemplate(name, settings, ['storage', 'name']),
    ...checkReading(look, ['id'], settings, ['storage', 'look']),
    ...checkCommands(make?.commands ?? [], { ...settings, ...storageFields }, ['storage', 'make', 'commands']),
  ];
}

function checkRemains(remains: RemainsPattern, site: Fields): readonly Complaint[] {
  return [
    ...checkThing('remains', madeByOthers(remains), site, ['remains']),
    ...checkCommands(remains.zero.commands, { ...site, ...pieceFields }, ['remains', 'zero', 'commands']),
  ];
}

function checkLook(kind: ThingKind, look: LookPattern, fields: Fields, rowFields: Fields, path: Path): readonly Complaint[] {
  const captured = Object.keys(rowFields);
  const wantedFacts: Readonly<Record<string, ValueType>> = thingFacts[kind];
  return [
    ...checkCommands(look.commands, fields, [...path, 'commands']),
    ...checkEqualities(look.is, captured, fields, [...path, 'is']),
    ...checkEqualities(look.leftover ?? {}, captured, fields, [...path, 'leftover']),
    ...checkEqualities(look.nowhereElse ?? {}, captured, fields, [...path, 'nowhereElse']),
    ...checkCaptured(look.absentWithout ?? [], captured, [...path, 'absentWithout']),
    ...Object.entries(look.wanted).flatMap(([name, { equals, atLeast, includes, besides }]) => [
      ...checkCaptured([name], captured, [...path, 'wanted', name]),
      ...checkTemplate(equals ?? atLeast ?? includes ?? '', fields, [...path, 'wanted', name]),
      ...checkTemplate(besides ?? '', fields, [...path, 'wanted', name, 'besides']),
    ]),
    ...Object.keys(wantedFacts)
      .filter((name) => !Object.hasOwn(look.facts, name))
      .map((name) => ({ path: [...path, 'facts'], reason: `facts have to give "${name}" of the ${kind}` })),
    ...Object.entries(look.facts).flatMap(([name, text]) =>
      Object.hasOwn(wantedFacts, name)
        ? checkTemplate(text, { ...fields, ...rowFields }, [...path, 'facts', name])
        : [{ path: [...path, 'facts', name], reason: `the ${kind} has no fact "${name}"; it has ${nameList(Object.keys(wantedFacts))}` }],
    ),
  ];
}

function checkList(list: ThingPattern['list'], site: Fields, path: Path): readonly Complaint[] {
  const captured = fieldNamesOf(list.rows);
  return [
    ...checkCommands(list.commands, site, [...path, 'commands']),
    ...checkCaptured(Object.keys(list.ours), captured, [...path, 'ours']),
    ...checkCaptured(Object.keys(list.working), captured, [...path, 'working']),
    ...checkTemplate(list.name, asCaptured(captured), [...path, 'name']),
    ...checkCaptured(list.initiators === undefined ? [] : [list.initiators], captured, [...path, 'initiators']),
    ...checkCaptured(list.remark === undefined ? [] : [list.remark], captured, [...path, 'remark']),
  ];
}

/** A verb that runs commands and reads numbers or texts from captured fields. */
function checkReading<Key extends string>(
  verb: { readonly commands: readonly CommandPattern[]; readonly rows: RowsPattern } & Readonly<Record<Key, string>>,
  keys: readonly Key[],
  fields: Fields,
  path: Path,
): readonly Complaint[] {
  const captured = fieldNamesOf(verb.rows);
  return [
    ...checkCommands(verb.commands, fields, [...path, 'commands']),
    ...keys.flatMap((key) => checkCaptured([verb[key]], captured, [...path, key])),
  ];
}

function checkFullness(
  { commands, rows, percents, alarm, full }: NonNullable<VolumeServerPattern['fullness']>,
  site: Fields,
): readonly Complaint[] {
  return [
    ...checkCommands(commands, site, ['fullness', 'commands']),
    ...checkCaptured(percents, fieldNamesOf(rows), ['fullness', 'percents']),
    ...checkTemplate(alarm, site, ['fullness', 'alarm']),
    ...checkTemplate(full, site, ['fullness', 'full']),
  ];
}

function checkCommands(commands: readonly CommandPattern[], fields: Fields, path: Path): readonly Complaint[] {
  return commands.flatMap((command, index) => [
    ...command.argv.flatMap((text, position) => checkTemplate(text, fields, [...path, index, 'argv', position])),
    ...checkProgram(command.argv[0] ?? '', fields, [...path, index, 'argv', 0]),
    ...(command.stdin === undefined ? [] : checkTemplate(command.stdin, fields, [...path, index, 'stdin'], { secretsAllowed: true })),
  ]);
}

/** What runs is the file's or the site's choice, never that of a value that came with a request. */
function checkProgram(text: string, fields: Fields, path: Path): readonly Complaint[] {
  const parts = parseTemplate(text);
  if ('complaint' in parts) return [];
  return parts.every((part) => typeof part === 'string' || fields[part.name] === 'path')
    ? []
    : [{ path, reason: 'the program is a plain name, or begins with {scripts:path} or a setting of type path' }];
}

function checkTemplate(text: string, fields: Fields, path: Path, { secretsAllowed = false } = {}): readonly Complaint[] {
  const parts = parseTemplate(text);
  if ('complaint' in parts) return [{ path, reason: parts.complaint }];
  return parts.flatMap((part) => {
    if (typeof part === 'string') return [];
    const written = `{${part.name}:${part.type}}`;
    const declared = Object.hasOwn(fields, part.name) ? fields[part.name] : undefined;
    if (declared === undefined)
      return [{ path, reason: `${written} names nothing that is known here; there are ${nameList(Object.keys(fields))}` }];
    if ((part.type === 'secret' || declared === 'secret') && !secretsAllowed) {
      return [{ path, reason: `${written} would show in ps and /proc to every user of the host; a secret goes into "stdin" only` }];
    }
    if (declared === 'captured' ? part.type === 'secret' : !mayBeWrittenAs(declared, part.type)) {
      return [{ path, reason: `${written} has the wrong type; write {${part.name}:${declared === 'captured' ? 'word' : declared}}` }];
    }
    return [];
  });
}

function checkEqualities(
  equalities: Readonly<Record<string, string>>,
  captured: readonly string[],
  fields: Fields,
  path: Path,
): readonly Complaint[] {
  return Object.entries(equalities).flatMap(([name, text]) => [
    ...checkCaptured([name], captured, [...path, name]),
    ...checkTemplate(text, fields, [...path, name]),
  ]);
}

function checkCaptured(names: readonly string[], captured: readonly string[], path: Path): readonly Complaint[] {
  return names
    .filter((name) => !captured.includes(name))
    .map((name) => ({ path, reason: `nothing captures "${name}"; the rows have ${nameList(captured)}` }));
}

function clashesBetween(names: readonly string[], fields: Fields, owner: string, path: Path): readonly Complaint[] {
  return names
    .filter((name) => Object.hasOwn(fields, name))
    .map((name) => ({ path, reason: `"${name}" is already ${owner}; give it another name` }));
}

function asCaptured(names: readonly string[]): Fields {
  return Object.fromEntries(names.map((name) => [name, 'captured' as const]));
}

function nameList(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(', ');
}
