import * as z from 'zod';

/**
 * The shape of a backend file (docs/adding-a-driver.md is its reference). This file knows shapes only; whether the placeholders
 * and captured fields fit together is check-pattern.ts's business.
 */

const name = z.string().regex(/^[a-z][a-z0-9-]*$/, 'a name is small letters, digits and dashes');
const fieldName = z.string().regex(/^[A-Za-z][A-Za-z0-9]*$/, 'a field name is letters and digits, as in a named group');
const plainName = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.+-]*$/, 'must be the name of a program, module or process, without a path');
const sentence = z.string().min(1);
const template = z.string();

const expression = z.string().superRefine((text, context) => {
  try {
    new RegExp(text, 'm');
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : 'not a regular expression' });
  }
});

const setting = z.strictObject({
  type: z.enum(['path', 'int', 'seconds', 'portal', 'word', 'text'], {
    error: 'a setting is of type path, int, seconds, portal, word or text (a secret is never a setting)',
  }),
  describes: sentence,
  /** A setting without a default has to be given by the site. */
  default: z.union([z.string(), z.number()]).optional(),
});

/** An exit code, or one with a text that standard output or error has to match: tgtadm answers 22 for everything. */
const exit = z.union([z.int().min(1).max(255), z.strictObject({ code: z.int().min(1).max(255), text: expression })], {
  error: 'an exit is a code from 1 to 255, or {code: …, text: regular expression}',
});

const exits = z.strictObject({
  /** The command did not need to do anything. */
  benign: z.array(exit).optional(),
  /** What was asked about is not there. */
  absent: z.array(exit).optional(),
  /** Worth the same command again in a moment. */
  transient: z.array(exit).optional(),
  /** The daemon is not there. */
  unavailable: z.array(exit).optional(),
});

const command = z.strictObject({
  argv: z.array(template).min(1, 'argv needs at least the program'),
  stdin: template.optional(),
  timeoutSeconds: z.number().positive().default(30),
  exits: exits.default({}),
});

const commands = z.array(command).min(1);

const rows = z
  .strictObject({
    lines: expression.optional(),
    blocks: z.strictObject({ start: expression, fields: z.array(expression) }).optional(),
    json: z.strictObject({ at: z.string(), fields: z.record(fieldName, z.string()) }).optional(),
    keyValue: z.strictObject({ separator: z.string().min(1), fields: z.record(fieldName, z.string()) }).optional(),
    /** Lines that are there whatever else is, one for each expression: an output that lacks one is unreadable, and nothing is not "nothing there". */
    always: z.array(expression).min(1).optional(),
  })
  .refine(({ always: _, ...ways }) => Object.values(ways).filter((way) => way !== undefined).length === 1, {
    message: 'give exactly one of lines, blocks, json and keyValue',
  })
  .refine(({ always, lines, blocks }) => always === undefined || lines !== undefined || blocks !== undefined, {
    message: 'always goes with lines and blocks',
  });

const equalities = z.record(fieldName, template).refine((map) => Object.keys(map).length > 0, { message: 'name at least one field' });

const requirement = z
  .strictObject({
    equals: template.optional(),
    atLeast: template.optional(),
    /** The field is a list with blanks between, and has this entry. */
    includes: template.optional(),
    /** What else may be in the list, anything more contradicting; without it, whatever else there is. */
    besides: template.optional(),
  })
  .refine(({ equals, atLeast, includes }) => [equals, atLeast, includes].filter((text) => text !== undefined).length === 1, {
    message: 'give one of equals, atLeast and includes',
  })
  .refine(({ includes, besides }) => includes !== undefined || besides === undefined, { message: 'besides goes with includes' });

const look = z.strictObject({
  commands,
  rows,
  /** Which row is the thing, by exact equality. */
  is: equalities,
  /** Which rows are what a crash in the middle of `make` leaves. */
  leftover: equalities.optional(),
  /** What must not stand in any other row. */
  nowhereElse: equalities.optional(),
  /** When all of these fields are missing from the row, or are lists without what is wanted in them, the thing is absent. */
  absentWithout: z.array(fieldName).min(1).optional(),
  wanted: z.record(fieldName, requirement).default({}),
  facts: z.record(fieldName, template).default({}),
});

