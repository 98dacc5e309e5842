-- Which resident a person key belongs to, with the name key for lists that carry both.
CREATE TABLE person (
  person_key BYTEA NOT NULL PRIMARY KEY,
  name_key BYTEA NOT NULL,
  resident BYTEA NOT NULL
) /*sqlite: WITHOUT ROWID*/;

-- A resident's aid for a coverage year as it was determined last; no amounts where a person must decide.
CREATE TABLE aid (
  division BIGINT NOT NULL,
  cover_year BIGINT NOT NULL,
  resident BYTEA NOT NULL,
  standard_fen BIGINT,
  aided_fen BIGINT,
  owed_fen BIGINT,
  payer TEXT NOT NULL,
  payable_item TEXT NOT NULL,
  citations BYTEA NOT NULL,
  PRIMARY KEY (division, cover_year, resident)
) /*sqlite: WITHOUT ROWID*/;
CREATE INDEX aid_of_resident ON aid (resident, cover_year);
