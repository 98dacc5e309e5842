-- What whoever paid had chosen: the tier in the notice's words (empty: none), the missed years paid after all; the day on which
-- the money arrived, null where it was the day of the payment; what a relative's account held, null where nobody told.
ALTER TABLE payment ADD COLUMN tier TEXT NOT NULL DEFAULT '';
ALTER TABLE payment ADD COLUMN repair_years BIGINT NOT NULL DEFAULT 0;
ALTER TABLE payment ADD COLUMN arrive_day BIGINT;
ALTER TABLE payment ADD COLUMN balance_fen BIGINT;

-- The same of what settled a contribution, and what of the standard was paid for missed years.
ALTER TABLE settled ADD COLUMN tier TEXT NOT NULL DEFAULT '';
ALTER TABLE settled ADD COLUMN repair_years BIGINT NOT NULL DEFAULT 0;
ALTER TABLE settled ADD COLUMN arrive_day BIGINT;
ALTER TABLE settled ADD COLUMN repair_fen BIGINT NOT NULL DEFAULT 0;
