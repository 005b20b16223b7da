import {
  AttachVolumeCommand,
  CopySnapshotCommand,
  CreateTagsCommand,
  CreateVolumeCommand,
  type CreateVolumeCommandInput,
  DeleteSnapshotCommand,
  DeleteVolumeCommand,
  DescribeRegionsCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  DescribeVolumesModificationsCommand,
  DetachVolumeCommand,
  EC2Client,
  EC2ServiceException,
  LockSnapshotCommand,
  ModifySnapshotAttributeCommand,
  ModifyVolumeCommand,
  RunInstancesCommand,
  UnlockSnapshotCommand,
} from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { exampleFailures } from '../../../scripts/generated-docs/example-failures.ts';
import { type SimulatedInstance, simulatedInstances } from '../../../src/drivers/simulated/instances.ts';
import { createEndpoint, type Endpoint } from '../../../src/ec2-query-api/endpoint.ts';
import { errorAnswer, type ProtocolErrorCode, protocolErrors } from '../../../src/ec2-query-api/errors.ts';
import { defaultFailedProofLimits } from '../../../src/ec2-query-api/failed-proofs.ts';
import { createRequestLimits } from '../../../src/ec2-query-api/limits/request-limits.ts';
import { Failure, type FailureKind } from '../../../src/model/failure.ts';
import type { VolumeId } from '../../../src/model/ids.ts';
import type { InstanceResolver, Resolution } from '../../../src/resolvers/cloud-resolver.ts';
import { settingsSchema } from '../../../src/settings/settings.ts';
import type { Verb } from '../../support/faults.ts';
import { onVmm1, onVmm2, zone } from '../../support/saga-rig.ts';
import { type ApiRig, startApiRig } from './support/api-rig.ts';
import { credentials } from './support/fake-service.ts';

/** The service over HTTP, as a program with the AWS SDK sees it, with what errors are provoked with. */
interface World {
  readonly api: ApiRig;
  readonly client: EC2Client;
  readonly endpoint: string;
  /** An available volume of 2 GiB, and a completed snapshot of it. */
  readonly volume: string;
  readonly snapshot: string;
  /** A volume that is attached on `onVmm1` as `/dev/sdf`. */
  readonly attached: string;
}

/** Asks for what has to be refused. */
type Provocation = (world: World) => Promise<unknown>;

/** Instances of which the cloud says something else than where they are. */
const saidOfInstances: Readonly<Record<string, Resolution>> = {
  'i-0000000a': { outcome: 'unavailable', reason: 'for the operator' },
  'i-0000000b': { outcome: 'not-authorised', reason: 'for the operator' },
  'i-0000000c': { outcome: 'not-placed', reason: 'for the operator' },
  'i-0000000d': {
    outcome: 'contradicted',
    claims: [
      { resolver: 'one', placement: { vmmHost: 'vmm1', domain: 'dom1' } },
      { resolver: 'another', placement: { vmmHost: 'vmm2', domain: 'dom2' } },
    ],
  },
};

const scripted = (usual: InstanceResolver): InstanceResolver => ({
  ...usual,
  async resolve(instanceId, options) {
    if (instanceId === 'i-0000000e') throw new Error('a mistake in the code, with secrets in its message');
    return saidOfInstances[instanceId] ?? usual.resolve(instanceId, options);
  },
});

/** One more than may have a volume. */
const crowd: readonly SimulatedInstance[] = Array.from({ length: 17 }, (_, index) => ({
  instanceId: `i-000001${String(index).padStart(2, '0')}`,
  placement: { vmmHost: 'vmm2', domain: `crowd${index}` },
}));

let world: World;
let served: Endpoint;

beforeEach(async () => {
  const api = await startApiRig({ resolver: scripted }, { instances: [...simulatedInstances, ...crowd] });
  const limits = { failedProofs: { ...defaultFailedProofLimits, different: 3 } };
  served = createEndpoint({ ...api.deps, limits, trustedProxies: ['127.0.0.1'] });
  const { port } = await served.listen('127.0.0.1', 0);
  const endpoint = `http://127.0.0.1:${port}`;
  const client = sdk(endpoint);
  const { VolumeId: volume = '' } = await client.send(new CreateVolumeCommand({ AvailabilityZone: zone, Size: 2 }));
  const { VolumeId: attached = '' } = await client.send(new CreateVolumeCommand({ AvailabilityZone: zone, Size: 1 }));
  await api.settle();
  await client.send(new AttachVolumeCommand({ VolumeId: attached, InstanceId: onVmm1, Device: '/dev/sdf' }));
  const snapshot = (await api.ask({ Action: 'CreateSnapshot', VolumeId: volume })).snapshotId ?? '';
  await api.settle();
  world = { api, client, endpoint, volume, snapshot, attached };
});

