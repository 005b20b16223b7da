import { type Document, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml';
import type { z } from 'zod';
import { type Complaint, checkPattern } from './check-pattern.ts';
import { type Pattern, patternSchemas } from './pattern.ts';

/** A backend file that cannot be used: every reason, each with its line. */
export class PatternFileRefused extends Error {
  /** `FILE:LINE: reason`, one for each thing that is wrong. */
  readonly complaints: readonly string[];

  constructor(complaints: readonly string[]) {
    super(complaints.join('\n'));
    this.name = 'PatternFileRefused';
    this.complaints = complaints;
  }
}

/** Reads a backend file. `file` is how complaints name it. Throws PatternFileRefused with everything that is wrong, not only the first thing. */
export function parsePatternFile(file: string, text: string): Pattern {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const refuse = (complaints: readonly { readonly line: number; readonly reason: string }[]): never => {
    const ordered = [...complaints].sort((one, other) => one.line - other.line);
    throw new PatternFileRefused(ordered.map(({ line, reason }) => `${file}:${line}: ${reason}`));
  };
  if (document.errors.length > 0) {
    return refuse(document.errors.map(({ pos, message }) => ({ line: lines.linePos(pos[0]).line, reason: message })));
  }
  // yaml resolves aliases only when the document is made into values, and then throws without a line.
  const dangling: { line: number; reason: string }[] = [];
  visit(document, {
    Alias: (_, alias) => {
      if (alias.resolve(document) !== undefined) return;
      const reason = `*${alias.source} names nothing; an anchor &${alias.source} has to stand before it`;
      dangling.push({ line: lines.linePos(alias.range?.[0] ?? 0).line, reason });
    },
  });
  if (dangling.length > 0) return refuse(dangling);
  const located = ({ path, reason }: Complaint): { line: number; reason: string } => ({
    line: lines.linePos(offsetOf(document, path)).line,
    reason,
  });
  const content: unknown = document.toJS();
  const key = schemaKeyOf(content);
  if (key === undefined)
    return refuse([located({ path: ['kind'], reason: 'kind has to be volume-server, export-server, initiator or vmm' })]);
  const parsed = patternSchemas[key].safeParse(content);
  if (!parsed.success) return refuse(parsed.error.issues.flatMap(complaintsOf).map(located));
  const pattern: Pattern = { ...parsed.data, file };
  const complaints = checkPattern(pattern);
  return complaints.length > 0 ? refuse(complaints.map(located)) : pattern;
}

function schemaKeyOf(content: unknown): keyof typeof patternSchemas | undefined {
  if (typeof content !== 'object' || content === null || !('kind' in content)) return undefined;
  switch (content.kind) {
    case 'volume-server':
    case 'export-server':
    case 'initiator':
      return content.kind;
    case 'vmm':
      return 'protocol' in content ? 'vmm by protocol' : 'vmm';
    default:
      return undefined;
  }
}

function complaintsOf(issue: z.core.$ZodIssue): readonly Complaint[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...issue.path, key],
      reason: `"${key}" is not known here; see docs/adding-a-driver.md for what is`,
    }));
  }
  const at = issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
  // zod says "received undefined" of what is missing.
  const missing = issue.code === 'invalid_type' && issue.message.endsWith('received undefined');
  return [{ path: issue.path, reason: missing ? `${at}missing` : `${at}${issue.message}` }];
}

/** Where the value at a path begins, or for an unknown key the key; what is missing is reported at the nearest thing that holds it. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && key.value === step);
      if (pair === undefined) break;
      offset = isNode(pair.key) ? (pair.key.range?.[0] ?? offset) : offset;
      node = pair.value;
    } else if (isSeq(node) && typeof step === 'number') {
      node = node.items[step];
      offset = isNode(node) ? (node.range?.[0] ?? offset) : offset;
    } else break;
  }
  return offset;
}
