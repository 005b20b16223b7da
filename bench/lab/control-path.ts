import { basename } from 'node:path';
import type { JournalEntry } from '../../src/saga/journal.ts';
import type { LabInUse } from '../../test/lab/lab-in-use.ts';
import { type Cleanup, withCleanup } from '../support/cleanup.ts';
import { distributionOf, timed } from '../support/distribution.ts';
import { distributionRow, distributionTitles, figure, type Report } from '../support/report.ts';
import { domU, node, volumeServer } from './bench-lab.ts';
import { leastCommands } from './least-commands.ts';
import { clientOf, type Deed, type ServiceClient, startQuietService } from './service-client.ts';
import { openShellSession } from './shell-session.ts';
import { type Typed, typedCommands } from './typed-commands.ts';

const limitRatio = 1.15;

/** Milliseconds. */
interface Durations {
  readonly attach: number[];
  readonly detach: number[];
}

/** Attaching and detaching by the API, against the same commands and the least of them, typed in one ssh session on each host, in turns. */
export async function benchmarkControlPath(lab: LabInUse, rounds: number, report: Report): Promise<void> {
  report.heading('Attaching and detaching: the API against commands typed by hand');
  await withCleanup(async (cleanup) => {
    const portal = `${await lab.volumeServerAddress()}:3260`;
    const backends = {
      volumes: { driver: 'lvm-thin', settings: { volumeGroup: 'vbs', pool: 'pool' } },
      exports: { driver: 'tgt', settings: { portal } },
    };
    const service = await startQuietService(lab, backends);
    cleanup.add(service.stop);
    const client = clientOf(service);
    const volumeId = await client.createVolume();
    cleanup.add(() => client.deleteVolume(volumeId));
    const type = await openKeyboard(lab, cleanup);

    // Not counted: programs are read from disk, and connections are made. It tells which commands there are.
    const { attached, detached } = await attachAndDetach(client, volumeId);
    // The service asks this before it answers, and journals only what comes after.
    const isThere = { host: node, script: `xl list --verbose | grep -q '^${domU} '` };
    const same = { attach: [isThere, ...typedCommands(attached.journal)], detach: typedCommands(detached.journal) };
    const least = leastCommands(`/dev/vbs/${volumeId}`, portal);
    await type(least.attach);
    await type(least.detach);

    const durationsMs: Record<'least' | 'same' | 'api', Durations> = {
      least: { attach: [], detach: [] },
      same: { attach: [], detach: [] },
      api: { attach: [], detach: [] },
    };
    const byHand = async (way: 'least' | 'same', commands: Readonly<Record<keyof Durations, readonly Typed[]>>) => {
      durationsMs[way].attach.push(await timed(() => type(commands.attach)));
      durationsMs[way].detach.push(await timed(() => type(commands.detach)));
    };
    const journals: Record<keyof Durations, (readonly JournalEntry[])[]> = { attach: [], detach: [] };
    const byApi = async () => {
      const { attached, detached } = await attachAndDetach(client, volumeId);
      durationsMs.api.attach.push(attached.durationMs);
      durationsMs.api.detach.push(detached.durationMs);
      journals.attach.push(attached.journal);
      journals.detach.push(detached.journal);
    };
    for (let round = 1; round <= rounds; round += 1) {
      await byHand('least', least);
      // In turns, since the machine may be faster or slower by the time of the second.
      const both = [() => byHand('same', same), byApi];
      for (const way of round % 2 === 0 ? both.reverse() : both) await way();
    }

    report.line(`  tgtd with CHAP, open-iscsi and xl, a thin volume; ${rounds} rounds of all three:`);
    const { least: bare, same: asGiven, api } = durationsMs;
    for (const deed of ['attach', 'detach'] as const) {
      // Of what a round measured a moment apart: between rounds, an emulated machine on a shared one changes its speed by half.
      const ratios = api[deed].map((durationMs, round) => durationMs / (asGiven[deed][round] ?? Number.NaN));
      report.table(distributionTitles, [
        distributionRow(`${deed} by hand, the least commands`, distributionOf(bare[deed])),
        distributionRow(`${deed} by hand, the same commands`, distributionOf(asGiven[deed])),
        distributionRow(`${deed} by the API`, distributionOf(api[deed])),
      ]);
      const toLeast = distributionOf(api[deed]).median / distributionOf(bare[deed]).median;
      report.line(`  ratio of the medians to the least commands: ${figure(toLeast)}`);
      report.line(`  ratio to the same commands, round by round: ${ratios.map(figure).join(', ')}`);
      report.target(`${deed}: median of the ratios to the same commands`, distributionOf(ratios).median, limitRatio, 'times');
    }
    report.line('  Where the time of the API goes, by its journal (medians in milliseconds):');
    reportSteps(journals, report);
  });
}

async function attachAndDetach(client: ServiceClient, volumeId: string): Promise<{ readonly attached: Deed; readonly detached: Deed }> {
  return { attached: await client.attach(volumeId), detached: await client.detach(volumeId) };
}

/** One session on each host. */
async function openKeyboard(lab: LabInUse, cleanup: Cleanup): Promise<(commands: readonly Typed[]) => Promise<void>> {
  const open = async (host: string) => [host, await openShellSession(await lab.address(host))] as const;
  const sessions = new Map(await Promise.all([volumeServer, node].map(open)));
  cleanup.add(async () => void (await Promise.all([...sessions.values()].map(({ end }) => end()))));
  return async (commands) => {
    for (const { host, script } of commands) await sessions.get(host)?.run(script);
  };
}

function reportSteps(journals: Readonly<Record<keyof Durations, readonly (readonly JournalEntry[])[]>>, report: Report): void {
  const rows = Object.entries(journals).flatMap(([deed, all]) =>
    (all[0] ?? []).map(({ step, commands }, index) => {
      const entries = all.flatMap((journal) => journal[index] ?? []);
      const stepMs = distributionOf(entries.map(({ startedAtMs, endedAtMs = startedAtMs }) => endedAtMs - startedAtMs)).median;
      const names = commands.map(({ argv }, place) => {
        const lengthsMs = entries.flatMap((entry) => entry.commands[place]?.durationMs ?? []);
        return `${shortName(argv)} ${figure(distributionOf(lengthsMs).median)}`;
      });
      return [`${deed}: ${step}`, figure(stepMs), names.join(', ')];
    }),
  );
  report.table(['step', 'ms', 'its commands'], rows);
}

function shortName([program = '', ...words]: readonly string[]): string {
  const operation = words[words.indexOf('--op') + 1];
  const verb = program === 'tgtadm' ? operation : words.find((word) => /^[a-z]+$/.test(word));
  return [basename(program), verb].filter(Boolean).join(' ');
}
