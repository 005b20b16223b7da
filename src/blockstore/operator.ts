import type { AccountId, OperationId, VolumeId } from '../model/ids.ts';
import { hashSessionToken } from '../model/key-session.ts';
import type { Volume } from '../model/volume.ts';
import type { JournalEntry, OperatorStatement } from '../saga/journal.ts';
import { type Operation, type OperationState, openOperationStates } from '../saga/operation.ts';
import type { AccessKey, Bar, RememberedStorage, Store, Wipe } from '../store/store.ts';
import { releaseOf } from './abandoning.ts';
import type { ShownFinding } from './findings.ts';
import { forwardOnly } from './forward-only.ts';
import { type OperatedServers, type OperatedServersDependencies, operatedServers } from './operated-servers.ts';
import { type PruneCount, prune } from './pruning.ts';
import { type DetachVolumeInput, detachVolumeHeader } from './sagas/detach-volume.ts';
import { type ReconcileSiteInput, type ReconcileSiteResult, reconcileSiteHeader, siteResourceId } from './sagas/reconcile-site.ts';
import { type FailedCommand, lastFailedCommand, nextAction, nextOfRecycled, type VolumeReport } from './volume-report.ts';

export type {
  AccessKey,
  FailedCommand,
  JournalEntry,
  Operation,
  OperationState,
  OperatorStatement,
  PruneCount,
  ShownFinding,
  VolumeReport,
  Wipe,
};

/** What the person who runs the service does on its machine, with the state folder at hand; nothing of it is in the EC2 API. */
export interface Operator {
  readonly credentials: {
    /**
     * Makes the id and the secret that are not given, and, for a key that is to hold for a time only, a session token, which nobody is told again.
     * `undefined`: the id is taken, and nothing has changed.
     */
    add(request: {
      readonly accessKeyId?: string;
      readonly secretAccessKey?: string;
      readonly accountId: AccountId;
      readonly lifetimeMs?: number;
    }): Promise<(AccessKey & { readonly sessionToken?: string }) | undefined>;
    list(): Promise<readonly AccessKey[]>;
    /** `false` when there is none. */
    remove(accessKeyId: string): Promise<boolean>;
  };
  readonly operations: {
    /** The newest first. */
    list(filter: {
      readonly states?: readonly OperationState[];
      readonly resourceId?: string;
      readonly limit: number;
    }): Promise<readonly Operation[]>;
    show(id: OperationId): Promise<{ readonly operation: Operation; readonly journal: readonly JournalEntry[] } | undefined>;
    /** Lets the server go on with undoing a stuck operation. */
    retry(id: OperationId, statement: OperatorStatement): Promise<Verdict>;
    /** Lets the server undo an operation that is under way or stuck. One that is under way turns back after the step that it is at. */
    rollback(id: OperationId, statement: OperatorStatement): Promise<Verdict>;
    /**
     * Ends a stuck operation, or one that no server works on, where it stands. The statement says by what it is sure that what the operation left
     * can do no harm. A volume that a VM may reach is barred.
     */
    abandon(id: OperationId, statement: Required<OperatorStatement>): Promise<Verdict>;
    /**
     * Removes what has been over for so long, at least a day, as the server does by itself (pruning.ts), and client tokens of that age; `rest` is called
     * between two pieces. What the last comparison that the operator asked for has found is spared.
     */
    prune(request: { readonly olderThanMs: number; readonly isDryRun: boolean; rest(): Promise<void> }): Promise<PruneCount>;
  };
  readonly database: {
    /** What it takes, and what of it is free. */
    space(): Promise<{ readonly fileBytes: number; readonly freeBytes: number }>;
    /** Gives free space back to the file system. `false` when a server runs: nothing has been done then. */
    compact(): Promise<boolean>;
  };
  readonly volumes: {
    /** Of all accounts, ordered by id, those in the recycle bin too; a failed command only from each one's last operation. */
    list(): Promise<readonly VolumeReport[]>;
    show(id: VolumeId): Promise<VolumeReport | undefined>;
    /**
     * Begins a detach that clears the bar of a volume: what is left on the VMM host is taken away where the host answers, and where it does not, the
     * statement is believed; then access and export go.
     */
    clear(id: VolumeId, statement: Required<OperatorStatement>): Promise<Verdict & { readonly operationId?: OperationId }>;
  };
  readonly servers: OperatedServers;
  readonly wipes: {
    /** What waits to be wiped, the longest waiting first; as the server has last seen it. */
    list(): Promise<readonly Wipe[]>;
  };
  readonly storage: {
    /** Every volume server of which something is known, with the storage that was last seen there to be the right one. */
    list(): Promise<readonly KnownStorage[]>;
    /** Lets the volume server use whichever storage it sees next, in place of the one that is known. Its volumes may not be in that one. */
    accept(volumeServer: string): Promise<Verdict>;
  };
  readonly reconcile: {
    /** Asks the server to compare the hosts with the database; `undefined` when one such operation is under way already. */
    begin(request: { readonly dryRun: boolean }): Promise<OperationId | undefined>;
    /** What one that is done has found, and the operations that it began. */
    result(id: OperationId): Promise<ReconcileSiteResult>;
  };
  /** Writes a checked copy of the database to a new file. Answers `written`, or why there is none. */
  backup(file: string): Promise<string>;
}