afterEach(async () => {
  world.client.destroy();
  await served.close();
  await world.api.close();
});

function sdk(endpoint: string, changes: Partial<ConstructorParameters<typeof EC2Client>[0]> = {}): EC2Client {
  return new EC2Client({ endpoint, region: 'here-1', credentials, maxAttempts: 1, ...changes });
}

const create = (changes: Partial<CreateVolumeCommandInput>) => new CreateVolumeCommand({ AvailabilityZone: zone, Size: 1, ...changes });
const attach = (VolumeId: string, InstanceId: string) => new AttachVolumeCommand({ VolumeId, InstanceId, Device: '/dev/sdf' });
const tags = (count: number, from = 0) => Array.from({ length: count }, (_, index) => ({ Key: `key ${from + index}`, Value: '' }));

/** Asks while an operation is about to do something, which needs what was begun before. */
async function during({ api }: World, verb: Verb, begin: () => Promise<unknown>, ask: () => Promise<unknown>): Promise<unknown> {
  let refused: unknown;
  api.rig.faults.arm(
    verb,
    async () => {
      refused = await ask().catch((cause: unknown) => cause);
    },
    1,
  );
  await begin();
  await api.settle();
  throw refused;
}

/** A request as the SDK sends it, with something changed before it is signed or after. */
interface SentRequest {
  method: string;
  body: string;
  headers: Record<string, string>;
}

async function changed(
  { endpoint }: World,
  moment: 'before signing' | 'after signing',
  change: (request: SentRequest) => void,
): Promise<unknown> {
  const client = sdk(endpoint);
  const { middlewareStack } = client;
  const withChange = <Args>(args: Args): Args => {
    change((args as { readonly request: SentRequest }).request);
    return args;
  };
  if (moment === 'before signing') middlewareStack.add((next) => (args) => next(withChange(args)), { step: 'build' });
  else middlewareStack.add((next) => (args) => next(withChange(args)), { step: 'finalizeRequest', priority: 'low' });
  try {
    return await client.send(new DescribeVolumesCommand({}));
  } finally {
    client.destroy();
  }
}

const withBody =
  (change: (body: string) => string): Provocation =>
  (it) =>
    changed(it, 'before signing', (request) => {
      request.body = change(request.body);
      request.headers['content-length'] = String(Buffer.byteLength(request.body));
    });

/** As a proxy sends it on that asks for this address. */
function sentFrom(address: string, client: EC2Client): Promise<unknown> {
  const addHeader = <Args>(args: Args): Args => {
    (args as { readonly request: SentRequest }).request.headers['x-forwarded-for'] = address;
    return args;
  };
  client.middlewareStack.add((next) => (args) => next(addHeader(args)), { step: 'finalizeRequest', priority: 'low' });
  return sentBy(client);
}

async function sentBy(client: EC2Client): Promise<unknown> {
  try {
    return await client.send(new DescribeVolumesCommand({}));
  } finally {
    client.destroy();
  }
}

