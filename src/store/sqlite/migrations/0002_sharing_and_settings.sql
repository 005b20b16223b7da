CREATE TABLE `account_settings` (
	`account_id` text NOT NULL,
	`name` text NOT NULL,
	`value` text NOT NULL,
	PRIMARY KEY(`account_id`, `name`)
);
--> statement-breakpoint
CREATE TABLE `snapshot_permissions` (
	`snapshot_id` text NOT NULL,
	`grantee` text NOT NULL,
	PRIMARY KEY(`snapshot_id`, `grantee`),
	FOREIGN KEY (`snapshot_id`) REFERENCES `snapshots`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `snapshot_permissions_by_grantee` ON `snapshot_permissions` (`grantee`);--> statement-breakpoint
ALTER TABLE `snapshots` ADD `copy_of` text;--> statement-breakpoint
CREATE INDEX `snapshots_being_copied` ON `snapshots` (`copy_of`) WHERE state = 'pending';--> statement-breakpoint
ALTER TABLE `volumes` ADD `auto_enable_io` integer DEFAULT false NOT NULL;