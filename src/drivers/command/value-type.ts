import { isIPv4, isIPv6, SocketAddress } from 'node:net';

/** What a value may look like on a command line. Each type refuses whatever could be read as an option, another path or a second argument. */
interface ValueRule {
  readonly says: string;
  accepts(text: string): boolean;
}

interface Portal {
  /** An IPv6 address without its brackets, and in the one form that tools print (RFC 5952). */
  readonly address: string;
  readonly port: number;
}

function parsePortal(text: string): Portal | undefined {
  const [, address4, address6, digits] = /^(?:([\d.]+)|\[([0-9a-fA-F:.]+)\]):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) return undefined;
  if (address4 !== undefined && isIPv4(address4)) return { address: address4, port };
  if (address6 === undefined || !isIPv6(address6)) return undefined;
  return { address: new SocketAddress({ family: 'ipv6', address: address6 }).address, port };
}

const hexDigits = '(?:[0-9a-f]{8}|[0-9a-f]{17})';
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this refuses.
const controlCharacter = /[\u0000-\u001f\u007f]/;

function matching(form: RegExp, says: string): ValueRule {
  return { says, accepts: (text) => form.test(text) };
}

const wholeNumber = (text: string): boolean => /^(?:0|[1-9]\d*)$/.test(text) && Number.isSafeInteger(Number(text));

export const valueTypes = {
  id: matching(new RegExp(`^(?:vol|snap)-${hexDigits}$`), 'an id such as vol-0123456789abcdef0'),
  /** An id without its dash: the form in which EC2 gives a volume's id as a disk's serial number, 20 characters at most. */
  serial: matching(new RegExp(`^(?:vol|snap)${hexDigits}$`), 'an id without its dash'),
  path: {
    // tgtadm and xl take their parameters apart at commas, so that what lies behind one would be another parameter.
    says: 'an absolute path without "." or ".." in it, and without commas',
    accepts: (text) =>
      text.startsWith('/') &&
      !controlCharacter.test(text) &&
      !text.includes(',') &&
      !text.split('/').some((part) => part === '.' || part === '..') &&
      text.length < 4096,
  },
  size: { says: 'a number of bytes', accepts: wholeNumber },
  int: { says: 'a whole number, not negative', accepts: wholeNumber },
  seconds: matching(/^\d{1,9}(?:\.\d{1,3})?$/, 'a number of seconds'),
  iqn: matching(
    /^(?=.{1,223}$)(?:iqn\.\d{4}-\d{2}\.[a-z0-9][a-z0-9.-]*(?::[a-z0-9._:-]+)?|eui\.[0-9A-F]{16}|naa\.[0-9A-F]{16,32})$/,
    'an iSCSI name',
  ),
  word: matching(/^[A-Za-z0-9_][A-Za-z0-9_.:@+-]{0,254}$/, 'one word of letters, digits and _ . : @ + -'),
  portal: { says: 'ADDRESS:PORT with an IP address', accepts: (text) => parsePortal(text) !== undefined },
  text: {
    says: 'a text in one line that does not begin with a dash',
    accepts: (text) => !text.startsWith('-') && !controlCharacter.test(text),
  },
  secret: { says: 'a text in one line', accepts: (text) => text !== '' && !controlCharacter.test(text) },
} as const satisfies Record<string, ValueRule>;

export type ValueType = keyof typeof valueTypes;

export function isValueType(text: string): text is ValueType {
  return Object.hasOwn(valueTypes, text);
}

/** Which types a placeholder may ask for a field of a given type: its own, or one that is made from it. */
export function mayBeWrittenAs(declared: ValueType, asked: ValueType): boolean {
  return declared === asked || (declared === 'id' && asked === 'serial');
}

/** The value as text when it fits the type, `undefined` otherwise. A portal is written as tools print it, so that it can be compared with what they say. */
export function writeValue(value: string | number, type: ValueType): string | undefined {
  const text = type === 'serial' ? String(value).replace('-', '') : String(value);
  if (!valueTypes[type].accepts(text)) return undefined;
  const portal = type === 'portal' ? parsePortal(text) : undefined;
  return portal === undefined ? text : `${isIPv6(portal.address) ? `[${portal.address}]` : portal.address}:${portal.port}`;
}
