-- A resident belongs to the suite: the same document is the same resident in every division and year. The number and the
-- name are sealed; they and the keys are those of the newest document.
CREATE TABLE resident (
  id BYTEA NOT NULL PRIMARY KEY,
  person_key BYTEA NOT NULL,
  name_key BYTEA NOT NULL,
  sealed_document BYTEA NOT NULL,
  sealed_name BYTEA NOT NULL,
  masked_number TEXT NOT NULL,
  birth BIGINT NOT NULL
) /*sqlite: WITHOUT ROWID*/;

-- Every document by which a resident was ever known: the person key finds the resident by number, the name key shows
-- whether a name fits the number.
CREATE TABLE document (
  person_key BYTEA NOT NULL PRIMARY KEY,
  name_key BYTEA NOT NULL,
  resident BYTEA NOT NULL
) /*sqlite: WITHOUT ROWID*/;
CREATE INDEX document_of_resident ON document (resident);

-- What a resident was registered as, one row a division and coverage year. The circumstances are those that were told;
-- what cover says is added when they are used. Lists are kept as encoded messages.
CREATE TABLE registration (
  division BIGINT NOT NULL,
  cover_year BIGINT NOT NULL,
  resident BYTEA NOT NULL,
  township TEXT NOT NULL,
  class TEXT NOT NULL,
  ground TEXT NOT NULL,
  registered_on BIGINT NOT NULL,
  ended_on BIGINT,
  end_cause BIGINT,
  circumstances BYTEA NOT NULL,
  registration BYTEA NOT NULL,
  PRIMARY KEY (division, cover_year, resident)
) /*sqlite: WITHOUT ROWID*/;
CREATE INDEX registration_of_resident ON registration (resident, cover_year);

-- Days in a scheme, by person: also of people who are not registered yet, and the same in every division. Schemes and
-- causes are numbered as in the contract.
CREATE TABLE cover (
  person_key BYTEA NOT NULL,
  scheme BIGINT NOT NULL,
  first_day BIGINT NOT NULL,
  last_day BIGINT,
  departure TEXT NOT NULL,
  division BIGINT NOT NULL,
  recorded_on BIGINT NOT NULL,
  PRIMARY KEY (person_key, scheme, first_day)
) /*sqlite: WITHOUT ROWID*/;

-- The newest assessment of a late payment, and why it was decided so where a person decided.
CREATE TABLE assessment (
  division BIGINT NOT NULL,
  cover_year BIGINT NOT NULL,
  resident BYTEA NOT NULL,
  assessed_on BIGINT NOT NULL,
  decided_fen BIGINT,
  because TEXT NOT NULL,
  assessed BYTEA NOT NULL,
  PRIMARY KEY (division, cover_year, resident)
) /*sqlite: WITHOUT ROWID*/;

-- What the other departments told. A fact may come before the row it belongs to, so it stands on its own.
CREATE TABLE settled (
  division BIGINT NOT NULL,
  cover_year BIGINT NOT NULL,
  resident BYTEA NOT NULL,
  settled_on BIGINT,
  PRIMARY KEY (division, cover_year, resident)
) /*sqlite: WITHOUT ROWID*/;
CREATE TABLE entitled (
  division BIGINT NOT NULL,
  cover_year BIGINT NOT NULL,
  resident BYTEA NOT NULL,
  first_day BIGINT,
  last_day BIGINT,
  free BIGINT NOT NULL,
  PRIMARY KEY (division, cover_year, resident)
) /*sqlite: WITHOUT ROWID*/;
CREATE TABLE identities (
  division BIGINT NOT NULL,
  cover_year BIGINT NOT NULL,
  resident BYTEA NOT NULL,
  identities BYTEA NOT NULL,
  PRIMARY KEY (division, cover_year, resident)
) /*sqlite: WITHOUT ROWID*/;

-- A registration with how far it has come: 1 registered, 2 insured, 3 ended, as in the contract; and whether it was insured,
-- ended or not.
CREATE VIEW standing AS
SELECT r.division, r.cover_year, r.resident, r.township, r.class, r.ground, r.registered_on, r.ended_on, r.end_cause,
       r.circumstances, r.registration, e.first_day, e.last_day, s.settled_on,
       CASE WHEN r.ended_on IS NOT NULL THEN 3 WHEN s.resident IS NOT NULL OR e.free = 1 THEN 2 ELSE 1 END AS status,
       CASE WHEN s.resident IS NOT NULL OR e.free = 1 THEN 1 ELSE 0 END AS insured,
       CASE WHEN s.resident IS NULL AND e.free = 1 THEN 1 ELSE 0 END AS by_registration
FROM registration r
LEFT JOIN settled s ON s.division = r.division AND s.cover_year = r.cover_year AND s.resident = r.resident
LEFT JOIN entitled e ON e.division = r.division AND e.cover_year = r.cover_year AND e.resident = r.resident;