/** Whether what the commands write, once they are done, is what `look` would: they have looked themselves, and nobody needs to ask the host again. */
const shows = z.boolean().default(false);

const make = z.strictObject({
  /** Numbers to choose: the smallest not used by any row of `look`, up to the last that the tool takes. */
  allocate: z
    .record(fieldName, z.strictObject({ smallestFree: fieldName, from: z.int().min(0), to: z.int().min(0).optional() }))
    .default({}),
  commands,
  shows,
});

const unmake = z.strictObject({ commands, shows });

const list = z.strictObject({
  commands,
  rows,
  /** Regular expressions by field: a row that does not match them all is not ours. */
  ours: z.record(fieldName, expression).default({}),
  /** Likewise: a thing of ours whose row does not match them all is there and does not do what it is for. */
  working: z.record(fieldName, expression).default({}),
  name: template,
  /** The field with what an operator has to know of the thing, where it is something. */
  remark: fieldName.optional(),
  /** The field with whom the row lets in, a list with blanks between: of accesses, of which a row may hold several. */
  initiators: fieldName.optional(),
});

const thing = z.strictObject({
  overlaps: z.enum(['none-per-host', 'none-per-thing', 'free'], { error: 'overlaps is none-per-host, none-per-thing or free' }),
  look,
  make,
  unmake,
  list,
});

/** What is unmade and waits to be wiped; it is made by the `unmake` of others. */
const remains = thing.omit({ make: true }).extend({
  /** Writes zeros over a piece, and looks whether they are there. */
  zero: z.strictObject({ commands }),
});

const storage = z.strictObject({
  /** What messages call it: a template over settings. */
  name: template,
  look: z.strictObject({ commands, rows, id: fieldName }),
  /** Marks with `{storageId}` what bears nothing by itself that tells it from others. Missing where something does. */
  make: z.strictObject({ commands }).optional(),
  /** What an operator does about another one. */
  remedy: sentence,
});

const head = {
  name,
  describes: sentence,
  settings: z.record(fieldName, setting).default({}),
};

const body = {
  ...head,
  environment: z.record(z.string().regex(/^[A-Z][A-Z0-9_]*$/), template).default({}),
  /** What the host has to have; `vbs doctor` looks for it. */
  requires: z
    .strictObject({
      /** Whether its commands work as root alone. */
      root: z.boolean().default(false),
      /** Found by their names. */
      programs: z.array(plainName).default([]),
      /** Modules of the kernel, loaded or to be had. */
      modules: z.array(plainName).default([]),
      /** Processes that have to run, each with what starts it. */
      daemons: z.array(z.strictObject({ process: plainName, start: sentence })).default([]),
    })
    .prefault({}),
  /** Run once before the service uses the backend: folders to make, modules to load. */
  prepare: commands.optional(),
  /** Sentences for an operator, by a text that a tool writes. */
  hints: z.array(z.strictObject({ text: expression, means: sentence })).default([]),
};

const volumeServer = z.strictObject({
  kind: z.literal('volume-server'),
  ...body,
  capabilities: z.strictObject({
    /** Whether a snapshot of a volume that a VM writes to can succeed. */
    snapshotsWhileWritten: z.boolean(),
  }),
  /** The storage in which all of it is kept, and what tells it from another one under the same name. */
  storage: storage.optional(),
  volume: thing,
  snapshot: thing,
  /** Where `unmake` leaves what was written: it waits here, with its space, until the service has wiped it. */
  remains: remains.optional(),
  copy: z.strictObject({ commands }),
  grow: z.strictObject({ commands }).optional(),
  progress: z.strictObject({ commands, rows, done: fieldName, of: fieldName }).optional(),
  freeBytes: z.strictObject({ commands, rows, bytes: fieldName }).optional(),
  /** How far each part of the storage that is named is filled, in percent. The operator is told from `alarm` on, nothing is made from `full` on. */
  fullness: z.strictObject({ commands, rows, percents: z.array(fieldName).min(1), alarm: template, full: template }).optional(),
});

