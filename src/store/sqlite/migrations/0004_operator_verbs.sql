CREATE TABLE `bars` (
	`operation_id` text PRIMARY KEY NOT NULL,
	`volume_id` text NOT NULL,
	`attachment_id` text NOT NULL,
	`target` text NOT NULL,
	`reason` text NOT NULL,
	`barred_at_ms` integer NOT NULL,
	`cleared_at_ms` integer,
	`proof` text,
	FOREIGN KEY (`operation_id`) REFERENCES `operations`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`volume_id`) REFERENCES `volumes`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`attachment_id`) REFERENCES `attachments`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `bars_one_open_a_volume` ON `bars` (`volume_id`) WHERE cleared_at_ms IS NULL;--> statement-breakpoint
CREATE UNIQUE INDEX `bars_one_open_a_target` ON `bars` (`target`) WHERE cleared_at_ms IS NULL;--> statement-breakpoint
PRAGMA foreign_keys=OFF;--> statement-breakpoint
CREATE TABLE `__new_operations` (
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
	CONSTRAINT "operations_state" CHECK(state IN ('running', 'undoing', 'done', 'undone', 'halted', 'stuck', 'abandoned'))
);
--> statement-breakpoint
INSERT INTO `__new_operations`("id", "kind", "version", "resource_id", "input", "state", "failure", "owner", "generation", "lease_until_ms", "created_at_ms", "ended_at_ms") SELECT "id", "kind", "version", "resource_id", "input", "state", "failure", "owner", "generation", "lease_until_ms", "created_at_ms", "ended_at_ms" FROM `operations`;--> statement-breakpoint
DROP TABLE `operations`;--> statement-breakpoint
ALTER TABLE `__new_operations` RENAME TO `operations`;--> statement-breakpoint
PRAGMA foreign_keys=ON;--> statement-breakpoint
CREATE UNIQUE INDEX `operations_one_open_a_resource` ON `operations` (`resource_id`) WHERE state IN ('running', 'undoing', 'stuck');--> statement-breakpoint
CREATE INDEX `operations_open` ON `operations` (`lease_until_ms`) WHERE state IN ('running', 'undoing', 'stuck');--> statement-breakpoint
CREATE INDEX `operations_by_time` ON `operations` (`created_at_ms`);