-- The day of death, where the registration ended with it.
ALTER TABLE registered ADD COLUMN died_day BIGINT;
