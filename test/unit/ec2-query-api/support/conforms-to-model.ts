import type { ActionName } from '../../../../src/ec2-query-api/actions/action.ts';
import { operations, responseStructures } from '../../../../src/ec2-query-api/api-model/operations.ts';
import type { OperationSchema, WireType } from '../../../../src/ec2-query-api/api-model/schema.ts';

/** What in an answer is not as the EC2 model has it, by where it is: elements that it does not know, and values of another type. */
export function departuresFromModel(action: ActionName, content: unknown): readonly string[] {
  const operation: OperationSchema = operations[action];
  const { $: _namespace, requestId: _requestId, ...members } = content as Readonly<Record<string, unknown>>;
  if (operation.response === undefined) {
    return JSON.stringify(members) === '{"return":"true"}' ? [] : [`${action} answers ${JSON.stringify(members)}`];
  }
  return ofStructure(operation.response, members, action);
}

function ofStructure(structure: string, value: unknown, at: string): readonly string[] {
  if (value === '') return [];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${at} is not one structure`];
  const members = responseStructures[structure] ?? [];
  return Object.entries(value).flatMap(([name, child]) => {
    const member = members.find(({ wireName }) => wireName === name);
    return member === undefined ? [`${at}.${name} is unknown`] : ofType(member.type, child, `${at}.${name}`);
  });
}

const forms = {
  string: /^/,
  number: /^-?\d+(\.\d+)?$/,
  boolean: /^(true|false)$/,
  timestamp: /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{3})?Z$/,
} as const;

function ofType(type: WireType, value: unknown, at: string): readonly string[] {
  switch (type.kind) {
    case 'structure':
      return ofStructure(type.structure, value, at);
    case 'list': {
      if (value === '') return [];
      const { [type.itemName]: items, ...others } = value as Readonly<Record<string, unknown>>;
      const unknown = Object.keys(others).map((name) => `${at}.${name} is no item`);
      return [...unknown, ...[items].flat().flatMap((item, index) => ofType(type.item, item, `${at}[${index}]`))];
    }
    default:
      return typeof value === 'string' && forms[type.kind].test(value) ? [] : [`${at} is no ${type.kind}: ${JSON.stringify(value)}`];
  }
}
