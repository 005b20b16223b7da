import type { MemberSchema, OperationSchema, Structures, WireType } from '../api-model/schema.ts';
import { compileLongList, isLongList } from './encode-long-list.ts';
import { formatTimestamp } from './format-timestamp.ts';
import { escapeXml, xmlDeclaration, xmlElement } from './render-xml.ts';
import { type Append, XmlBuffer } from './xml-buffer.ts';

/** A whole answer, from the response of an action. A long one is written in turns, and comes later. */
export type EncodeResponse = (
  response: unknown,
  envelope: { readonly version: string; readonly requestId: string },
) => Buffer | Promise<Buffer>;

/** Room for an answer with one resource. */
const leastBytes = 2_048;

/**
 * Turns an operation's schema into one function that writes its answers. The schema is walked once, here, and not for every value:
 * an answer with ten thousand volumes would otherwise spend its time looking up schemas.
 */
export function compileEncoder(structures: Structures, action: string, operation: OperationSchema): EncodeResponse {
  const appendContent = compileContent(structures, operation);
  const end = Buffer.from(`</${action}Response>`);
  return (response, { version, requestId }) => {
    const buffer = new XmlBuffer(leastBytes);
    // libcloud finds nothing in an answer whose namespace lacks the trailing slash.
    const open = `${xmlDeclaration}<${action}Response xmlns="http://ec2.amazonaws.com/doc/${escapeXml(version)}/">`;
    buffer.markup(Buffer.from(open + xmlElement('requestId', escapeXml(requestId))));
    const finish = (): Buffer => {
      buffer.markup(end);
      return buffer.finish();
    };
    const written = appendContent(response, buffer);
    return written === undefined ? finish() : written.then(finish);
  };
}

function compileContent(
  structures: Structures,
  operation: OperationSchema,
): (response: unknown, buffer: XmlBuffer) => Promise<void> | undefined {
  if (operation.response === undefined) {
    const content = Buffer.from('<return>true</return>');
    return (_, buffer) => {
      buffer.markup(content);
      return undefined;
    };
  }
  const appendAtOnce = compileStructure(structures, operation.response);
  const members = membersOf(structures, operation.response).map(({ name, wireName, type }) => ({
    name,
    append: compileElement(wireName, compileType(structures, type)),
    ...(type.kind === 'list' && {
      appendLong: compileLongList(wireName, compileElement(type.itemName, compileType(structures, type.item))),
    }),
  }));
  const appendInTurns = async (fields: Fields, buffer: XmlBuffer): Promise<void> => {
    for (const { name, append, appendLong } of members) {
      const value = fields[name];
      if (appendLong !== undefined && isLongList(value)) {
        await appendLong(value, buffer);
      } else if (value !== undefined) {
        append(value, buffer);
      }
    }
  };
  return (response, buffer) => {
    const fields = asRecord(response);
    if (members.some(({ name, appendLong }) => appendLong !== undefined && isLongList(fields[name]))) {
      return appendInTurns(fields, buffer);
    }
    appendAtOnce(response, buffer);
    return undefined;
  };
}

/** EC2's only form of error. */
export function encodeError(error: { readonly code: string; readonly message: string }, requestId: string): Buffer {
  const content = xmlElement('Code', escapeXml(error.code)) + xmlElement('Message', escapeXml(error.message));
  const errors = xmlElement('Errors', xmlElement('Error', content));
  return Buffer.from(xmlDeclaration + xmlElement('Response', errors + xmlElement('RequestID', escapeXml(requestId))));
}

/** A member, with what it was in the structure before this one in the same buffer and where that stands. */
interface Member {
  readonly name: string;
  readonly append: Append;
  value: unknown;
  start: number;
  end: number;
}

/**
 * A structure's members, one after another. Members that say the same as in the structure before it are copied from there in one block: in a long
 * list most do (type, zone, state), and copying bytes is many times cheaper than putting them together.
 */
