import { describe, expect, it } from 'vitest';
import type { Host } from '../../../../src/drivers/command/host.ts';
import { DriverError } from '../../../../src/drivers/driver-error.ts';
import type { DriverVerb, Fault, FaultInjection } from '../../../../src/drivers/faults/fault.ts';
import { faultyExportServer, faultyVmm, faultyVolumeServer } from '../../../../src/drivers/faults/faulty-drivers.ts';
import { faultyHost } from '../../../../src/drivers/faults/faulty-host.ts';
import { createSimulatedWorld } from '../../../../src/drivers/simulated/simulated-world.ts';

const gib = 1024 ** 3;
const spec = { volumeId: 'vol-1', bytes: gib };

/** Drivers of a simulated world, with one fault after the other armed at a verb. */
function rig() {
  const world = createSimulatedWorld({ clock: () => 0, sleep: async () => {}, latencyMs: () => 0 });
  const armed: { verb: DriverVerb; fault: Fault }[] = [];
  const slept: number[] = [];
  const injection: FaultInjection = {
    source: {
      meet({ verb }) {
        const index = armed.findIndex((each) => each.verb === verb);
        return index === -1 ? undefined : armed.splice(index, 1)[0]?.fault;
      },
    },
    clock: () => 5,
    sleep: async (milliseconds) => void slept.push(milliseconds),
    timeLimitMs: 1_000,
  };
  return {
    world,
    injection,
    slept,
    volumes: faultyVolumeServer('vs1', world.volumeServer, injection),
    arm: (verb: DriverVerb, kind: Fault['kind'], delayMs?: number) =>
      void armed.push({ verb, fault: { kind, ...(delayMs !== undefined && { delayMs }) } }),
  };
}

async function driverError(call: Promise<unknown>): Promise<DriverError> {
  const outcome: unknown = await call.catch((cause: unknown) => cause);
  if (!(outcome instanceof DriverError)) {
    throw new Error('it did not fail');
  }
  return outcome;
}

