import { createHmac } from 'node:crypto';
import aws4 from 'aws4';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ec2Resolver } from '../../../src/resolvers/ec2/ec2-resolver.ts';
import { type CloudRequest, type CloudServer, startCloudServer } from '../../support/cloud-server.ts';
import { secretFolder } from '../../support/secret-files.ts';
import { ask, built, describeHttpTroubles, describeResolver, list, type WrongAnswer } from '../resolver-suite.ts';

const key = { accessKeyId: 'AKIAOFTHETESTS', secretAccessKey: 'of/the+tests' };
const item = (
  id: string,
  state: string,
  address: string,
  tags: Readonly<Record<string, string>>,
  owner = `<ownerId>owner-of-${id}</ownerId>`,
) =>
  `<item><reservationId>r-1</reservationId>${owner}<instancesSet><item><instanceId>${id}</instanceId><instanceState><code>16</code><name>${state}</name></instanceState>` +
  `<privateIpAddress>${address}</privateIpAddress><ipAddress>192.0.2.7</ipAddress><tagSet>${Object.entries(tags)
    .map(([name, value]) => `<item><key>${name}</key><value>${value}</value></item>`)
    .join('')}</tagSet></item></instancesSet></item>`;
const instances = new Map([
  ['i-00000001', item('i-00000001', 'running', '10.0.1.5', { Name: 'web', 'vmm-host': 'vmm1', ownerId: 'me' })],
  ['i-00000002', item('i-00000002', 'running', '10.0.2.6', { Name: 'mail' }, '')],
  ['i-00000003', item('i-00000003', 'running', '10.9.9.9', {})],
  ['i-00000004', item('i-00000004', 'terminated', '10.0.2.6', { Name: 'gone' })],
  ['i-00000005', item('i-00000005', 'shutting-down', '10.0.2.6', { Name: 'going' })],
]);
const described = (items: readonly string[], more = '') =>
  `<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>1</requestId><reservationSet>${items.join('')}</reservationSet>${more}</DescribeInstancesResponse>`;
