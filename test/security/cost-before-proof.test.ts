import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createEndpoint, type Endpoint, type EndpointDependencies } from '../../src/ec2-query-api/endpoint.ts';
import { createFailedProofs, defaultFailedProofLimits } from '../../src/ec2-query-api/failed-proofs.ts';
import { type ArrivingRequest, authenticate } from '../../src/ec2-query-api/signature/authenticate.ts';
import { parseForm } from '../../src/ec2-query-api/wire/parse-form.ts';
import { type FakeDependencies, fakeDependencies } from '../unit/ec2-query-api/support/fake-service.ts';
import {
  key,
  type Pairs,
  presigned,
  type Signing,
  signedAmongParams,
  signedInHeader,
  type WireRequest,
} from './support/signed-requests.ts';
import { bytesOf, openWire, type Wire } from './support/wire.ts';

const megabyte = 1_048_576;

/** As many parameters as may be, and as long. */
const largeParams = (bytes: number): Pairs =>
  Array.from({ length: 4_900 }, (_, index) => [
    `Filter.${1 + (index % 200)}.Value.${1 + Math.floor(index / 200)}`,
    'v'.repeat(bytes / 4_900 - 24),
  ]);
const listing = (body: Pairs): Signing => ({ method: 'POST', path: '/', query: [], body: [['Action', 'DescribeVolumes'], ...body] });

describe('before a key is known', () => {
  function arriving({ method, path, query, headers, body }: WireRequest) {
    const readBody = vi.fn(async (mostBytes: number) => (body.length > mostBytes ? undefined : Buffer.from(body)));
    return { method, pathname: path, query, headers, mostBodyBytes: megabyte, readBody } satisfies ArrivingRequest;
  }

  function context(accessKey?: { readonly session: { readonly tokenSha256: string; readonly expiresAtMs: number } }) {
    const { region, signatures: rules } = fakeDependencies();
    const found = accessKey === undefined ? undefined : { ...key, ...accessKey, accountId: '123456789012' as never };
    return { lookUpAccessKey: async () => found, nowMs: Date.now(), region, rules };
  }

  test.each([
    ['in the header', signedInHeader],
    ['presigned', presigned],
  ])('no body is read that is signed with Version 4 %s', async (_where, sign) => {
    const request = arriving(sign(listing(largeParams(900_000)), 'AKIDNOBODY'));
    await expect(authenticate(request, context())).rejects.toMatchObject({ code: 'AuthFailure' });
    expect(request.readBody).not.toHaveBeenCalled();
  });

  test('no body is read whose temporary key has a wrong token, or is over', async () => {
    const session = { tokenSha256: '0'.repeat(64), expiresAtMs: Date.now() - 1 };
    const request = arriving(signedInHeader({ ...listing([]), headers: { 'x-amz-security-token': 'token' } }));
    await expect(authenticate(request, context({ session }))).rejects.toMatchObject({ code: 'AuthFailure' });
    const tokenSha256 = '3c469e9d6c5875d37a43f353d4f88e61fcf812c66eee3457465a40b0da4153e0';
    await expect(authenticate(request, context({ session: { ...session, tokenSha256 } }))).rejects.toMatchObject({
      code: 'RequestExpired',
    });
    expect(request.readBody).not.toHaveBeenCalled();
  });

  test('a body signed with Version 2 is short', async () => {
    const request = arriving(signedAmongParams(2, listing(largeParams(900_000)), 'AKIDNOBODY'));
    await expect(authenticate(request, context())).rejects.toMatchObject({
      code: 'RequestEntityTooLarge',
      message: 'The request body is larger than 65536 bytes, which is the most without a signature of Version 4.',
    });
  });

  test('nothing is encoded to be hashed, with Version 2 neither; and with a known key once', async () => {
    const body = Array.from({ length: 1_000 }, (_, index) => [`VolumeId.${index + 1}`, 'vol-0123456789abcdef0'] as const);
    const request = arriving(signedAmongParams(2, listing(body), 'AKIDNOBODY'));
    const known = arriving(signedAmongParams(2, listing(body)));
    const encoding = vi.spyOn(globalThis, 'encodeURIComponent');
    await expect(authenticate(request, context())).rejects.toMatchObject({ code: 'AuthFailure' });
    expect(encoding).not.toHaveBeenCalled();
    const accountId = '123456789012' as never;
    await authenticate(known, { ...context(), lookUpAccessKey: async () => ({ ...key, accountId }) });
    expect(encoding.mock.calls.length).toBeLessThan(2 * (body.length + 10));
    encoding.mockRestore();
  });

  test('a header of the signature, its list of headers and its scope are short', async () => {
    const request = arriving(signedInHeader(listing([])));
    const withAuthorization = (change: (text: string) => string) => ({
      ...request,
      headers: { ...request.headers, authorization: change(request.headers.authorization ?? '') },
    });
    for (const change of [
      (text: string) => text.replace(', ', ','.repeat(60_000)),
      (text: string) => text.replace('SignedHeaders=', `SignedHeaders=${'a;'.repeat(200)}`),
      (text: string) => text.replace('/here-1/', `/${'r'.repeat(65)}/`),
    ]) {
      await expect(authenticate(withAuthorization(change), context())).rejects.toMatchObject({ code: 'IncompleteSignature' });
    }
  });
});

