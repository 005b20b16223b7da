import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AttachVolumeCommand,
  CreateVolumeCommand,
  DeleteVolumeCommand,
  DescribeVolumesCommand,
  DetachVolumeCommand,
} from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alice, capturedWorkspaces, type NimbusWorkspace } from '../../scripts/stand-in-nimbus/nimbus-workspace.ts';
import { type StandInNimbus, startStandInNimbus } from '../../scripts/stand-in-nimbus/stand-in-nimbus.ts';
import { type LabInUse, openLab } from './lab-in-use.ts';
import { type LabService, startLabService } from './lab-service.ts';

/** Emulated machines on a busy one: a step of a second may take a minute. */
const patience = { timeout: 900_000, interval: 1_000 };
const [workspace, other] = capturedWorkspaces as [NimbusWorkspace, NimbusWorkspace];
const domain = `wrksp-${workspace.id}`;
const key = { accessKeyId: 'AliceAccessKey', secretAccessKey: 'of/the+tests', owner: alice };

/** A Xen guest that is named as Nimbus names it, an unpatched Nimbus that tells its host, and its EC2 front end. The xen resolver has to agree. */
describe('a volume for a workspace of Nimbus, in a guest of Xen', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vbs-ln-'));
  const workspaces = [workspace, other];
  let lab: LabInUse;
  let nimbus: StandInNimbus;
  let service: LabService;
  let before: readonly string[];
  let volumeId: string;

  beforeAll(async () => {
    lab = await openLab();
    // In the place of the guest that is there: the node has memory for one.
    await lab.run('xen1', `xl destroy domu1; domu-start ${domain}`);
    nimbus = await startStandInNimbus({ workspaces, plainCaller: alice, keys: [key] });
    const secretKeyFile = join(folder, 'ec2-secret');
    writeFileSync(secretKeyFile, `${key.secretAccessKey}\n`);
    before = await lab.inventory();
    const backends = {
      volumes: { driver: 'lvm-thin', settings: { volumeGroup: 'vbs', pool: 'pool' } },
      exports: { driver: 'tgt', settings: { portal: `${await lab.volumeServerAddress()}:3260` } },
    };
    service = await startLabService(lab, backends, {
      resolvers: [
        {
          ...{ kind: 'nimbus', mode: 'status', url: nimbus.url, timeoutMs: 60_000 },
          ids: '^([0-9]+|i-[0-9a-f]{8})$',
          ec2: { url: nimbus.ec2Url, accessKeyId: key.accessKeyId, secretKeyFile },
          hosts: { [workspace.vmm ?? '']: 'xen1', [other.vmm ?? '']: 'xen2' },
        },
        { kind: 'xen', ids: '^wrksp-', timeoutMs: 120_000 },
      ],
      reconcile: { everySeconds: 10 },
      endedInstances: { when: 'forgotten', graceSeconds: 10 },
    });
  });
  afterAll(async () => {
    await service?.stop();
    await nimbus?.close();
    if (process.env.VBS_LAB_FOLDER !== undefined) {
      // The lab goes on, as it was.
      await lab.run('xen1', `xl destroy ${domain} 2>/dev/null; domu-start domu1`);
    }
    await lab?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const state = async () => {
    const { Volumes: [volume] = [] } = await service.client.send(new DescribeVolumesCommand({ VolumeIds: [volumeId] }));
    return volume?.Attachments?.[0]?.State ?? volume?.State;
  };
  const become = async (wanted: string) => {
    await expect
      .poll(state, patience)
      .toBe(wanted)
      .catch(async (cause: unknown) => {
        throw new Error(`${volumeId} did not become ${wanted}:\n${await service.operations(volumeId)}`, { cause });
      });
  };
  /** libxl gives a hot-plug a time of its own, which an emulated host on a busy machine may miss; what was half done is taken back then, and asked for again. */
  const attach = async (instanceId: string) => {
    for (let attempt = 1; ; attempt += 1) {
      await service.client.send(new AttachVolumeCommand({ VolumeId: volumeId, InstanceId: instanceId, Device: '/dev/sdf' }));
      await expect.poll(state, patience).not.toBe('attaching');
      if ((await state()) === 'attached') return;
      const operations = await service.operations(volumeId);
      if (attempt === 3 || !operations.includes('libxl_device_disk_add failed')) throw new Error(operations);
    }
  };
  const inGuest = (command: string) => lab.run('xen1', `domu-run ${domain} '${command}' 240`);

  it('comes by the number of the workspace, by its i-… id, and by the name of the domain', async () => {
    const created = await service.client.send(new CreateVolumeCommand({ Size: 1, AvailabilityZone: 'us-east-1a' }));
    volumeId = created.VolumeId ?? '';
    await become('available');
    await attach(String(workspace.id));
    await inGuest('echo of workspace 1 > /text; dd if=/text of=/dev/xvdf bs=512 conv=sync,fsync 2>/dev/null');
    for (const instanceId of [workspace.elasticId, domain]) {
      await service.client.send(new DetachVolumeCommand({ VolumeId: volumeId }));
      await become('available');
      await attach(instanceId);
      expect(await inGuest('head -n 1 /dev/xvdf')).toBe('of workspace 1');
    }
    await service.client.send(new DetachVolumeCommand({ VolumeId: volumeId }));
    await become('available');
  });

  it('is detached when the guest is gone and Nimbus has its workspace no more', async () => {
    await attach(String(workspace.id));
    await lab.run('xen1', `xl destroy ${domain}`);
    workspaces.splice(0, 1);
    await become('available');
    await service.client.send(new DeleteVolumeCommand({ VolumeId: volumeId }));
    const withoutGuest = before.filter((line) => !line.endsWith(`domain ${domain}`));
    await expect.poll(() => lab.inventory(), { ...patience, interval: 5_000 }).toEqual(withoutGuest);
  });
});
