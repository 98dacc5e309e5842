-- Which resident a person key belongs to.
CREATE TABLE person (
  person_key BYTEA NOT NULL PRIMARY KEY,
  resident BYTEA NOT NULL
) /*sqlite: WITHOUT ROWID*/;

-- The facts: what registration, collection and subsidy told. Any of them may come first, so they stand apart.
CREATE TABLE registered (
  division BIGINT NOT NULL,
  cover_year BIGINT NOT NULL,
  resident BYTEA NOT NULL,
  birth BIGINT NOT NULL,
  registered_day BIGINT NOT NULL,
  ended_day BIGINT,
  circumstances BYTEA NOT NULL,
  PRIMARY KEY (division, cover_year, resident)
) /*sqlite: WITHOUT ROWID*/;
CREATE INDEX registered_of_resident ON registered (resident, cover_year);
CREATE TABLE settled (
  division BIGINT NOT NULL,
  cover_year BIGINT NOT NULL,
  resident BYTEA NOT NULL,
  how BIGINT NOT NULL,
  day BIGINT NOT NULL,
  PRIMARY KEY (division, cover_year, resident)
) /*sqlite: WITHOUT ROWID*/;
CREATE TABLE identity (
  division BIGINT NOT NULL,
  cover_year BIGINT NOT NULL,
  resident BYTEA NOT NULL,
  identities BYTEA NOT NULL,
  PRIMARY KEY (division, cover_year, resident)
) /*sqlite: WITHOUT ROWID*/;

-- The benefit period of whoever is insured, as it follows from the facts; the ruling is kept as an encoded message. No
-- days: none was bought, or a person must decide.
CREATE TABLE period (
  division BIGINT NOT NULL,
  cover_year BIGINT NOT NULL,
  resident BYTEA NOT NULL,
  free BIGINT NOT NULL,
  first_day BIGINT,
  last_day BIGINT,
  wait_months BIGINT NOT NULL,
  undecided BIGINT NOT NULL,
  period BYTEA NOT NULL,
  PRIMARY KEY (division, cover_year, resident)
) /*sqlite: WITHOUT ROWID*/;
