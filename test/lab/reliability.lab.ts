import { setTimeout as sleep } from 'node:timers/promises';
import {
  AttachVolumeCommand,
  CreateVolumeCommand,
  DeleteVolumeCommand,
  DescribeVolumesCommand,
  DetachVolumeCommand,
} from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LabInUse, openLab } from './lab-in-use.ts';
import { instances, type LabService, startLabService } from './lab-service.ts';

/** Emulated machines on a busy one: a step of a second may take a minute. */
const patience = { timeout: 1_200_000, interval: 1_000 };
const guestMs = 300_000;
const longMs = 3_000_000;
const device = '/dev/sdf';

let lab: LabInUse;
let service: LabService;
let before: readonly string[];
beforeAll(async () => {
  lab = await openLab();
  before = await lab.inventory();
  service = await startLabService(
    lab,
    {
      volumes: { driver: 'lvm-thin', settings: { volumeGroup: 'vbs', pool: 'pool' } },
      exports: { driver: 'tgt', settings: { portal: `${await lab.volumeServerAddress()}:3260` } },
    },
    { reconcile: { everySeconds: 30 } },
  );
});
afterAll(async () => {
  await service?.stop();
  await lab?.stop();
});

const stateOf = async (volumeId: string) => {
  const { Volumes: [volume] = [] } = await service.client.send(new DescribeVolumesCommand({ VolumeIds: [volumeId] }));
  return volume?.Attachments?.[0]?.State ?? volume?.State;
};
const become = async (volumeId: string, state: string) => {
  await expect
    .poll(() => stateOf(volumeId), patience)
    .toBe(state)
    .catch(async (cause: unknown) => {
      throw new Error(`${volumeId} did not become ${state}:\n${await service.operations(volumeId)}\n${service.log()}`, { cause });
    });
};
const create = async () => {
  const { VolumeId = '' } = await service.client.send(new CreateVolumeCommand({ Size: 1, AvailabilityZone: 'us-east-1a' }));
  await become(VolumeId, 'available');
  return VolumeId;
};
/** libxl gives a hot-plug a time of its own, which an emulated host on a busy machine may miss; what was half done is taken back then, and asked for again. */
const attach = async (volumeId: string, instanceId: string) => {
  for (let attempt = 1; ; attempt += 1) {
    await service.client.send(new AttachVolumeCommand({ VolumeId: volumeId, InstanceId: instanceId, Device: device }));
    await expect.poll(() => stateOf(volumeId), patience).not.toBe('attaching');
    if ((await stateOf(volumeId)) === 'attached') return;
    const operations = await service.operations(volumeId);
    if (attempt === 3 || !operations.includes('libxl_device_disk_add failed')) throw new Error(operations);
  }
};
const detach = async (volumeId: string) => {
  await service.client.send(new DetachVolumeCommand({ VolumeId: volumeId }));
  await become(volumeId, 'available');
};
const inGuest = async (domU: 'domu1' | 'domu2', command: string, timeoutMs = guestMs) => {
  const { exitCode, output } = await lab.domU(domU).run(command, timeoutMs);
  if (exitCode !== 0) throw new Error(`${command} in ${domU} ended with ${exitCode}: ${output}`);
  return output.trim();
};
/** Polls in a guest, host or service that may not answer for a while. */
const waitFor = async (what: string, isSo: () => Promise<boolean>, intervalMs = 2_000) => {
  let last: unknown;
  await expect
    .poll(
      () =>
        isSo().catch((cause: unknown) => {
          last = cause;
          return false;
        }),
      { ...patience, interval: intervalMs },
    )
    .toBe(true)
    .catch((cause: unknown) => {
      throw new Error(`${what}, did not come: ${String(last ?? '')}\n${service.log()}`, { cause });
    });
};
const inventoryBecomes = async (wanted: readonly string[]) => {
  await expect.poll(() => lab.inventory(), { ...patience, interval: 5_000 }).toEqual(wanted);
};

