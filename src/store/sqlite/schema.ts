import { sql } from 'drizzle-orm';
import { check, index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';

/**
 * Every id that was ever issued, and the UUID it is the hash of: the paper's `ids` table. Those of volumes and snapshots are never removed, so that none is
 * used twice: hosts, tags and people's notes know them for longer than this database. Those of operations and attachments go with their rows.
 */
export const ids = sqliteTable('ids', {
  id: text().primaryKey(),
  kind: text().notNull(),
  uuid: text().notNull().unique(),
  issuedAtMs: integer('issued_at_ms').notNull(),
});

export const accessKeys = sqliteTable('access_keys', {
  accessKeyId: text('access_key_id').primaryKey(),
  /** In the clear: a signature can only be checked with the secret itself. The file is readable by its owner alone. */
  secretAccessKey: text('secret_access_key').notNull(),
  accountId: text('account_id').notNull(),
  createdAtMs: integer('created_at_ms').notNull(),
  /** Of a temporary key, both. */
  sessionTokenSha256: text('session_token_sha256'),
  expiresAtMs: integer('expires_at_ms'),
});

export const volumes = sqliteTable(
  'volumes',
  {
    id: text()
      .primaryKey()
      .references(() => ids.id),
    accountId: text('account_id').notNull(),
    sizeGiB: integer('size_gib').notNull(),
    type: text().notNull(),
    iops: integer(),
    throughputMiBps: integer('throughput_mibps'),
    zone: text().notNull(),
    snapshotId: text('snapshot_id'),
    /** The volume that this one was copied from. */
    sourceVolumeId: text('source_volume_id'),
    volumeServer: text('volume_server').notNull(),
    state: text().notNull(),
    stateReason: text('state_reason'),
    multiAttach: integer('multi_attach', { mode: 'boolean' }).notNull().default(false),
    /** The generation of its newest attachment. */
    attachmentsBegun: integer('attachments_begun').notNull().default(0),
    autoEnableIo: integer('auto_enable_io', { mode: 'boolean' }).notNull().default(false),
    createdAtMs: integer('created_at_ms').notNull(),
    deletedAtMs: integer('deleted_at_ms'),
  },
  (table) => [
    index('volumes_by_account').on(table.accountId, table.id).where(sql`state <> 'deleted'`),
    index('volumes_being_filled').on(table.snapshotId).where(sql`state = 'creating'`),
    index('volumes_being_copied').on(table.sourceVolumeId).where(sql`state = 'creating'`),
    check('volumes_state', sql`state IN ('creating', 'available', 'in-use', 'deleting', 'error', 'deleted')`),
    check('volumes_size', sql`size_gib > 0`),
  ],
);

/** The last modification of each volume. */
export const volumeModifications = sqliteTable(
  'volume_modifications',
  {
    volumeId: text('volume_id')
      .primaryKey()
      .references(() => volumes.id),
    accountId: text('account_id').notNull(),
    state: text().notNull(),
    stateReason: text('state_reason'),
    originalSizeGiB: integer('original_size_gib').notNull(),
    originalType: text('original_type').notNull(),
    originalIops: integer('original_iops'),
    originalThroughputMiBps: integer('original_throughput_mibps'),
    originalMultiAttach: integer('original_multi_attach', { mode: 'boolean' }).notNull().default(false),
    targetSizeGiB: integer('target_size_gib').notNull(),
    targetType: text('target_type').notNull(),
    targetIops: integer('target_iops'),
    targetThroughputMiBps: integer('target_throughput_mibps'),
    targetMultiAttach: integer('target_multi_attach', { mode: 'boolean' }).notNull().default(false),
    /** What modifications that failed before it, one after the other, would have made the volume: JSON, in GiB. */
    earlierTargetSizesGiB: text('earlier_target_sizes_gib').notNull().default('[]'),
    progressPercent: integer('progress_percent').notNull(),
    startedAtMs: integer('started_at_ms').notNull(),
    endedAtMs: integer('ended_at_ms'),
  },
  (table) => [
    index('volume_modifications_by_account').on(table.accountId, table.volumeId),
    check('volume_modifications_state', sql`state IN ('modifying', 'optimizing', 'completed', 'failed')`),
    check('volume_modifications_size', sql`target_size_gib >= original_size_gib`),
  ],
);

export const snapshots = sqliteTable(
  'snapshots',
  {
    id: text()
      .primaryKey()
      .references(() => ids.id),
    accountId: text('account_id').notNull(),
    volumeId: text('volume_id').notNull(),
    /** The snapshot that this one was copied from. */
    copyOf: text('copy_of'),
    volumeSizeGiB: integer('volume_size_gib').notNull(),
    volumeServer: text('volume_server').notNull(),
    description: text().notNull(),
    state: text().notNull(),
    stateReason: text('state_reason'),
    progressPercent: integer('progress_percent').notNull(),
    startedAtMs: integer('started_at_ms').notNull(),
    completedAtMs: integer('completed_at_ms'),
    deletedAtMs: integer('deleted_at_ms'),
  },
  (table) => [
    index('snapshots_by_account').on(table.accountId, table.id).where(sql`state <> 'deleted'`),
    index('snapshots_being_taken').on(table.volumeId).where(sql`state = 'pending'`),
    index('snapshots_being_copied').on(table.copyOf).where(sql`state = 'pending'`),
    check('snapshots_state', sql`state IN ('pending', 'completed', 'error', 'deleting', 'deleted')`),
  ],
);

export const snapshotPermissions = sqliteTable(
  'snapshot_permissions',
  {
    snapshotId: text('snapshot_id')
      .notNull()
      .references(() => snapshots.id),
    /** An account, or `all`. */
    grantee: text().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.snapshotId, table.grantee] }),
    index('snapshot_permissions_by_grantee').on(table.grantee, table.snapshotId),
  ],
);