function compileStructure(structures: Structures, structure: string): Append {
  const members = membersOf(structures, structure).map(
    ({ name, wireName, type }): Member => ({
      name,
      append: compileElement(wireName, compileType(structures, type)),
      value: undefined,
      start: 0,
      end: 0,
    }),
  );
  const readFields = compileFieldReader(members.map(({ name }) => name));
  let serial = 0;
  return (value, buffer) => {
    const fields = readFields(asRecord(value));
    const isFirst = serial !== buffer.serial;
    serial = buffer.serial;
    let position = buffer.length;
    let blockStart = 0;
    let blockEnd = 0;
    for (let place = 0; place < members.length; place += 1) {
      const member = members[place] as Member;
      const field = fields[place];
      if (!isFirst && looksTheSame(field, member.value)) {
        // The members were written without anything between them, so that the block only grows.
        blockStart = blockStart === blockEnd ? member.start : blockStart;
        blockEnd = member.end;
        const length = member.end - member.start;
        member.start = position;
        position += length;
      } else {
        if (blockEnd > blockStart) {
          buffer.repeat(blockStart, blockEnd);
        }
        blockStart = blockEnd;
        member.start = position;
        member.value = field;
        if (field !== undefined) {
          member.append(field, buffer);
        }
        position = buffer.length;
      }
      member.end = position;
    }
    if (blockEnd > blockStart) {
      buffer.repeat(blockStart, blockEnd);
    }
  };
}

/**
 * Gives what a structure has, in the order of the schema; the list is the same one each time. Structures of one list are nearly always alike, and
 * going through what one has is several times faster than asking it for every member that the schema knows.
 */
function compileFieldReader(schemaNames: readonly string[]): (record: Fields) => readonly unknown[] {
  const fields: unknown[] = schemaNames.map(() => undefined);
  /** The names of the structure before, in its order, and the place of each in the schema. */
  let names: readonly string[] = [];
  let places: readonly number[] = [];
  return (record) => {
    let count = 0;
    for (const name in record) {
      if (name !== names[count]) {
        count = -1;
        break;
      }
      fields[places[count] as number] = record[name];
      count += 1;
    }
    if (count !== names.length) {
      names = Object.keys(record).filter((name) => schemaNames.includes(name));
      places = names.map((name) => schemaNames.indexOf(name));
      for (const [place, name] of schemaNames.entries()) {
        fields[place] = record[name];
      }
    }
    return fields;
  };
}

/** Two equal values of a simple type do, and two empty lists; any other object may have changed in between. */
function looksTheSame(one: unknown, other: unknown): boolean {
  if (typeof one !== 'object') {
    return one === other;
  }
  return Array.isArray(one) && one.length === 0 && Array.isArray(other) && other.length === 0;
}

/** A value with its element around it; one without content has EC2's short form. */
function compileElement(wireName: string, appendContent: Append): Append {
  const open = Buffer.from(`<${wireName}>`);
  const close = Buffer.from(`</${wireName}>`);
  const empty = Buffer.from(`<${wireName}/>`);
  return (value, buffer) => {
    const start = buffer.length;
    buffer.markup(open);
    const contentStart = buffer.length;
    appendContent(value, buffer);
    if (buffer.length === contentStart) {
      buffer.cutAt(start);
      buffer.markup(empty);
    } else {
      buffer.markup(close);
    }
  };
}

function compileType(structures: Structures, type: WireType): Append {
  switch (type.kind) {
    case 'structure':
      return compileStructure(structures, type.structure);
    case 'list':
      return compileList(compileElement(type.itemName, compileType(structures, type.item)));
    case 'timestamp':
      return (value, buffer) => buffer.text(formatTimestamp(asDate(value)));
    case 'number':
    case 'boolean':
    case 'string':
      return (value, buffer) => buffer.text(String(value));
  }
}

function compileList(appendItem: Append): Append {
  return (value, buffer) => {
    for (const item of asList(value)) {
      appendItem(item, buffer);
    }
  };
}

type Fields = Readonly<Record<string, unknown>>;

function membersOf(structures: Structures, structure: string): readonly MemberSchema[] {
  const members = structures[structure];
  if (members === undefined) throw new Error(`no schema of the structure ${structure}`);
  return members;
}

// Responses have the generated types, so these three only catch an action whose types were talked round.

function asRecord(value: unknown): Fields {
  if (typeof value !== 'object' || value === null) throw new Error(`not a structure: ${typeof value}`);
  return value as Fields;
}

function asList(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error(`not a list: ${typeof value}`);
  return value;
}

function asDate(value: unknown): Date {
  if (!(value instanceof Date)) throw new Error(`not a time: ${typeof value}`);
  return value;
}
