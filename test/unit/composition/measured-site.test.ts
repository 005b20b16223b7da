import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type HostAnswer, measuredSite } from '../../../src/composition/measured-site.ts';
import type { CommandRecord } from '../../../src/drivers/thing.ts';
import { createSagaRig, type SagaRig } from '../../support/saga-rig.ts';

let rig: SagaRig;
let answers: HostAnswer[];
beforeEach(() => {
  rig = createSagaRig();
  answers = [];
});
afterEach(() => rig.close());

const measured = () => measuredSite(rig.site, (answer) => answers.push(answer));
const outcomes = () => answers.map(({ host, outcome }) => `${host} ${outcome}`);
const spec = { volumeId: 'vol-00000001', bytes: 1024 ** 3 };
const volumes = () => measured().volumeServers.get('simulated')?.volumes;

describe('a measured site', () => {
  it('does what the site does, and tells who answered', async () => {
    const answered = await volumes()?.volume.make(spec);
    expect(Array.isArray(answered)).toBe(true);
    expect((await volumes()?.volume.look(spec))?.value.state).toBe('present');
    expect((await volumes()?.volume.list())?.value).toEqual([{ name: spec.volumeId }]);
    expect((await measured().vmmHosts.get('vmm2')?.vmm.domain('dom2'))?.value?.state).toBe('running');
    expect(rig.world.inventory()).toEqual([`volume ${spec.volumeId}`]);
    expect(outcomes()).toEqual(['simulated ok', 'simulated ok', 'simulated ok', 'vmm2 ok']);
  });

  it('has the members that the site has, and lacks those that it lacks', () => {
    const shape = (value: unknown): unknown =>
      typeof value === 'object' && value !== null
        ? Object.fromEntries(Object.entries(value).map(([name, member]) => [name, shape(member)]))
        : typeof value;
    const shapes = ({ volumeServers, vmmHosts }: typeof rig.site) =>
      [...volumeServers, ...vmmHosts].map(([name, host]) => [name, shape(host)]);
    expect(shapes(measured())).toEqual(shapes(rig.site));
    expect(measured().vmmHosts.get('vmm1')?.vmm.takes).toBe('device');
  });

  it('tells the kind of an error and hands it on, and takes a look that could not tell for unknown', async () => {
    rig.faults.arm('volume.make', 'is refused', 1);
    await expect(volumes()?.volume.make(spec)).rejects.toMatchObject({ kind: 'refused' });
    rig.faults.arm('volume.make', 'times out without effect', 1);
    await expect(volumes()?.volume.make(spec)).rejects.toMatchObject({ kind: 'unknown' });
    rig.faults.arm('volume.look', 'cannot tell', 1);
    expect((await volumes()?.volume.look(spec))?.value.state).toBe('unknown');
    expect(outcomes()).toEqual(['simulated refused', 'simulated unknown', 'simulated unknown']);
  });

  it('tells the commands of an answer and of an error', async () => {
    const record: CommandRecord = { host: 'vs1', argv: ['lvs'], startedAtMs: 0, durationMs: 5, exitCode: 0, outputTail: '' };
    const { volumeServers } = rig.site;
    const [[name, host] = ['', undefined as never]] = volumeServers;
    const list = async () => ({ value: [], commands: [record] });
    const site = {
      ...rig.site,
      volumeServers: new Map([[name, { ...host, volumes: { ...host.volumes, volume: { ...host.volumes.volume, list } } }]]),
    };
    await measuredSite(site, (answer) => answers.push(answer))
      .volumeServers.get(name)
      ?.volumes.volume.list();
    expect(answers).toEqual([{ host: 'simulated', outcome: 'ok', commands: [record] }]);
  });
});
