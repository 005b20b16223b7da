import { createHash, createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  type AccessKey,
  type ArrivingRequest,
  authenticate,
  type SignatureRules,
} from '../../../../src/ec2-query-api/signature/authenticate.ts';
import { type FormParams, parseForm } from '../../../../src/ec2-query-api/wire/parse-form.ts';
import { accessKeyId, accountId, host, secretAccessKey } from '../support/fake-service.ts';
import { handSign } from '../support/hand-sign.ts';

const nowMs = Date.UTC(2024, 4, 6, 7, 8, 9);
const minuteMs = 60_000;
const proven = { accountId, accessKeyId };
const authFailure = { code: 'AuthFailure' };
const incomplete = { code: 'IncompleteSignature' };
const modern: SignatureRules = { scope: 'lenient', acceptsVersion1: false };
const withVersion1: SignatureRules = { ...modern, acceptsVersion1: true };

/** A signed request, to be changed. */
interface SignedRequest extends Pick<ArrivingRequest, 'method' | 'pathname' | 'headers'> {
  readonly queryParams: FormParams;
  readonly bodyParams: FormParams;
}

interface Habits {
  readonly method?: 'GET' | 'POST';
  /** The host that is signed, where it is not the one of the header. */
  readonly signedHost?: string;
  readonly path?: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly without?: readonly string[];
  readonly secret?: string;
}

/** What every client sends, signed or not. */
function paramsOf({ params = {}, without = [] }: Habits): Record<string, string> {
  const all: Record<string, string> = {
    Action: 'DescribeVolumes',
    Version: '2010-08-31',
    AWSAccessKeyId: accessKeyId,
    SignatureVersion: '2',
    SignatureMethod: 'HmacSHA256',
    Timestamp: new Date(nowMs).toISOString(),
    'Filter.1.Value.1': "a b+c*~'()!/é",
    'VolumeId.10': 'vol-00000010',
    'VolumeId.2': 'vol-00000002',
    ...params,
  };
  return Object.fromEntries(Object.entries(all).filter(([name]) => !without.includes(name)));
}

/** Version 2 by the book, without the code that verifies it. */
function sign2(habits: Habits = {}): SignedRequest {
  const { method = 'POST', signedHost = host, path = '/', secret = secretAccessKey } = habits;
  const params = paramsOf(habits);
  const escaped = (text: string) => encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  const query = Object.keys(params)
    .sort()
    .map((name) => `${escaped(name)}=${escaped(params[name] ?? '')}`)
    .join('&');
  const hash = params.SignatureMethod === 'HmacSHA1' ? 'sha1' : 'sha256';
  return sent(method, path, {
    ...params,
    Signature: createHmac(hash, secret).update(`${method}\n${signedHost}\n${path}\n${query}`).digest('base64'),
  });
}

function sign1(habits: Habits = {}): SignedRequest {
  const params = paramsOf({ ...habits, params: { SignatureVersion: '1', ...habits.params }, without: ['SignatureMethod'] });
  const names = Object.keys(params).sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
  const text = names.map((name) => `${name}${params[name]}`).join('');
  return sent('GET', '/', { ...params, Signature: createHmac('sha1', secretAccessKey).update(text).digest('base64') });
}

function sent(method: 'GET' | 'POST', pathname: string, params: Readonly<Record<string, string>>): SignedRequest {
  // Over the wire and back, as a client's own way of escaping may differ from what it signs.
  const text = new URLSearchParams(params).toString();
  const [queryParams, bodyParams]: [FormParams, FormParams] =
    method === 'GET' ? [parseForm(text, 1_000), []] : [[], parseForm(text, 1_000)];
  return { method, pathname, queryParams, bodyParams, headers: { host } };
}

function changed(request: SignedRequest, name: string, value: string): SignedRequest {
  const change = (params: FormParams) => params.map(([each, old]) => [each, each === name ? value : old] as const);
  return { ...request, queryParams: change(request.queryParams), bodyParams: change(request.bodyParams) };
}

async function verify(request: SignedRequest, rules = modern, atMs = nowMs, session?: AccessKey['session']) {
  const lookUpAccessKey = async (id: string) =>
    id === accessKeyId ? { secretAccessKey, accountId, ...(session !== undefined && { session }) } : undefined;
  return authenticate(arriving(request), { lookUpAccessKey, nowMs: atMs, region: 'here-1', rules });
}

