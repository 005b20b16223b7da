import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { handleRequest } from '../../../src/ec2-query-api/handle-request.ts';
import { fakeVolume } from './support/fake-blockstore.ts';
import { accountId, call, errorOf, fakeDependencies, form, host, presignedGet, readAnswer, signedPost } from './support/fake-service.ts';
import { handSign } from './support/hand-sign.ts';

const describeVolumes = { Action: 'DescribeVolumes', Version: '2016-11-15' };

async function refusal(params: Readonly<Record<string, string>>) {
  return errorOf(await call(params, fakeDependencies()));
}

describe('the envelope', () => {
  test('the version asked for comes back in the namespace', async () => {
    for (const Version of ['2008-05-05', '2012-06-01', '2016-11-15']) {
      const { text } = await call({ ...describeVolumes, Version }, fakeDependencies());
      expect(text).toContain(`<DescribeVolumesResponse xmlns="http://ec2.amazonaws.com/doc/${Version}/">`);
    }
  });

  test('without a version the present one is taken', async () => {
    const { text } = await call({ Action: 'DescribeVolumes' }, fakeDependencies());
    expect(text).toContain('http://ec2.amazonaws.com/doc/2016-11-15/');
  });

  test('the request id is in the header and in the body', async () => {
    const { headers, text } = await call(describeVolumes, fakeDependencies());
    expect(headers).toMatchObject({ 'x-amzn-requestid': 'request-1', 'content-type': 'text/xml;charset=UTF-8' });
    expect(text).toContain('<requestId>request-1</requestId>');
  });

  test('a presigned GET is answered like a POST', async () => {
    const deps = fakeDependencies();
    const { status, text } = await readAnswer(await handleRequest(presignedGet(describeVolumes), deps));
    expect(status).toBe(200);
    expect(text).toContain('<volumeSet/>');
  });

  test('a bad version, a missing action, a made-up one and one that only EC2 has are told apart', async () => {
    expect(await refusal({ ...describeVolumes, Version: 'x"/>' })).toMatchObject({ status: 400, code: 'NoSuchVersion' });
    expect(await refusal({ Version: '2016-11-15' })).toMatchObject({ status: 400, code: 'MissingAction' });
    expect(await refusal({ Action: 'describeVolumes' })).toEqual({
      status: 400,
      code: 'InvalidAction',
      message: 'The action describeVolumes is not valid for this web service.',
    });
    expect(await refusal({ Action: 'toString' })).toMatchObject({ code: 'InvalidAction' });
    expect(await refusal({ Action: 'RunInstances', ImageId: 'ami-1' })).toEqual({
      status: 400,
      code: 'UnsupportedOperation',
      message: 'The action RunInstances is not supported by this service.',
    });
  });

  test('a parameter in the query and in the body is refused, and parts in both are put together', async () => {
    const twice = handSign({ query: 'Action=DescribeVolumes', body: 'Action=DescribeVolumes' });
    const refused = errorOf(await readAnswer(await handleRequest(twice, fakeDependencies())));
    expect(refused).toMatchObject({ status: 400, code: 'InvalidParameterCombination' });
    const parted = handSign({ query: 'Action=DescribeVolumes', body: 'VolumeId.1=vol-00000001' });
    const answered = errorOf(await readAnswer(await handleRequest(parted, fakeDependencies())));
    expect(answered).toMatchObject({ status: 400, code: 'InvalidVolume.NotFound' });
  });
});

