import type { EC2Client, Snapshot, Volume, VolumeAttachment } from '@aws-sdk/client-ec2';
import { Command } from 'commander';
import { type ConnectionOptions, connect, explain } from './ec2-connection.ts';
import { CommandFailed, exitCodes } from './exit-codes.ts';
import { table } from './output.ts';
import type { ProgramDependencies } from './program-dependencies.ts';

interface Options extends ConnectionOptions {
  readonly json?: true;
  readonly wait?: true;
  readonly zone?: string;
}

type Sdk = typeof import('@aws-sdk/client-ec2');
type Call = (client: EC2Client, sdk: Sdk) => Promise<void>;

/** How long `--wait` waits, and how often it asks. */
const waitForMs = 600_000;
const askEveryMs = 250;

/** The eight commands of the paper with its arguments, as ordinary clients of the endpoint. */
export function paperCommands(dependencies: Pick<ProgramDependencies, 'output' | 'environment' | 'openOperator'>): Command[] {
  const { output } = dependencies;

  const call = async (options: Options, use: Call): Promise<void> => {
    const client = await connect(options, dependencies);
    try {
      await use(client, await import('@aws-sdk/client-ec2'));
    } catch (cause) {
      throw cause instanceof CommandFailed ? cause : explain(cause, await endpointOf(client));
    } finally {
      client.destroy();
    }
  };
  const command = (name: string, description: string) =>
    new Command(name)
      .description(description)
      .option('--endpoint <url>', 'the service (default: AWS_ENDPOINT_URL_EC2, AWS_ENDPOINT_URL, the profile, http://127.0.0.1:8773)')
      .option('--profile <name>', 'the AWS profile that holds the access key')
      .option('--state <dir>', 'on the server itself: use the first access key of this state folder')
      .option('-c, --config <file>', 'on the server itself: use the first access key of the state folder that these settings name')
      .option('--json', 'print JSON');
  const print = (options: Options, json: unknown, lines: readonly string[]) =>
    output.line(...(options.json ? [JSON.stringify(json)] : lines));
  const describe = async (client: EC2Client, sdk: Sdk, volumeId: string): Promise<Volume> => {
    const { Volumes: [volume] = [] } = await client.send(new sdk.DescribeVolumesCommand({ VolumeIds: [volumeId] }));
    return volume ?? {};
  };

  return [
    command('create-volume', 'create a volume')
      .argument('<size>', 'in GiB; 0 takes the size of the snapshot')
      .argument('[comment]', 'kept as the tag "Comment"')
      .argument('[snapshot-id]', 'fill it with the contents of this snapshot')
      .option('--zone <name>', 'availability zone (default: the first one that the service has)')
      .option('--wait', 'wait until it is available')
      .action((sizeText: string, comment: string | undefined, snapshotId: string | undefined, options: Options) =>
        call(options, async (client, sdk) => {
          const size = wholeNumber(sizeText);
          const created = await client.send(
            new sdk.CreateVolumeCommand({
              AvailabilityZone: options.zone ?? (await firstZone(client, sdk)),
              ...(size > 0 && { Size: size }),
              ...(snapshotId !== undefined && { SnapshotId: snapshotId }),
              ...(comment && { TagSpecifications: [{ ResourceType: 'volume', Tags: [{ Key: 'Comment', Value: comment }] }] }),
            }),
          );
          const volume = options.wait
            ? await waitFor(() => describe(client, sdk, created.VolumeId ?? ''), volumeOutcome('available', 'creating'))
            : created;
          print(options, withoutMetadata(volume), volumeTable([volume]));
        }),
      ),

    command('delete-volume', 'delete a volume')
      .argument('<volume-id>')
      .option('--wait', 'wait until it is deleted, or in the recycle bin')
      .action((volumeId: string, options: Options) =>
        call(options, async (client, sdk) => {
          await client.send(new sdk.DeleteVolumeCommand({ VolumeId: volumeId }));
          const state = options.wait ? await waitUntilDeleted(client, sdk, volumeId) : 'deleting';
          print(options, { VolumeId: volumeId, State: state }, [`${volumeId}  ${state}`]);
        }),
      ),

    command('describe-volumes', 'list volumes')
      .argument('[volume-ids...]', 'only these')
      .action((volumeIds: string[], options: Options) =>
        call(options, async (client, sdk) => {
          const input = volumeIds.length > 0 ? { VolumeIds: volumeIds } : {};
          const { Volumes: volumes = [] } = await client.send(new sdk.DescribeVolumesCommand(input));
          print(options, volumes, volumeTable(volumes));
        }),
      ),

    command('attach-volume', 'attach a volume to a VM, named by VMM host and VM id, or by its cloud instance id')
      .usage(
        '[options] <volume-id> <vmm-hostname> <vm-id> <vm-device>\n       vbs attach-volume [options] <volume-id> <instance-id> <vm-device>',
      )
      .argument('<volume-id>')
      .argument('<vm...>')
      .option('--wait', 'wait until it is attached')
      .action((volumeId: string, rest: string[], options: Options) =>
        call(options, async (client, sdk) => {
          const { instanceId, device } = attachTarget(rest);
          const attached = await client.send(new sdk.AttachVolumeCommand({ VolumeId: volumeId, InstanceId: instanceId, Device: device }));
          const attachment = options.wait ? await waitUntilAttached(client, sdk, volumeId) : attached;
          print(options, withoutMetadata(attachment), attachmentTable(attachment));
        }),
      ),

    command('detach-volume', 'take a volume out of its VM')
      .argument('<volume-id>')
      .option('--wait', 'wait until it is available')
      .option('--force', 'bar the volume when its VMM host cannot be seen to have let go, until the operator clears it')
      .action((volumeId: string, options: Options & { readonly force?: true }) =>
        call(options, async (client, sdk) => {
          const detaching = await client.send(new sdk.DetachVolumeCommand({ VolumeId: volumeId, ...(options.force && { Force: true }) }));
          if (options.wait) {
            await waitFor(() => describe(client, sdk, volumeId), detachOutcome);
          }
          const attachment = { ...detaching, ...(options.wait && { State: 'detached' as const }) };
          print(options, withoutMetadata(attachment), attachmentTable(attachment));
        }),
      ),

    command('create-snapshot', 'take a snapshot of a volume')
      .argument('<volume-id>')
      .argument('[comment]', 'kept as its description')
      .option('--wait', 'wait until it is completed')
      .action((volumeId: string, comment: string | undefined, options: Options) =>
        call(options, async (client, sdk) => {
          const input = { VolumeId: volumeId, ...(comment && { Description: comment }) };
          const created: Snapshot = await client.send(new sdk.CreateSnapshotCommand(input));
          const look = async (): Promise<Snapshot> => {
            const { Snapshots: [snapshot] = [] } = await client.send(
              new sdk.DescribeSnapshotsCommand({ SnapshotIds: [created.SnapshotId ?? ''] }),
            );
            return snapshot ?? {};
          };
          const snapshot = options.wait ? await waitFor(look, snapshotOutcome) : created;
          print(options, withoutMetadata(snapshot), snapshotTable([snapshot]));
        }),
      ),

    command('delete-snapshot', 'delete a snapshot')
      .argument('<snapshot-id>')
      .action((snapshotId: string, options: Options) =>
        call(options, async (client, sdk) => {
          await client.send(new sdk.DeleteSnapshotCommand({ SnapshotId: snapshotId }));
          print(options, { SnapshotId: snapshotId }, [`${snapshotId}  deleted`]);
        }),
      ),

    command('describe-snapshots', 'list snapshots')
      .argument('[snapshot-ids...]', 'only these')
      .action((snapshotIds: string[], options: Options) =>
        call(options, async (client, sdk) => {
          const input = snapshotIds.length > 0 ? { SnapshotIds: snapshotIds } : { OwnerIds: ['self'] };
          const { Snapshots: snapshots = [] } = await client.send(new sdk.DescribeSnapshotsCommand(input));
          print(options, snapshots, snapshotTable(snapshots));
        }),
      ),
  ];

  async function waitUntilAttached(client: EC2Client, sdk: Sdk, volumeId: string): Promise<VolumeAttachment> {
    const volume = await waitFor(() => describe(client, sdk, volumeId), attachOutcome);
    return volume.Attachments?.[0] ?? {};
  }
}

