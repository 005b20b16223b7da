DROP INDEX `bars_one_open_a_volume`;--> statement-breakpoint
DROP INDEX `bars_one_open_a_target`;--> statement-breakpoint
CREATE UNIQUE INDEX `bars_one_open_an_attachment` ON `bars` (`attachment_id`) WHERE cleared_at_ms IS NULL;--> statement-breakpoint
CREATE INDEX `bars_open_by_volume` ON `bars` (`volume_id`) WHERE cleared_at_ms IS NULL;--> statement-breakpoint
DROP INDEX `attachments_one_writer`;--> statement-breakpoint
ALTER TABLE `attachments` ADD `generation` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `attachments` ADD `shared` integer DEFAULT false NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX `attachments_one_an_instance` ON `attachments` (`volume_id`,`instance_id`) WHERE state <> 'detached';--> statement-breakpoint
CREATE UNIQUE INDEX `attachments_one_a_domain` ON `attachments` (`volume_id`,`vmm_host`,`domain`) WHERE state <> 'detached';--> statement-breakpoint
CREATE UNIQUE INDEX `attachments_one_writer` ON `attachments` (`volume_id`) WHERE state <> 'detached' AND read_only = 0 AND shared = 0;--> statement-breakpoint
ALTER TABLE `volume_modifications` ADD `original_multi_attach` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `volume_modifications` ADD `target_multi_attach` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `volumes` ADD `multi_attach` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `volumes` ADD `attachments_begun` integer DEFAULT 0 NOT NULL;