import type { AccountId, OperationId } from '../model/ids.ts';
import type { JournalEntry } from '../saga/journal.ts';
import type { Operation, OperationState } from '../saga/operation.ts';
import type { AccessKey, Store } from '../store/store.ts';
import type { ShownFinding } from './findings.ts';
import { type ReconcileSiteInput, type ReconcileSiteResult, reconcileSiteHeader, siteResourceId } from './sagas/reconcile-site.ts';

export type { AccessKey, JournalEntry, Operation, OperationState, ShownFinding };

/** What the person who runs the service does on its machine, with the state folder at hand; nothing of it is in the EC2 API. */
export interface Operator {
  readonly credentials: {
    /** Makes the id and the secret that are not given. `undefined`: the id is taken, and nothing has changed. */
    add(request: {
      readonly accessKeyId?: string;
      readonly secretAccessKey?: string;
      readonly accountId: AccountId;
    }): Promise<AccessKey | undefined>;
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
    /** Lets the server go on with undoing a stuck operation; `false` when it is not stuck. */
    retry(id: OperationId): Promise<boolean>;
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

export interface OperatorDependencies {
  readonly store: Store;
  readonly clock: () => number;
  /** So many random characters out of the given ones. */
  readonly randomText: (length: number, characters: string) => string;
}

const capitalsAndDigits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const secretCharacters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

export function createOperator({ store, clock, randomText }: OperatorDependencies): Operator {
  return {
    credentials: {
      async add({ accessKeyId, secretAccessKey, accountId }) {
        // The lengths and letters of AWS' own keys, since some clients check them.
        const key: AccessKey = {
          accessKeyId: accessKeyId ?? `AKIA${randomText(16, capitalsAndDigits)}`,
          secretAccessKey: secretAccessKey ?? randomText(40, secretCharacters),
          accountId,
          createdAtMs: clock(),
        };
        return (await store.accessKeys.add(key)) ? key : undefined;
      },
      list: () => store.accessKeys.list(),
      remove: (accessKeyId) => store.accessKeys.remove(accessKeyId),
    },
    operations: {
      list: (filter) => store.operations(filter),
      async show(id) {
        const operation = await store.operation(id);
        return operation && { operation, journal: await store.entries(id) };
      },
      retry: (id) => store.retryStuck(id),
    },
    reconcile: {
      async begin(input: ReconcileSiteInput) {
        const id = await store.issueId('operation');
        return (await store.beginReconcile({ ...reconcileSiteHeader, id, resourceId: siteResourceId, input })) ? id : undefined;
      },
      async result(id) {
        const compared = (await store.entries(id)).find(({ step, outcome }) => step === 'compare' && outcome === 'done');
        return compared?.output as ReconcileSiteResult;
      },
    },
    backup: (file) => store.backUp(file),
  };
}
