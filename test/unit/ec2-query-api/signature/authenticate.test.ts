import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { DescribeVolumesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import type { RawRequest } from '../../../../src/ec2-query-api/handle-request.ts';
import {
  type AccessKey,
  type ArrivingRequest,
  authenticate,
  type SignatureRules,
} from '../../../../src/ec2-query-api/signature/authenticate.ts';
import { accessKeyId, accountId, credentials, presignedGet, secretAccessKey, signedPost } from '../support/fake-service.ts';
import { handSign, nowAsDateTime } from '../support/hand-sign.ts';

const body = 'Action=DescribeVolumes&Version=2016-11-15&Filter.1.Name=tag%3AName&Filter.1.Value.1=a%20b%2A';
const proven = { accountId, accessKeyId };
const minuteMs = 60_000;

function arriving({ method, url, headers, body: bytes }: RawRequest): ArrivingRequest {
  const [pathname = '/', query = ''] = url.split('?');
  return { method, pathname, query, headers, mostBodyBytes: 1_048_576, readBody: async () => bytes };
}

const lenient: SignatureRules = { scope: 'lenient', acceptsVersion1: false };

const sessionToken = 'FwoGZXIvYXdzEOz/+=';

async function verify(request: RawRequest, nowMs = Date.now(), rules = lenient, session?: AccessKey['session']) {
  const lookUpAccessKey = async (id: string) =>
    id === accessKeyId ? { secretAccessKey, accountId, ...(session !== undefined && { session }) } : undefined;
  const { caller } = await authenticate(arriving(request), { lookUpAccessKey, nowMs, region: 'here-1', rules });
  return caller;
}

function changed(request: RawRequest, headers: RawRequest['headers'], rest: Partial<RawRequest> = {}): RawRequest {
  return { ...request, ...rest, headers: { ...request.headers, ...headers } };
}

/** What the SDK really puts on the wire, taken by a server that answers nothing useful. */
async function sentBySdk(command: DescribeVolumesCommand): Promise<RawRequest> {
  let sent: RawRequest | undefined;
  const server = createServer(async (request, response) => {
    const { method = '', url = '', headers } = request;
    sent = { method, url, headers, body: await buffer(request), remoteAddress: undefined };
    response.writeHead(400).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const client = new EC2Client({ region: 'here-1', endpoint: `http://127.0.0.1:${port}/services/Cloud`, credentials, maxAttempts: 1 });
  await client.send(command).catch(() => undefined);
  client.destroy();
  server.close();
  if (sent === undefined) throw new Error('the SDK sent nothing');
  return sent;
}

describe('the vectors that AWS publishes', () => {
  const at = Date.UTC(2015, 7, 30, 12, 36);
  const vector = (signedHeaders: string, signature: string, service = 'service') =>
    `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/${service}/aws4_request, SignedHeaders=${signedHeaders}, Signature=${signature}`;
  const dated = { 'x-amz-date': '20150830T123600Z' };
  const form = 'application/x-www-form-urlencoded';
  const empty = { body: Buffer.alloc(0), remoteAddress: undefined };

  test.each([
    [
      'get-vanilla',
      { method: 'GET', url: '/', ...empty },
      { host: 'example.amazonaws.com', ...dated },
      vector('host;x-amz-date', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'),
    ],
    [
      'get-vanilla-query-order-key-case',
      { method: 'GET', url: '/?Param2=value2&Param1=value1', ...empty },
      { host: 'example.amazonaws.com', ...dated },
      vector('host;x-amz-date', 'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500'),
    ],
    [
      'post-x-www-form-urlencoded',
      { method: 'POST', url: '/', ...empty, body: Buffer.from('Param1=value1') },
      { host: 'example.amazonaws.com', 'content-type': form, ...dated },
      vector('content-type;host;x-amz-date', 'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a'),
    ],
    [
      'the worked example of the IAM user guide',
      { method: 'GET', url: '/?Action=ListUsers&Version=2010-05-08', ...empty },
      { host: 'iam.amazonaws.com', 'content-type': `${form}; charset=utf-8`, ...dated },
      vector('content-type;host;x-amz-date', '5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7', 'iam'),
    ],
  ])('%s is accepted', async (_name, request, headers, authorization) => {
    await expect(verify({ ...request, headers: { ...headers, authorization } }, at)).resolves.toEqual(proven);
  });
});

describe('clients', () => {
  test('a POST of the AWS SDK for JavaScript is accepted', async () => {
    const sent = await sentBySdk(new DescribeVolumesCommand({ Filters: [{ Name: 'tag:a/b', Values: ['x y+z', '*é?'] }] }));
    expect(sent.url).toBe('/services/Cloud/');
    await expect(verify(sent)).resolves.toEqual(proven);
  });

  test('a POST of aws4 is accepted', async () => {
    await expect(verify(signedPost(body))).resolves.toEqual(proven);
  });

  test('a presigned GET of aws4 is accepted', async () => {
    await expect(verify(presignedGet({ Action: 'DescribeVolumes', 'Filter.1.Value.1': 'a b/c*é' }))).resolves.toEqual(proven);
  });

  test('boto2, which leaves out spaces and signs a scope made of the address, is accepted', async () => {
    await expect(verify(handSign({ body, separator: ',', region: '0', service: '127' }))).resolves.toEqual(proven);
    await expect(verify(handSign({ body, region: 'localhost', service: 'localhost' }))).resolves.toEqual(proven);
    await expect(verify(handSign({ body, region: '', service: '' }))).resolves.toEqual(proven);
  });

  test('headers that proxies change are followed when they are signed', async () => {
    const headers = { 'user-agent': 'some/1.0', connection: 'close', expect: '100-continue', range: 'bytes=0-1' };
    await expect(verify(handSign({ body, headers }))).resolves.toEqual(proven);
  });

  test('a query signed in the header is accepted, whatever its order on the wire', async () => {
    const request = handSign({ method: 'GET', query: 'Action=DescribeVolumes&Filter.1.Value.1=a%20%2A~&Version=2016-11-15' });
    await expect(verify({ ...request, url: '/?Version=2016-11-15&Filter.1.Value.1=a+*%7E&Action=DescribeVolumes' })).resolves.toEqual(
      proven,
    );
  });

  test('a request dated by its Date header alone is accepted', async () => {
    await expect(verify(handSign({ body, dateHeader: 'date' }))).resolves.toEqual(proven);
  });

  test('a hash of the body in the header is honoured', async () => {
    const hash = createHash('sha256').update(body).digest('hex');
    await expect(verify(handSign({ body, headers: { 'x-amz-content-sha256': hash } }))).resolves.toEqual(proven);
  });
});

describe('refusals', () => {
  const authFailure = { code: 'AuthFailure', message: 'AWS was not able to validate the provided access credentials' };

  test('an unsigned request', async () => {
    const { authorization: _, ...headers } = signedPost(body).headers;
    await expect(verify({ ...signedPost(body), headers })).rejects.toMatchObject({ code: 'MissingAuthenticationToken' });
  });

  test('an unknown key and a wrong secret, in the same words', async () => {
    await expect(verify(handSign({ body, accessKeyId: 'AKIDNOBODY' }))).rejects.toMatchObject(authFailure);
    await expect(verify(handSign({ body, secretAccessKey: 'wrong' }))).rejects.toMatchObject(authFailure);
  });

  test('a key that the service does not know, signed with the secret that stands in for it', async () => {
    await expect(verify(handSign({ body, accessKeyId: 'AKIDNOBODY', secretAccessKey: 'unknown' }))).rejects.toMatchObject(authFailure);
  });

  test('a changed body', async () => {
    const request = handSign({ body });
    await expect(verify({ ...request, body: Buffer.from(`${body}&DryRun=true`) })).rejects.toMatchObject(authFailure);
  });

  test('a changed body with its old hash kept in the signed header', async () => {
    const hash = createHash('sha256').update(body).digest('hex');
    const request = handSign({ body, headers: { 'x-amz-content-sha256': hash } });
    await expect(verify({ ...request, body: Buffer.from('Action=DeleteVolume') })).rejects.toMatchObject(authFailure);
  });

  test('a body that is declared as not signed', async () => {
    const request = handSign({ body, headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } });
    await expect(verify(request)).rejects.toMatchObject(authFailure);
  });

  test('another method, path, query or host than was signed', async () => {
    const request = handSign({ method: 'GET', query: 'Action=DescribeVolumes' });
    await expect(verify({ ...request, method: 'POST' })).rejects.toMatchObject(authFailure);
    await expect(verify({ ...request, url: '/other?Action=DescribeVolumes' })).rejects.toMatchObject(authFailure);
    await expect(verify({ ...request, url: '/?Action=DescribeSnapshots' })).rejects.toMatchObject(authFailure);
    await expect(verify({ ...request, url: '/?Action=DescribeVolumes&Extra=1' })).rejects.toMatchObject(authFailure);
    await expect(verify(changed(request, { host: 'elsewhere' }))).rejects.toMatchObject(authFailure);
  });

  test('a path that is no valid text', async () => {
    const request = handSign({ method: 'GET' });
    await expect(verify({ ...request, url: '/%ff"' })).rejects.toMatchObject(authFailure);
  });

  test.each([
    ['nothing after the scheme', 'AWS4-HMAC-SHA256'],
    ['another scheme', 'AWS AKIDEXAMPLE:c2lnbmF0dXJl'],
    ['no signature', 'AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request, SignedHeaders=host'],
    ['a short credential', `AWS4-HMAC-SHA256 Credential=a/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`],
    ['a signature that is not hex', `AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request, SignedHeaders=host, Signature=${'z'.repeat(64)}`],
  ])('an Authorization header with %s', async (_name, authorization) => {
    await expect(verify(changed(handSign({ body }), { authorization }))).rejects.toMatchObject({ code: 'IncompleteSignature' });
  });

  test('a signature that does not cover the host', async () => {
    const request = handSign({ body });
    const authorization = request.headers.authorization?.replace('SignedHeaders=host;', 'SignedHeaders=');
    await expect(verify(changed(request, { authorization }))).rejects.toMatchObject({ code: 'IncompleteSignature' });
  });

  test('no date, a date in another form, and another date than the credential has', async () => {
    const request = handSign({ body });
    const incomplete = { code: 'IncompleteSignature' };
    await expect(verify(changed(request, { 'x-amz-date': undefined }))).rejects.toMatchObject(incomplete);
    await expect(verify(changed(request, { 'x-amz-date': new Date().toISOString() }))).rejects.toMatchObject(incomplete);
    await expect(verify(changed(request, { 'x-amz-date': '20240101T000000Z' }))).rejects.toMatchObject(incomplete);
  });

  test('a request signed in the header and in the query', async () => {
    const request = presignedGet({ Action: 'DescribeVolumes' });
    const twice = changed(request, { authorization: handSign({ body }).headers.authorization });
    await expect(verify(twice)).rejects.toMatchObject({ code: 'IncompleteSignature' });
  });

  test('a session token with a key that is not temporary', async () => {
    const request = handSign({ body, headers: { 'x-amz-security-token': sessionToken } });
    await expect(verify(request)).rejects.toMatchObject({ code: 'AuthFailure' });
  });
});

describe('a temporary key', () => {
  const session = (expiresAtMs = Date.now() + minuteMs) => ({
    tokenSha256: createHash('sha256').update(sessionToken).digest('hex'),
    expiresAtMs,
  });
  const withToken = (token: string) => handSign({ body, headers: { 'x-amz-security-token': token } });

  test('holds with its session token, in the header as in a presigned query', async () => {
    await expect(verify(withToken(sessionToken), Date.now(), lenient, session())).resolves.toEqual(proven);
    const presigned = presignedGet({ Action: 'DescribeVolumes', 'X-Amz-Security-Token': sessionToken });
    await expect(verify(presigned, Date.now(), lenient, session())).resolves.toEqual(proven);
  });

  test('is refused without its token, with another one, and with one that the signature does not cover', async () => {
    const refused = { code: 'AuthFailure' };
    await expect(verify(handSign({ body }), Date.now(), lenient, session())).rejects.toMatchObject(refused);
    await expect(verify(withToken(`${sessionToken}x`), Date.now(), lenient, session())).rejects.toMatchObject(refused);
    await expect(verify(presignedGet({ Action: 'DescribeVolumes' }), Date.now(), lenient, session())).rejects.toMatchObject(refused);
    const uncovered = changed(handSign({ body }), { 'x-amz-security-token': sessionToken });
    await expect(verify(uncovered, Date.now(), lenient, session())).rejects.toMatchObject({ code: 'IncompleteSignature' });
  });

  test('holds until its time is over, of which only its owner is told', async () => {
    const nowMs = Date.now();
    await expect(verify(withToken(sessionToken), nowMs, lenient, session(nowMs + 1))).resolves.toEqual(proven);
    await expect(verify(withToken(sessionToken), nowMs, lenient, session(nowMs))).rejects.toMatchObject({ code: 'RequestExpired' });
    await expect(verify(withToken('another'), nowMs, lenient, session(nowMs))).rejects.toMatchObject({ code: 'AuthFailure' });
  });
});

describe('time', () => {
  test('a clock that is wrong by less than fifteen minutes is accepted, one that is wrong by more is not', async () => {
    for (const offsetMs of [-14 * minuteMs, 14 * minuteMs]) {
      await expect(verify(handSign({ body, dateTime: nowAsDateTime(offsetMs) }))).resolves.toEqual(proven);
    }
    for (const offsetMs of [-16 * minuteMs, 16 * minuteMs]) {
      await expect(verify(handSign({ body, dateTime: nowAsDateTime(offsetMs) }))).rejects.toMatchObject({ code: 'RequestExpired' });
    }
  });

  test('a presigned request holds for as long as it says', async () => {
    const request = presignedGet({ Action: 'DescribeVolumes' }, 3_600);
    await expect(verify(request, Date.now() + 59 * minuteMs)).resolves.toEqual(proven);
    await expect(verify(request, Date.now() + 61 * minuteMs)).rejects.toMatchObject({ code: 'RequestExpired' });
  });

  test('a presigned request cannot be made to hold longer than it was signed for, or than a week', async () => {
    const request = presignedGet({ Action: 'DescribeVolumes' }, 60);
    const longer = { ...request, url: request.url.replace('X-Amz-Expires=60', 'X-Amz-Expires=6000') };
    await expect(verify(longer)).rejects.toMatchObject({ code: 'AuthFailure' });
    const week = presignedGet({ Action: 'DescribeVolumes' }, 604_801);
    await expect(verify(week)).rejects.toMatchObject({ code: 'IncompleteSignature' });
  });

  test('a presigned request with a changed parameter or body is refused', async () => {
    const request = presignedGet({ Action: 'DeleteVolume', VolumeId: 'vol-00000001' });
    const other = { ...request, url: request.url.replace('vol-00000001', 'vol-00000002') };
    await expect(verify(other)).rejects.toMatchObject({ code: 'AuthFailure' });
    await expect(verify({ ...request, body: Buffer.from('DryRun=false') })).rejects.toMatchObject({ code: 'AuthFailure' });
  });
});
