-- Until when a sink's receiver is left alone, as the process that serves it says.
ALTER TABLE sinks ADD COLUMN rests_until INTEGER NOT NULL DEFAULT 0; -- 0: it is not
-- How many of those that a replay came to were not taken there and then.
ALTER TABLE replays ADD COLUMN failed INTEGER NOT NULL DEFAULT 0;
