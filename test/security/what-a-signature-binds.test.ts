import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEndpoint, type Endpoint } from '../../src/ec2-query-api/endpoint.ts';
import { createFailedProofs, defaultFailedProofLimits } from '../../src/ec2-query-api/failed-proofs.ts';

import { fakeDependencies } from '../unit/ec2-query-api/support/fake-service.ts';
import {
  formOf,
  type Pairs,
  presigned,
  type Signing,
  signedAmongParams,
  signedInHeader,
  textOfVersion1,
  type WireRequest,
} from './support/signed-requests.ts';
import { bytesOf, openWire, type Wire } from './support/wire.ts';

let endpoint: Endpoint;
let wire: Wire;
let port: number;

beforeAll(async () => {
  const door = {
    failedProofs: createFailedProofs(defaultFailedProofLimits, Date.now),
    sleep: async () => undefined,
    noteRefusal: () => undefined,
  };
  endpoint = createEndpoint({ ...fakeDependencies(), door, signatures: { scope: 'lenient', acceptsVersion1: true } });
  ({ port } = await endpoint.listen('127.0.0.1', 0));
  wire = await openWire(port);
});

afterAll(async () => {
  wire.close();
  await endpoint.close();
});

/** On the same connection, or a new one when the request before had the old one closed. */
async function codeOf(request: WireRequest): Promise<string> {
  if (wire.socket.destroyed || wire.socket.readableEnded) wire = await openWire(port);
  const { code } = await wire.ask(bytesOf(request));
  return code ?? 'answered';
}

const unproved = ['AuthFailure', 'IncompleteSignature', 'MissingAuthenticationToken', 'MalformedQueryString', 'RequestExpired'];

async function isTaken(request: WireRequest): Promise<boolean> {
  return !unproved.includes(await codeOf(request));
}

/** Everything that a request can make the service do is among its parameters. */
const membersOf = ({ query, body }: WireRequest): Pairs => {
  const pairs = [...new URLSearchParams(query), ...new URLSearchParams(body)];
  return pairs.map(([name, value]) => [name, value] as const);
};
const isOfSignature = (name: string) =>
  /^X-Amz-(Algorithm|Content-Sha256|Credential|Date|Expires|Security-Token|Signature|SignedHeaders|User-Agent)$/.test(name) ||
  ['AWSAccessKeyId', 'Expires', 'SecurityToken', 'Signature', 'SignatureMethod', 'SignatureVersion', 'Timestamp'].includes(name);
const meaningOf = (request: WireRequest) =>
  JSON.stringify(
    membersOf(request)
      .filter(([name]) => !isOfSignature(name))
      .sort(([a, aValue], [b, bValue]) => `${a}\n${aValue}`.localeCompare(`${b}\n${bValue}`)),
  );

const oddNames = [
  '__proto__',
  '',
  'constructor',
  'a b',
  'a+b',
  'é',
  'X-Amz-Foo',
  'x-amz-signature',
  'Filter.1.Name',
  'DryRun',
  'VolumeId.1',
];
const names = fc.oneof(fc.constantFrom(...oddNames), fc.string({ maxLength: 6 }));
const values = fc.oneof(fc.constantFrom('', 'true', 'a b', '+', '%26', '&', '=', '%'), fc.string({ unit: 'grapheme', maxLength: 6 }));
const pairs = fc.array(fc.tuple(names, values), { maxLength: 4 });
const someSigning: fc.Arbitrary<Signing> = fc
  .record({ method: fc.constantFrom('GET', 'POST'), path: fc.constantFrom('/', '/services/Cloud/'), query: pairs, body: pairs })
  .map((signing) => ({
    ...signing,
    query: [['Action', 'DescribeVolumes'] as const, ...signing.query],
    body: signing.method === 'GET' ? [] : signing.body,
  }));

const otherNames = [...oddNames, 'Action', 'X-Amz-Expires', 'X-Amz-Content-Sha256', 'X-Amz-User-Agent', 'Signature', 'AWSAccessKeyId'];
const piece = fc.oneof(
  fc.constantFrom('a', '0', '%', '&', '=', '+', '.', '%20', '%2B', '&DryRun=true', '&=x'),
  fc.constantFrom(...otherNames).map((name) => `&${encodeURIComponent(name)}=x`),
);
const put = (text: string, at: number, deleted: number, added: string) => text.slice(0, at) + added + text.slice(at + deleted);
const place = fc.nat({ max: 600 });
/** Something else than was signed, or the same in another way. */
const change: fc.Arbitrary<(request: WireRequest) => WireRequest> = fc.oneof(
  fc.tuple(place, fc.nat({ max: 2 }), piece).map(([at, deleted, added]) => (request: WireRequest) => ({
    ...request,
    query: put(request.query, at % (request.query.length + 1), deleted, added),
  })),
  fc.tuple(place, fc.nat({ max: 2 }), piece).map(([at, deleted, added]) => (request: WireRequest) => ({
    ...request,
    body: put(request.body, at % (request.body.length + 1), deleted, added),
  })),
  fc
    .constantFrom(...otherNames)
    .map((name) => (request: WireRequest) => ({ ...request, query: `${request.query}&${encodeURIComponent(name)}=x` })),
  fc
    .constantFrom(...otherNames)
    .map((name) => (request: WireRequest) => ({ ...request, body: `${request.body}&${encodeURIComponent(name)}=x` })),
  fc.constantFrom(
    (request: WireRequest) => ({ ...request, method: request.method === 'GET' ? ('POST' as const) : ('GET' as const) }),
    (request: WireRequest) => ({ ...request, path: '/elsewhere' }),
    (request: WireRequest) => ({ ...request, query: '', body: `${request.query}&${request.body}` }),
    (request: WireRequest) => ({ ...request, query: `${request.query}&${request.body}`, body: '' }),
    (request: WireRequest) => ({ ...request, body: `${request.body}&${request.body}` }),
    (request: WireRequest) => ({ ...request, headers: { ...request.headers, 'content-type': 'text/plain' } }),
  ),
  fc.tuple(fc.constantFrom('UNSIGNED-PAYLOAD', 'abc', ''), piece).map(([hash, added]) => ({ headers, ...request }: WireRequest) => ({
    ...request,
    body: `${request.body}${added}`,
    headers: { ...headers, 'x-amz-content-sha256': hash },
  })),
);

