import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AttachVolumeCommand,
  CreateVolumeCommand,
  DeleteVolumeCommand,
  DescribeInstancesCommand,
  DescribeVolumesCommand,
  DetachVolumeCommand,
  ModifyInstanceAttributeCommand,
} from '@aws-sdk/client-ec2';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { makeAuthority } from '../../scripts/stand-in-nimbus/certificates.ts';
import { alice, capturedWorkspaces, type NimbusWorkspace } from '../../scripts/stand-in-nimbus/nimbus-workspace.ts';
import { type StandInNimbus, startStandInNimbus } from '../../scripts/stand-in-nimbus/stand-in-nimbus.ts';
import { prepareRealService, type RealService } from '../support/real-service.ts';
import { findDisk, tinyVmStartTimeoutMs } from '../support/tiny-vm.ts';

const patience = { timeout: 120_000, interval: 100 };
const [, workspace] = capturedWorkspaces as [NimbusWorkspace, NimbusWorkspace];

/** A VM that is named as Nimbus names the Xen domain of a workspace, and a Nimbus behind TLS that says so, patched as in the paper. */
describe('a volume for a workspace of Nimbus, with a real tgtd and a real VM', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vbs-nimbus-disk-'));
  const workspaces = [workspace];
  let nimbus: StandInNimbus;
  let service: RealService;

  beforeAll(async () => {
    const authority = await makeAuthority(join(folder, 'ca'));
    const server = await authority.issue('nimbus', '/O=Grid/CN=nimbus', { hosts: ['127.0.0.1'] });
    const owner = await authority.issue('alice', alice);
    const elasticDb = join(folder, 'elastic.db');
    const database = new Database(elasticDb);
    database.exec('CREATE TABLE instances (elastic_id TEXT, manager_id TEXT, reservation_id TEXT, sshkey TEXT)');
    const insert = database.prepare('INSERT INTO instances VALUES (?, ?, ?, NULL)');
    insert.run(workspace.elasticId, String(workspace.id), workspace.reservationId);
    database.close();
    nimbus = await startStandInNimbus({ workspaces, isPatched: true, tls: { ca: authority.ca, ...server } });
    const resolver = {
      kind: 'nimbus',
      mode: 'rp-query',
      url: nimbus.url,
      tls: { ca: authority.ca, ...owner },
      elasticDb: { file: elasticDb },
      hosts: { [workspace.vmm ?? '']: 'here' },
    };
    const settings = {
      resolvers: [resolver],
      reconcile: { everySeconds: 5 },
      endedInstances: { when: 'forgotten', graceSeconds: 10 },
    };
    service = await prepareRealService({ domain: `wrksp-${workspace.id}`, settings });
    await service.start();
  }, tinyVmStartTimeoutMs);
  afterAll(async () => {
    await service.stop();
    await nimbus.close();
    rmSync(folder, { recursive: true });
  });

  const volumeOf = async (volumeId: string) =>
    (await service.client.send(new DescribeVolumesCommand({ VolumeIds: [volumeId] }))).Volumes?.[0];
  const until = (volumeId: string, state: string, attachment?: string) =>
    vi.waitFor(async () => {
      const volume = await volumeOf(volumeId);
      expect([volume?.State, volume?.Attachments?.[0]?.State]).toEqual([state, attachment]);
    }, patience);
  const createVolume = async () => {
    const { VolumeId = '' } = await service.client.send(new CreateVolumeCommand({ AvailabilityZone: 'us-east-1a', Size: 1 }));
    await until(VolumeId, 'available');
    return VolumeId;
  };
  const attach = async (volumeId: string, instanceId: string, device = '/dev/sdf') => {
    const command = new AttachVolumeCommand({ VolumeId: volumeId, InstanceId: instanceId, Device: device });
    let answer = '';
    // On a busy machine the cloud may answer too late, of which the client is told to try again; of nothing else.
    await vi.waitFor(async () => {
      answer = await service.client.send(command).then(
        () => 'accepted',
        ({ name }: Error) => name,
      );
      expect(answer).not.toBe('Unavailable');
    }, patience);
    expect(answer).toBe('accepted');
    await until(volumeId, 'in-use', 'attached');
  };
  const inVm = async (volumeId: string, command: string): Promise<string> => {
    const { exitCode, output } = await service.vm.run(`${findDisk(volumeId.replace('-', ''))}; ${command}`);
    expect(exitCode, output).toBe(0);
    return output.trim();
  };

  it('comes by its number and by its i-… id, and is the same disk', async () => {
    const volumeId = await createVolume();
    const [byNumber, byElasticId] = [String(workspace.id), workspace.elasticId];

    await attach(volumeId, byNumber);
    await inVm(volumeId, 'echo "of workspace 2" | dd of=/dev/$disk conv=fsync 2>/dev/null');
    await service.client.send(new DetachVolumeCommand({ VolumeId: volumeId }));
    await until(volumeId, 'available');

    await attach(volumeId, byElasticId);
    expect(await inVm(volumeId, 'head -n 1 /dev/$disk')).toBe('of workspace 2');
    const { Reservations: [reservation] = [] } = await service.client.send(new DescribeInstancesCommand({ InstanceIds: [byElasticId] }));
    expect(reservation?.Instances?.[0]).toMatchObject({
      InstanceId: byElasticId,
      State: { Name: 'running' },
      PrivateIpAddress: workspace.nics[0]?.ipAddress,
      BlockDeviceMappings: [{ DeviceName: '/dev/sdf', Ebs: { VolumeId: volumeId } }],
    });
    await service.client.send(new DetachVolumeCommand({ VolumeId: volumeId }));
    await until(volumeId, 'available');
    await service.client.send(new DeleteVolumeCommand({ VolumeId: volumeId }));
    await vi.waitFor(async () => expect(await service.inventory()).toEqual([]), patience);
  });

  it('goes with the workspace when Nimbus has it no more and its VM is gone, and not as long as the VM runs', async () => {
    const [kept, going] = [await createVolume(), await createVolume()];
    await attach(going, workspace.elasticId);
    await service.client.send(
      new ModifyInstanceAttributeCommand({
        InstanceId: workspace.elasticId,
        BlockDeviceMappings: [{ DeviceName: '/dev/sdf', Ebs: { DeleteOnTermination: true } }],
      }),
    );
    await attach(kept, String(workspace.id), '/dev/sdg');

    workspaces.splice(0);
    await vi.waitFor(() => expect(service.log()).toContain('its VM runs, or its VMM host does not tell'), patience);
    await until(going, 'in-use', 'attached');

    process.kill(service.vm.pid, 'SIGKILL');
    await until(kept, 'available');
    await vi.waitFor(() => expect(volumeOf(going)).rejects.toThrow(/does not exist/), patience);
    const targets = await service.tgtadm('--op', 'show', '--mode', 'target');
    expect(targets).not.toContain('Target');
    const done = JSON.parse(await service.vbs('operations', 'list', '--json', '--resource', going)) as { kind: string; state: string }[];
    expect(done.slice(0, 2).map(({ kind, state }) => `${kind} ${state}`)).toEqual(['delete-volume done', 'detach-volume done']);
  });
});