const exportServer = z.strictObject({
  kind: z.literal('export-server'),
  ...body,
  capabilities: z.strictObject({
    /** Whether an access that is unmade also ends the initiator's sessions. */
    endsSessions: z.boolean(),
    /** Whether an export can refuse writes, when its `readOnly` is Yes. */
    readOnly: z.boolean().default(false),
    /** Whether an export can let several initiators in, each by an access of its own. */
    shared: z.boolean().default(false),
    /** Whether whoever is on its network can use what an access was made for. A site has to say that it wants such a backend. */
    openToNetwork: z.boolean().default(false),
  }),
  export: thing,
  access: thing,
  /** Makes initiators see the size that the volume has by now, while they use it. */
  grow: z.strictObject({ commands }).optional(),
});

const initiator = z.strictObject({
  kind: z.literal('initiator'),
  ...body,
  capabilities: z.strictObject({}).default({}),
  session: thing,
  /** Makes the device show the size that the export has by now, while it is used. */
  grow: z.strictObject({ commands }).optional(),
});

const takes = z.enum(['device', 'export'], { error: 'a VMM takes a device or an export' });

const vmm = z.strictObject({
  kind: z.literal('vmm'),
  ...body,
  takes,
  capabilities: z
    .strictObject({
      /** Whether a disk can refuse writes, when its `readOnly` is Yes. */
      readOnly: z.boolean().default(false),
      /** Whether VMs of several hosts can have one volume: nothing of a disk is kept in a cache of the host. */
      shared: z.boolean().default(false),
    })
    .prefault({}),
  disk: thing,
  /** Makes the VM see the size that its disk has by now. */
  grow: z.strictObject({ commands }).optional(),
  domain: z.strictObject({ commands, rows, is: equalities, running: z.record(fieldName, expression), uuid: fieldName }),
});

/** A backend whose protocol is no command line: the file declares it and its settings, code implements the contract. */
const vmmProtocol = z.strictObject({
  kind: z.literal('vmm'),
  ...head,
  protocol: z.literal('qmp', { error: 'the only protocol that is implemented is qmp' }),
  takes,
  capabilities: z.strictObject({}).default({}),
});

/** The schema for each kind of file; a VMM file that has `protocol` is another kind of file. */
export const patternSchemas = {
  'volume-server': volumeServer,
  'export-server': exportServer,
  initiator,
  vmm,
  'vmm by protocol': vmmProtocol,
} as const;

export type VolumeServerPattern = Located<z.output<typeof volumeServer>>;
export type ExportServerPattern = Located<z.output<typeof exportServer>>;
export type InitiatorPattern = Located<z.output<typeof initiator>>;
export type VmmPattern = Located<z.output<typeof vmm>>;
export type VmmProtocolPattern = Located<z.output<typeof vmmProtocol>>;
export type CommandLinePattern = VolumeServerPattern | ExportServerPattern | InitiatorPattern | VmmPattern;
export type Pattern = CommandLinePattern | VmmProtocolPattern;

/** `file` is the path of the file that a pattern was read from. */
type Located<Shape> = Shape & { readonly file: string };

export type SettingPattern = z.output<typeof setting>;
export type ExitPattern = z.output<typeof exit>;
export type CommandPattern = z.output<typeof command>;
export type RowsPattern = z.output<typeof rows>;
export type LookPattern = z.output<typeof look>;
export type RequirementPattern = z.output<typeof requirement>;
export type ListPattern = z.output<typeof list>;
export type ThingPattern = z.output<typeof thing>;
export type RemainsPattern = z.output<typeof remains>;

/** Whether a backend is made of commands, rather than declared for a protocol that code speaks. */
export function isCommandLine(pattern: Pattern): pattern is CommandLinePattern {
  return !('protocol' in pattern);
}

/** A thing of which `make` has nothing to do. */
export function madeByOthers<Shape extends Omit<ThingPattern, 'make'>>(pattern: Shape): Shape & ThingPattern {
  return { ...pattern, make: { allocate: {}, commands: [], shows: false } };
}
