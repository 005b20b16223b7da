ALTER TABLE `access_keys` ADD `session_token_sha256` text;--> statement-breakpoint
ALTER TABLE `access_keys` ADD `expires_at_ms` integer;