import aws4 from 'aws4';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expectedSignature, type SignableRequest } from '../../../../src/ec2-query-api/signature/expected-signature.ts';
import type { Signature } from '../../../../src/ec2-query-api/signature/read-signature.ts';

/** What aws4 signs, which shares no code with the service. It leaves out headers that proxies change unless it is told to take them. */
function signedByAws4(
  request: SignableRequest,
  { scope, dateTime, signedHeaders }: Signature,
  secretAccessKey: string,
): string | undefined {
  const query = request.queryParams.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&');
  const toSign: aws4.Request & { readonly extraHeadersToInclude: Readonly<Record<string, true>> } = {
    method: request.method,
    path: query === '' ? request.pathname : `${request.pathname}?${query}`,
    headers: Object.fromEntries(signedHeaders.map((name) => [name, String(request.headers[name] ?? '')])),
    body: request.body,
    doNotModifyHeaders: true,
    extraHeadersToInclude: Object.fromEntries(signedHeaders.map((name) => [name, true])),
  };
  const signer = new aws4.RequestSigner(toSign, { accessKeyId: 'key', secretAccessKey });
  signer.region = scope.region;
  signer.service = scope.service;
  signer.datetime = dateTime;
  try {
    return signer.signature();
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

const text = fc.string({
  unit: fc.constantFrom('a', 'Z', '0', ' ', '+', '%', '/', '.', '~', "'", '(', '*', '!', '&', '=', 'é', '卷', '𝒳'),
});
const name = text.filter((each) => each !== '');
const plainPiece = fc.constantFrom('', 'a', '.', '..', 'b%20c', '%2F', '*', '%', "it's", '..a');
const oddPiece = fc.constantFrom('', 'é', 'x y', '..', '%', '"');
const path = (pieces: readonly string[]) => `/${pieces.join('/')}`;
const headers = { 'x-amz-date': text, 'content-type': text, 'user-agent': text, expect: text, 'x-amz-content-sha256': text };

test('every request has the signature that aws4 makes of it', () => {
  // Of a path that has to be encoded first aws4 encodes the query another time too, which is a mistake of its own.
  const target = fc.oneof(
    fc.record({
      pathname: fc.array(plainPiece, { maxLength: 5 }).map(path),
      queryParams: fc.array(fc.tuple(name, text), { maxLength: 5 }),
    }),
    fc.record({ pathname: fc.array(oddPiece, { maxLength: 4 }).map(path), queryParams: fc.constant([]) }),
  );
  const rest = fc.record({
    method: fc.constantFrom('GET', 'POST'),
    bodyParams: fc.constant([]),
    headers: fc.record(headers, { requiredKeys: [] }).map((given) => ({ host: 'here:8773', ...given })),
    body: text.map((each) => Buffer.from(each)),
  });
  const request = fc.tuple(target, rest).map(([one, other]): SignableRequest => ({ ...one, ...other }));
  const signature = fc.record({
    accessKeyId: fc.constant('key'),
    scope: fc.record({ region: fc.constantFrom('here-1', '0', ''), service: fc.constantFrom('ec2', '127', '') }),
    dateTime: fc.constantFrom('20260102T030405Z', '20251231T235959Z'),
    signedAtMs: fc.constant(0),
    signedHeaders: fc.subarray(Object.keys(headers)).map((names) => [...names, 'host']),
    signature: fc.constant(''),
  });
  fc.assert(
    fc.property(request, signature, fc.constantFrom('secret', 'other/secret+'), (made, claimed, secret) => {
      expect(expectedSignature(made, claimed, secret)).toBe(signedByAws4(made, claimed, secret));
    }),
    { numRuns: 1_000 },
  );
});

test('a thousand keys and more are told apart', () => {
  const request = { method: 'GET', pathname: '/', queryParams: [], bodyParams: [], headers: { host: 'here' }, body: Buffer.alloc(0) };
  const claimed = {
    ...{ accessKeyId: 'key', scope: { region: 'here-1', service: 'ec2' }, dateTime: '20260102T030405Z', signedAtMs: 0 },
    ...{ signedHeaders: ['host'], signature: '' },
  };
  const signatures = Array.from({ length: 1_100 }, (_, index) => expectedSignature(request, claimed, `secret-${index}`));
  expect(new Set(signatures).size).toBe(signatures.length);
  expect(expectedSignature(request, claimed, 'secret-0')).toBe(signatures[0]);
});
