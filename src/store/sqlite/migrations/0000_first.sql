CREATE TABLE `access_keys` (
	`access_key_id` text PRIMARY KEY NOT NULL,
	`secret_access_key` text NOT NULL,
	`account_id` text NOT NULL,
	`created_at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `attachments` (
	`id` text PRIMARY KEY NOT NULL,
	`volume_id` text NOT NULL,
	`account_id` text NOT NULL,
	`instance_id` text NOT NULL,
	`device` text NOT NULL,
	`device_slot` text NOT NULL,
	`vmm_host` text NOT NULL,
	`domain` text NOT NULL,
	`state` text NOT NULL,
	`state_reason` text,
	`read_only` integer DEFAULT false NOT NULL,
	`delete_on_termination` integer NOT NULL,
	`attached_at_ms` integer NOT NULL,
	`detached_at_ms` integer,
	`target` text NOT NULL,
	`initiator_name` text NOT NULL,
	`chap_user` text NOT NULL,
	`chap_secret` text NOT NULL,
	`reach` text,
	FOREIGN KEY (`id`) REFERENCES `ids`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`volume_id`) REFERENCES `volumes`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "attachments_state" CHECK(state IN ('attaching', 'attached', 'detaching', 'busy', 'detached'))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `attachments_one_writer` ON `attachments` (`volume_id`) WHERE state <> 'detached' AND read_only = 0;--> statement-breakpoint
CREATE UNIQUE INDEX `attachments_one_device_an_instance` ON `attachments` (`instance_id`,`device_slot`) WHERE state <> 'detached';--> statement-breakpoint
CREATE UNIQUE INDEX `attachments_one_device_a_domain` ON `attachments` (`vmm_host`,`domain`,`device_slot`) WHERE state <> 'detached';--> statement-breakpoint
CREATE INDEX `attachments_by_account` ON `attachments` (`account_id`) WHERE state <> 'detached';--> statement-breakpoint
CREATE TABLE `client_tokens` (
	`account_id` text NOT NULL,
	`action` text NOT NULL,
	`token` text NOT NULL,
	`parameters_hash` text NOT NULL,
	`resource_id` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	PRIMARY KEY(`account_id`, `action`, `token`)
);
--> statement-breakpoint
CREATE TABLE `ids` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`uuid` text NOT NULL,
	`issued_at_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `ids_uuid_unique` ON `ids` (`uuid`);--> statement-breakpoint
CREATE TABLE `operations` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`version` integer NOT NULL,
	`resource_id` text NOT NULL,
	`input` text NOT NULL,
	`state` text NOT NULL,
	`failure` text,
	`owner` text NOT NULL,
	`generation` integer NOT NULL,
	`lease_until_ms` integer NOT NULL,
	`created_at_ms` integer NOT NULL,
	`ended_at_ms` integer,
	FOREIGN KEY (`id`) REFERENCES `ids`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "operations_state" CHECK(state IN ('running', 'undoing', 'done', 'undone', 'halted', 'stuck'))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `operations_one_open_a_resource` ON `operations` (`resource_id`) WHERE state IN ('running', 'undoing', 'stuck');--> statement-breakpoint
CREATE INDEX `operations_open` ON `operations` (`lease_until_ms`) WHERE state IN ('running', 'undoing', 'stuck');--> statement-breakpoint
CREATE INDEX `operations_by_time` ON `operations` (`created_at_ms`);--> statement-breakpoint
CREATE TABLE `snapshots` (
	`id` text PRIMARY KEY NOT NULL,
	`account_id` text NOT NULL,
	`volume_id` text NOT NULL,
	`volume_size_gib` integer NOT NULL,
	`volume_server` text NOT NULL,
	`description` text NOT NULL,
	`state` text NOT NULL,
	`state_reason` text,
	`progress_percent` integer NOT NULL,
	`started_at_ms` integer NOT NULL,
	`completed_at_ms` integer,
	`deleted_at_ms` integer,
	FOREIGN KEY (`id`) REFERENCES `ids`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "snapshots_state" CHECK(state IN ('pending', 'completed', 'error', 'deleting', 'deleted'))
);
--> statement-breakpoint
CREATE INDEX `snapshots_by_account` ON `snapshots` (`account_id`,`id`) WHERE state <> 'deleted';--> statement-breakpoint
CREATE INDEX `snapshots_being_taken` ON `snapshots` (`volume_id`) WHERE state = 'pending';--> statement-breakpoint
CREATE TABLE `steps` (
	`operation_id` text NOT NULL,
	`sequence` integer NOT NULL,
	`step` text NOT NULL,
	`direction` text NOT NULL,
	`outcome` text NOT NULL,
	`output` text,
	`error` text,
	`commands` text NOT NULL,
	`started_at_ms` integer NOT NULL,
	`ended_at_ms` integer,
	PRIMARY KEY(`operation_id`, `sequence`),
	FOREIGN KEY (`operation_id`) REFERENCES `operations`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `tags` (
	`resource_id` text NOT NULL,
	`account_id` text NOT NULL,
	`key` text NOT NULL,
	`value` text NOT NULL,
	PRIMARY KEY(`resource_id`, `key`),
	FOREIGN KEY (`resource_id`) REFERENCES `ids`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `tags_by_account` ON `tags` (`account_id`);--> statement-breakpoint
CREATE TABLE `volumes` (
	`id` text PRIMARY KEY NOT NULL,
	`account_id` text NOT NULL,
	`size_gib` integer NOT NULL,
	`type` text NOT NULL,
	`iops` integer,
	`throughput_mibps` integer,
	`zone` text NOT NULL,
	`snapshot_id` text,
	`volume_server` text NOT NULL,
	`state` text NOT NULL,
	`state_reason` text,
	`created_at_ms` integer NOT NULL,
	`deleted_at_ms` integer,
	FOREIGN KEY (`id`) REFERENCES `ids`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "volumes_state" CHECK(state IN ('creating', 'available', 'in-use', 'deleting', 'error', 'deleted')),
	CONSTRAINT "volumes_size" CHECK(size_gib > 0)
);
--> statement-breakpoint
CREATE INDEX `volumes_by_account` ON `volumes` (`account_id`,`id`) WHERE state <> 'deleted';--> statement-breakpoint
CREATE INDEX `volumes_being_filled` ON `volumes` (`snapshot_id`) WHERE state = 'creating';