/** What is being deleted can be described until it is gone; what came into the recycle bin is gone at once, and listed there. */
async function waitUntilDeleted(client: EC2Client, sdk: Sdk, volumeId: string): Promise<'deleted' | 'in the recycle bin'> {
  const look = () =>
    client.send(new sdk.DescribeVolumesCommand({ VolumeIds: [volumeId] })).then(
      ({ Volumes: [volume] = [] }) => volume,
      (cause: Error) => {
        if (cause.name === 'InvalidVolume.NotFound') {
          return undefined;
        }
        throw cause;
      },
    );
  await waitFor(look, (volume) => (volume === undefined ? 'reached' : volumeOutcome('deleted', 'deleting')(volume)));
  const { Volumes: inBin = [] } = await client.send(new sdk.ListVolumesInRecycleBinCommand({}));
  return inBin.some(({ VolumeId }) => VolumeId === volumeId) ? 'in the recycle bin' : 'deleted';
}

type Outcome = 'reached' | 'waiting' | { readonly failed: string };

/** Asks until the outcome is settled. */
async function waitFor<Resource>(look: () => Promise<Resource>, outcomeOf: (resource: Resource) => Outcome): Promise<Resource> {
  for (const endsAtMs = performance.now() + waitForMs; ; ) {
    const resource = await look();
    const outcome = outcomeOf(resource);
    if (outcome === 'reached') {
      return resource;
    }
    if (outcome !== 'waiting') {
      throw new CommandFailed(exitCodes.refused, outcome.failed);
    }
    if (performance.now() > endsAtMs) {
      throw new CommandFailed(
        exitCodes.refused,
        `not done after ${waitForMs / 1000} s; it goes on, and describe-volumes shows how it stands`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, askEveryMs));
  }
}

