-- The day of the registration, null of one that was told before it was kept; and the day of death, where the registration ended
-- with it.
ALTER TABLE registered ADD COLUMN registered_day BIGINT;
ALTER TABLE registered ADD COLUMN died_day BIGINT;