const forms = [
  ['Version 4 in the header', signedInHeader],
  ['Version 4 presigned', presigned],
  ['Version 2', (signing: Signing) => signedAmongParams(2, signing)],
] as const;

test.each(forms)(
  '%s: whatever is changed of a request is refused, or means the same',
  async (_name, sign) => {
    await fc.assert(
      fc.asyncProperty(someSigning, fc.array(change, { minLength: 1, maxLength: 2 }), async (signing, changes) => {
        const request = sign(signing);
        fc.pre(await isTaken(request));
        const changed = changes.reduce((each, apply) => apply(each), request);
        if (await isTaken(changed)) expect(meaningOf(changed)).toBe(meaningOf(request));
      }),
      { numRuns: 400 },
    );
  },
  120_000,
);

test.each(forms)(
  '%s: a request is taken with whatever parameters it was signed',
  async (_name, sign) => {
    await fc.assert(
      fc.asyncProperty(someSigning, async (signing) => {
        expect(await codeOf(sign(signing))).not.toBe('AuthFailure');
      }),
      { numRuns: 200 },
    );
  },
  120_000,
);

test('Version 1: what is changed is refused, but where it moves the borders that this version does not tell', async () => {
  await fc.assert(
    fc.asyncProperty(someSigning, change, async (signing, apply) => {
      const request = signedAmongParams(1, signing);
      const changed = apply(request);
      const signedText = (each: WireRequest) => textOfVersion1(membersOf(each).filter(([name]) => name !== 'Signature'));
      if (await isTaken(changed)) expect(signedText(changed)).toBe(signedText(request));
    }),
    { numRuns: 300 },
  );
}, 120_000);

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

test.each(['UNSIGNED-PAYLOAD', 'abc', sha256('')])(
  'a presigned POST whose signed x-amz-content-sha256 is %s does not run with a body of another hash',
  async (bodyHash) => {
    const request = presigned({ method: 'POST', path: '/', query: [], body: [], headers: { 'x-amz-content-sha256': bodyHash }, bodyHash });
    for (const Action of ['DescribeVolumes', 'DescribeRegions']) {
      expect(await codeOf({ ...request, body: formOf([['Action', Action]]) })).toBe('AuthFailure');
    }
  },
);

test('a presigned POST whose signed x-amz-content-sha256 is that of its body runs', async () => {
  const body: Pairs = [['Action', 'DescribeVolumes']];
  const bodyHash = sha256(formOf(body));
  const request = presigned({ method: 'POST', path: '/', query: [], body, headers: { 'x-amz-content-sha256': bodyHash }, bodyHash });
  expect(await codeOf(request)).toBe('answered');
});

test.each(['__proto__', '', 'constructor'])('a parameter named "%s" is within every signature', async (name) => {
  const signing: Signing = { method: 'GET', path: '/', query: [['Action', 'DescribeVolumes']], body: [] };
  for (const [, sign] of forms) {
    const request = sign(signing);
    expect(await codeOf(request)).toBe('answered');
    expect(await codeOf({ ...request, query: `${request.query}&${name}=x` })).toBe('AuthFailure');
    expect(await codeOf({ ...request, query: `${name}=x&${request.query}` })).toBe('AuthFailure');
  }
});

test('bytes after the end of a request are the next request, and no part of this one', async () => {
  const request = signedInHeader({ method: 'POST', path: '/', query: [], body: [['Action', 'DescribeVolumes']] });
  const fresh = await openWire(port);
  const { text } = await fresh.ask(`${bytesOf(request)}&DryRun=true`);
  expect(text).toContain('<volumeSet/>');
  fresh.close();
});

test('a body in pieces is bound as a whole is', async () => {
  const { headers, path } = signedInHeader({ method: 'POST', path: '/', query: [], body: [['Action', 'DescribeVolumes']] });
  const lines = Object.entries({ ...headers, 'transfer-encoding': 'chunked' }).map(([name, value]) => `${name}: ${value}\r\n`);
  const chunked = (...pieces: readonly string[]) =>
    `POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${pieces.map((each) => `${each.length.toString(16)}\r\n${each}\r\n`).join('')}0\r\n\r\n`;
  expect((await wire.ask(chunked('Action=Desc', 'ribeVolumes'))).text).toContain('<volumeSet/>');
  expect((await wire.ask(chunked('Action=Desc', 'ribeVolumes', '&DryRun=true'))).code).toBe('AuthFailure');
});
