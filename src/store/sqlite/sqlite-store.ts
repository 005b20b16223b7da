import type { Store } from '../store.ts';
import { createAccessKeys } from './access-keys.ts';
import { createAccountSettings } from './account-settings.ts';
import { createAttachmentWrites } from './attachment-writes.ts';
import { backUp } from './backup.ts';
import { createBarReads } from './bar-writes.ts';
import { changeTagsInParts } from './change-tags.ts';
import { explainUnusable, refuseWithoutHeader } from './database-unusable.ts';
import { createEndedSecrets } from './ended-secrets.ts';
import { shareCommits } from './group-commit.ts';
import { createHostRows } from './host-rows.ts';
import { createInventory } from './inventory.ts';
import { createIssuedIds, issueAhead } from './issued-ids.ts';
import { createJournal } from './journal.ts';
import { createModificationWrites } from './modification-writes.ts';
import { type Database, openDatabase } from './open-database.ts';
import { createOperationQueue } from './operation-queue.ts';
import { prepareOperationStatements } from './operation-writes.ts';
import { createOperatorWrites } from './operator-writes.ts';
import { createPruning } from './pruning.ts';
import { createReads } from './reads.ts';
import { createReconcileWrites } from './reconcile-writes.ts';
import { createRecycleBin } from './recycle-bin.ts';
import { sayWhenUnwritable } from './say-when-unwritable.ts';
import { createSiteFacts } from './site-facts.ts';
import { createSnapshotLocks } from './snapshot-locks.ts';
import { createSnapshotPermissionStore } from './snapshot-permissions.ts';
import { createSnapshotReads } from './snapshot-reads.ts';
import { createSnapshotWrites } from './snapshot-writes.ts';
import { createStorages } from './storages.ts';
import { createTagReads } from './tag-reads.ts';
import { createTagWrites } from './tag-writes.ts';
import { createVolumeWrites } from './volume-writes.ts';
import { createWipes } from './wipes.ts';

export interface SqliteStoreOptions {
  /** A path, or `:memory:`. */
  readonly file: string;
  /** The time in milliseconds since 1970. */
  readonly clock: () => number;
  readonly newUuid: () => string;
}

/** The writes that many requests and operations make at the same time. */
const sharesCommits = /^(issueIds|begin|finish|fail|intend|record|turnBack|changeTags|putDeleteOnTermination)/;

/** The store on SQLite. Opening applies the migrations that the file lacks. Throws DatabaseUnusable. */
export function openSqliteStore({ file, clock, newUuid }: SqliteStoreOptions): Store {
  const database = openUsable(file);
  const { noteEnded, eraseEndedSecrets } = createEndedSecrets(database);
  const context = { database, clock, noteEnded, operationStatements: prepareOperationStatements(database) };
  const methods = {
    ...createIssuedIds(context, newUuid),
    ...createReads(context),
    ...createInventory(context),
    ...createSnapshotReads(context),
    ...createTagReads(context),
    ...createVolumeWrites(context),
    ...createModificationWrites(context),
    ...createSnapshotWrites(context),
    ...createSnapshotPermissionStore(context),
    ...createAccountSettings(context),
    ...createSiteFacts(context),
    ...createStorages(context),
    ...createHostRows(context),
    ...createAttachmentWrites(context),
    ...createSnapshotLocks(context),
    ...createRecycleBin(context),
    ...createReconcileWrites(context),
    ...createWipes(context),
    ...createTagWrites(context),
    ...createJournal(context),
    ...createOperationQueue(context),
    ...createOperatorWrites(context),
    ...createBarReads(context),
    eraseEndedSecrets,
    ...createPruning(database),
    backUp: (file: string) => backUp(database, file),
  };
  const { issueIds, changeTags, checkTagChange, beginTagChange, recordTagChange, finishTagChange, unfinishedTagChanges, ...shared } =
    sayWhenUnwritable(shareCommits(database, methods, (name) => sharesCommits.test(name)));
  return {
    accessKeys: sayWhenUnwritable(createAccessKeys(context)),
    issueId: issueAhead(issueIds, clock),
    ...changeTagsInParts({ changeTags, checkTagChange, beginTagChange, recordTagChange, finishTagChange, unfinishedTagChanges }),
    ...shared,
    close: () => void database.$client.close(),
  };
}

function openUsable(file: string): Database {
  try {
    if (file !== ':memory:') {
      refuseWithoutHeader(file);
    }
    return openDatabase(file);
  } catch (cause) {
    throw explainUnusable(file, cause);
  }
}
