import type { SecureVersion } from 'node:tls';
import * as z from 'zod';
import { CloudUnavailable } from '../cloud-resolver.ts';
import { absolutePath } from './absolute-path.ts';
import { watchedFile } from './watched-file.ts';

/** How a cloud's server is recognised, and how VBS proves to it who it is. Files are in PEM. */
export const tlsSettings = z.strictObject({
  /** Certificates of the authorities to trust in place of the system's. */
  ca: absolutePath.optional(),
  /** The client certificate, with what leads from it to an authority that the server trusts. */
  cert: absolutePath.optional(),
  key: absolutePath.optional(),
  /** TLSv1 and TLSv1.1 for servers of their time; they also want ciphers as 'DEFAULT@SECLEVEL=0'. */
  minVersion: z.enum(['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']).default('TLSv1.2'),
  /** As OpenSSL lists them. */
  ciphers: z.string().min(1).optional(),
  /** The name in the server's certificate, where it is not the one in the URL. */
  serverName: z.string().min(1).optional(),
});

export type TlsSettings = z.output<typeof tlsSettings>;

export interface TlsMaterial {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly minVersion: SecureVersion;
  readonly ciphers?: string;
  readonly servername?: string;
}

/** What connections are made with, as the files are now; the same object as long as none has changed. Throws CloudUnavailable when one cannot be read. */
export function tlsMaterial({ ca, cert, key, minVersion, ciphers, serverName }: TlsSettings): () => TlsMaterial {
  const fixed = { minVersion, ...(ciphers !== undefined && { ciphers }), ...(serverName !== undefined && { servername: serverName }) };
  const files = Object.entries({ ca, cert, key }).flatMap(([use, path]) =>
    path === undefined ? [] : [{ use, path, read: watchedFile(path) }],
  );
  let contents: readonly Buffer[] = [];
  let material: TlsMaterial | undefined;
  return () => {
    const now = files.map(({ path, read }) => {
      try {
        return read();
      } catch (cause) {
        throw new CloudUnavailable(`${path} cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'no code'})`, {
          hint: 'the files below tls must exist and be readable by the user that the service runs as',
          cause,
        });
      }
    });
    if (material === undefined || now.some((content, index) => content !== contents[index])) {
      contents = now;
      material = { ...fixed, ...Object.fromEntries(files.map(({ use }, index) => [use, now[index]])) };
    }
    return material;
  };
}
