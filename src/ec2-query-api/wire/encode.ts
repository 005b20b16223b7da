import type { MemberSchema, OperationSchema, Structures, WireType } from '../api-model/schema.ts';
import { escapeXml, xmlDeclaration, xmlElement } from './render-xml.ts';

type Render = (value: unknown) => string;
/** A whole answer, from the response of an action. */
export type EncodeResponse = (response: unknown, envelope: { readonly version: string; readonly requestId: string }) => Buffer;

/**
 * Turns an operation's schema into one function that writes its answers. The schema is walked once, here, and not for every value:
 * an answer with ten thousand volumes would otherwise spend its time looking up schemas.
 */
export function compileEncoder(structures: Structures, action: string, operation: OperationSchema): EncodeResponse {
  const renderContent = operation.response === undefined ? () => '<return>true</return>' : compileStructure(structures, operation.response);
  return (response, { version, requestId }) =>
    Buffer.from(
      // libcloud finds nothing in an answer whose namespace lacks the trailing slash.
      `${xmlDeclaration}<${action}Response xmlns="http://ec2.amazonaws.com/doc/${escapeXml(version)}/">` +
        `${xmlElement('requestId', escapeXml(requestId))}${renderContent(response)}</${action}Response>`,
    );
}

/** EC2's only form of error. */
export function encodeError(error: { readonly code: string; readonly message: string }, requestId: string): Buffer {
  const content = xmlElement('Code', escapeXml(error.code)) + xmlElement('Message', escapeXml(error.message));
  const errors = xmlElement('Errors', xmlElement('Error', content));
  return Buffer.from(xmlDeclaration + xmlElement('Response', errors + xmlElement('RequestID', escapeXml(requestId))));
}

function compileStructure(structures: Structures, structure: string): Render {
  const members = structures[structure];
  if (members === undefined) throw new Error(`no schema of the structure ${structure}`);
  const renderMembers = members.map((member) => compileMember(structures, member));
  return (value) => {
    if (!isRecord(value)) throw new Error(`not a ${structure}: ${typeof value}`);
    let xml = '';
    for (const renderMember of renderMembers) xml += renderMember(value);
    return xml;
  };
}

function compileMember(structures: Structures, member: MemberSchema): (record: Readonly<Record<string, unknown>>) => string {
  const render = compileType(structures, member.type);
  const { name } = member;
  const open = `<${member.wireName}>`;
  const close = `</${member.wireName}>`;
  const empty = `<${member.wireName}/>`;
  return (record) => {
    const value = record[name];
    if (value === undefined) return '';
    const content = render(value);
    return content === '' ? empty : open + content + close;
  };
}

function compileType(structures: Structures, type: WireType): Render {
  switch (type.kind) {
    case 'structure':
      return compileStructure(structures, type.structure);
    case 'list':
      return compileList(type.itemName, compileType(structures, type.item));
    case 'timestamp':
      return (value) => (value instanceof Date ? value.toISOString() : escapeXml(String(value)));
    case 'number':
    case 'boolean':
      return String;
    case 'string':
      return (value) => escapeXml(String(value));
  }
}

function compileList(itemName: string, renderItem: Render): Render {
  return (value) => {
    if (!Array.isArray(value)) throw new Error(`not a list: ${typeof value}`);
    let xml = '';
    for (const item of value) xml += xmlElement(itemName, renderItem(item));
    return xml;
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
