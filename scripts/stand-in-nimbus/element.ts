import { escapeXml } from '../../src/resolvers/xml/escape-xml.ts';

/** XML that is written already; a text is not XML before it is escaped. */
export interface Xml {
  readonly xml: string;
}

type Content = Xml | string | number | undefined | readonly Content[];

/** An element. `undefined` among its content is left out. */
export function element(name: string, attributes: Readonly<Record<string, string>>, ...content: readonly Content[]): Xml {
  const written = Object.entries(attributes).map(([attribute, value]) => ` ${attribute}="${escapeXml(value)}"`);
  const inner = content.map(inside).join('');
  return { xml: inner === '' ? `<${name}${written.join('')}/>` : `<${name}${written.join('')}>${inner}</${name}>` };
}

function inside(content: Content): string {
  if (content === undefined) return '';
  if (typeof content === 'object') return 'xml' in content ? content.xml : content.map(inside).join('');
  return escapeXml(String(content));
}
