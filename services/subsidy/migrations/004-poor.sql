-- Whether a person on a list is also recognised as poor; null where nobody said.
ALTER TABLE roster_line ADD COLUMN poor BIGINT;