describe('a driver with faults', () => {
  it.each([
    { kind: 'error', error: 'refused', isMade: false, slept: [] },
    { kind: 'error-after', error: 'refused', isMade: true, slept: [] },
    { kind: 'hang', error: 'unknown', isMade: false, slept: [1_000] },
    { kind: 'hang-after', error: 'unknown', isMade: true, slept: [1_000] },
    { kind: 'conflict', error: 'conflict', isMade: false, slept: [] },
    { kind: 'unavailable', error: 'unavailable', isMade: false, slept: [] },
  ] as const)('that meets $kind while it makes something fails as $error', async ({ kind, error, isMade, slept }) => {
    const { world, volumes, arm, slept: pauses } = rig();
    arm('volume.make', kind);
    const failed = await driverError(volumes.volume.make(spec));
    expect(failed.kind).toBe(error);
    expect(failed.message).toContain('injected fault: volume.make on vs1');
    expect(failed.commands).toMatchObject([{ host: 'vs1', argv: ['injected-fault', kind, 'volume.make'] }]);
    expect(world.inventory()).toEqual(isMade ? ['volume vol-1'] : []);
    expect(pauses).toEqual(slept);
  });

  it('is late and then does it, or lies and does nothing', async () => {
    const { world, volumes, arm, slept } = rig();
    arm('volume.make', 'lie');
    await volumes.volume.make(spec);
    expect(world.inventory()).toEqual([]);
    arm('volume.make', 'delay', 42);
    await volumes.volume.make(spec);
    expect(slept).toEqual([42]);
    expect(world.inventory()).toEqual(['volume vol-1']);
  });

  it('shows for one look what there was before the last deed, and the truth from then on', async () => {
    const { volumes, arm } = rig();
    await volumes.volume.make(spec);
    arm('volume.look', 'lie');
    expect((await volumes.volume.look(spec)).value.state).toBe('absent');
    arm('volume.look', 'lie');
    expect((await volumes.volume.look(spec)).value.state).toBe('present');
    await volumes.volume.unmake(spec);
    arm('volume.look', 'lie');
    expect((await volumes.volume.look(spec)).value.state).toBe('present');
    expect((await volumes.volume.look(spec)).value.state).toBe('absent');
  });

  it('lists what it listed before', async () => {
    const { volumes, arm } = rig();
    expect((await volumes.volume.list()).value).toEqual([]);
    await volumes.volume.make(spec);
    arm('volume.list', 'lie');
    expect((await volumes.volume.list()).value).toEqual([]);
    expect((await volumes.volume.list()).value).toEqual([{ name: 'vol-1' }]);
  });

  it.each([
    { kind: 'error', state: 'unknown' },
    { kind: 'hang', state: 'unknown' },
    { kind: 'unavailable', state: 'unknown' },
    { kind: 'conflict', state: 'different' },
  ] as const)('finds it $state when a look meets $kind', async ({ kind, state }) => {
    const { volumes, arm } = rig();
    arm('volume.look', kind);
    expect((await volumes.volume.look(spec)).value.state).toBe(state);
  });

  it('does not make what a faulty look could not tell', async () => {
    const { world, volumes, arm } = rig();
    arm('volume.look', 'error');
    expect((await driverError(volumes.volume.make(spec))).kind).toBe('unknown');
    arm('volume.look', 'conflict');
    expect((await driverError(volumes.volume.make(spec))).kind).toBe('conflict');
    expect(world.inventory()).toEqual([]);
  });

  it('fails in listings and questions too', async () => {
    const { world, volumes, arm, injection } = rig();
    arm('volume.list', 'unavailable');
    arm('volume.free', 'hang');
    arm('domain.look', 'error');
    arm('export.list', 'error');
    expect((await driverError(volumes.volume.list())).kind).toBe('unavailable');
    expect((await driverError(volumes.freeBytes())).kind).toBe('unknown');
    expect((await driverError(faultyVmm('vmm1', world.vmm('vmm1'), injection).domain('dom1'))).kind).toBe('refused');
    expect((await driverError(faultyExportServer('vs1', world.exportServer, injection).export.list())).kind).toBe('refused');
  });
});

describe('a host with faults', () => {
  const command = { argv: ['lvs', 'vbs'], timeoutMs: 300 };
  const counting = (): Host & { runs: number } => ({
    name: 'vs1',
    runs: 0,
    async run() {
      this.runs += 1;
      return { exitCode: 0, timedOut: false, stdout: `run ${this.runs}`, stderr: '', startedAtMs: 0, durationMs: 1 };
    },
  });

  it.each([
    { kind: 'error', runs: 0, seen: { exitCode: 1, timedOut: false } },
    { kind: 'error-after', runs: 1, seen: { exitCode: 1, timedOut: false } },
    { kind: 'hang', runs: 0, seen: { timedOut: true } },
    { kind: 'hang-after', runs: 1, seen: { timedOut: true } },
  ] as const)('that meets $kind answers as a command would', async ({ kind, runs, seen }) => {
    const { injection, arm, slept } = rig();
    const real = counting();
    arm('command', kind);
    const { exitCode, timedOut, stderr } = await faultyHost(real, injection).run(command);
    expect({ timedOut, ...(exitCode !== undefined && { exitCode }) }).toEqual(seen);
    expect(stderr).toContain('injected fault');
    expect(real.runs).toBe(runs);
    expect(slept).toEqual(kind.startsWith('hang') ? [300] : []);
  });

  it('answers what the same command answered before when it lies, and refuses the connection when it is unavailable', async () => {
    const { injection, arm } = rig();
    const real = counting();
    const host = faultyHost(real, injection);
    expect((await host.run(command)).stdout).toBe('run 1');
    arm('command', 'lie');
    expect((await host.run(command)).stdout).toBe('run 1');
    expect(real.runs).toBe(1);
    arm('command', 'unavailable');
    expect((await driverError(host.run(command))).kind).toBe('unavailable');
    expect((await host.run(command)).stdout).toBe('run 2');
  });
});