const errorOf = (code: string, message = 'It says no.') => `<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
const refusal = (code: string, message?: string) => `<Response><Errors>${errorOf(code, message)}</Errors></Response>`;

/** Whether the request is signed as it should be, by the rules of either version and not by the code that is tested. */
function isSigned({ headers, body, path }: CloudRequest): boolean {
  const parameters = new URLSearchParams(body);
  if (parameters.get('SignatureVersion') === '2') {
    const [query = ''] = body.split('&Signature=');
    const text = `POST\n${headers.host}\n${path}\n${query}`;
    return parameters.get('Signature') === createHmac('sha256', key.secretAccessKey).update(text).digest('base64');
  }
  const again = aws4.sign(
    {
      service: 'ec2',
      region: 'us-east-1',
      method: 'POST',
      path,
      headers: { Host: String(headers.host), 'Content-Type': String(headers['content-type']), 'X-Amz-Date': String(headers['x-amz-date']) },
      body,
    },
    key,
  );
  return again.headers?.Authorization === headers.authorization;
}

const secrets = secretFolder();
let cloud: CloudServer;
let wrong: WrongAnswer | undefined;
const ownedTwice = item(
  'i-00000001',
  'running',
  '10.0.1.5',
  { Name: 'web', 'vmm-host': 'vmm1' },
  '<ownerId>1</ownerId><ownerId>2</ownerId>',
);
const elsewhere = item('i-00000001', 'running', '10.0.2.5', {});
beforeAll(async () => {
  cloud = await startCloudServer((request) => {
    if (!isSigned(request)) return { status: 401, body: refusal('AuthFailure') };
    const parameters = new URLSearchParams(request.body);
    const wanted = parameters.get('InstanceId.1');
    if (wanted === null) {
      const [whole = '', ...others] = [...instances.values()];
      const first = wrong === 'with an owner of another kind' ? ownedTwice : whole;
      const rest = wrong === 'that tells of an instance twice' ? [...others, elsewhere] : others;
      return { body: parameters.get('NextToken') === 'more' ? described(rest) : described([first], '<nextToken>more</nextToken>') };
    }
    if (wrong === 'about another instance') return { body: described([instances.get('i-00000002') ?? '']) };
    if (wrong === 'with an owner of another kind') return { body: described([ownedTwice]) };
    if (wrong === 'that tells of an instance twice') return { body: described([instances.get('i-00000001') ?? '', elsewhere]) };
    // Some clouds refuse with status 200, and some write before the code who is to blame.
    if (wanted === 'i-0000000a') return { body: refusal('Client.InvalidInstanceID.NotFound') };
    if (wanted === 'i-0000000b') return { status: 400, body: refusal('InstanceNotFound') };
    if (wanted === 'i-0000000c') return { status: 400, body: refusal('InvalidInstanceID.Malformed') };
    if (wanted === 'i-0000000f') return { body: described([]) };
    if (wanted === 'i-0000000e') return { status: 403, body: refusal('UnauthorizedOperation') };
    const found = instances.get(wanted);
    return found === undefined ? { status: 400, body: refusal('InvalidInstanceID.NotFound') } : { body: described([found]) };
  });
});
afterAll(async () => {
  await cloud.close();
  secrets.remove();
});

const rules = [
  { from: 'tag:vmm-host', vmmHost: '{tag:vmm-host}', domain: 'dom-{name}' },
  { from: 'private-address', pattern: String.raw`^10\.0\.(?<rack>\d+)\.`, vmmHost: 'vmm{rack}', domain: '{id}' },
];
const resolver = (settings: object = {}, answer?: WrongAnswer) => {
  wrong = answer;
  return built(ec2Resolver, {
    url: cloud.url,
    accessKeyId: key.accessKeyId,
    secretKeyFile: secrets.file('secret', key.secretAccessKey),
    rules,
    ...settings,
  });
};

for (const signature of ['v2', 'v4']) {
  describeResolver(`the resolver "ec2", signing by ${signature}`, {
    resolver: () => resolver({ signature }),
    known: [
      ['i-00000001', { vmmHost: 'vmm1', domain: 'dom-web' }, 'owner-of-i-00000001'],
      ['i-00000002', { vmmHost: 'vmm2', domain: 'i-00000002' }],
    ],
    misled: {
      'about another instance': () => resolver({ signature }, 'about another instance'),
      'that tells of an instance twice': () => resolver({ signature }, 'that tells of an instance twice'),
      'with an owner of another kind': () => resolver({ signature }, 'with an owner of another kind'),
    },
    unknown: ['i-00000004', 'i-00000005', 'i-0000000d', 'i-0000000f'],
    foreign: ['42', 'web'],
    listed: ['i-00000001', 'i-00000002'],
    ends: [
      ['i-00000004', 'reported'],
      ['i-00000005', undefined],
      ['i-0000000d', 'forgotten'],
      ['i-0000000a', 'forgotten'],
      ['i-0000000b', 'forgotten'],
      // That an id is none of the cloud's is no end, and nor is an answer that leaves the instance out.
      ['i-0000000c', undefined],
      ['i-0000000f', undefined],
      ['42', undefined],
    ],
  });
}

describeHttpTroubles('the resolver "ec2"', (url) => resolver({ url }), 'i-00000001');

describe('the resolver "ec2"', () => {
  it('tells what the endpoint says besides a place', async () => {
    expect(await ask(resolver(), 'i-00000003')).toMatchObject({ outcome: 'not-placed', reason: expect.stringContaining('rules') });
    expect(await ask(resolver(), 'i-0000000e')).toMatchObject({
      outcome: 'not-authorised',
      reason: expect.stringContaining('It says no.'),
    });
    const unknownKey = resolver({ secretKeyFile: secrets.file('wrong', 'guessed') });
    await expect(ask(unknownKey, 'i-00000001')).rejects.toMatchObject({ hint: expect.stringContaining('accessKeyId') });
  });

  it.each([
    ['that names another instance', refusal('InvalidInstanceID.NotFound', 'The instance ID i-00000009 does not exist')],
    ['of two kinds', `<Response><Errors>${errorOf('InvalidInstanceID.NotFound')}${errorOf('Unavailable')}</Errors></Response>`],
    ['that is none of EC2', `<html><Errors>${errorOf('InvalidInstanceID.NotFound')}</Errors></html>`],
  ])('takes a refusal %s for no word on the instance', async (_what, body) => {
    const misguided = await startCloudServer(() => ({ status: 400, body }));
    await expect(ask(resolver({ url: misguided.url }), 'i-00000001')).rejects.toMatchObject({ name: 'CloudUnavailable' });
    await misguided.close();
  });

  it('takes a list that is refused for none', async () => {
    const forbidding = await startCloudServer(() => ({ status: 403, body: refusal('UnauthorizedOperation') }));
    await expect(list(resolver({ url: forbidding.url }))).rejects.toMatchObject({ name: 'CloudUnavailable' });
    await forbidding.close();
  });

  it('lists names and addresses', async () => {
    expect((await list(resolver()))[0]).toMatchObject({ name: 'web', privateIpAddress: '10.0.1.5', publicIpAddress: '192.0.2.7' });
  });
});
