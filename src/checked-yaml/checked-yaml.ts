import { type Document, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, visit, type YAMLParseError } from 'yaml';
import type * as z from 'zod';
import { sayExpectation } from './expectation.ts';
import { syntaxMessage } from './syntax-message.ts';

/** Something wrong in a YAML file, at the path of the value that it is about. */
export interface Complaint {
  readonly path: readonly PropertyKey[];
  /** A whole sentence that names the mend. */
  readonly reason: string;
}

/** A YAML file that cannot be used: every reason, each with its line. */
export class YamlRefused extends Error {
  /** `FILE:LINE: reason`, one for each thing that is wrong. */
  readonly complaints: readonly string[];

  constructor(complaints: readonly string[]) {
    super(complaints.join('\n'));
    this.name = 'YamlRefused';
    this.complaints = complaints;
  }
}

export interface CheckedYaml<Value> {
  readonly value: Value;
  /** `FILE:LINE: reason` for what is only found to be wrong later, when the content meets the world. */
  locate(complaint: Complaint): string;
}

/** What a schema makes of content, or everything that is wrong with it. `documentation` is where a reader finds what may stand there. */
export function checkContent<Schema extends z.ZodType>(
  content: unknown,
  schema: Schema,
  documentation: string,
): { readonly value: z.output<Schema> } | { readonly complaints: readonly Complaint[] } {
  const parsed = schema.safeParse(content, { error: sayExpectation(documentation) });
  return parsed.success ? { value: parsed.data } : { complaints: parsed.error.issues.flatMap(complaintsOf) };
}

/** Reads YAML. `file` is how complaints name it. Throws YamlRefused with everything that is wrong, when it is no YAML. */
export function readYaml(text: string, file: string): { readonly content: unknown; locate(complaint: Complaint): string } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at: At = (offset, reason) => `${file}:${lines.linePos(offset).line}: ${reason}`;
  if (document.errors.length > 0) {
    throw refusal(syntaxComplaints(document.errors, text, lines, at));
  }
  return { content: contentOf(document, at), locate: ({ path, reason }) => at(offsetOf(document, path), reason) };
}

type At = (offset: number, reason: string) => string;

/** Of each line the first: the others follow from it. */
function syntaxComplaints(errors: readonly YAMLParseError[], text: string, lines: LineCounter, at: At): readonly string[] {
  const seen = new Set<number>();
  return errors.flatMap(({ code, pos: [offset] }) => {
    const { line } = lines.linePos(offset);
    if (seen.has(line)) return [];
    seen.add(line);
    const key = code === 'DUPLICATE_KEY' ? /^["']?([\w.-]+)/.exec(text.slice(offset, offset + 200))?.[1] : undefined;
    return [at(offset, key === undefined ? syntaxMessage(code) : `"${key}": ${syntaxMessage(code)}`)];
  });
}

function contentOf(document: Document, at: At): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    // An alias of nothing, or aliases that multiply into more than a machine can hold.
    if (cause instanceof ReferenceError) {
      const dangling = danglingAliases(document, at);
      throw refusal(dangling.length > 0 ? dangling : [at(0, cause.message)]);
    }
    throw cause;
  }
}

/** yaml resolves aliases only when the document is made into values, and then throws without a line. To look for each takes long, so it is done only then. */
function danglingAliases(document: Document, at: At): readonly string[] {
  const dangling: string[] = [];
  visit(document, {
    Alias(_key, alias) {
      if (alias.resolve(document) === undefined) {
        dangling.push(at(alias.range?.[0] ?? 0, `*${alias.source} names nothing; an anchor &${alias.source} has to stand before it`));
      }
    },
  });
  return dangling;
}

/** Does everything, and refuses at the end with what each refused. Anything else that one throws ends it at once. */
export async function refuseTogether<const Parts extends readonly (() => unknown)[]>(
  parts: Parts,
): Promise<{ readonly [Index in keyof Parts]: Awaited<ReturnType<Parts[Index]>> }> {
  const results: unknown[] = [];
  const complaints: string[] = [];
  for (const part of parts) {
    try {
      results.push(await part());
    } catch (cause) {
      if (!(cause instanceof YamlRefused)) throw cause;
      complaints.push(...cause.complaints);
    }
  }
  if (complaints.length > 0) throw refusal([...new Set(complaints)]);
  return results as { readonly [Index in keyof Parts]: Awaited<ReturnType<Parts[Index]>> };
}

/** In the order of the lines. */
export function refusal(complaints: readonly string[]): YamlRefused {
  const lineOf = (complaint: string) => Number(/:(\d+): /.exec(complaint)?.[1] ?? 0);
  return new YamlRefused([...complaints].sort((one, other) => lineOf(one) - lineOf(other)));
}

function complaintsOf(issue: z.core.$ZodIssue): readonly Complaint[] {
  if (issue.code === 'unrecognized_keys') {
    const reasons = issue.message.split('\n');
    return issue.keys.map((key, index) => ({ path: [...issue.path, key], reason: reasons[index] ?? issue.message }));
  }
  const where = issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
  return [{ path: issue.path, reason: `${where}${issue.message}` }];
}

/** Where the value at a path begins, or for an unknown key the key; what is missing is reported at the nearest thing that holds it. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const step of path) {
    if (isAlias(node)) {
      node = node.resolve(document);
    }
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && key.value === step);
      if (pair === undefined) {
        break;
      }
      offset = isNode(pair.key) ? (pair.key.range?.[0] ?? offset) : offset;
      node = pair.value;
    } else if (isSeq(node) && typeof step === 'number') {
      node = node.items[step];
      offset = isNode(node) ? (node.range?.[0] ?? offset) : offset;
    } else {
      break;
    }
  }
  return offset;
}
