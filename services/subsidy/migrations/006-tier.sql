-- The tier in which a contribution was settled, in the notice's words; empty: none was chosen or laid down, or it was settled
-- before this was kept.
ALTER TABLE settled ADD COLUMN tier TEXT NOT NULL DEFAULT '';
