-- What whoever paid had chosen: the tier in the notice's words (empty: none) and the missed years paid after all; and the day on
-- which the money arrived, null where it was the day that counts.
ALTER TABLE settled ADD COLUMN tier TEXT NOT NULL DEFAULT '';
ALTER TABLE settled ADD COLUMN repair_years BIGINT NOT NULL DEFAULT 0;
ALTER TABLE settled ADD COLUMN arrive_day BIGINT;
