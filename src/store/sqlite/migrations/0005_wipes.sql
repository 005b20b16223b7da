CREATE TABLE `wipes` (
	`volume_server` text NOT NULL,
	`name` text NOT NULL,
	`bytes` integer NOT NULL,
	`wiped_bytes` integer DEFAULT 0 NOT NULL,
	`waiting_since_ms` integer NOT NULL,
	`failure` text,
	`failed_at_ms` integer,
	PRIMARY KEY(`volume_server`, `name`),
	CONSTRAINT "wipes_wiped" CHECK(wiped_bytes BETWEEN 0 AND bytes),
	CONSTRAINT "wipes_failure" CHECK((failure IS NULL) = (failed_at_ms IS NULL))
);
