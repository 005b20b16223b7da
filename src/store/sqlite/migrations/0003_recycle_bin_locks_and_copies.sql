CREATE TABLE `recycle_bin` (
	`resource_id` text PRIMARY KEY NOT NULL,
	`account_id` text NOT NULL,
	`entered_at_ms` integer NOT NULL,
	`exits_at_ms` integer NOT NULL,
	FOREIGN KEY (`resource_id`) REFERENCES `ids`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `recycle_bin_by_account` ON `recycle_bin` (`account_id`);--> statement-breakpoint
CREATE INDEX `recycle_bin_by_exit` ON `recycle_bin` (`exits_at_ms`);--> statement-breakpoint
CREATE TABLE `snapshot_locks` (
	`snapshot_id` text PRIMARY KEY NOT NULL,
	`mode` text NOT NULL,
	`duration_days` integer NOT NULL,
	`expires_at_ms` integer,
	`cool_off_hours` integer,
	`locked_at_ms` integer NOT NULL,
	FOREIGN KEY (`snapshot_id`) REFERENCES `snapshots`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "snapshot_locks_mode" CHECK(mode IN ('governance', 'compliance'))
);
--> statement-breakpoint
ALTER TABLE `volumes` ADD `source_volume_id` text;--> statement-breakpoint
CREATE INDEX `volumes_being_copied` ON `volumes` (`source_volume_id`) WHERE state = 'creating';