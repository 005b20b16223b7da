import { describe, expect, it } from 'vitest';
import { type DriverCall, faultKinds } from '../../../../src/drivers/faults/fault.ts';
import { type FaultRates, seededFaults } from '../../../../src/drivers/faults/seeded-faults.ts';

const none = Object.fromEntries(faultKinds.map((kind) => [kind, 0])) as FaultRates;
const call: DriverCall = { host: 'vs1', verb: 'export.make' };
const other: DriverCall = { host: 'vmm1', verb: 'disk.look' };

function source(seed: number, rates?: FaultRates, clock = () => 0) {
  return seededFaults({ seed, clock, longestDelayMs: 100, longestOutageMs: 1_000, ...(rates && { rates }) });
}

const kindsOf = async (faults: ReturnType<typeof source>, calls: readonly DriverCall[]) =>
  Promise.all(calls.map(async (each) => (await faults.meet(each))?.kind));

describe('faults by a seed', () => {
  it('are the same for the same seed, and others for another', async () => {
    const calls = Array.from({ length: 500 }, () => call);
    const first = await kindsOf(source(7), calls);
    expect(await kindsOf(source(7), calls)).toEqual(first);
    expect(await kindsOf(source(8), calls)).not.toEqual(first);
    expect(new Set(first).size).toBeGreaterThan(3);
  });

  it('do not depend on what else is asked in between', async () => {
    const alone = await kindsOf(
      source(7, { ...none, error: 0.3, lie: 0.3 }),
      Array.from({ length: 50 }, () => call),
    );
    const mixed = source(7, { ...none, error: 0.3, lie: 0.3 });
    const seen: unknown[] = [];
    for (let count = 0; count < 50; count += 1) {
      await mixed.meet(other);
      seen.push((await mixed.meet(call))?.kind);
    }
    expect(seen).toEqual(alone);
  });

  it('come as often as their rates say, and are counted', async () => {
    const faults = source(7, { ...none, error: 0.1, delay: 0.2 });
    await kindsOf(
      faults,
      Array.from({ length: 10_000 }, () => call),
    );
    expect(faults.met.error).toBeGreaterThan(850);
    expect(faults.met.error).toBeLessThan(1_150);
    expect(faults.met.delay).toBeGreaterThan(1_800);
    expect(faults.met.delay).toBeLessThan(2_200);
    expect(faults.met.lie).toBe(0);
    expect(faults.calls).toBe(10_000);
  });

  it('make a host unavailable for everything it is asked, for a while, and no other host', async () => {
    let nowMs = 0;
    const faults = source(7, { ...none, unavailable: 1 }, () => nowMs);
    expect((await faults.meet(call))?.kind).toBe('unavailable');
    const calm = source(7, { ...none, unavailable: 0.02 }, () => nowMs);
    let down = 0;
    while ((await calm.meet(call))?.kind !== 'unavailable') {
      down += 1;
      expect(down).toBeLessThan(10_000);
    }
    expect((await calm.meet({ ...call, verb: 'volume.look' }))?.kind).toBe('unavailable');
    expect((await calm.meet(other))?.kind).toBeUndefined();
    nowMs += 1_000;
    const afterwards = await kindsOf(
      calm,
      Array.from({ length: 20 }, () => ({ ...call, verb: 'volume.look' as const })),
    );
    expect(afterwards).toContain(undefined);
  });

  it('end when they are stopped', async () => {
    const faults = source(7, { ...none, error: 1 });
    faults.stop();
    expect(await faults.meet(call)).toBeUndefined();
  });
});