describe('a form is read in a time that goes by its length', () => {
  /** The best of several, as the machine has other things to do. */
  function bestMs(run: () => void): number {
    const times = Array.from({ length: 7 }, () => {
      const began = process.cpuUsage();
      run();
      const { user, system } = process.cpuUsage(began);
      return (user + system) / 1_000;
    });
    return Math.min(...times);
  }

  test('a megabyte of plus signs costs little more than one of escapes', () => {
    const escapesMs = bestMs(() => parseForm(`a=${'%41'.repeat(megabyte / 3)}`, 5_000));
    expect(bestMs(() => parseForm(`a=${'+'.repeat(megabyte)}`, 5_000))).toBeLessThan(10 * Math.max(escapesMs, 1));
  });

  test('a megabyte of nothing but separators is refused at the limit', () => {
    expect(() => parseForm('&'.repeat(megabyte), 5_000)).toThrow(expect.objectContaining({ code: 'MalformedQueryString' }));
  });
});

describe('at the port', () => {
  let deps: FakeDependencies;
  let endpoint: Endpoint;
  let wire: Wire;
  let nowMs: number;
  let lookedUp: string[];
  let keptBackMs: number[];

  async function start(changes: Partial<EndpointDependencies> = {}): Promise<void> {
    deps = fakeDependencies();
    const { lookUpAccessKey } = deps;
    nowMs = Date.now();
    lookedUp = [];
    keptBackMs = [];
    endpoint = createEndpoint({
      ...deps,
      clock: () => nowMs,
      sleep: async (milliseconds) => {
        keptBackMs.push(milliseconds);
      },
      trustedProxies: ['127.0.0.1'],
      lookUpAccessKey: async (id) => {
        lookedUp.push(id);
        return lookUpAccessKey(id);
      },
      ...changes,
    });
    const { port } = await endpoint.listen('127.0.0.1', 0);
    wire = await openWire(port);
  }

  beforeEach(() => start());
  afterEach(async () => {
    wire.close();
    await endpoint.close();
  });

  const listVolumes = listing([]);
  async function codeFrom(address: string | undefined, { headers, ...request }: WireRequest): Promise<string | undefined> {
    const sent = { ...request, headers: { ...headers, ...(address !== undefined && { 'x-forwarded-for': address }) } };
    return (await wire.ask(bytesOf(sent))).code;
  }
  const scan = async (address: string | undefined, keys: number) => {
    for (let index = 0; index < keys; index += 1) await codeFrom(address, signedInHeader(listVolumes, `STRANGER${index}`));
  };
  const { different, refusedMs, windowMs } = defaultFailedProofLimits;

  test('a megabyte that says it is signed with Version 2 is refused without being taken in', async () => {
    expect(await codeFrom(undefined, signedAmongParams(2, listing(largeParams(900_000)), 'AKIDNOBODY'))).toBe('RequestEntityTooLarge');
    expect(lookedUp).toEqual([]);
    // The same connection goes on.
    expect(await codeFrom(undefined, signedInHeader(listVolumes))).toBeUndefined();
  });

  test('an unknown key and a wrong signature are answered alike, and not before the same time', async () => {
    const withoutId = (text: string) => text.replace(/request-\d+/, '');
    const unknown = await wire.ask(bytesOf(signedInHeader(listVolumes, 'AKIDNOBODY')));
    const request = signedInHeader(listVolumes);
    const wrong = await wire.ask(bytesOf({ ...request, body: `${request.body}&DryRun=true` }));
    expect(withoutId(unknown.text)).toBe(withoutId(wrong.text));
    expect(unknown.status).toBe(wrong.status);
    expect(keptBackMs).toEqual([20, 20]);
  });

  test('an address that tries ever other keys is refused for a while, before a key is looked for, and others are not', async () => {
    await scan('198.51.100.7', different);
    const before = lookedUp.length;
    expect(await codeFrom('198.51.100.7', signedInHeader(listVolumes, 'STRANGER'))).toBe('RequestLimitExceeded');
    expect(await codeFrom('198.51.100.7', signedAmongParams(2, listVolumes))).toBe('RequestLimitExceeded');
    expect(lookedUp).toHaveLength(before);
    expect(await codeFrom('198.51.100.8', signedInHeader(listVolumes))).toBeUndefined();
    nowMs += refusedMs;
    expect(await codeFrom('198.51.100.7', signedInHeader(listVolumes))).toBeUndefined();
  });

  test('a client that comes again and again with one wrong key is slowed, and neither it nor its neighbours are refused', async () => {
    for (let time = 0; time < 3 * different; time += 1) {
      expect(await codeFrom('198.51.100.7', signedInHeader(listVolumes, 'STRANGER'))).toBe('AuthFailure');
    }
    expect(keptBackMs[0]).toBe(20);
    expect(Math.max(...keptBackMs)).toBe(1_000);
    keptBackMs = [];
    expect(await codeFrom('198.51.100.7', signedInHeader(listVolumes))).toBeUndefined();
    expect(keptBackMs).toEqual([]);
    // A rest brings it back to where it began.
    nowMs += 120_000;
    await codeFrom('198.51.100.7', signedInHeader(listVolumes, 'STRANGER'));
    expect(keptBackMs).toEqual([20]);
  });

  test('who has proved a key from an address is heard there, whatever a neighbour does; and with that key alone', async () => {
    expect(await codeFrom('198.51.100.7', signedInHeader(listVolumes))).toBeUndefined();
    await scan('198.51.100.7', different);
    expect(await codeFrom('198.51.100.7', signedInHeader(listVolumes))).toBeUndefined();
    expect(await codeFrom('198.51.100.7', signedAmongParams(2, listVolumes))).toBeUndefined();
    expect(await codeFrom('198.51.100.7', signedInHeader(listVolumes, 'STRANGER'))).toBe('RequestLimitExceeded');
  });

  test('a right signature does not clear the wrong ones', async () => {
    await scan('198.51.100.7', different - 1);
    expect(await codeFrom('198.51.100.7', signedInHeader(listVolumes))).toBeUndefined();
    await codeFrom('198.51.100.7', signedInHeader(listVolumes, 'ONEMORE'));
    expect(await codeFrom('198.51.100.7', signedInHeader(listVolumes, 'STRANGER'))).toBe('RequestLimitExceeded');
  });

  test('failures that are far apart are not added up', async () => {
    await scan('198.51.100.7', different - 1);
    nowMs += windowMs;
    await codeFrom('198.51.100.7', signedInHeader(listVolumes, 'ONEMORE'));
    expect(await codeFrom('198.51.100.7', signedInHeader(listVolumes, 'STRANGER'))).toBe('AuthFailure');
  });

  test('the addresses of one IPv6 network of 64 bits are one', async () => {
    for (let index = 0; index < different; index += 1) {
      await codeFrom(`2001:db8:0:7::${index.toString(16)}`, signedInHeader(listVolumes, `STRANGER${index}`));
    }
    expect(await codeFrom('2001:db8::7:9:9:9:9', signedInHeader(listVolumes))).toBe('RequestLimitExceeded');
    expect(await codeFrom('2001:db8:0:8::1', signedInHeader(listVolumes))).toBeUndefined();
  });

  test('this machine and a proxy that names nobody are never refused, as they stand for many', async () => {
    await scan(undefined, 2 * different);
    expect(await codeFrom(undefined, signedInHeader(listVolumes, 'STRANGER'))).toBe('AuthFailure');
  });

  test('what a client itself writes before the proxy does is not believed, and nothing of it without a trusted proxy', async () => {
    for (let index = 0; index < different; index += 1) {
      await codeFrom(`203.0.113.${index}, 198.51.100.7`, signedInHeader(listVolumes, `STRANGER${index}`));
    }
    expect(await codeFrom('198.51.100.7', signedInHeader(listVolumes))).toBe('RequestLimitExceeded');
    expect(await codeFrom('203.0.113.1', signedInHeader(listVolumes))).toBeUndefined();
    wire.close();
    await endpoint.close();
    await start({ trustedProxies: [] });
    await scan('198.51.100.7', 2 * different);
    expect(await codeFrom('198.51.100.7', signedInHeader(listVolumes))).toBeUndefined();
  });

  test('refused requests without end are a bounded number of lines in the log, and counted', async () => {
    const unsigned: WireRequest = { ...signedInHeader(listVolumes), headers: { host: 'x' } };
    for (let index = 0; index < 300; index += 1) {
      await codeFrom('198.51.100.7', unsigned);
      await codeFrom(`192.0.2.${index % 256}`, unsigned);
    }
    expect(deps.log.entries.length).toBeLessThanOrEqual(100);
    await endpoint.close();
    expect(deps.log.entries).toContainEqual({
      level: 'info',
      fields: { code: 'MissingAuthenticationToken', network: '198.51.100.7', times: 299 },
      message: 'the same was refused again',
    });
    expect(deps.log.entries.at(-1)).toMatchObject({ level: 'warn', message: 'requests of many more addresses were refused' });
    expect(deps.log.entries.length).toBeLessThan(250);
  });

  test('a request that is signed is a line of the log each, with the address for which the proxy asks', async () => {
    for (let time = 0; time < 3; time += 1) await codeFrom('198.51.100.7', signedInHeader(listVolumes));
    expect(deps.log.entries).toHaveLength(3);
    expect(deps.log.entries[0]?.fields).toMatchObject({ remoteAddress: '198.51.100.7', status: 200 });
  });

  test('an error is no longer than it has to be, whatever was asked for', async () => {
    const ids = Array.from({ length: 4_000 }, (_, index) => [`VolumeId.${index + 1}`, `vol-${String(index).padStart(17, '0')}`] as const);
    const { text } = await wire.ask(bytesOf(signedInHeader(listing(ids))));
    expect(text.length).toBeLessThan(40_000);
  });

  test('a megabyte of five thousand parameters by somebody known is answered within 50 ms', async () => {
    const times: number[] = [];
    for (let time = 0; time < 5; time += 1) {
      const request = bytesOf(signedInHeader(listing(largeParams(megabyte - 50_000))));
      const began = process.cpuUsage();
      expect((await wire.ask(request)).code).not.toBe('AuthFailure');
      const { user, system } = process.cpuUsage(began);
      times.push((user + system) / 1_000);
    }
    expect(Math.min(...times)).toBeLessThan(50);
  });
});

test('what is remembered of addresses has an end', () => {
  const proofs = createFailedProofs({ ...defaultFailedProofLimits, different: 1 }, () => 0);
  const origin = (index: number) => ({ address: '', network: `network ${index}`, isShared: false });
  for (let index = 0; index < 10_000; index += 1) proofs.failed(origin(index), 'key', 'key');
  expect(proofs.refuses(origin(9_999))).toBe(true);
  expect(proofs.refuses(origin(0))).toBe(false);
});