describe('a volume that a guest writes to', () => {
  let volumeId: string;
  let attached: readonly string[];
  /** Blocks that the guest was told are on the disk: block n holds the number n. */
  let blocks = 0;
  let writeFailure: unknown;

  /** The guest writes one block after another, each with a flush, until it is told to stop. An error ends it. */
  const startWriting = async () => {
    await inGuest('domu1', `rm -f /tmp/stop; echo ${blocks} > /tmp/written`);
    const loop = `n=${blocks}
      while [ ! -e /tmp/stop ]; do
        n=$((n + 1))
        echo $n | dd of=/dev/xvdf bs=512 seek=$n conv=sync,fsync,notrunc 2> /tmp/dd || { cat /tmp/dd; exit 1; }
        echo $n > /tmp/written
      done`;
    const writing = inGuest('domu1', loop, longMs);
    writing.catch((cause: unknown) => {
      writeFailure = cause;
    });
    return { writing };
  };
  const written = async () => Number(await inGuest('domu1', 'cat /tmp/written'));
  const moreThan = async (count: number) => {
    await waitFor(`block ${count + 1}`, async () => writeFailure !== undefined || (await written()) > count);
    if (writeFailure !== undefined) throw writeFailure;
  };
  const stopWriting = async ({ writing }: { readonly writing: Promise<string> }) => {
    await inGuest('domu1', 'touch /tmp/stop');
    await writing;
    blocks = await written();
  };
  /** From the disk, and not from what the guest remembers of it. */
  const expectWhole = async (domU: 'domu1' | 'domu2') => {
    const read = `echo 3 > /proc/sys/vm/drop_caches; dd if=/dev/xvdf bs=512 skip=1 count=${blocks} 2> /dev/null | tr -d '\\000' | md5sum`;
    expect(await inGuest(domU, read)).toBe(await inGuest(domU, `seq 1 ${blocks} | md5sum`));
  };
  /** The guest writes before, while and after something happens, and notices nothing but a pause. */
  const throughout = async (trouble: () => Promise<void>) => {
    const running = await startWriting();
    await moreThan(blocks + 3);
    await trouble();
    await moreThan((await written()) + 3);
    await stopWriting(running);
    await inventoryBecomes(attached);
    expect(await stateOf(volumeId)).toBe('attached');
    await expectWhole('domu1');
  };

  it('is attached', async () => {
    volumeId = await create();
    await attach(volumeId, instances.domu1);
    attached = await lab.inventory();
  });

  it('comes through a tgtd that is killed and started again', async () => {
    await throughout(async () => {
      await lab.run('vs1', 'kill -9 $(pidof tgtd); while pidof tgtd; do sleep 0.2; done; tgtd');
    });
  });

  it('comes through a reset of the volume server', async () => {
    await throughout(() => lab.reset('vs1'));
  });

  it('has what was written last before a reset of the volume server, though the guest did not flush it', async () => {
    const megabyte = 'bs=64k count=16';
    await inGuest('domu1', `dd if=/dev/urandom of=/tmp/unflushed ${megabyte}`);
    // Beyond the blocks that are written one by one, where a thin volume has no room of its own yet.
    await inGuest('domu1', `dd if=/tmp/unflushed of=/dev/xvdf ${megabyte} seek=1024 conv=notrunc oflag=direct`);
    await lab.reset('vs1');
    await inventoryBecomes(attached);
    expect(await inGuest('domu1', `dd if=/dev/xvdf ${megabyte} skip=1024 iflag=direct 2> /dev/null | md5sum`)).toBe(
      await inGuest('domu1', 'md5sum < /tmp/unflushed; rm /tmp/unflushed'),
    );
  });

  it('comes through thirty seconds without the network', async () => {
    await throughout(async () => {
      await lab.cable('xen1', false);
      const count = await written();
      await sleep(30_000);
      // One that was on its way may have been acknowledged.
      expect(await written()).toBeLessThanOrEqual(count + 1);
      await lab.cable('xen1', true);
    });
  });

  it('is there again after a reboot of the guest', async () => {
    const running = await startWriting();
    await moreThan(blocks + 3);
    await stopWriting(running);
    const domain = await lab.run('xen1', 'xl domid domu1');
    await lab
      .domU('domu1')
      .run('reboot -f', 10_000)
      .catch(() => undefined);
    await waitFor('the guest with another number', async () => (await lab.run('xen1', 'xl domid domu1')) !== domain);
    await waitFor('the disk in the guest', async () => (await inGuest('domu1', 'test -b /dev/xvdf && echo there')) === 'there');
    await inventoryBecomes(attached);
    await throughout(async () => undefined);
  });

  it('is there again after a reset of its node, with all that was written', async () => {
    const running = await startWriting();
    await moreThan(blocks + 3);
    await stopWriting(running);
    await lab.reset('xen1');
    await waitFor('the disk in the guest', async () => (await inGuest('domu1', 'test -b /dev/xvdf && echo there')) === 'there');
    await inventoryBecomes(attached);
    await throughout(async () => undefined);
  });

  it('goes to a guest of the other node whole, and leaves nothing', async () => {
    await detach(volumeId);
    await attach(volumeId, instances.domu2);
    await expectWhole('domu2');
    await detach(volumeId);
    await service.client.send(new DeleteVolumeCommand({ VolumeId: volumeId }));
    await inventoryBecomes(before);
  });
});

describe('a service that is killed', () => {
  let volumeId: string;
  it('has a volume', async () => {
    volumeId = await create();
  });

  const hasSession = async () => (await lab.run('xen1', 'iscsiadm -m session 2> /dev/null || true')).includes(volumeId);
  const hasDisk = async () => (await lab.run('xen1', 'xenstore-ls -f /local/domain/0/backend/vbd 2> /dev/null || true')).includes(volumeId);

  /** Kills it when the host has come so far, and starts it again. */
  const killedWhen = async (isSo: () => Promise<boolean>) => {
    await waitFor('what the service was to be killed at', isSo, 100);
    await service.kill();
    await service.startAgain();
  };
  const moments = {
    'as soon as it has answered': { attach: async () => true, detach: async () => true },
    'between the session and the disk': { attach: hasSession, detach: async () => !(await hasDisk()) },
    'when the disk is there, or the session gone': { attach: hasDisk, detach: async () => !(await hasSession()) },
  };

  it.each(Object.entries(moments))('brings an attach and a detach to their ends, %s', async (_moment, reached) => {
    await service.client.send(new AttachVolumeCommand({ VolumeId: volumeId, InstanceId: instances.domu1, Device: device }));
    await killedWhen(reached.attach);
    await expect.poll(() => stateOf(volumeId), patience).not.toBe('attaching');
    // Undone is an end too, when libxl missed its time.
    if ((await stateOf(volumeId)) !== 'attached') {
      expect(await service.operations(volumeId)).toContain('libxl_device_disk_add failed');
      await attach(volumeId, instances.domu1);
    }
    await inGuest('domu1', `echo ${volumeId} | dd of=/dev/xvdf bs=512 conv=sync,fsync 2> /dev/null`);
    expect(await inGuest('domu1', 'head -n 1 /dev/xvdf')).toBe(volumeId);
    await service.client.send(new DetachVolumeCommand({ VolumeId: volumeId }));
    await killedWhen(reached.detach);
    await become(volumeId, 'available');
  });

  it('has left nothing', async () => {
    await service.client.send(new DeleteVolumeCommand({ VolumeId: volumeId }));
    await inventoryBecomes(before);
  });
});