/** A snapshot's lock; one that has expired is kept until the snapshot goes or is unlocked. */
export const snapshotLocks = sqliteTable(
  'snapshot_locks',
  {
    snapshotId: text('snapshot_id')
      .primaryKey()
      .references(() => snapshots.id),
    mode: text().notNull(),
    durationDays: integer('duration_days').notNull(),
    /** Given when the end was asked for as a date; otherwise it comes so many days after the start. */
    expiresAtMs: integer('expires_at_ms'),
    coolOffHours: integer('cool_off_hours'),
    lockedAtMs: integer('locked_at_ms').notNull(),
  },
  () => [check('snapshot_locks_mode', sql`mode IN ('governance', 'compliance')`)],
);

/** The volumes and snapshots whose deletion waits. Each is `deleting`, so that nothing can be begun with it, and no operation works on it yet. */
export const recycleBin = sqliteTable(
  'recycle_bin',
  {
    resourceId: text('resource_id')
      .primaryKey()
      .references(() => ids.id),
    accountId: text('account_id').notNull(),
    enteredAtMs: integer('entered_at_ms').notNull(),
    exitsAtMs: integer('exits_at_ms').notNull(),
  },
  (table) => [index('recycle_bin_by_account').on(table.accountId, table.resourceId), index('recycle_bin_by_exit').on(table.exitsAtMs)],
);

/** What is left of what was deleted, on the volume servers that do not wipe it at once, and how far that has been wiped. */
export const wipes = sqliteTable(
  'wipes',
  {
    volumeServer: text('volume_server').notNull(),
    /** Its name there. */
    name: text().notNull(),
    bytes: integer().notNull(),
    /** From the beginning on. */
    wipedBytes: integer('wiped_bytes').notNull().default(0),
    waitingSinceMs: integer('waiting_since_ms').notNull(),
    /** Why it could not be gone on with the last time. */
    failure: text(),
    failedAtMs: integer('failed_at_ms'),
  },
  (table) => [
    primaryKey({ columns: [table.volumeServer, table.name] }),
    check('wipes_wiped', sql`wiped_bytes BETWEEN 0 AND bytes`),
    check('wipes_failure', sql`(failure IS NULL) = (failed_at_ms IS NULL)`),
  ],
);

