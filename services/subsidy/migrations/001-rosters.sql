-- Which resident a person key belongs to, with the name key for lists that carry both.
CREATE TABLE person (
  person_key BYTEA NOT NULL PRIMARY KEY,
  name_key BYTEA NOT NULL,
  resident BYTEA NOT NULL
) /*sqlite: WITHOUT ROWID*/;
CREATE INDEX person_of_resident ON person (resident);

-- Who is registered for a coverage year, as registration told it last; told_day: the day of what was told last.
CREATE TABLE registered (
  division BIGINT NOT NULL,
  cover_year BIGINT NOT NULL,
  resident BYTEA NOT NULL,
  birth_day BIGINT NOT NULL,
  circumstances BYTEA NOT NULL,
  told_day BIGINT NOT NULL,
  ended_day BIGINT,
  PRIMARY KEY (division, cover_year, resident)
) /*sqlite: WITHOUT ROWID*/;
CREATE INDEX registered_of_resident ON registered (resident, cover_year);

-- A roster as it was submitted.
CREATE TABLE roster (
  division BIGINT NOT NULL,
  cover_year BIGINT NOT NULL,
  roster BYTEA NOT NULL,
  identity TEXT NOT NULL,
  submitter TEXT NOT NULL,
  submitted_day BIGINT NOT NULL,
  PRIMARY KEY (division, cover_year, roster)
) /*sqlite: WITHOUT ROWID*/;
CREATE UNIQUE INDEX roster_by_id ON roster (roster);

-- Who stood where in a roster.
CREATE TABLE roster_place (
  division BIGINT NOT NULL,
  cover_year BIGINT NOT NULL,
  roster BYTEA NOT NULL,
  line BIGINT NOT NULL,
  person_key BYTEA NOT NULL,
  PRIMARY KEY (division, cover_year, roster, line)
) /*sqlite: WITHOUT ROWID*/;

-- What the newest roster says of a person's identity, and whether it counts: null where that is not known, or nobody is
-- registered.
CREATE TABLE roster_line (
  division BIGINT NOT NULL,
  cover_year BIGINT NOT NULL,
  person_key BYTEA NOT NULL,
  identity TEXT NOT NULL,
  name_key BYTEA NOT NULL,
  masked_number TEXT NOT NULL,
  roster BYTEA NOT NULL,
  line BIGINT NOT NULL,
  listed_day BIGINT NOT NULL,
  recognised_day BIGINT NOT NULL,
  certificate_day BIGINT,
  rated_day BIGINT,
  kind TEXT,
  grade BIGINT,
  ended_day BIGINT,
  confirmed_day BIGINT,
  counts BIGINT,
  PRIMARY KEY (division, cover_year, person_key, identity)
) /*sqlite: WITHOUT ROWID*/;
CREATE INDEX roster_line_of_identity ON roster_line (division, cover_year, identity, person_key);
