import type { MemberSchema, Structures, WireType } from '../api-model/schema.ts';
import { ApiError } from '../errors.ts';
import { type ParamNode, type ParamTree, shorten } from './nest-params.ts';

/** The highest index of a list, as in `VolumeId.1000`. */
const maxIndex = 10_000;
/** Of any list in a request, as EC2 has it of ids and of resources to tag. */
const maxItems = 1_000;

type Decoded = Record<string, unknown>;

/**
 * Reads a request's tree by its schema. What comes out has the shape of the generated interface of the same name: every required
 * member, every type as told, nothing that the schema does not know.
 */
export function decode(structures: Structures, structure: string, tree: ParamTree): Readonly<Decoded> {
  return decodeStructure(structures, structure, withoutBlanks(tree), '');
}

/** EC2 takes a member with an empty value as one that was not given; below the top an empty value counts, as in a tag's value. */
function withoutBlanks(tree: ParamTree): ParamTree {
  return new Map([...tree].filter(([, node]) => node !== ''));
}

function decodeStructure(structures: Structures, structure: string, tree: ParamTree, prefix: string): Decoded {
  const members = structures[structure];
  if (members === undefined) throw new Error(`no schema of the structure ${structure}`);
  refuseUnknown(tree, members, prefix);
  const decoded: Decoded = {};
  for (const member of members) {
    const node = tree.get(member.wireName);
    const name = `${prefix}${member.wireName}`;
    if (node !== undefined) decoded[member.name] = decodeNode(structures, member.type, node, name);
    else if (member.required) throw new ApiError('MissingParameter', `The request must contain the parameter ${name}`);
  }
  return decoded;
}

function refuseUnknown(tree: ParamTree, members: readonly MemberSchema[], prefix: string): void {
  for (const [segment, node] of tree) {
    if (!members.some((member) => member.wireName === segment)) throw unknownParameter(leafName(`${prefix}${segment}`, node));
  }
}

function decodeNode(structures: Structures, type: WireType, node: ParamNode, name: string): unknown {
  switch (type.kind) {
    case 'structure':
      if (typeof node === 'string') throw invalidValue(node, name, 'members');
      return decodeStructure(structures, type.structure, node, `${name}.`);
    case 'list':
      return typeof node === 'string' ? decodeLoneItem(structures, type.item, node, name) : decodeList(structures, type.item, node, name);
    case 'string':
      return value(node, name);
    case 'number':
      return decodeInteger(value(node, name), name);
    case 'boolean':
      return decodeBoolean(value(node, name), name);
    case 'timestamp':
      return decodeTimestamp(value(node, name), name);
  }
}

/** EC2 takes a value without an index for a list of one, as fog-aws writes `RestorableBy`. */
function decodeLoneItem(structures: Structures, item: WireType, text: string, name: string): readonly unknown[] {
  if (item.kind === 'structure' || item.kind === 'list') throw invalidValue(text, name, `a list (${name}.1, ${name}.2 …)`);
  return [decodeNode(structures, item, text, name)];
}

function decodeList(structures: Structures, item: WireType, tree: ParamTree, name: string): readonly unknown[] {
  if (tree.size > maxItems) {
    throw new ApiError('InvalidParameterValue', `The parameter ${name} has more than ${maxItems} values.`);
  }
  const indexed = [...tree].map(([segment, node]) => {
    // One spelling an index, so that `1` and `01` cannot be two items with the same number.
    if (!/^(0|[1-9]\d{0,8})$/.test(segment)) throw unknownParameter(leafName(`${name}.${segment}`, node));
    const index = Number(segment);
    if (index > maxIndex) throw invalidValue(segment, `${name}.N`, `an index of at most ${maxIndex}`);
    return { index, node };
  });
  // Clients number from 1 without gaps, in any order on the wire; EC2 forgives gaps.
  indexed.sort((a, b) => a.index - b.index);
  return indexed.map(({ index, node }) => decodeNode(structures, item, node, `${name}.${index}`));
}

function value(node: ParamNode, name: string): string {
  if (typeof node !== 'string') throw unknownParameter(leafName(name, node));
  return node;
}

/** The model does not tell integers from fractions; every number in an EBS request is an integer. */
function decodeInteger(text: string, name: string): number {
  if (!/^-?\d{1,15}$/.test(text)) throw invalidValue(text, name, 'an integer');
  return Number(text);
}

const booleans: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
  ['1', true],
  ['0', false],
]);

function decodeBoolean(text: string, name: string): boolean {
  const found = booleans.get(text.toLowerCase());
  if (found === undefined) throw invalidValue(text, name, 'true or false');
  return found;
}

function decodeTimestamp(text: string, name: string): Date {
  const date = new Date(text);
  if (!/^\d{4}-\d{2}-\d{2}T/.test(text) || Number.isNaN(date.getTime())) throw invalidValue(text, name, 'an ISO 8601 time');
  return date;
}

function leafName(name: string, node: ParamNode): string {
  if (typeof node === 'string') return name;
  for (const [segment, child] of node) return leafName(`${name}.${segment}`, child);
  return name;
}

function unknownParameter(name: string): ApiError {
  return new ApiError('UnknownParameter', `The parameter ${shorten(name)} is not recognized`);
}

function invalidValue(text: string, name: string, expected: string): ApiError {
  return new ApiError('InvalidParameterValue', `Value (${shorten(text)}) for parameter ${name} is invalid. Expected: ${expected}.`);
}