/** One of every kind of failure: a kind without one does not compile. */
const failures: Readonly<Record<FailureKind, Provocation>> = {
  'volume-not-found': ({ client }) => client.send(new DeleteVolumeCommand({ VolumeId: 'vol-00000000' })),
  'snapshot-not-found': ({ client }) => client.send(new DescribeSnapshotsCommand({ SnapshotIds: ['snap-00000000'] })),
  'instance-not-found': ({ client, volume }) => client.send(attach(volume, 'i-00000099')),
  'resolver-unavailable': ({ client, volume }) => client.send(attach(volume, 'i-0000000a')),
  'instance-not-authorised': ({ client, volume }) => client.send(attach(volume, 'i-0000000b')),
  'instance-not-running': ({ client, volume }) => client.send(attach(volume, 'i-0000000c')),
  'instance-contradicted': ({ client, volume }) => client.send(attach(volume, 'i-0000000d')),
  'volume-state': ({ client, volume }) => client.send(new DetachVolumeCommand({ VolumeId: volume })),
  'volume-in-use': ({ client, attached }) => client.send(new DeleteVolumeCommand({ VolumeId: attached })),
  'volume-barred': async ({ api, client, attached }) => {
    api.rig.world.guest('dom1').hold(attached as VolumeId);
    await client.send(new DetachVolumeCommand({ VolumeId: attached, Force: true }));
    await api.settle();
    return client.send(new DeleteVolumeCommand({ VolumeId: attached }));
  },
  'operation-under-way': (it) =>
    during(
      it,
      'volume.grow',
      () => it.client.send(new ModifyVolumeCommand({ VolumeId: it.volume, Size: 3 })),
      () => it.client.send(attach(it.volume, onVmm2)),
    ),
  'attachment-limit': async ({ api, client }) => {
    const { VolumeId = '' } = await client.send(create({ VolumeType: 'io2', Iops: 100, Size: 4, MultiAttachEnabled: true }));
    await api.settle();
    for (const { instanceId } of crowd) {
      await client.send(new AttachVolumeCommand({ VolumeId, InstanceId: instanceId, Device: '/dev/sdf' }));
      await api.settle();
    }
  },
  'device-in-use': ({ client, volume }) => client.send(attach(volume, onVmm1)),
  'attachment-not-found': ({ client, attached }) =>
    client.send(new DetachVolumeCommand({ VolumeId: attached, InstanceId: onVmm2, Device: '/dev/sdf' })),
  'snapshot-state': (it) =>
    during(
      it,
      'snapshot.make',
      () => it.api.ask({ Action: 'CreateSnapshot', VolumeId: it.volume }),
      async () => {
        const { Snapshots } = await it.client.send(new DescribeSnapshotsCommand({ Filters: [{ Name: 'status', Values: ['pending'] }] }));
        return it.client.send(create({ SnapshotId: Snapshots?.[0]?.SnapshotId ?? '', Size: 2 }));
      },
    ),
  'snapshot-in-use': (it) =>
    during(
      it,
      'volume.copy',
      () => it.client.send(create({ SnapshotId: it.snapshot, Size: 2 })),
      () => it.client.send(new DeleteSnapshotCommand({ SnapshotId: it.snapshot })),
    ),
  'volume-being-copied': (it) =>
    during(
      it,
      'snapshot.make',
      () => it.api.ask({ Action: 'CreateSnapshot', VolumeId: it.volume }),
      () => it.client.send(new DeleteVolumeCommand({ VolumeId: it.volume })),
    ),
  'snapshot-locked': async ({ client, snapshot: SnapshotId }) => {
    await client.send(new LockSnapshotCommand({ SnapshotId, LockMode: 'governance', LockDuration: 1 }));
    return client.send(new DeleteSnapshotCommand({ SnapshotId }));
  },
  'snapshot-not-locked': ({ client, snapshot: SnapshotId }) => client.send(new UnlockSnapshotCommand({ SnapshotId })),
  'zone-not-found': ({ client }) => client.send(create({ AvailabilityZone: 'mars-1a' })),
  'region-not-found': ({ client, snapshot }) =>
    client.send(new CopySnapshotCommand({ SourceRegion: 'mars-1', SourceSnapshotId: snapshot })),
  'size-smaller-than-snapshot': ({ client, snapshot }) => client.send(create({ SnapshotId: snapshot, Size: 1 })),
  'insufficient-capacity': async ({ client }) => {
    const sizes = [...Array.from({ length: 15 }, () => 65_536), 65_530, 65_536];
    for (const Size of sizes) {
      await client.send(create({ Size, VolumeType: 'gp3' }));
    }
  },
  'idempotent-parameter-mismatch': async ({ client }) => {
    await client.send(create({ ClientToken: 'token' }));
    return client.send(create({ ClientToken: 'token', Size: 3 }));
  },
  'modification-not-found': ({ client, volume }) => client.send(new DescribeVolumesModificationsCommand({ VolumeIds: [volume] })),
  'modification-under-way': (it) =>
    during(
      it,
      'volume.grow',
      () => it.client.send(new ModifyVolumeCommand({ VolumeId: it.volume, Size: 3 })),
      () => it.client.send(new ModifyVolumeCommand({ VolumeId: it.volume, Size: 4 })),
    ),
  'not-permitted': async ({ client, api, snapshot: SnapshotId }) => {
    await api.ask({ Action: 'EnableSnapshotBlockPublicAccess', State: 'block-new-sharing' });
    return client.send(new ModifySnapshotAttributeCommand({ SnapshotId, CreateVolumePermission: { Add: [{ Group: 'all' }] } }));
  },
  'request-limit': async ({ api }) => {
    const { limits } = settingsSchema.parse({ limits: { requests: { describe: { burst: 1, perSecond: 0.001 } } } });
    const limited = createEndpoint({ ...api.deps, requestLimits: createRequestLimits(limits, Date.now) });
    const { port } = await limited.listen('127.0.0.1', 0);
    const client = sdk(`http://127.0.0.1:${port}`);
    try {
      await client.send(new DescribeRegionsCommand({}));
      return await client.send(new DescribeRegionsCommand({}));
    } finally {
      client.destroy();
      await limited.close();
    }
  },
  'too-many-tags': async ({ client, volume }) => {
    await client.send(new CreateTagsCommand({ Resources: [volume], Tags: tags(50) }));
    return client.send(new CreateTagsCommand({ Resources: [volume], Tags: tags(1, 50) }));
  },
  'dry-run': ({ client }) => client.send(create({ DryRun: true })),
  unsupported: ({ client }) => client.send(create({ Encrypted: true })),
  'invalid-parameter-value': ({ client }) => client.send(create({ VolumeType: 'standard', Size: 1_025 })),
  'invalid-parameter-combination': ({ client }) => client.send(create({ VolumeType: 'io1', Size: 4 })),
  'invalid-parameter-dependency': ({ client }) => client.send(create({ KmsKeyId: 'alias/mine' })),
  'missing-parameter': ({ client }) => client.send(new CreateVolumeCommand({ AvailabilityZone: zone })),
  unavailable: ({ client, api }) => {
    api.rig.world.loseHost('volume-server');
    return client.send(create({}));
  },
};

