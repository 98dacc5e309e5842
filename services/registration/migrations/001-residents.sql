-- A resident belongs to the suite: the same document is the same resident in every division and year. The number and the
-- name are sealed; the person key finds the resident by number, the name key matches a list that carries both.
CREATE TABLE resident (
  id BYTEA NOT NULL PRIMARY KEY,
  person_key BYTEA NOT NULL UNIQUE,
  name_key BYTEA NOT NULL,
  sealed_document BYTEA NOT NULL,
  sealed_name BYTEA NOT NULL,
  masked_number TEXT NOT NULL,
  birth BIGINT NOT NULL
) /*sqlite: WITHOUT ROWID*/;

-- What a resident was registered as, one row a division and coverage year. Lists are kept as encoded messages.
CREATE TABLE registration (
  division BIGINT NOT NULL,
  cover_year BIGINT NOT NULL,
  resident BYTEA NOT NULL,
  class TEXT NOT NULL,
  registered_on BIGINT NOT NULL,
  registration BYTEA NOT NULL,
  PRIMARY KEY (division, cover_year, resident)
) /*sqlite: WITHOUT ROWID*/;
CREATE INDEX registration_of_resident ON registration (resident, cover_year);

-- What the other departments told. A fact may come before the row it belongs to, so it stands on its own.
CREATE TABLE settled (
  division BIGINT NOT NULL,
  cover_year BIGINT NOT NULL,
  resident BYTEA NOT NULL,
  PRIMARY KEY (division, cover_year, resident)
) /*sqlite: WITHOUT ROWID*/;
CREATE TABLE entitled (
  division BIGINT NOT NULL,
  cover_year BIGINT NOT NULL,
  resident BYTEA NOT NULL,
  first_day BIGINT,
  last_day BIGINT,
  PRIMARY KEY (division, cover_year, resident)
) /*sqlite: WITHOUT ROWID*/;
