import type { AttackOrder, ConnectionsOrder, RequestsOrder } from './attack-orders.ts';
import { type AttackedService, hangingInstance, unknownInstance } from './attacked-service.ts';

export interface AttackPlan {
  readonly name: string;
  readonly orders: readonly AttackOrder[];
  /** What the cloud lists meanwhile. */
  readonly listedInstances?: number;
}

/** Fewer would be done before anybody noticed. */
const leastQueue = 800;

type Parameters = Readonly<Record<string, string>>;

const body = (Action: string, parameters: Parameters = {}) =>
  new URLSearchParams({ Action, Version: '2016-11-15', ...parameters }).toString();
const numbered = (name: string, count: number, textOf: (number: number) => string): Parameters =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`${name}.${index + 1}`, textOf(index)]));
const unknownVolume = (number: number) => `vol-0${number.toString(16).padStart(16, '0')}`;

/**
 * The attacks that were made on the service, each at a rate that shows its hole and leaves the machine something for the one who measures.
 * `share` makes what is held, listed and queued less; requests stay as costly as they are.
 */
export function attackPlans({ attacker: key, attackerVolumeIds }: AttackedService, share = 1): readonly AttackPlan[] {
  const part = (count: number) => Math.ceil(count * share);
  const signed = (bodies: readonly string[], perSecond: number, connections: number): RequestsOrder => ({
    kind: 'requests',
    bodies,
    perSecond,
    connections,
    proof: { version: 4, key },
  });
  const held = (count: number, opening: ConnectionsOrder['opening'], more: Partial<ConnectionsOrder> = {}): ConnectionsOrder => ({
    kind: 'connections',
    count,
    opening,
    reads: true,
    ...more,
  });
  const volume = (number: number) => attackerVolumeIds[number] ?? '';
  const half = 'POST / HTTP/1.1\r\nHost: vbs\r\nContent-Length: 1000\r\n';
  const patterns = numbered('Filter.1.Value', 200, (number) => `${'*a'.repeat(100)}${'?'.repeat(number % 20)}b${number}`);
  return [
    { name: 'bodies of 1 MB, Version 2, nobody’s key', orders: [{ ...unsigned(4, 4), proof: { version: 2, bytes: 1_000_000 } }] },
    {
      name: 'wrong signatures',
      orders: [{ ...signed([body('DescribeVolumes')], 300, 8), proof: { version: 4, key: { ...key, secretAccessKey: 'wrong' } } }],
    },
    { name: 'requests of nobody', orders: [unsigned(500, 8)] },
    { name: '10,000 silent connections', orders: [held(part(10_000), { text: '' })] },
    { name: '2,000 half requests, left so', orders: [held(part(2_000), { text: `${half}\r\nAction` })] },
    { name: '1,000 slow headers', orders: [held(part(1_000), { text: half }, { trickle: { text: 'X-A: b\r\n', everyMs: 1_000 } })] },
    {
      name: '40 who do not read 30 pages each',
      orders: [held(part(40), { body: body('DescribeVolumes', { MaxResults: '1000' }), times: 30, key }, { reads: false })],
    },
    {
      name: 'DescribeInstances, 300 unknown ids',
      orders: [signed([body('DescribeInstances', numbered('InstanceId', 300, unknownInstance))], 2, 4)],
    },
    {
      name: 'DescribeInstances, 4,900 unknown ids',
      orders: [signed([body('DescribeInstances', numbered('InstanceId', 4_900, unknownInstance))], 0.5, 4)],
    },
    {
      name: 'pages of 5 of 60,000 instances',
      orders: [signed([body('DescribeInstances', { MaxResults: '5' })], 1, 2)],
      listedInstances: part(60_000),
    },
    {
      name: 'a cloud that hangs',
      orders: [
        signed(
          Array.from({ length: 100 }, (_, number) => body('DescribeInstances', { 'InstanceId.1': hangingInstance(number) })),
          50,
          300,
        ),
      ],
    },
    { name: '200 patterns over 960 tags', orders: [signed([body('DescribeTags', { 'Filter.1.Name': 'value', ...patterns })], 1, 2)] },
    { name: '1,000 snapshots shared with all', orders: [signed([body('DescribeSnapshots')], 2, 2)] },
    {
      name: 'CreateTags, 1,000 resources, 48 tags',
      orders: [signed([body('CreateTags', { ...numbered('ResourceId', 1_000, volume), ...fortyEightTags() })], 1, 2)],
    },
    {
      name: 'a filter over 50,000 volumes',
      orders: [signed([body('DescribeVolumes', { 'Filter.1.Name': 'tag:none', 'Filter.1.Value.1': 'none' })], 4, 4)],
    },
    { name: 'pages of DescribeVolumeStatus', orders: [signed([body('DescribeVolumeStatus', { MaxResults: '1000' })], 4, 4)] },
    {
      name: 'DescribeVolumes, 1,000 unknown ids',
      orders: [signed([body('DescribeVolumes', numbered('VolumeId', 1_000, unknownVolume))], 50, 4)],
    },
    {
      name: '1,500 creates in the queue',
      orders: [
        {
          ...signed([body('CreateVolume', { Size: '1', AvailabilityZone: 'us-east-1a' })], 1_000, 64),
          count: Math.max(leastQueue, part(1_500)),
        },
      ],
    },
  ];
}

function unsigned(perSecond: number, connections: number): RequestsOrder {
  return { kind: 'requests', bodies: [body('DescribeVolumes')], perSecond, connections, proof: { version: 'none' } };
}

function fortyEightTags(): Parameters {
  const pairs = Array.from(
    { length: 48 },
    (_, index): Parameters => ({
      [`Tag.${index + 1}.Key`]: `key${index}`,
      [`Tag.${index + 1}.Value`]: `value ${index}`,
    }),
  );
  return Object.assign({}, ...pairs) as Parameters;
}

/** Everything at once. */
export function allAtOnce(plans: readonly AttackPlan[]): AttackPlan {
  return { name: 'all at once', orders: plans.flatMap(({ orders }) => orders), listedInstances: 60_000 };
}
