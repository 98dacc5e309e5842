-- The days of a waiting period beside its months.
ALTER TABLE period ADD COLUMN wait_days BIGINT NOT NULL DEFAULT 0;
-- The day of death, where the registration ended with it.
ALTER TABLE registered ADD COLUMN died_day BIGINT;