function arriving({ queryParams, bodyParams, ...request }: SignedRequest): ArrivingRequest {
  const text = (params: FormParams) => params.map((pair) => pair.map(encodeURIComponent).join('=')).join('&');
  return {
    ...request,
    query: text(queryParams),
    mostBodyBytes: 1_048_576,
    readBody: async () => Buffer.from(text(bodyParams)),
  };
}

describe('Signature Version 2', () => {
  test('the example that AWS publishes is accepted', async () => {
    const params = {
      AWSAccessKeyId: 'AKIAIOSFODNN7EXAMPLE',
      Action: 'DescribeJobFlows',
      SignatureMethod: 'HmacSHA256',
      SignatureVersion: '2',
      Timestamp: '2011-10-03T15:19:30',
      Version: '2009-03-31',
      Signature: 'i91nKc4PWAt0JJIdXwz9HxZCJDdiy6cf/Mj6vPxyYIs=',
    };
    const request = { ...sent('GET', '/', params), headers: { host: 'elasticmapreduce.amazonaws.com' } };
    const lookUpAccessKey = async () => ({ secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', accountId });
    const context = { lookUpAccessKey, nowMs: Date.UTC(2011, 9, 3, 15, 20), region: 'here-1', rules: modern };
    expect((await authenticate(arriving(request), context)).caller.accessKeyId).toBe('AKIAIOSFODNN7EXAMPLE');
  });

  test.each(['GET', 'POST'] as const)(
    'a %s is accepted with either method, and gives only the parameters of the action',
    async (method) => {
      for (const SignatureMethod of ['HmacSHA1', 'HmacSHA256']) {
        const { caller, members } = await verify(sign2({ method, params: { SignatureMethod } }));
        expect(caller).toEqual(proven);
        expect(members.map(([name]) => name)).toEqual(['Action', 'Version', 'Filter.1.Value.1', 'VolumeId.10', 'VolumeId.2']);
      }
    },
  );

  test('a client that leaves the port out of the host that it signs is accepted, one that signs another host is not', async () => {
    await expect(verify(sign2({ signedHost: 'ec2.example.test' }))).resolves.toMatchObject({ caller: proven });
    await expect(verify(sign2({ signedHost: 'other.example.test:8773' }))).rejects.toMatchObject(authFailure);
  });

  test('a path is signed', async () => {
    const request = sign2({ path: '/services/Cloud/' });
    await expect(verify(request)).resolves.toMatchObject({ caller: proven });
    await expect(verify({ ...request, pathname: '/' })).rejects.toMatchObject(authFailure);
  });

  test('a changed, added or taken parameter, method, key or secret is refused in the same words', async () => {
    const request = sign2();
    const added = { ...request, bodyParams: [...request.bodyParams, ['DryRun', 'true'] as const] };
    const taken = { ...request, bodyParams: request.bodyParams.filter(([name]) => name !== 'VolumeId.2') };
    const spoiled = [
      changed(request, 'VolumeId.2', 'vol-00000003'),
      added,
      taken,
      { ...request, method: 'GET' },
      changed(request, 'SignatureMethod', 'HmacSHA1'),
      changed(request, 'Signature', 'short'),
      sign2({ params: { AWSAccessKeyId: 'AKIDNOBODY' } }),
      sign2({ params: { AWSAccessKeyId: 'AKIDNOBODY' }, secret: 'unknown' }),
      sign2({ secret: 'wrong' }),
    ];
    for (const each of spoiled) {
      await expect(verify(each)).rejects.toMatchObject({
        ...authFailure,
        message: 'AWS was not able to validate the provided access credentials',
      });
    }
  });

  test('a request is taken for fifteen minutes around its time, and no replay of it after that', async () => {
    for (const minutes of [-14, 14]) await expect(verify(sign2(), modern, nowMs + minutes * minuteMs)).resolves.toBeDefined();
    for (const minutes of [-16, 16]) {
      await expect(verify(sign2(), modern, nowMs + minutes * minuteMs)).rejects.toMatchObject({ code: 'RequestExpired' });
    }
  });

  test('a request that expires is taken until then, and for a week at most', async () => {
    const until = (minutes: number) =>
      sign2({ without: ['Timestamp'], params: { Expires: new Date(nowMs + minutes * minuteMs).toISOString() } });
    await expect(verify(until(60), modern, nowMs + 59 * minuteMs)).resolves.toBeDefined();
    await expect(verify(until(60), modern, nowMs + 61 * minuteMs)).rejects.toMatchObject({ code: 'RequestExpired' });
    await expect(verify(until(7 * 24 * 60 + 1))).rejects.toMatchObject(incomplete);
  });

  test.each([
    ['no Signature', { without: ['Signature'] }],
    ['no key', { without: ['AWSAccessKeyId'] }],
    ['neither Timestamp nor Expires', { without: ['Timestamp'] }],
    ['both Timestamp and Expires', { params: { Expires: '2024-05-06T07:10:00Z' } }],
    ['a time in another form', { params: { Timestamp: 'Mon, 06 May 2024 07:08:09 GMT' } }],
    ['a time that there is not', { params: { Timestamp: '2024-13-06T07:08:09Z' } }],
    ['another method', { params: { SignatureMethod: 'HmacMD5' } }],
    ['another version', { params: { SignatureVersion: '3' } }],
    ['no version', { without: ['SignatureVersion'] }],
  ])('a request with %s is refused', async (_what, habits: Habits) => {
    const request = sign2(habits);
    const without = (params: FormParams) => params.filter(([name]) => !habits.without?.includes(name));
    await expect(verify({ ...request, bodyParams: without(request.bodyParams) })).rejects.toMatchObject(incomplete);
  });

  test('a parameter of the signature that is given twice is refused', async () => {
    const request = sign2();
    const twice = { ...request, queryParams: [['Timestamp', '2024-05-06T07:08:09Z'] as const] };
    await expect(verify(twice)).rejects.toMatchObject(incomplete);
  });

  test('a temporary key holds with its session token, and a lasting one without any', async () => {
    const session = { tokenSha256: createHash('sha256').update('the token').digest('hex'), expiresAtMs: nowMs + minuteMs };
    const withToken = (token: string) => sign2({ params: { SecurityToken: token } });
    await expect(verify(withToken('the token'), modern, nowMs, session)).resolves.toMatchObject({ caller: proven });
    await expect(verify(withToken('another'), modern, nowMs, session)).rejects.toMatchObject(authFailure);
    await expect(verify(sign2(), modern, nowMs, session)).rejects.toMatchObject(authFailure);
    await expect(verify(withToken('the token'))).rejects.toMatchObject(authFailure);
    await expect(verify(withToken('the token'), modern, nowMs + minuteMs, session)).rejects.toMatchObject({ code: 'RequestExpired' });
  });

  test('a time without a zone is UTC', async () => {
    await expect(verify(sign2({ params: { Timestamp: '2024-05-06T07:08:09' } }))).resolves.toBeDefined();
    await expect(verify(sign2({ params: { Timestamp: '2024-05-06T09:08:09+02:00' } }))).resolves.toBeDefined();
  });
});

describe('Signature Version 1', () => {
  test('is refused unless the settings accept it', async () => {
    await expect(verify(sign1())).rejects.toMatchObject({ ...authFailure, message: expect.stringContaining('Version 1 is not accepted') });
    await expect(verify(sign1(), withVersion1)).resolves.toMatchObject({ caller: proven });
  });

  test('is proved as the others are, where it is accepted', async () => {
    await expect(verify(changed(sign1(), 'VolumeId.2', 'vol-00000003'), withVersion1)).rejects.toMatchObject(authFailure);
    await expect(verify(sign1(), withVersion1, nowMs + 16 * minuteMs)).rejects.toMatchObject({ code: 'RequestExpired' });
  });

  test('does not make a version 2 request good that is not', async () => {
    await expect(verify(changed(sign2(), 'SignatureVersion', '1'), withVersion1)).rejects.toMatchObject(authFailure);
  });
});

describe('the scope of a Version 4 signature', () => {
  const strict: SignatureRules = { ...modern, scope: 'strict' };
  const request = (region: string, service: string): SignedRequest => {
    const { method, headers, body } = handSign({ region, service, body: 'Action=DescribeVolumes' });
    return { method, pathname: '/', queryParams: [], bodyParams: parseForm(body.toString(), 10), headers };
  };

  test('is any when the settings are lenient, and has to be ours when they are strict', async () => {
    for (const [region, service] of [
      ['0', '127'],
      ['localhost', 'localhost'],
      ['undefined-1234', 'ec2'],
      ['here-1', 's3'],
    ] as const) {
      await expect(verify(request(region, service), modern, Date.now())).resolves.toMatchObject({ caller: proven });
      await expect(verify(request(region, service), strict, Date.now())).rejects.toMatchObject(authFailure);
    }
    await expect(verify(request('here-1', 'ec2'), strict, Date.now())).resolves.toMatchObject({ caller: proven });
  });
});
