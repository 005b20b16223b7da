import { Parser } from 'xml2js';
import { CloudUnavailable } from '../cloud-resolver.ts';
import { refuseHostileXml } from './xml-structure.ts';

/** An element by the local names of its children: prefixes differ from server to server, and nothing that is asked needs them. */
export interface XmlElement {
  readonly name: string;
  readonly text: string;
  readonly children: readonly XmlElement[];
}

/** What xml2js makes of an element when told to keep the order of its children. */
interface ParsedElement {
  readonly '#name': string;
  readonly '#text'?: string;
  readonly '#children'?: readonly ParsedElement[];
}

/** The root element of a text. `speaker` names who said it. Throws CloudUnavailable for what is not whole XML, or hostile. */
export function readXml(text: string, speaker: string): XmlElement {
  refuseHostileXml(text, speaker);
  const parser = new Parser({
    explicitRoot: false,
    explicitChildren: true,
    preserveChildrenOrder: true,
    explicitCharkey: true,
    childkey: '#children',
    charkey: '#text',
    ignoreAttrs: true,
    trim: true,
    async: false,
  });
  let outcome: { readonly root?: ParsedElement | null; readonly error?: Error | null } = {};
  parser.parseString(text, (error: Error | null, root: ParsedElement | null) => {
    outcome = { root, error };
  });
  const { root, error } = outcome;
  if (error || !root) {
    const [line = 'it has no element'] = (error?.message ?? '').split('\n').filter((part) => part !== '');
    throw new CloudUnavailable(`${speaker} answered XML that cannot be read: ${line}`, { cause: error ?? undefined });
  }
  return elementOf(root);
}

function elementOf(parsed: ParsedElement): XmlElement {
  return {
    name: localName(parsed['#name']),
    text: parsed['#text'] ?? '',
    children: (parsed['#children'] ?? []).map(elementOf),
  };
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

/** The first element at the end of the path of local names, if there is one. */
export function find(element: XmlElement | undefined, ...path: readonly string[]): XmlElement | undefined {
  return path.reduce<XmlElement | undefined>((at, name) => at?.children.find((child) => child.name === name), element);
}

/** The text at the end of the path; `undefined` when there is no such element or it is empty. */
export function textAt(element: XmlElement | undefined, ...path: readonly string[]): string | undefined {
  return find(element, ...path)?.text || undefined;
}

/**
 * The text of the child with the name; `undefined` when there is none or it is empty. For what must be sure: throws CloudUnavailable for several,
 * of which one may have been written by somebody else, and for one that holds elements.
 */
export function textOfSole(element: XmlElement | undefined, name: string, speaker: string): string | undefined {
  const [only, ...others] = childrenOf(element, name);
  if (others.length > 0 || (only?.children.length ?? 0) > 0) {
    throw new CloudUnavailable(
      `${speaker} answered XML with ${others.length > 0 ? 'several' : 'elements in'} <${name}>, where one text belongs`,
    );
  }
  return only?.text || undefined;
}

/** All children with the name. */
export function childrenOf(element: XmlElement | undefined, name: string): readonly XmlElement[] {
  return element?.children.filter((child) => child.name === name) ?? [];
}

/** All elements below with the name, at whatever depth, in the order of the document. */
export function descendantsOf(element: XmlElement, name: string): readonly XmlElement[] {
  return element.children.flatMap((child) => [...(child.name === name ? [child] : []), ...descendantsOf(child, name)]);
}

/** The texts of all elements below that hold no elements, in the order of the document. */
export function leafTexts(element: XmlElement): readonly string[] {
  return element.children.length === 0 ? [element.text] : element.children.flatMap(leafTexts);
}