describe('what is found out by whom', () => {
  test('who cannot sign learns nothing of the action', async () => {
    const request = signedPost(form({ Action: 'NoSuchAction' }));
    const { authorization: _, ...headers } = request.headers;
    const answer = await readAnswer(await handleRequest({ ...request, headers }, fakeDependencies()));
    expect(errorOf(answer)).toMatchObject({ status: 403, code: 'MissingAuthenticationToken' });
  });

  test('an error of the service is logged with its cause and told without', async () => {
    const deps = fakeDependencies();
    const error = new Error('the disk is full on vs1');
    deps.blockstore.volumes.list = () => Promise.reject(error);
    const answer = await call(describeVolumes, deps);
    expect(errorOf(answer)).toMatchObject({ status: 500, code: 'InternalError' });
    expect(answer.text).not.toContain('vs1');
    expect(deps.log.entries).toMatchObject([
      { level: 'error', fields: { requestId: 'request-1', action: 'DescribeVolumes', accountId, error } },
    ]);
  });

  test('a key store that fails is an error of the service, not of the caller', async () => {
    const deps = { ...fakeDependencies(), lookUpAccessKey: () => Promise.reject(new Error('locked')) };
    expect(errorOf(await call(describeVolumes, deps))).toMatchObject({ status: 500, code: 'InternalError' });
  });

  test('every request is one line of the log, without its parameters', async () => {
    const deps = fakeDependencies();
    await call({ ...describeVolumes, 'Filter.1.Name': 'tag:secret', 'Filter.1.Value.1': 'hush' }, deps);
    expect(deps.log.entries).toMatchObject([{ level: 'info', fields: { action: 'DescribeVolumes', accountId, status: 200 } }]);
    expect(JSON.stringify(deps.log.entries)).not.toContain('hush');
  });
});

describe('requests made at random', () => {
  const names = fc.oneof(
    fc.constantFrom('Size', 'VolumeId', 'VolumeId.1', 'Filter.1.Name', 'Filter.1.Value.1', 'MaxResults', 'NextToken', 'DryRun', 'Device'),
    fc.constantFrom('InstanceId', 'AvailabilityZone', 'SnapshotId.1', 'TagSpecification.1.Tag.1.Key', 'Iops', 'VolumeType', 'ClientToken'),
    fc.string({ maxLength: 30 }),
  );
  const values = fc.oneof(
    fc.constantFrom('true', '8', 'vol-00000001', 'here-1a', 'status', '/dev/sdf', 'i-00000001', '*'),
    fc.string({ unit: 'binary' }),
  );
  const actions = fc.constantFrom('AttachVolume', 'CreateSnapshot', 'CreateVolume', 'DeleteSnapshot', 'DeleteVolume', 'DetachVolume');
  const reads = fc.constantFrom(
    'DescribeVolumes',
    'DescribeSnapshots',
    'DescribeInstances',
    'DescribeAvailabilityZones',
    'DescribeRegions',
  );

  test('signed, they are answered or refused, and never break the service', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(actions, reads), fc.dictionary(names, values, { maxKeys: 6 }), async (Action, params) => {
        const deps = fakeDependencies();
        deps.blockstore.held.volumes = [fakeVolume(1)];
        const answer = await call({ ...params, Action, Version: '2016-11-15' }, deps);
        if (answer.status !== 200) expect(errorOf(answer).status).toBeLessThan(500);
      }),
      { numRuns: 500 },
    );
  });

  test('unsigned, wrongly encoded or wrongly signed, they are refused with an EC2 error', async () => {
    const header = fc.string({ unit: 'binary-ascii', maxLength: 80 });
    const authorization = fc.oneof(
      header,
      header.map((text) => `AWS4-HMAC-SHA256 ${text}`),
      fc
        .tuple(header, header)
        .map(
          ([a, b]) => `AWS4-HMAC-SHA256 Credential=${a}/20240101/x/y/aws4_request, SignedHeaders=host;${b}, Signature=${'0'.repeat(64)}`,
        ),
    );
    const request = fc.record({
      method: fc.constantFrom('GET', 'POST'),
      url: fc.webPath().map((path) => `/${path}?${path}`),
      headers: fc.record({ host: fc.constant(host), authorization, 'x-amz-date': fc.oneof(header, fc.constant('20240101T000000Z')) }),
      body: fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
      remoteAddress: fc.constant(undefined),
    });
    await fc.assert(
      fc.asyncProperty(request, async (raw) => {
        const clock = () => Date.UTC(2024, 0, 1);
        const { status } = errorOf(await readAnswer(await handleRequest(raw, { ...fakeDependencies(), clock })));
        expect(status).toBeGreaterThanOrEqual(400);
        expect(status).toBeLessThan(500);
      }),
      { numRuns: 500 },
    );
  });
});