/** What an account chose that differs from the default. */
export const accountSettings = sqliteTable(
  'account_settings',
  { accountId: text('account_id').notNull(), name: text().notNull(), value: text().notNull() },
  (table) => [primaryKey({ columns: [table.accountId, table.name] })],
);

export const attachments = sqliteTable(
  'attachments',
  {
    id: text()
      .primaryKey()
      .references(() => ids.id),
    volumeId: text('volume_id')
      .notNull()
      .references(() => volumes.id),
    /** The how-manieth of its volume; 0 of those that are older than the count. */
    generation: integer().notNull().default(0),
    accountId: text('account_id').notNull(),
    instanceId: text('instance_id').notNull(),
    device: text().notNull(),
    deviceSlot: text('device_slot').notNull(),
    vmmHost: text('vmm_host').notNull(),
    domain: text().notNull(),
    state: text().notNull(),
    stateReason: text('state_reason'),
    readOnly: integer('read_only', { mode: 'boolean' }).notNull().default(false),
    /** Of a volume with multi-attach. */
    shared: integer({ mode: 'boolean' }).notNull().default(false),
    deleteOnTermination: integer('delete_on_termination', { mode: 'boolean' }).notNull(),
    attachedAtMs: integer('attached_at_ms').notNull(),
    detachedAtMs: integer('detached_at_ms'),
    target: text().notNull(),
    initiatorName: text('initiator_name').notNull(),
    chapUser: text('chap_user').notNull(),
    /** Emptied when the attachment is over. */
    chapSecret: text('chap_secret').notNull(),
    /** JSON. */
    reach: text(),
  },
  (table) => [
    uniqueIndex('attachments_one_writer').on(table.volumeId).where(sql`state <> 'detached' AND read_only = 0 AND shared = 0`),
    uniqueIndex('attachments_one_an_instance').on(table.volumeId, table.instanceId).where(sql`state <> 'detached'`),
    uniqueIndex('attachments_one_a_domain').on(table.volumeId, table.vmmHost, table.domain).where(sql`state <> 'detached'`),
    uniqueIndex('attachments_one_device_an_instance').on(table.instanceId, table.deviceSlot).where(sql`state <> 'detached'`),
    // A VM can be reached by an instance id and by (host, domain): the device must be free under both names.
    uniqueIndex('attachments_one_device_a_domain').on(table.vmmHost, table.domain, table.deviceSlot).where(sql`state <> 'detached'`),
    index('attachments_by_account').on(table.accountId).where(sql`state <> 'detached'`),
    index('attachments_by_volume').on(table.volumeId).where(sql`state <> 'detached'`),
    // Those that are over too: SQLite looks for them when a volume's row goes.
    index('attachments_of_volume').on(table.volumeId),
    check('attachments_state', sql`state IN ('attaching', 'attached', 'detaching', 'busy', 'detached')`),
  ],
);

/**
 * Volumes that may be reached by a VM without an attachment that the service could vouch for. While a bar is open, neither the volume nor the
 * name of its target is used for anything. Closed ones are kept, with what they were cleared by.
 */
