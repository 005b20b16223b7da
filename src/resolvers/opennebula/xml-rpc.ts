import { CloudUnavailable } from '../cloud-resolver.ts';
import { escapeXml } from '../xml/escape-xml.ts';
import { childrenOf, find, readXml, textAt, type XmlElement } from '../xml/read-xml.ts';

/** What every method of OpenNebula answers with: whether it worked, what it gave or why not, and a code. */
export type OneAnswer =
  | { readonly isDone: true; readonly content: string }
  | { readonly isDone: false; readonly reason: string; readonly code: number };

export function xmlRpcCall(method: string, parameters: readonly (string | number)[]): string {
  const values = parameters.map((value) =>
    typeof value === 'number' ? `<i4>${Math.trunc(value)}</i4>` : `<string>${escapeXml(value)}</string>`,
  );
  const written = values.map((value) => `<param><value>${value}</value></param>`).join('');
  return `<?xml version="1.0"?><methodCall><methodName>${escapeXml(method)}</methodName><params>${written}</params></methodCall>`;
}

/** Throws CloudUnavailable for a fault of XML-RPC itself, and for what is no answer of OpenNebula's. */
export function readXmlRpc(text: string, speaker: string): OneAnswer {
  const root = readXml(text, speaker);
  if (root.name !== 'methodResponse') {
    throw new CloudUnavailable(`${speaker} answered XML-RPC with <${root.name}>`);
  }
  const fault = find(root, 'fault');
  if (fault !== undefined) {
    throw new CloudUnavailable(`${speaker} answered with a fault of XML-RPC`);
  }
  const [isDone, content, code] = childrenOf(find(root, 'params', 'param', 'value', 'array', 'data'), 'value').map(scalarOf);
  if (isDone === '1') {
    return { isDone: true, content: content ?? '' };
  }
  if (isDone === '0' && /^-?\d+$/.test(code ?? '')) {
    return { isDone: false, reason: content ?? '', code: Number(code) };
  }
  throw new CloudUnavailable(`${speaker} answered XML-RPC of another shape than OpenNebula's`);
}

/** A value without a type is a string. */
function scalarOf(value: XmlElement): string {
  return textAt(value, 'boolean') ?? textAt(value, 'string') ?? textAt(value, 'i4') ?? textAt(value, 'int') ?? value.text;
}