/** A volume server, with what the database has on it. */
export interface KnownStorage {
  readonly volumeServer: string;
  readonly storage: RememberedStorage;
  readonly volumes: number;
  readonly snapshots: number;
}

/** Whether something was set going. When it was refused, nothing has changed; `reason` says why, and `next` what to do. */
export type Verdict = { readonly outcome: 'asked' } | { readonly outcome: 'refused'; readonly reason: string; readonly next: string };

export interface OperatorDependencies extends Pick<OperatedServersDependencies, 'hostNames'> {
  readonly store: Store;
  /** Keeps servers away until `release`; `undefined` when one runs. */
  readonly holdState: () => { release(): void } | undefined;
  readonly clock: () => number;
  /** So many random characters out of the given ones. */
  readonly randomText: (length: number, characters: string) => string;
}

/** So long whoever still uses a temporary key is told that its time is over, and not that there is no such key. */
const expiredKeptMs = 24 * 60 * 60 * 1_000;
const capitalsAndDigits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const secretCharacters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

export function createOperator({ store, clock, randomText, holdState, hostNames }: OperatorDependencies): Operator {
  return {
    servers: operatedServers({ store, holdState, hostNames }),
    credentials: {
      async add({ accessKeyId, secretAccessKey, accountId, lifetimeMs }) {
        const nowMs = clock();
        const temporary =
          lifetimeMs === undefined ? undefined : { token: randomText(160, secretCharacters), expiresAtMs: nowMs + lifetimeMs };
        // The lengths and letters of AWS' own keys, since some clients check them.
        const key: AccessKey = {
          accessKeyId: accessKeyId ?? `${temporary === undefined ? 'AKIA' : 'ASIA'}${randomText(16, capitalsAndDigits)}`,
          secretAccessKey: secretAccessKey ?? randomText(40, secretCharacters),
          accountId,
          createdAtMs: nowMs,
          ...(temporary && { session: { tokenSha256: hashSessionToken(temporary.token), expiresAtMs: temporary.expiresAtMs } }),
        };
        if (!(await store.accessKeys.add(key))) {
          return undefined;
        }
        await store.accessKeys.removeExpired(nowMs - expiredKeptMs);
        return { ...key, ...(temporary && { sessionToken: temporary.token }) };
      },
      list: () => store.accessKeys.list(),
      async remove(accessKeyId) {
        const isRemoved = await store.accessKeys.remove(accessKeyId);
        // When somebody stands in the way, the running server does it, or the end of the last process that has the database open.
        await store.eraseEndedSecrets();
        return isRemoved;
      },
    },
    operations: {
      list: (filter) => store.operations(filter),
      async show(id) {
        const operation = await store.operation(id);
        return operation && { operation, journal: await store.entries(id) };
      },
      async retry(id, statement) {
        if (await store.retryStuck(id, statement)) {
          return asked;
        }
        const reason = `${id} is no stuck operation`;
        return refused(reason, '"vbs operations list --in stuck" shows those that there are');
      },
      async rollback(id, statement) {
        const operation = await store.operation(id);
        if (operation === undefined) {
          return noOperation(id);
        }
        const rule = forwardOnly[operation.kind];
        if (rule !== undefined) {
          return refused(`${id} goes forward only: ${rule.reason}`, rule.next);
        }
        return (await store.rollBack(id, statement)) ? asked : notOpen((await store.operation(id)) ?? operation);
      },
      async abandon(operationId, statement) {
        const operation = await store.operation(operationId);
        if (operation === undefined) {
          return noOperation(operationId);
        }
        const release = releaseOf(operation, await store.entries(operationId), statement);
        const { by, statement: text } = statement;
        const failure = `abandoned by ${by}: ${text}${operation.failure === undefined ? '' : ` (before that: ${operation.failure})`}`;
        if (await store.abandon({ operationId, statement, failure, release })) {
          return asked;
        }
        const now = (await store.operation(operationId)) ?? operation;
        const isUnderWay = now.state === 'running' || now.state === 'undoing';
        return isUnderWay
          ? refused(
              `${operationId} is under way: a server works on it, or did until some seconds ago`,
              'let it end or get stuck, or stop the server and wait for half a minute',
            )
          : notOpen(now);
      },
      async prune({ olderThanMs, isDryRun, rest }) {
        const beforeMs = clock() - olderThanMs;
        const [compared] = await store.operations({ states: ['done'], resourceId: siteResourceId, limit: 1 });
        const { findings } = compared === undefined ? { findings: [] } : await resultOf(compared.id);
        const order = { beforeMs, clientTokensBeforeMs: beforeMs, findings, isDryRun };
        return prune({ store, rest: () => rest().then(() => true) }, order);
      },
    },
    volumes: {
      async list() {
        const bars = await store.openBars();
        const reports = await Promise.all((await store.everyVolume()).map((volume) => reportOf(volume, bars, 1)));
        return [...reports, ...(await inRecycleBin())].sort((one, other) => (one.volume.id < other.volume.id ? -1 : 1));
      },
      async show(id) {
        const volume = (await store.everyVolume()).find((each) => each.id === id);
        return volume === undefined
          ? (await inRecycleBin()).find((report) => report.volume.id === id)
          : reportOf(volume, await store.openBars(), operationsReported);
      },
      async clear(volumeId, statement) {
        const volume = (await store.everyVolume()).find(({ id }) => id === volumeId);
        if (volume === undefined) {
          return refused(`there is no volume ${volumeId}`, '"vbs volumes list" shows those that there are');
        }
        const bar = (await store.openBars()).find((each) => each.volumeId === volumeId);
        if (bar === undefined) {
          return refused(`${volumeId} is not barred`, 'to free a volume whose VM does not let go, detach it by force first');
        }
        const { attachmentId } = bar;
        const input: DetachVolumeInput = { volumeId, attachmentId, force: true, fenced: statement };
        const operation = {
          ...detachVolumeHeader,
          id: await store.issueId('operation'),
          resourceId: volumeId,
          accountId: volume.accountId,
          input,
        };
        const begun = await store.beginDetach({ accountId: volume.accountId, attachmentId, operation, statement });
        return begun.outcome === 'begun'
          ? { ...asked, operationId: operation.id }
          : refused(`another operation on ${volumeId} is not finished`, `"vbs volumes show ${volumeId}" tells which`);
      },
    },
    database: {
      space: () => store.space(),
      async compact() {
        const held = holdState();
        if (held === undefined) {
          return false;
        }
        await store.compact().finally(held.release);
        return true;
      },
    },
    wipes: { list: () => store.wipes() },
    storage: {
      list: knownStorages,
      async accept(volumeServer) {
        const servers = (await knownStorages()).map((known) => known.volumeServer);
        if (!servers.includes(volumeServer)) {
          return refused(`nothing is known of a volume server ${volumeServer}`, `those that there are: ${servers.join(', ') || 'none'}`);
        }
        await store.acceptStorage(volumeServer);
        return asked;
      },
    },
    reconcile: {
      async begin(input: ReconcileSiteInput) {
        const id = await store.issueId('operation');
        return (await store.beginReconcile({ ...reconcileSiteHeader, id, resourceId: siteResourceId, accountId: undefined, input }))
          ? id
          : undefined;
      },
      result: resultOf,
    },
    backup: (file) => store.backUp(file),
  };

  async function knownStorages(): Promise<readonly KnownStorage[]> {
    const { volumes, snapshots } = await store.inventory('everything');
    const remembered = await store.storages();
    const servers = new Set([...remembered, ...volumes, ...snapshots].map(({ volumeServer }) => volumeServer));
    const on = (all: readonly { readonly volumeServer: string }[], server: string) =>
      all.filter(({ volumeServer }) => volumeServer === server).length;
    return [...servers].sort().map((volumeServer) => ({
      volumeServer,
      volumes: on(volumes, volumeServer),
      snapshots: on(snapshots, volumeServer),
      storage: remembered.find((each) => each.volumeServer === volumeServer) ?? { state: 'nothing' },
    }));
  }

  async function inRecycleBin(): Promise<readonly VolumeReport[]> {
    return (await store.everyRecycledVolume()).map(({ volume, ...recycled }) => ({ volume, recycled, next: nextOfRecycled(volume.id) }));
  }

  async function resultOf(id: OperationId): Promise<ReconcileSiteResult> {
    const compared = (await store.entries(id)).find(({ step, outcome }) => step === 'compare' && outcome === 'done');
    return compared?.output as ReconcileSiteResult;
  }

  async function reportOf(volume: Volume, bars: readonly Bar[], limit: number): Promise<VolumeReport> {
    const bar = bars.find(({ volumeId }) => volumeId === volume.id);
    const recent = await store.operations({ resourceId: volume.id, limit });
    // While one is open, no other is begun.
    const [operation] = recent;
    const journals = await Promise.all(recent.map(async (each) => ({ operation: each, journal: await store.entries(each.id) })));
    const failedCommand = lastFailedCommand(journals);
    const isWrong = bar !== undefined || volume.stateReason !== undefined || volume.attachments.some(({ stateReason }) => stateReason);
    const reason = bar?.reason ?? (isWrong || isOpen(operation?.state) ? operation?.failure : undefined) ?? volume.stateReason;
    return {
      volume,
      next: nextAction(volume, bar, recent),
      ...(reason !== undefined && { reason }),
      ...(bar && { bar }),
      ...(operation && { operation }),
      ...(failedCommand && { failedCommand }),
    };
  }
}

/** How far back a failed command of a volume's is looked for. */
const operationsReported = 10;

const asked = { outcome: 'asked' } as const;

function refused(reason: string, next: string): Verdict & { readonly outcome: 'refused' } {
  return { outcome: 'refused', reason, next };
}

function noOperation(id: OperationId): Verdict {
  return refused(`there is no operation ${id}`, '"vbs operations list" shows those that there are');
}

function isOpen(state: OperationState | undefined): boolean {
  return state !== undefined && (openOperationStates as readonly OperationState[]).includes(state);
}

const nextAfterEnd: Record<OperationState, string> = {
  running: 'let it end',
  undoing: 'it is being undone already; let it end',
  stuck: 'ask again',
  done: 'to take back what it has made, detach or delete it',
  undone: 'nothing of it is left',
  halted: 'mend the cause and ask for the same again, which goes on from there',
  abandoned: '"vbs volumes list" shows what is barred by it',
};

function notOpen({ id, state }: Operation): Verdict {
  return refused(`${id} is ${state}`, nextAfterEnd[state]);
}