/** One of every code of a request that is no good: a code without one does not compile. */
const protocol: Readonly<Record<ProtocolErrorCode, Provocation>> = {
  AuthFailure: ({ endpoint }) => sentBy(sdk(endpoint, { credentials: { ...credentials, secretAccessKey: 'wrong' } })),
  FilterLimitExceeded: ({ client }) => {
    const Values = Array.from({ length: 201 }, (_, index) => String(index));
    return client.send(new DescribeVolumesCommand({ Filters: [{ Name: 'size', Values }] }));
  },
  IncompleteSignature: (it) =>
    changed(it, 'after signing', ({ headers }) => {
      headers.authorization = headers.authorization?.replace(/, Signature=.*/, '') ?? '';
    }),
  InvalidAction: withBody((body) => body.replace('DescribeVolumes', 'DescribeVolumez')),
  InvalidID: ({ client }) => client.send(new CreateTagsCommand({ Resources: ['eni-00000000'], Tags: tags(1) })),
  'InvalidInstanceID.Malformed': ({ client, volume }) => client.send(attach(volume, '-x')),
  InvalidParameterCombination: ({ client, volume }) => client.send(new DescribeVolumesCommand({ VolumeIds: [volume], MaxResults: 5 })),
  InvalidParameterValue: ({ client }) => client.send(new DescribeVolumesCommand({ Filters: [{ Name: 'colour', Values: ['red'] }] })),
  'InvalidUserID.Malformed': ({ client, snapshot: SnapshotId }) =>
    client.send(new ModifySnapshotAttributeCommand({ SnapshotId, OperationType: 'add', UserIds: ['somebody'] })),
  MalformedQueryString: withBody((body) => `${body}&a=%zz`),
  MethodNotAllowed: (it) =>
    changed(it, 'before signing', (request) => {
      request.method = 'PUT';
    }),
  MissingAction: withBody((body) => body.replace(/Action=DescribeVolumes&/, '')),
  MissingAuthenticationToken: (it) =>
    changed(it, 'after signing', ({ headers }) => {
      delete headers.authorization;
    }),
  MissingParameter: ({ client }) => client.send(new DescribeVolumesCommand({ Filters: [{ Name: 'size' }] })),
  NoSuchVersion: withBody((body) => body.replace(/Version=[0-9-]+/, 'Version=newest')),
  RequestEntityTooLarge: withBody((body) => `${body}&Filter.1.Name=${'x'.repeat(1_100_000)}`),
  // Signed an hour ago.
  RequestExpired: ({ endpoint }) => sentBy(sdk(endpoint, { systemClockOffset: -3_600_000 })),
  RequestLimitExceeded: async ({ endpoint }) => {
    const strangers = Array.from({ length: 3 }, (_, index) =>
      sdk(endpoint, { credentials: { ...credentials, accessKeyId: `STRANGER${index}` } }),
    );
    for (const stranger of strangers) await sentFrom('198.51.100.7', stranger).catch(() => undefined);
    return sentFrom('198.51.100.7', sdk(endpoint));
  },
  TagLimitExceeded: ({ client, volume }) => client.send(new CreateTagsCommand({ Resources: [volume], Tags: tags(51) })),
  UnknownParameter: withBody((body) => `${body}&Colour=red`),
  UnsupportedOperation: ({ client }) => client.send(new RunInstancesCommand({ ImageId: 'ami-00000000', MinCount: 1, MaxCount: 1 })),
};

