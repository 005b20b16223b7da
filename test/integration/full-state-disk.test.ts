import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateVolumeCommand, DescribeVolumesCommand, EC2Client } from '@aws-sdk/client-ec2';
import Sqlite from 'better-sqlite3';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { startSimulatedService } from '../support/simulated-service.ts';

let folder: string;
let isMounted = false;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vbs-small-disk-'));
  isMounted = (await execa('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder], { reject: false })).exitCode === 0;
});
afterEach(async () => {
  if (isMounted) {
    await execa('umount', ['--lazy', folder]);
  }
  rmSync(folder, { recursive: true });
});

it('the service refuses what it cannot write down, loses nothing, and goes on when its disk has space again', async (test) => {
  if (!isMounted) return test.skip('a small file system can be mounted by root only');
  const stateFolder = join(folder, 'state');
  mkdirSync(stateFolder, { mode: 0o700 });
  // Its log and the simulated world are on the same disk.
  const service = await startSimulatedService(stateFolder);
  const { endpoint, region, accessKeyId, secretAccessKey } = service;
  const client = new EC2Client({ endpoint, region, credentials: { accessKeyId, secretAccessKey }, maxAttempts: 1 });
  const create = () => client.send(new CreateVolumeCommand({ Size: 1, AvailabilityZone: 'us-east-1a' }));
  const states = async () => {
    const { Volumes = [] } = await client.send(new DescribeVolumesCommand({}));
    return new Map(Volumes.map(({ VolumeId, State }) => [VolumeId, State]));
  };
  try {
    const answered = [(await create()).VolumeId];
    const ballast = join(folder, 'ballast');
    expect(() => writeFileSync(ballast, Buffer.alloc(8 * 1024 * 1024))).toThrow('ENOSPC');
    const refusals: unknown[] = [];
    // The log of the database has some space of its own, which is used up first.
    for (let request = 0; request < 300 && refusals.length < 3; request += 1) {
      await create().then(
        ({ VolumeId }) => void answered.push(VolumeId),
        (cause: unknown) => void refusals.push(cause),
      );
    }
    const refused = {
      name: 'Unavailable',
      message: expect.stringContaining('cannot write its database'),
      $metadata: { httpStatusCode: 503 },
    };
    expect(refusals).toMatchObject([refused, refused, refused]);
    // What needs no writing is answered meanwhile: what was promised, and nothing that was refused.
    expect([...(await states()).keys()].sort()).toEqual(answered.toSorted());

    rmSync(ballast);
    answered.push((await create()).VolumeId);
    await vi.waitFor(async () => expect(await states()).toEqual(new Map(answered.toSorted().map((volumeId) => [volumeId, 'available']))), {
      timeout: 30_000,
      interval: 200,
    });
    const database = new Sqlite(join(stateFolder, 'vbs.db'), { readonly: true });
    expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
    database.close();
  } finally {
    await service.close();
  }
});
