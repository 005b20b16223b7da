import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';

/** A certificate with its key, as files in PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** A certificate authority in a folder of its own, for as long as somebody tries something out. */
export interface Authority {
  /** Its own certificate. */
  readonly ca: string;
  /** `name` is that of the files, `subject` as OpenSSL writes one: /O=Grid/CN=Alice. A negative number of days makes one that has expired. */
  issue(name: string, subject: string, options?: { readonly hosts?: readonly string[]; readonly days?: number }): Promise<Certificate>;
}

export async function makeAuthority(folder: string, subject = '/O=Grid/CN=Authority of a stand-in'): Promise<Authority> {
  mkdirSync(folder, { recursive: true });
  const ca = join(folder, 'ca.pem');
  const caKey = join(folder, 'ca.key');
  await openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', caKey);
  await openssl('req', '-x509', '-new', '-key', caKey, '-subj', subject, '-days', '30', '-out', ca);
  return {
    ca,
    async issue(name, subjectName, { hosts = [], days = 30 } = {}) {
      const [cert, key, request, extensions] = ['pem', 'key', 'csr', 'ext'].map((kind) => join(folder, `${name}.${kind}`)) as [
        string,
        string,
        string,
        string,
      ];
      await openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', key);
      await openssl('req', '-new', '-key', key, '-subj', subjectName, '-out', request);
      const names = hosts.map((host) => `${/^[\d.]+$/.test(host) ? 'IP' : 'DNS'}:${host}`).join(',');
      writeFileSync(extensions, names === '' ? '' : `subjectAltName=${names}\n`);
      const validity = ['-days', String(days), '-extfile', extensions];
      await openssl('x509', '-req', '-in', request, '-CA', ca, '-CAkey', caKey, '-CAcreateserial', ...validity, '-out', cert);
      return { cert, key };
    },
  };
}

async function openssl(...words: readonly string[]): Promise<void> {
  await execa('openssl', words);
}
