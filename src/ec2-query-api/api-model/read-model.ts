import type { MemberSchema, OperationSchema, WireType } from './schema.ts';

/** A structure of the model with the wire names that one direction gives it. */
export type ReadStructures = Map<string, readonly MemberSchema[]>;

export interface ReadModel {
  readonly operations: ReadonlyMap<string, OperationSchema>;
  readonly requests: ReadStructures;
  readonly responses: ReadStructures;
  /** Every action that EC2 has, supported here or not. */
  readonly actionNames: readonly string[];
}

type Direction = 'request' | 'response';

const simpleTypes: Readonly<Record<number, WireType>> = {
  0: { kind: 'string' },
  1: { kind: 'number' },
  2: { kind: 'boolean' },
  4: { kind: 'timestamp' },
  // The model gives blobs as base64 text on this protocol.
  21: { kind: 'string' },
};
/** The SDK's schemas write "list of a simple type" as that type's number plus this one. */
const listOfSimple = 64;
const schemaKinds = { simple: 0, list: 1, structure: 3, operation: 9 } as const;

interface Traits {
  readonly ec2QueryName?: string;
  readonly xmlName?: string;
}

/** Reads the schemas that @aws-sdk/client-ec2 exports (`AttachVolume$`, `Volume$` …) for the given actions and everything they reach. */
export function readModel(exported: ReadonlyMap<string, unknown>, actions: readonly string[]): ReadModel {
  const operations = new Map<string, OperationSchema>();
  const requests: ReadStructures = new Map();
  const responses: ReadStructures = new Map();
  for (const action of actions) {
    const schema = tuple(exported.get(`${action}$`), `${action}$`);
    const input = readType(schema[4], {}, 'request', requests);
    const output = settle(schema[5]) === 'unit' ? undefined : readType(schema[5], {}, 'response', responses);
    operations.set(action, {
      request: structureName(input, action),
      ...(output === undefined ? {} : { response: structureName(output, action) }),
    });
  }
  return { operations, requests, responses, actionNames: actionNames(exported) };
}

function actionNames(exported: ReadonlyMap<string, unknown>): readonly string[] {
  return [...exported.entries()]
    .filter(([name, value]) => name.endsWith('$') && Array.isArray(value) && value[0] === schemaKinds.operation)
    .map(([name]) => name.slice(0, -1))
    .sort();
}

/** References to schemas are thunks where the model has cycles. */
function settle(reference: unknown): unknown {
  return typeof reference === 'function' ? settle(reference()) : reference;
}

function readType(reference: unknown, traits: Traits, direction: Direction, structures: ReadStructures): WireType {
  const settled = settle(reference);
  if (typeof settled === 'number') return readSimpleType(settled);
  const schema = tuple(settled, 'a type');
  // A member or item is either a schema or the pair [reference, traits].
  if (typeof schema[1] !== 'string') return readType(schema[0], traitsOf(schema[1]) ?? traits, direction, structures);
  if (schema[0] === schemaKinds.simple) return readSimpleType(schema[4]);
  if (schema[0] === schemaKinds.list) {
    return { kind: 'list', itemName: itemNameOf(schema[4]), item: readType(schema[4], {}, direction, structures) };
  }
  if (schema[0] === schemaKinds.structure) return readStructure(schema, direction, structures);
  throw new Error(`the model has a kind of schema that is not known here: ${String(schema[0])}`);
}

function readSimpleType(number: unknown): WireType {
  if (typeof number !== 'number') throw new Error(`not the number of a simple type: ${String(number)}`);
  if (number >= listOfSimple) return { kind: 'list', itemName: 'item', item: readSimpleType(number - listOfSimple) };
  const type = simpleTypes[number];
  if (type === undefined) throw new Error(`the model has a simple type that is not known here: ${number}`);
  return type;
}

function readStructure(schema: readonly unknown[], direction: Direction, structures: ReadStructures): WireType {
  const name = text(schema[2]);
  if (!structures.has(name)) {
    structures.set(name, []);
    const memberNames = tuple(schema[4], name).map(text);
    const references = tuple(schema[5], name);
    const requiredCount = direction === 'request' && typeof schema[6] === 'number' ? schema[6] : 0;
    const members = memberNames.map((memberName, index): MemberSchema => {
      const reference = references[index];
      const member = {
        name: memberName,
        wireName: wireNameOf(memberName, memberTraitsOf(reference), direction),
        type: readType(reference, {}, direction, structures),
      };
      // The SDK lists a structure's required members first.
      return index < requiredCount ? { ...member, required: true } : member;
    });
    structures.set(name, members);
  }
  return { kind: 'structure', structure: name };
}

/** The naming rules of the EC2 query protocol, which differ from request to response. */
function wireNameOf(memberName: string, traits: Traits, direction: Direction): string {
  if (direction === 'response') return traits.xmlName ?? memberName;
  return traits.ec2QueryName ?? capitalise(traits.xmlName ?? memberName);
}

function itemNameOf(reference: unknown): string {
  return memberTraitsOf(reference).xmlName ?? 'member';
}

function memberTraitsOf(reference: unknown): Traits {
  if (Array.isArray(reference) && typeof reference[1] !== 'string') return traitsOf(reference[1]) ?? {};
  return {};
}

/** Traits that are only a number (idempotency token, sensitive) do not change the wire. */
function traitsOf(value: unknown): Traits | undefined {
  return typeof value === 'object' && value !== null ? value : undefined;
}

function structureName(type: WireType, action: string): string {
  if (type.kind !== 'structure') throw new Error(`${action} has no structure where one is expected`);
  return type.structure;
}

function tuple(value: unknown, name: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error(`@aws-sdk/client-ec2 exports no schema for ${name}`);
  return value;
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new Error(`not a name: ${String(value)}`);
  return value;
}

function capitalise(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
