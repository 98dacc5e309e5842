-- Of what a resident paid, the part for missed years, which no aid is for.
ALTER TABLE settled ADD COLUMN repair_fen BIGINT NOT NULL DEFAULT 0;
