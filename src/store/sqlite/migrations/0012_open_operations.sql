CREATE TABLE `open_operations` (
	`account_id` text PRIMARY KEY NOT NULL,
	`count` integer NOT NULL,
	CONSTRAINT "open_operations_count" CHECK(count >= 0)
);