function volumeOutcome(wanted: string, passing: string): (volume: Volume) => Outcome {
  return ({ VolumeId, State }) => {
    if (State === wanted) {
      return 'reached';
    }
    return State === passing ? 'waiting' : { failed: `${VolumeId} went to "${State}"; ${whereToLook(VolumeId)}` };
  };
}

function attachOutcome({ VolumeId, State, Attachments: [attachment] = [] }: Volume): Outcome {
  if (attachment?.State === 'attached') {
    return 'reached';
  }
  return attachment?.State === 'attaching'
    ? 'waiting'
    : { failed: `${VolumeId} was not attached and is "${State}"; ${whereToLook(VolumeId)}` };
}

function detachOutcome({ VolumeId, State, Attachments: [attachment] = [] }: Volume): Outcome {
  if (State === 'available') {
    return 'reached';
  }
  return attachment?.State === 'detaching'
    ? 'waiting'
    : { failed: `${VolumeId} is still attached (${attachment?.State}); ${whereToLook(VolumeId)}` };
}

function snapshotOutcome({ SnapshotId, State }: Snapshot): Outcome {
  if (State === 'completed') {
    return 'reached';
  }
  return State === 'pending' ? 'waiting' : { failed: `${SnapshotId} went to "${State}"; ${whereToLook(SnapshotId)}` };
}

function whereToLook(resourceId: string | undefined): string {
  return `on the server, "vbs operations list --resource ${resourceId}" says why`;
}

/** Four arguments are the paper's form, three name an instance. */
function attachTarget(rest: readonly string[]): { readonly instanceId: string; readonly device: string } {
  const [first, second, third, ...more] = rest;
  if (first === undefined || second === undefined || more.length > 0) {
    throw new CommandFailed(
      exitCodes.wrongUsage,
      'give <volume-id> <vmm-hostname> <vm-id> <vm-device>, or <volume-id> <instance-id> <vm-device>',
    );
  }
  return third === undefined ? { instanceId: first, device: second } : { instanceId: `${first}/${second}`, device: third };
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) {
    throw new CommandFailed(exitCodes.wrongUsage, `the size ${text} must be a whole number of GiB`);
  }
  return Number(text);
}

async function firstZone(client: EC2Client, sdk: Sdk): Promise<string> {
  const { AvailabilityZones: [zone] = [] } = await client.send(new sdk.DescribeAvailabilityZonesCommand({}));
  return zone?.ZoneName ?? '';
}

async function endpointOf(client: EC2Client): Promise<string> {
  const endpoint = await client.config.endpoint?.();
  return endpoint === undefined
    ? ''
    : `${endpoint.protocol}//${endpoint.hostname}${endpoint.port === undefined ? '' : `:${endpoint.port}`}`;
}

function withoutMetadata(answer: object): object {
  const { $metadata: _metadata, ...rest } = answer as { readonly $metadata?: unknown };
  return rest;
}

function volumeTable(volumes: readonly Volume[]): readonly string[] {
  const rows = volumes.map(({ VolumeId, Size, State, SnapshotId, Attachments = [], Tags = [] }) => [
    VolumeId ?? '',
    `${Size} GiB`,
    State ?? '',
    SnapshotId ?? '',
    Attachments.map(({ InstanceId, Device, State: state }) => `${InstanceId} ${Device} (${state})`).join(', '),
    Tags.find(({ Key }) => Key === 'Comment')?.Value ?? '',
  ]);
  return table(['VOLUME', 'SIZE', 'STATE', 'FROM SNAPSHOT', 'ATTACHED TO', 'COMMENT'], rows);
}

function snapshotTable(snapshots: readonly Snapshot[]): readonly string[] {
  const rows = snapshots.map(({ SnapshotId, VolumeId, VolumeSize, State, Progress, Description }) => [
    SnapshotId ?? '',
    VolumeId ?? '',
    `${VolumeSize} GiB`,
    State ?? '',
    Progress ?? '',
    Description ?? '',
  ]);
  return table(['SNAPSHOT', 'OF VOLUME', 'SIZE', 'STATE', 'PROGRESS', 'COMMENT'], rows);
}

function attachmentTable({ VolumeId, InstanceId, Device, State }: VolumeAttachment): readonly string[] {
  return table(['VOLUME', 'INSTANCE', 'DEVICE', 'STATE'], [[VolumeId ?? '', InstanceId ?? '', Device ?? '', State ?? '']]);
}
