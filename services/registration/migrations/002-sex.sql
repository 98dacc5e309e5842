-- The sex by a document that states it, numbered as in the contract; null while none is known that does.
ALTER TABLE resident ADD COLUMN sex BIGINT;
