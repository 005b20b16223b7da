import * as z from 'zod';
import type { CommandRecord } from '../../model/command-record.ts';
import type { Clock } from '../command/clock.ts';
import { keyedMutex } from '../command/keyed-mutex.ts';
import { DriverError } from '../driver-error.ts';
import type { Listed } from '../thing.ts';
import type { DiskSpec, Vmm } from '../vmm.ts';
import { makeParts, removeNodeAndSecret, requestUnplug } from './disk-changes.ts';
import { type ExportSource, findParts, findPluggedParts, findVolumes, hasDevice, judgeParts } from './disk-parts.ts';
import { connectMonitor } from './monitor-socket.ts';
import { qemuFailure } from './qemu-failure.ts';
import { answerAs } from './qmp-answer.ts';
import { type Qmp, withQmp } from './qmp-client.ts';

export interface QemuVmmOptions {
  /** The VMM host's name in the settings. */
  readonly host: string;
  /** The unix socket of a domain's monitor, on this machine. */
  readonly socketOf: (domain: string) => string;
  /** The domains whose disks `list` lists; one that does not run has none. */
  readonly domains: () => Promise<readonly string[]>;
  readonly clock: Clock;
  /** How long QEMU may take to log in and plug the disk. */
  readonly attachTimeoutMs: number;
  /** How long a guest may take to let go of its disk. */
  readonly detachTimeoutMs: number;
}

/** Long enough for a query behind another volume's login, during which QEMU answers nobody. */
const queryTimeoutMs = 10_000;
const pollEveryMs = 100;
/** A guest that was booting when it was asked missed the request, so it is asked again. */
const unplugEveryMs = 5_000;
/** QEMU finishes the requests in flight before it lets a node go. */
const nodeReleaseTimeoutMs = 5_000;

const status = z.object({ status: z.string() });
const uuid = z.object({ UUID: z.string() });

