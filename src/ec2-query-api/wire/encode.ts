import type { MemberSchema, OperationSchema, Structures, WireType } from '../api-model/schema.ts';
import { formatTimestamp } from './format-timestamp.ts';
import { escapeXml, xmlDeclaration, xmlElement } from './render-xml.ts';
import { createXmlBuffer, type XmlBuffer } from './xml-buffer.ts';

type Render = (value: unknown) => string;
/** Like Render, for what may be long. */
type Append = (value: unknown, buffer: XmlBuffer) => void;
/** A whole answer, from the response of an action. */
export type EncodeResponse = (response: unknown, envelope: { readonly version: string; readonly requestId: string }) => Buffer;

/**
 * Turns an operation's schema into one function that writes its answers. The schema is walked once, here, and not for every value:
 * an answer with ten thousand volumes would otherwise spend its time looking up schemas.
 */
export function compileEncoder(structures: Structures, action: string, operation: OperationSchema): EncodeResponse {
  const appendContent = compileContent(structures, operation);
  return (response, { version, requestId }) => {
    const buffer = createXmlBuffer();
    // libcloud finds nothing in an answer whose namespace lacks the trailing slash.
    buffer.append(`${xmlDeclaration}<${action}Response xmlns="http://ec2.amazonaws.com/doc/${escapeXml(version)}/">`);
    buffer.append(xmlElement('requestId', escapeXml(requestId)));
    appendContent(response, buffer);
    buffer.append(`</${action}Response>`);
    return buffer.finish();
  };
}

function compileContent(structures: Structures, operation: OperationSchema): Append {
  if (operation.response === undefined) return (_, buffer) => buffer.append('<return>true</return>');
  const appendMembers = membersOf(structures, operation.response).map((member) => compileTopMember(structures, member));
  return (value, buffer) => {
    const record = asRecord(value);
    for (const appendMember of appendMembers) appendMember(record, buffer);
  };
}

/** The lists that describe actions answer are at the top, so that is where each item goes to the buffer by itself. */
function compileTopMember(structures: Structures, member: MemberSchema): (record: Fields, buffer: XmlBuffer) => void {
  const { name, wireName, type } = member;
  if (type.kind !== 'list') {
    const render = compileElement(structures, member);
    return (record, buffer) => {
      const value = record[name];
      if (value !== undefined) buffer.append(render(value));
    };
  }
  const renderItem = compileType(structures, type.item);
  return (record, buffer) => {
    const value = record[name];
    if (value === undefined) return;
    buffer.append(`<${wireName}>`);
    for (const item of asList(value)) buffer.append(xmlElement(type.itemName, renderItem(item)));
    buffer.append(`</${wireName}>`);
  };
}

/** EC2's only form of error. */
export function encodeError(error: { readonly code: string; readonly message: string }, requestId: string): Buffer {
  const content = xmlElement('Code', escapeXml(error.code)) + xmlElement('Message', escapeXml(error.message));
  const errors = xmlElement('Errors', xmlElement('Error', content));
  return Buffer.from(xmlDeclaration + xmlElement('Response', errors + xmlElement('RequestID', escapeXml(requestId))));
}

function compileStructure(structures: Structures, structure: string): Render {
  const members = membersOf(structures, structure).map((member) => ({ name: member.name, render: compileElement(structures, member) }));
  return (value) => {
    const record = asRecord(value);
    let xml = '';
    for (const { name, render } of members) {
      const field = record[name];
      if (field !== undefined) xml += render(field);
    }
    return xml;
  };
}

/**
 * A member with its element around it. The last element is kept: in a long list most members (type, zone, state) say the same again
 * and again, and comparing two short texts is much cheaper than putting one together.
 */
function compileElement(structures: Structures, member: MemberSchema): Render {
  const render = compileType(structures, member.type);
  const open = `<${member.wireName}>`;
  const close = `</${member.wireName}>`;
  const empty = `<${member.wireName}/>`;
  let lastValue: unknown;
  let lastElement = '';
  return (value) => {
    // Two equal values of a simple type look the same; an object may have changed in between.
    if (value === lastValue && typeof value !== 'object') return lastElement;
    const content = render(value);
    lastValue = value;
    lastElement = content === '' ? empty : open + content + close;
    return lastElement;
  };
}

function compileType(structures: Structures, type: WireType): Render {
  switch (type.kind) {
    case 'structure':
      return compileStructure(structures, type.structure);
    case 'list':
      return compileList(type.itemName, compileType(structures, type.item));
    case 'timestamp':
      return (value) => formatTimestamp(asDate(value));
    case 'number':
    case 'boolean':
      return String;
    case 'string':
      return (value) => escapeXml(String(value));
  }
}

function compileList(itemName: string, renderItem: Render): Render {
  return (value) => {
    let xml = '';
    for (const item of asList(value)) xml += xmlElement(itemName, renderItem(item));
    return xml;
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
