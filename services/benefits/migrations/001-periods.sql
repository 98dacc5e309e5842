-- Which resident a person key belongs to.
CREATE TABLE person (
  person_key BYTEA NOT NULL PRIMARY KEY,
  resident BYTEA NOT NULL
) /*sqlite: WITHOUT ROWID*/;

-- The facts: what registration told, and what collection told. Either may come first, so they stand apart.
CREATE TABLE registered (
  division BIGINT NOT NULL,
  cover_year BIGINT NOT NULL,
  resident BYTEA NOT NULL,
  birth BIGINT NOT NULL,
  circumstances BYTEA NOT NULL,
  PRIMARY KEY (division, cover_year, resident)
) /*sqlite: WITHOUT ROWID*/;
CREATE INDEX registered_of_resident ON registered (resident, cover_year);
CREATE TABLE settled (
  division BIGINT NOT NULL,
  cover_year BIGINT NOT NULL,
  resident BYTEA NOT NULL,
  pay_day BIGINT NOT NULL,
  PRIMARY KEY (division, cover_year, resident)
) /*sqlite: WITHOUT ROWID*/;

-- The benefit period that follows from the facts; the ruling is kept as an encoded message. No days: none was bought, or
-- a person must decide.
CREATE TABLE period (
  division BIGINT NOT NULL,
  cover_year BIGINT NOT NULL,
  resident BYTEA NOT NULL,
  first_day BIGINT,
  last_day BIGINT,
  undecided BIGINT NOT NULL,
  period BYTEA NOT NULL,
  PRIMARY KEY (division, cover_year, resident)
) /*sqlite: WITHOUT ROWID*/;
