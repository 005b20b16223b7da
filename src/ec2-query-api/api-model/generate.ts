import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as ec2 from '@aws-sdk/client-ec2';
import { actions } from '../actions/table.ts';
import { type ReadStructures, readModel } from './read-model.ts';
import type { MemberSchema, WireType } from './schema.ts';

/** Where the generated text belongs. */
export const operationsPath = fileURLToPath(new URL('operations.ts', import.meta.url));

/** The text of `operations.ts` for the actions of the action table, from the EC2 model in @aws-sdk/client-ec2. Writes nothing. */
export function generateOperations(): string {
  const model = readModel(new Map(Object.entries(ec2)), Object.keys(actions).sort());
  const operations = [...model.operations];
  return [
    '// Generated from @aws-sdk/client-ec2 by `npm run generate`. Do not edit.',
    "import type { OperationSchema, Structures } from './schema.ts';",
    '',
    ...interfaces(model.requests, model.responses),
    'export interface Requests {',
    ...operations.map(([action, { request }]) => `  readonly ${action}: ${request};`),
    '}',
    '',
    '/** `undefined` where the model has no response members. */',
    'export interface Responses {',
    ...operations.map(([action, { response }]) => `  readonly ${action}: ${response ?? 'undefined'};`),
    '}',
    '',
    'export const operations = {',
    ...operations.map(([action, schema]) => `  ${action}: ${literal(schema)},`),
    '} as const satisfies Record<string, OperationSchema>;',
    '',
    ...structureTable('requestStructures', model.requests),
    ...structureTable('responseStructures', model.responses),
    '/** Every action of EC2, supported here or not. */',
    'export const actionNames: ReadonlySet<string> = new Set([',
    ...model.actionNames.map((name) => `  '${name}',`),
    ']);',
    '',
  ].join('\n');
}

function interfaces(requests: ReadStructures, responses: ReadStructures): readonly string[] {
  const lines: string[] = [];
  for (const [name, members] of sorted(requests)) lines.push(...interfaceLines(name, members, 'absent'));
  for (const [name, members] of sorted(responses)) {
    if (!requests.has(name)) lines.push(...interfaceLines(name, members, 'absent or undefined'));
  }
  return lines;
}

/** A response is built in one expression, so its members may be `undefined`; a request comes from the decoder, which leaves out what is missing. */
function interfaceLines(name: string, members: readonly MemberSchema[], optional: 'absent' | 'absent or undefined'): readonly string[] {
  const orUndefined = optional === 'absent' ? '' : ' | undefined';
  return [
    `export interface ${name} {`,
    ...members.map((member) =>
      member.required
        ? `  readonly ${member.name}: ${typeText(member.type)};`
        : `  readonly ${member.name}?: ${typeText(member.type)}${orUndefined};`,
    ),
    '}',
    '',
  ];
}

function typeText(type: WireType): string {
  if (type.kind === 'list') return `readonly ${typeText(type.item)}[]`;
  if (type.kind === 'structure') return type.structure;
  return type.kind === 'timestamp' ? 'Date' : type.kind;
}

function structureTable(name: string, structures: ReadStructures): readonly string[] {
  return [
    `export const ${name}: Structures = {`,
    ...sorted(structures).flatMap(([structure, members]) => [
      `  ${structure}: [`,
      ...members.map((member) => `    ${literal(member)},`),
      '  ],',
    ]),
    '};',
    '',
  ];
}

/** JSON is TypeScript too; names without quotes are easier to read. */
function literal(value: unknown): string {
  return JSON.stringify(value)
    .replace(/"([A-Za-z]\w*)":/g, '$1: ')
    .replaceAll('"', "'")
    .replaceAll(',', ', ')
    .replace(/\{/g, '{ ')
    .replace(/\}/g, ' }');
}

function sorted(structures: ReadStructures): readonly (readonly [string, readonly MemberSchema[]])[] {
  return [...structures].sort(([a], [b]) => (a < b ? -1 : 1));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(operationsPath, generateOperations());
