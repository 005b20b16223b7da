import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import aws4 from 'aws4';
import type { FormParams } from '../wire/parse-form.ts';
import type { Signature } from './read-signature.ts';

/** The parts of a request that a signature covers. */
export interface SignableRequest {
  readonly method: string;
  /** As it came, still percent-encoded. */
  readonly pathname: string;
  readonly queryParams: FormParams;
  /** The body read as a form, which it is whatever type it claims to have. */
  readonly bodyParams: FormParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** aws4 reads a query with Node's own parser, which drops what comes after this many parameters without a word. */
export const maxSignableQueryParams = 1_000;

/** aws4 leaves out headers that proxies often change, unless told to take them; a client that signed one is to be followed. */
type SignerRequest = aws4.Request & { readonly extraHeadersToInclude: Readonly<Record<string, true>> };

/**
 * The signature that the holder of the secret would have made of this request, in hex; `undefined` when none can be, since the path is
 * no valid text. aws4 signs and does not verify, so it is given exactly what the client says it signed. It keeps the keys that it
 * derives, for the last thousand pairs of secret and scope.
 */
export function expectedSignature(request: SignableRequest, signature: Signature, secretAccessKey: string): string | undefined {
  const headers: OutgoingHttpHeaders = {};
  const extraHeadersToInclude: Record<string, true> = {};
  for (const name of signature.signedHeaders) {
    const value = request.headers[name];
    headers[name] = Array.isArray(value) ? value.join(',') : (value ?? '');
    extraHeadersToInclude[name] = true;
  }
  const signerRequest: SignerRequest = {
    method: request.method,
    path: `${request.pathname}${queryToSign(request.queryParams)}`,
    headers,
    body: request.body,
    doNotModifyHeaders: true,
    extraHeadersToInclude,
  };
  const signer = new aws4.RequestSigner(signerRequest, { accessKeyId: signature.accessKeyId, secretAccessKey });
  // Set afterwards: the constructor takes an empty name for a missing one.
  signer.region = signature.scope.region;
  signer.service = signature.scope.service;
  signer.datetime = signature.dateTime;
  try {
    return signer.signature();
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

/** Encoded anew from what was decoded, so that the text that is verified and the parameters that are acted on cannot differ. */
function queryToSign(params: FormParams): string {
  const signed = params.filter(([name]) => name !== 'X-Amz-Signature');
  if (signed.length === 0) return '';
  return `?${signed.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&')}`;
}
