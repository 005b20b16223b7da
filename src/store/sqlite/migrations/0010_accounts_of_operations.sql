CREATE TABLE `site_facts` (
	`name` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL
);
--> statement-breakpoint
ALTER TABLE `operations` ADD `account_id` text;--> statement-breakpoint
CREATE INDEX `client_tokens_by_time` ON `client_tokens` (`created_at_ms`);