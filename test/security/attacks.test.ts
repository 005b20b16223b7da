import { readdirSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type AttackPlan, attackPlans } from '../../bench/support/attack-plans.ts';
import { type AttackedService, startAttackedService } from '../../bench/support/attacked-service.ts';
import { type Attacker, startAttacker } from '../../bench/support/attacker.ts';
import { type Cleanup, withCleanup } from '../../bench/support/cleanup.ts';
import { distributionOf } from '../../bench/support/distribution.ts';
import { memoryOf } from '../../bench/support/process-memory.ts';
import { attachTimes, sampleVictim } from '../../bench/support/victim.ts';

/** So far above what they should be (100 ms, 1.5 s, nothing) that only a hole exceeds them, however busy the machine. */
const limits = { mostMs: 3_000, attachMs: 8_000, memoryMB: 250, descriptors: 30 };
const volumes = { victim: 20, attacker: 5_000 };
const latencyFactor = 0.5;
/** Of the connections and operations of the real attacks. */
const share = 0.1;
/** Longer than the service gives a request to come whole. */
const restTimeoutMs = 60_000;

let attacked: AttackedService;
let plans: readonly AttackPlan[];
let cleanup: Cleanup;
let finish: () => Promise<void>;
let attackers: Attacker[] = [];

beforeAll(async () => {
  await new Promise<void>((resolve, reject) => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((whenReleased) => {
      release = whenReleased;
    });
    const working = withCleanup(async (given) => {
      cleanup = given;
      attacked = await startAttackedService(volumes, given, latencyFactor);
      plans = attackPlans(attacked, share);
      resolve();
      await held;
    });
    working.catch(reject);
    finish = () => {
      release();
      return working;
    };
  });
});
afterAll(() => finish());
afterEach(async () => {
  await Promise.all(attackers.map((each) => each.end()));
  attackers = [];
  await attacked.setListed(0);
});

const descriptors = () => readdirSync(`/proc/${attacked.service.pid}/fd`).length;

async function undertake({ orders, listedInstances = 0 }: AttackPlan) {
  await attacked.setListed(listedInstances);
  const before = { descriptors: descriptors(), residentMB: memoryOf(attacked.service.pid).residentMB };
  const { sample, value } = await sampleVictim(attacked, async () => {
    for (const order of orders) attackers.push(await startAttacker(order, attacked.target, cleanup));
    return attachTimes(attacked, 1);
  });
  const addedMB = memoryOf(attacked.service.pid).residentMB - before.residentMB;
  for (const each of attackers) each.rest();
  return { sample, attachMs: value[0] ?? 0, addedMB, before };
}

// Named here, so that each is a test; that there is no other is tested below.
const names = [
  'bodies of 1 MB, Version 2, nobody’s key',
  'wrong signatures',
  'requests of nobody',
  '10,000 silent connections',
  '2,000 half requests, left so',
  '1,000 slow headers',
  '40 who do not read 30 pages each',
  'DescribeInstances, 300 unknown ids',
  'DescribeInstances, 4,900 unknown ids',
  'pages of 5 of 60,000 instances',
  'a cloud that hangs',
  '200 patterns over 960 tags',
  '1,000 snapshots shared with all',
  'CreateTags, 1,000 resources, 48 tags',
  'a filter over 50,000 volumes',
  'pages of DescribeVolumeStatus',
  'DescribeVolumes, 1,000 unknown ids',
  '1,500 creates in the queue',
];

test('every attack that is measured is tried here', () => {
  expect(plans.map(({ name }) => name)).toEqual(names);
});

describe.each(names)('under %s, with fewer connections and operations', (name) => {
  test('another account is answered, its volume attached, and what the attack holds is given up while the attacker stays', async () => {
    const plan = plans.find((each) => each.name === name);
    if (plan === undefined) throw new Error(`there is no attack ${name}`);
    const { sample, attachMs, addedMB, before } = await undertake(plan);
    expect(sample.failures).toEqual([]);
    expect(distributionOf(sample.latenciesMs).most).toBeLessThan(limits.mostMs);
    expect(attachMs).toBeLessThan(limits.attachMs);
    expect(addedMB).toBeLessThan(limits.memoryMB);
    await expect.poll(descriptors, { timeout: restTimeoutMs, interval: 200 }).toBeLessThanOrEqual(before.descriptors + limits.descriptors);
    expect(attacked.service.hasEnded()).toBe(false);
  });
});