/** What EC2 has for what is asked here, and this service never answers. */
const neverAnswered = {
  ConcurrentSnapshotLimitExceeded: 'operations wait for their turn, and nothing is refused for their number',
  'InvalidSnapshotID.Malformed': 'EC2 answers a malformed id with InvalidParameterValue, and so does this service',
  InvalidClientTokenId: 'EC2 itself answers an unknown access key with AuthFailure',
  'InvalidVolume.ZoneMismatch': 'zones are names only: every VMM host reaches every volume server',
  OptInRequired: 'there is nothing to opt in to',
  SnapshotLimitExceeded: 'accounts have no quota of snapshots',
  UnknownVolumeType: 'a type that is not offered is an InvalidParameterValue, which names those that are',
  VolumeLimitExceeded: 'accounts have no quota of volumes',
  VolumeModificationSizeLimitExceeded: 'accounts have no quota of sizes',
} as const;

async function refusalOf(
  provoke: Provocation,
): Promise<{ readonly code: string; readonly status: number | undefined; readonly message: string }> {
  const thrown: unknown = await provoke(world).then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (!(thrown instanceof EC2ServiceException)) throw new Error('the service did not refuse it', { cause: thrown });
  return { code: thrown.name, status: thrown.$metadata.httpStatusCode, message: thrown.message };
}

/** What of a message is the same whatever it is about: its words. */
function wordsOf(message: string): string {
  return message.replace(/\S*[0-9'/(]\S*/g, '…').replace(/\b(attach|modify|create)-volume\b/g, '…');
}

/** Messages that are sentences of the use case, or name something without a digit. */
const worded: ReadonlySet<FailureKind> = new Set([
  'request-limit',
  'not-permitted',
  'unsupported',
  'invalid-parameter-value',
  'invalid-parameter-combination',
  'invalid-parameter-dependency',
  'missing-parameter',
  'unavailable',
]);

describe('the real SDK is told, of what cannot be done', () => {
  test.each(Object.entries(failures) as [FailureKind, Provocation][])('%s', async (kind, provoke) => {
    const expected = errorAnswer(new Failure(exampleFailures[kind]));
    const { message, ...refusal } = await refusalOf(provoke);
    expect(refusal).toEqual({ code: expected.code, status: expected.status });
    expect(message).not.toBe('');
    if (!worded.has(kind)) expect(wordsOf(message)).toBe(wordsOf(expected.message));
  });
});

describe('the real SDK is told, of what is no good request', () => {
  test.each(Object.entries(protocol) as [ProtocolErrorCode, Provocation][])('%s', async (code, provoke) => {
    const { message, ...refusal } = await refusalOf(provoke);
    expect(refusal).toEqual({ code, status: protocolErrors[code] });
    expect(message).not.toBe('');
  });
});

test('of a mistake of the service, the real SDK is told InternalError and nothing of it', async () => {
  const refusal = await refusalOf(({ client, volume }) => client.send(attach(volume, 'i-0000000e')));
  expect(refusal).toMatchObject({ code: 'InternalError', status: 500 });
  expect(refusal.message).not.toContain('secrets');
});

test('every code that the service can answer is provoked here, and what is never answered is in no table', () => {
  const codes = new Set([
    ...Object.values(exampleFailures).map((reason) => errorAnswer(new Failure(reason)).code),
    ...Object.keys(protocolErrors),
  ]);
  const provoked = new Set([
    ...(Object.keys(failures) as FailureKind[]).map((kind) => errorAnswer(new Failure(exampleFailures[kind])).code),
    ...Object.keys(protocol),
  ]);
  expect([...codes].filter((code) => !provoked.has(code))).toEqual([]);
  expect(Object.keys(neverAnswered).filter((code) => codes.has(code))).toEqual([]);
});
