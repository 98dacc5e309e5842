-- Of what a contribution was settled with: what earlier years were not paid, and the insurances collected along.
ALTER TABLE settled ADD COLUMN arrears_fen BIGINT NOT NULL DEFAULT 0;
ALTER TABLE settled ADD COLUMN along_fen BIGINT NOT NULL DEFAULT 0;
