CREATE TABLE `tag_changes` (
	`number` integer PRIMARY KEY NOT NULL,
	`account_id` text NOT NULL,
	`change` text NOT NULL
);
--> statement-breakpoint
DROP INDEX `recycle_bin_by_account`;--> statement-breakpoint
CREATE INDEX `recycle_bin_by_account` ON `recycle_bin` (`account_id`,`resource_id`);--> statement-breakpoint
DROP INDEX `snapshot_permissions_by_grantee`;--> statement-breakpoint
CREATE INDEX `snapshot_permissions_by_grantee` ON `snapshot_permissions` (`grantee`,`snapshot_id`);--> statement-breakpoint
DROP INDEX `tags_by_account`;--> statement-breakpoint
CREATE INDEX `tags_by_account` ON `tags` (`account_id`,`resource_id`);--> statement-breakpoint
DROP INDEX `volume_modifications_by_account`;--> statement-breakpoint
CREATE INDEX `volume_modifications_by_account` ON `volume_modifications` (`account_id`,`volume_id`);