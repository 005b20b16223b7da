import { X509Certificate } from 'node:crypto';
import { watchedFile } from '../asking/watched-file.ts';
import { CloudUnavailable } from '../cloud-resolver.ts';

/** What Globus writes as OpenSSL does; other types have had several names in its time. */
const knownTypes = new Set(['C', 'ST', 'L', 'O', 'OU', 'CN', 'DC']);

/**
 * The name that Nimbus knows the holder of the certificate by, as `/O=Grid/CN=Alice`, as the file is now. `undefined` where it is not sure how
 * Nimbus writes it: a certificate of a proxy, whose name is that of its issuer with something behind it, or a name with unusual parts.
 * The result throws CloudUnavailable when there is no certificate in the file.
 */
export function callerName(certFile: string): () => string | undefined {
  const read = watchedFile(certFile);
  return () => {
    try {
      return distinguishedName(new X509Certificate(read()));
    } catch (cause) {
      throw new CloudUnavailable(`${certFile} has no certificate that can be read`, { cause });
    }
  };
}

function distinguishedName({ subject, issuer }: X509Certificate): string | undefined {
  // Node writes a part on each line, with a backslash before what is unusual and a plus between parts of one level.
  const parts = subject.split('\n');
  const isPlain = parts.every((part) => /^[A-Z]+=[^\\/+]+$/.test(part) && knownTypes.has(part.slice(0, part.indexOf('='))));
  const isProxy = issuer === parts.slice(0, -1).join('\n');
  return isPlain && !isProxy ? parts.map((part) => `/${part}`).join('') : undefined;
}