export const bars = sqliteTable(
  'bars',
  {
    /** The operation that barred the volume. */
    operationId: text('operation_id')
      .notNull()
      .references(() => operations.id),
    volumeId: text('volume_id')
      .notNull()
      .references(() => volumes.id),
    attachmentId: text('attachment_id')
      .notNull()
      .references(() => attachments.id),
    target: text().notNull(),
    reason: text().notNull(),
    barredAtMs: integer('barred_at_ms').notNull(),
    clearedAtMs: integer('cleared_at_ms'),
    /** What it was cleared by: a statement of the operator's, or that the host was seen to have let go. */
    proof: text(),
  },
  (table) => [
    primaryKey({ columns: [table.operationId] }),
    uniqueIndex('bars_one_open_an_attachment').on(table.attachmentId).where(sql`cleared_at_ms IS NULL`),
    index('bars_open_by_volume').on(table.volumeId).where(sql`cleared_at_ms IS NULL`),
  ],
);

export const tags = sqliteTable(
  'tags',
  {
    resourceId: text('resource_id')
      .notNull()
      .references(() => ids.id),
    accountId: text('account_id').notNull(),
    key: text().notNull(),
    value: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.resourceId, table.key] }), index('tags_by_account').on(table.accountId, table.resourceId)],
);

/** Changes of the tags of many resources that were answered for and are not done with all of them. */
export const tagChanges = sqliteTable('tag_changes', {
  number: integer().primaryKey(),
  accountId: text('account_id').notNull(),
  /** JSON. */
  change: text().notNull(),
});

export const operations = sqliteTable(
  'operations',
  {
    id: text()
      .primaryKey()
      .references(() => ids.id),
    kind: text().notNull(),
    version: integer().notNull(),
    resourceId: text('resource_id').notNull(),
    /** Whose the resource is; unknown of operations that are older than the column. */
    accountId: text('account_id'),
    input: text().notNull(),
    state: text().notNull(),
    failure: text(),
    owner: text().notNull(),
    generation: integer().notNull(),
    leaseUntilMs: integer('lease_until_ms').notNull(),
    createdAtMs: integer('created_at_ms').notNull(),
    endedAtMs: integer('ended_at_ms'),
  },
  (table) => [
    uniqueIndex('operations_one_open_a_resource').on(table.resourceId).where(sql`state IN ('running', 'undoing', 'stuck')`),
    index('operations_open').on(table.leaseUntilMs).where(sql`state IN ('running', 'undoing', 'stuck')`),
    index('operations_by_time').on(table.createdAtMs),
    index('operations_by_resource').on(table.resourceId, table.createdAtMs),
    check('operations_state', sql`state IN ('running', 'undoing', 'done', 'undone', 'halted', 'stuck', 'abandoned')`),
  ],
);

/** How many operations of an account are open: changed with every operation that begins or ends, so that a limit costs no counting. */
export const openOperations = sqliteTable(
  'open_operations',
  { accountId: text('account_id').primaryKey(), count: integer().notNull() },
  () => [check('open_operations_count', sql`count >= 0`)],
);

/** The journal: one row a step or undo, written before it is done and completed after. */
export const steps = sqliteTable(
  'steps',
  {
    operationId: text('operation_id')
      .notNull()
      .references(() => operations.id),
    sequence: integer().notNull(),
    step: text().notNull(),
    direction: text().notNull(),
    outcome: text().notNull(),
    output: text(),
    error: text(),
    commands: text().notNull(),
    startedAtMs: integer('started_at_ms').notNull(),
    endedAtMs: integer('ended_at_ms'),
  },
  (table) => [primaryKey({ columns: [table.operationId, table.sequence] })],
);

export const clientTokens = sqliteTable(
  'client_tokens',
  {
    accountId: text('account_id').notNull(),
    action: text().notNull(),
    token: text().notNull(),
    parametersHash: text('parameters_hash').notNull(),
    resourceId: text('resource_id').notNull(),
    createdAtMs: integer('created_at_ms').notNull(),
  },
  (table) => [primaryKey({ columns: [table.accountId, table.action, table.token] }), index('client_tokens_by_time').on(table.createdAtMs)],
);

/** What is true of the whole site and was decided once. */
export const siteFacts = sqliteTable('site_facts', { name: text().primaryKey(), value: text().notNull() });
