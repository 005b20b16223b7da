DROP INDEX `attachments_by_volume`;--> statement-breakpoint
CREATE INDEX `attachments_of_volume` ON `attachments` (`volume_id`);--> statement-breakpoint
CREATE INDEX `attachments_by_volume` ON `attachments` (`volume_id`) WHERE state <> 'detached';--> statement-breakpoint
CREATE INDEX `operations_by_resource` ON `operations` (`resource_id`,`created_at_ms`);
