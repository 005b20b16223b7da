import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AttachVolumeCommand, CreateVolumeCommand, DescribeVolumesCommand, DetachVolumeCommand, EC2Client } from '@aws-sdk/client-ec2';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openOperator } from '../../src/composition/open-operator.ts';
import { seededDraw } from '../../src/drivers/faults/seeded-draw.ts';
import type { AccountId, AttachmentId, InstanceId } from '../../src/model/ids.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { type SimulatedService, startSimulatedService } from '../support/simulated-service.ts';
import { begun, createStoreFixture, failure, reach, type StoreFixture } from '../support/store-fixture.ts';

/** Which of the texts stand somewhere in the files of a database, to the last byte of each. */
function foundIn(file: string, secrets: readonly string[]): readonly string[] {
  const bytes = ['', '-wal', '-shm', '-journal']
    .map((end) => `${file}${end}`)
    .filter(existsSync)
    .map((name) => readFileSync(name));
  return secrets.filter((secret) => bytes.some((content) => content.includes(secret)));
}

describe('a store', () => {
  let fixture: StoreFixture;
  let drawn = 0;
  beforeEach(() => {
    fixture = createStoreFixture();
  });
  afterEach(() => fixture.close());

  const newSecret = () => {
    drawn += 1;
    return `secret#${String(drawn).padStart(8, '0')}!`;
  };
  const attach = async (slot: number, chapSecret: string) => {
    const volumeId = await fixture.volume();
    const attachment = await fixture.newAttachment(volumeId, {
      instanceId: `i-${slot}` as InstanceId,
      placement: { vmmHost: 'vmm1', domain: `d${slot}` },
      chapSecret,
    });
    const claim = begun(await fixture.store.beginAttach({ attachment, operation: await fixture.newOperation(volumeId) }));
    return { volumeId, attachmentId: attachment.id, claim };
  };
  const detach = async ({ volumeId, attachmentId }: { volumeId: string; attachmentId: AttachmentId }) => {
    const operation = await fixture.newOperation(volumeId);
    const claim = begun(await fixture.store.beginDetach({ accountId: '123456789012' as AccountId, attachmentId, operation }));
    await fixture.store.finishDetach(claim, attachmentId, 'seen');
  };

  it('holds the secret of an attachment as long as that lasts, and in no file any more when it is over', async () => {
    const secret = newSecret();
    const attached = await attach(1, secret);
    await fixture.store.finishAttach(attached.claim, attached.attachmentId, reach);
    expect(foundIn(fixture.file, [secret])).toEqual([secret]);
    await detach(attached);
    expect(await fixture.store.eraseEndedSecrets()).toBe(true);
    expect(foundIn(fixture.file, [secret])).toEqual([]);
  });

  it('holds that of an attachment that failed no longer either', async () => {
    const secret = newSecret();
    const { claim, attachmentId } = await attach(1, secret);
    await fixture.store.failAttach(claim, attachmentId, failure);
    await fixture.store.eraseEndedSecrets();
    expect(foundIn(fixture.file, [secret])).toEqual([]);
  });

  it('holds only those that are needed after hundreds have come and gone in any order, and so does a backup', async () => {
    let draws = 0;
    const draw = () => {
      draws += 1;
      return seededDraw(7, draws);
    };
    const live: (Awaited<ReturnType<typeof attach>> & { readonly secret: string })[] = [];
    const ended: string[] = [];
    for (let round = 0; round < 600; round += 1) {
      const isOver = live.length > 40 || (live.length > 0 && draw() < 0.45);
      if (isOver) {
        const [one] = live.splice(Math.floor(draw() * live.length), 1);
        if (one === undefined) continue;
        await detach(one);
        ended.push(one.secret);
      } else {
        const secret = newSecret();
        const attached = await attach(round, secret);
        await fixture.store.finishAttach(attached.claim, attached.attachmentId, { ...reach, path: 'p'.repeat(Math.floor(draw() * 300)) });
        live.push({ ...attached, secret });
      }
    }
    await fixture.store.eraseEndedSecrets();
    expect(ended.length).toBeGreaterThan(200);
    expect(foundIn(fixture.file, ended)).toEqual([]);
    const backup = `${fixture.file}-copy`;
    expect(await fixture.store.backUp(backup)).toBe('written');
    expect(foundIn(backup, ended)).toEqual([]);
    expect(
      foundIn(
        backup,
        live.map(({ secret }) => secret),
      ),
    ).toHaveLength(live.length);
  }, 120_000);

  it('waits for nobody who reads, says that it has to be asked again, and does it then', async () => {
    const secret = newSecret();
    const { claim, attachmentId } = await attach(1, secret);
    const reader = new Sqlite(fixture.file, { readonly: true });
    reader.exec('BEGIN; SELECT * FROM volumes');
    await fixture.store.failAttach(claim, attachmentId, failure);
    const startedAtMs = performance.now();
    expect(await fixture.store.eraseEndedSecrets()).toBe(false);
    expect(performance.now() - startedAtMs).toBeLessThan(1_000);
    reader.close();
    expect(await fixture.store.eraseEndedSecrets()).toBe(true);
    expect(foundIn(fixture.file, [secret])).toEqual([]);
  });

  it('erases what a process that was killed has left', async () => {
    const secret = newSecret();
    const { claim, attachmentId } = await attach(1, secret);
    await fixture.store.failAttach(claim, attachmentId, failure);
    await fixture.reopen().eraseEndedSecrets();
    expect(foundIn(fixture.file, [secret])).toEqual([]);
  });
});