/** VMs that are plain QEMU processes, told over QMP. QEMU's own initiator (libiscsi) logs in to the export, so the host needs none. */
export function qemuVmm({ host, socketOf, domains, clock, attachTimeoutMs, detachTimeoutMs }: QemuVmmOptions): Vmm {
  const oneAtATime = keyedMutex();

  /** Talks to a domain's monitor; `undefined` when the domain does not run. */
  const ask = <Value>(domain: string, timeoutMs: number, record: (command: CommandRecord) => void, use: (qmp: Qmp) => Promise<Value>) => {
    const socketPath = socketOf(domain);
    return oneAtATime(socketPath, async () => {
      const socket = await connectMonitor(socketPath);
      return socket === undefined ? undefined : withQmp(socket, { host, clock, timeoutMs, record }, use);
    });
  };

  /** Collects the commands of one verb, and gives them to its answer or its error. */
  const recorded = async <Value>(
    work: (record: (command: CommandRecord) => void) => Promise<Value>,
    source?: ExportSource,
  ): Promise<{ value: Value; commands: readonly CommandRecord[] }> => {
    const commands: CommandRecord[] = [];
    try {
      return { value: await work((command) => commands.push(command)), commands };
    } catch (error) {
      throw qemuFailure(error, commands, source);
    }
  };

  /** Makes the disk, and then does what else is wanted with the monitor in hand. */
  const plug = async <Value>(spec: DiskSpec, then: (qmp: Qmp) => Promise<Value>) => {
    const source = requireExport(spec);
    const { value, commands } = await recorded(
      (record) =>
        ask(spec.domain, attachTimeoutMs, record, async (qmp) => {
          await makeParts(qmp, spec, source);
          return { value: await then(qmp) };
        }),
      source,
    );
    if (value === undefined) throw new DriverError('refused', `the domain ${spec.domain} does not run on ${host}`, { commands });
    return { ...value, commands };
  };

  const disk: Vmm['disk'] = {
    async look(spec) {
      const source = requireExport(spec);
      try {
        return await recorded(async (record) => {
          const parts = await ask(spec.domain, queryTimeoutMs, record, (qmp) => findParts(qmp, spec.volumeId));
          return parts === undefined ? { state: 'absent' } : judgeParts(parts, spec, source);
        });
      } catch (error) {
        if (!(error instanceof DriverError)) throw error;
        return { value: { state: 'unknown', reason: error.message }, commands: error.commands };
      }
    },

    async make(spec) {
      const { commands } = await plug(spec, async () => 'plugged');
      return commands;
    },

    makeAndLook(spec) {
      return plug(spec, async (qmp) => judgeParts(await findPluggedParts(qmp, spec.volumeId), spec, requireExport(spec)));
    },

    async unmake(spec) {
      const { domain, volumeId } = spec;
      const source = requireExport(spec);
      const { commands } = await recorded(async (record) => {
        const parts = await ask(domain, queryTimeoutMs, record, (qmp) => findParts(qmp, volumeId));
        const found = parts === undefined ? { state: 'absent' as const } : judgeParts(parts, spec, source);
        if (found.state === 'absent') return;
        if (found.state === 'different') throw new DriverError('conflict', found.difference);
        await unplug(domain, volumeId, record);
        const until = clock.elapsedMs() + nodeReleaseTimeoutMs;
        while ((await ask(domain, queryTimeoutMs, record, (qmp) => removeNodeAndSecret(qmp, volumeId))) === 'in use') {
          if (clock.elapsedMs() >= until) {
            throw new DriverError('refused', `QEMU still uses the node of ${volumeId} in ${domain}`, { retryable: true });
          }
          await clock.waitMs(pollEveryMs);
        }
      });
      return commands;
    },

    async list() {
      return recorded(async (record) => {
        const found: Listed[] = [];
        for (const domain of await domains()) {
          const volumes = await ask(domain, queryTimeoutMs, record, findVolumes);
          for (const [volumeId, { hasDevice: isDisk }] of volumes ?? []) {
            found.push({ name: `${domain}:${volumeId}`, ...(!isDisk && { isBroken: true }) });
          }
        }
        return found;
      });
    },
  };

  /**
   * Asks the guest to let go and waits until it did: `device_del` answers at once, whether or not the guest ever will (QEMU 7.2). The monitor
   * is free between two looks, and a request that the guest follows later leaves the rest to the next `unmake`.
   */
  async function unplug(domain: string, volumeId: string, record: (command: CommandRecord) => void): Promise<void> {
    const until = clock.elapsedMs() + detachTimeoutMs;
    let askAgainAtMs = clock.elapsedMs();
    while (
      await ask(
        domain,
        queryTimeoutMs,
        () => {},
        (qmp) => hasDevice(qmp, volumeId),
      )
    ) {
      const nowMs = clock.elapsedMs();
      if (nowMs >= askAgainAtMs) {
        await ask(domain, queryTimeoutMs, record, (qmp) => requestUnplug(qmp, volumeId));
        askAgainAtMs = nowMs + unplugEveryMs;
      }
      if (nowMs >= until) {
        throw new DriverError('refused', `the guest of ${domain} still holds the disk of ${volumeId} after ${detachTimeoutMs} ms`);
      }
      await clock.waitMs(pollEveryMs);
    }
  }

  return {
    takes: 'export',
    takesReadOnly: true,
    // It opens the export directly, past any cache, and each VM logs in by itself.
    takesShared: true,
    disk,
    domain(name) {
      return recorded((record) =>
        ask(name, queryTimeoutMs, record, async (qmp) => {
          const [ran, named] = await Promise.all([qmp.execute('query-status'), qmp.execute('query-uuid')]);
          // A paused VM runs: it has its disks. One that shut down with -no-shutdown is a process without a VM.
          const state = answerAs(status, ran, 'query-status').status === 'shutdown' ? 'stopped' : 'running';
          return { state, uuid: answerAs(uuid, named, 'query-uuid').UUID } as const;
        }),
      );
    },
  };
}

function requireExport({ source }: DiskSpec): ExportSource {
  if (source.kind === 'export') return source;
  throw new DriverError('refused', `QEMU takes an export, not the device ${source.path}`);
}
