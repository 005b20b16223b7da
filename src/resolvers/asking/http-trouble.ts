import { CloudUnavailable } from '../cloud-resolver.ts';

interface Trouble {
  readonly says: string;
  readonly hint?: string;
}

const clock = 'renew the certificate, or look whether the clock of this machine is right';
const trust = 'name the certificate of the authority that signed it with tls.ca';

/** What Node calls the ways in which a server can fail to answer, in words for the operator. */
const troubles: Readonly<Record<string, Trouble>> = {
  ECONNREFUSED: { says: 'refuses connections', hint: 'is the service running, and is the port right?' },
  ENOTFOUND: { says: 'has a name that is not known', hint: 'is the host in the URL spelled right?' },
  EAI_AGAIN: { says: 'has a name that could not be looked up', hint: 'is the name server reachable?' },
  EHOSTUNREACH: { says: 'cannot be reached' },
  ENETUNREACH: { says: 'cannot be reached' },
  ETIMEDOUT: { says: 'does not take the connection' },
  ECONNRESET: { says: 'closed the connection before the whole answer was there', hint: 'does it want TLS, or a client certificate?' },
  EPIPE: { says: 'closed the connection before the question was asked', hint: 'does it want TLS, or a client certificate?' },
  ABORT_ERR: { says: 'did not answer in time' },
  CERT_HAS_EXPIRED: { says: 'shows a certificate that has expired', hint: clock },
  CERT_NOT_YET_VALID: { says: 'shows a certificate that is not valid yet', hint: clock },
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: { says: 'shows a certificate of an authority that is not trusted', hint: trust },
  UNABLE_TO_GET_ISSUER_CERT: { says: 'shows a certificate of an authority that is not trusted', hint: trust },
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: { says: 'shows a certificate of an authority that is not trusted', hint: trust },
  SELF_SIGNED_CERT_IN_CHAIN: { says: 'shows a certificate of an authority that is not trusted', hint: trust },
  DEPTH_ZERO_SELF_SIGNED_CERT: { says: 'shows a certificate that nobody but itself signed', hint: 'name that certificate with tls.ca' },
  CERT_SIGNATURE_FAILURE: { says: 'shows a certificate that another authority of the same name signed', hint: trust },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    says: 'shows a certificate for another name',
    hint: 'use the name in the certificate, or say it with tls.serverName',
  },
  ERR_SSL_WRONG_VERSION_NUMBER: { says: 'does not speak TLS', hint: 'http:// instead of https://?' },
  EPROTO: { says: 'agrees to no way of TLS', hint: 'old servers want tls.minVersion: TLSv1 and tls.ciphers: DEFAULT@SECLEVEL=0' },
  ERR_SSL_UNSUPPORTED_PROTOCOL: {
    says: 'speaks only versions of TLS that are not allowed',
    hint: 'old servers want tls.minVersion: TLSv1 and tls.ciphers: DEFAULT@SECLEVEL=0',
  },
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: { says: 'wants a client certificate', hint: 'name one with tls.cert and tls.key' },
  HPE_INVALID_CONSTANT: { says: 'does not answer in HTTP', hint: 'https:// instead of http://?' },
};

/** A whole sentence for whatever a request was rejected with. */
export function troubleOf(origin: string, cause: unknown): CloudUnavailable {
  const { code, name, message }: NodeJS.ErrnoException = cause instanceof Error ? cause : new Error(String(cause));
  const known = troubles[code ?? ''] ?? (name === 'AbortError' ? troubles.ABORT_ERR : undefined) ?? byPrefix(code ?? '');
  const trouble = speaksNoTls(message) ? troubles.ERR_SSL_WRONG_VERSION_NUMBER : known;
  const says = trouble?.says ?? `cannot be asked: ${message}`;
  return new CloudUnavailable(`${origin} ${says}${code === undefined ? '' : ` (${code})`}`, {
    cause,
    ...(trouble?.hint !== undefined && { hint: trouble.hint }),
  });
}

/** Node gives one code for everything that can be wrong with a handshake, and OpenSSL's words in the message. */
function speaksNoTls(message: string): boolean {
  return message.includes('wrong version number') || message.includes('packet length too long');
}

/** Node has a code for every message of OpenSSL and of its HTTP parser. */
function byPrefix(code: string): Trouble | undefined {
  if (code.startsWith('HPE_')) return troubles.HPE_INVALID_CONSTANT;
  if (code.includes('ALERT')) {
    return { says: 'refused the TLS connection', hint: 'it may want another client certificate, or an older version of TLS' };
  }
  return code.startsWith('ERR_SSL_') || code.startsWith('ERR_OSSL_') ? troubles.EPROTO : undefined;
}