it('keeps no secret of an access key that the command line has removed beside a server', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vbs-secrets-'));
  const secretAccessKey = 'of/a+key/that/is/removed/again';
  const first = openOperator(folder, { make: true });
  const server = openSqliteStore({ file: join(folder, 'vbs.db'), clock: Date.now, newUuid: () => 'none' });
  await server.eraseEndedSecrets();
  await first.operator.credentials.add({ accountId: '123456789012' as AccountId, accessKeyId: 'AKIAREMOVED', secretAccessKey });
  first.close();
  expect(foundIn(join(folder, 'vbs.db'), [secretAccessKey])).toEqual([secretAccessKey]);
  const reader = new Sqlite(join(folder, 'vbs.db'), { readonly: true });
  reader.exec('BEGIN; SELECT * FROM access_keys');
  const second = openOperator(folder);
  expect(await second.operator.credentials.remove('AKIAREMOVED')).toBe(true);
  second.close();
  reader.close();
  // It could not, and the server notices.
  expect(foundIn(join(folder, 'vbs.db'), [secretAccessKey])).toEqual([secretAccessKey]);
  await server.eraseEndedSecrets();
  expect(foundIn(join(folder, 'vbs.db'), [secretAccessKey])).toEqual([]);
  server.close();
  rmSync(folder, { recursive: true });
});

describe('a service', () => {
  let service: SimulatedService;
  beforeEach(async () => {
    service = await startSimulatedService();
  });
  afterEach(() => service.close());

  it('has no secret of an attachment in its files seconds after the detach', async () => {
    const ec2 = new EC2Client({ ...service, credentials: service });
    const database = join(service.stateFolder, 'vbs.db');
    const { VolumeId = '' } = await ec2.send(new CreateVolumeCommand({ Size: 1, AvailabilityZone: 'us-east-1a' }));
    const volume = async () => (await ec2.send(new DescribeVolumesCommand({ VolumeIds: [VolumeId] }))).Volumes?.[0];
    await expect.poll(async () => (await volume())?.State).toBe('available');
    await ec2.send(new AttachVolumeCommand({ VolumeId, InstanceId: 'i-00000001', Device: '/dev/sdf' }));
    await expect.poll(async () => (await volume())?.Attachments?.[0]?.State).toBe('attached');
    const client = new Sqlite(database, { readonly: true });
    const secrets = client.prepare('SELECT chap_secret FROM attachments').pluck().all() as readonly string[];
    client.close();
    expect(secrets).toHaveLength(1);
    expect(foundIn(database, secrets)).toEqual(secrets);
    await ec2.send(new DetachVolumeCommand({ VolumeId }));
    await expect.poll(async () => (await volume())?.State).toBe('available');
    await expect.poll(() => foundIn(database, secrets), { timeout: 10_000 }).toEqual([]);
  });
});
