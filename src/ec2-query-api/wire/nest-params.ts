import { ApiError } from '../errors.ts';
import type { FormParams } from './parse-form.ts';

/** `Filter.1.Value.2=x` as a tree: `Filter` → `1` → `Value` → `2` → `x`. Maps, so that no name of a client's can meet a name of ours. */
export type ParamTree = ReadonlyMap<string, ParamNode>;
export type ParamNode = string | ParamTree;

type GrowingTree = Map<string, string | GrowingTree>;

/** Deeper than any request of EC2 that this service has (TagSpecification.1.Tag.1.Key is 5). */
const maxDepth = 10;

export function nestParams(params: FormParams): ParamTree {
  const root: GrowingTree = new Map();
  for (const [name, value] of params) insert(root, name, value);
  return root;
}

function insert(root: GrowingTree, name: string, value: string): void {
  const path = name.split('.', maxDepth + 1);
  if (path.length > maxDepth) throw new ApiError('UnknownParameter', `The parameter ${shorten(name)} is nested too deeply.`);
  const last = path.pop() ?? '';
  let tree = root;
  for (const segment of path) tree = descend(tree, segment, name);
  if (tree.has(last)) throw new ApiError('InvalidParameterCombination', `The parameter ${shorten(name)} is given more than once.`);
  tree.set(last, value);
}

function descend(tree: GrowingTree, segment: string, name: string): GrowingTree {
  const found = tree.get(segment);
  if (found instanceof Map) return found;
  if (found !== undefined) {
    throw new ApiError('InvalidParameterCombination', `The parameter ${shorten(name)} is given both as a value and with members.`);
  }
  const grown: GrowingTree = new Map();
  tree.set(segment, grown);
  return grown;
}

/** A client's own text in a message to it, short enough to read. */
export function shorten(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
