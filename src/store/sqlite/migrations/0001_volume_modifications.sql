CREATE TABLE `volume_modifications` (
	`volume_id` text PRIMARY KEY NOT NULL,
	`account_id` text NOT NULL,
	`state` text NOT NULL,
	`state_reason` text,
	`original_size_gib` integer NOT NULL,
	`original_type` text NOT NULL,
	`original_iops` integer,
	`original_throughput_mibps` integer,
	`target_size_gib` integer NOT NULL,
	`target_type` text NOT NULL,
	`target_iops` integer,
	`target_throughput_mibps` integer,
	`progress_percent` integer NOT NULL,
	`started_at_ms` integer NOT NULL,
	`ended_at_ms` integer,
	FOREIGN KEY (`volume_id`) REFERENCES `volumes`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "volume_modifications_state" CHECK(state IN ('modifying', 'optimizing', 'completed', 'failed')),
	CONSTRAINT "volume_modifications_size" CHECK(target_size_gib >= original_size_gib)
);
--> statement-breakpoint
CREATE INDEX `volume_modifications_by_account` ON `volume_modifications` (`account_id`);