import { type Document, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml';
import type * as z from 'zod';

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

/**
 * Reads YAML into what its schema says. `file` is how complaints name it, `documentation` where a reader finds what may stand in it.
 * Throws YamlRefused with everything that is wrong, not only the first thing.
 */
export function readCheckedYaml<Schema extends z.ZodType>(
  text: string,
  { file, schema, documentation }: { readonly file: string; readonly schema: Schema; readonly documentation: string },
): CheckedYaml<z.output<Schema>> {
  const { content, locate } = readYaml(text, file);
  const parsed = schema.safeParse(content);
  if (!parsed.success) {
    throw refusal(parsed.error.issues.flatMap((issue) => complaintsOf(issue, documentation)).map(locate));
  }
  return { value: parsed.data, locate };
}

/** Reads YAML without a schema, for a file whose own content tells which schema it has to follow. Throws YamlRefused when it is no YAML. */
export function readYaml(text: string, file: string): { readonly content: unknown; locate(complaint: Complaint): string } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at: At = (offset, reason) => `${file}:${lines.linePos(offset).line}: ${reason}`;
  if (document.errors.length > 0) {
    throw refusal(document.errors.map(({ pos, message }) => at(pos[0], message)));
  }
  return { content: contentOf(document, at), locate: ({ path, reason }) => at(offsetOf(document, path), reason) };
}

type At = (offset: number, reason: string) => string;

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

/** In the order of the lines. */
export function refusal(complaints: readonly string[]): YamlRefused {
  const lineOf = (complaint: string) => Number(/:(\d+): /.exec(complaint)?.[1] ?? 0);
  return new YamlRefused([...complaints].sort((one, other) => lineOf(one) - lineOf(other)));
}

export function complaintsOf(issue: z.core.$ZodIssue, documentation: string): readonly Complaint[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...issue.path, key],
      reason: `"${key}" is not known here; see ${documentation} for what is`,
    }));
  }
  const where = issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
  // zod says "received undefined" of what is missing.
  const isMissing = issue.code === 'invalid_type' && issue.message.endsWith('received undefined');
  return [{ path: issue.path, reason: isMissing ? `${where}missing` : `${where}${issue.message}` }];
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
