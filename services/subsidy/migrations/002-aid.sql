-- An amount of aid that a person decided.
CREATE TABLE decision (
  division BIGINT NOT NULL,
  cover_year BIGINT NOT NULL,
  resident BYTEA NOT NULL,
  amount_fen BIGINT NOT NULL,
  decided_day BIGINT NOT NULL,
  caller TEXT NOT NULL,
  because TEXT NOT NULL,
  PRIMARY KEY (division, cover_year, resident)
) /*sqlite: WITHOUT ROWID*/;

-- Every determination of a resident's aid, counted up; no amount where a person must decide. The days are those of a
-- period opened for this person alone.
CREATE TABLE aid (
  division BIGINT NOT NULL,
  cover_year BIGINT NOT NULL,
  resident BYTEA NOT NULL,
  number BIGINT NOT NULL,
  aided_fen BIGINT,
  open_from_day BIGINT,
  open_to_day BIGINT,
  owed BYTEA NOT NULL,
  shown BYTEA NOT NULL,
  PRIMARY KEY (division, cover_year, resident, number)
) /*sqlite: WITHOUT ROWID*/;

-- Who bears what of a determination in the resident's place.
CREATE TABLE aid_part (
  division BIGINT NOT NULL,
  cover_year BIGINT NOT NULL,
  resident BYTEA NOT NULL,
  number BIGINT NOT NULL,
  part TEXT NOT NULL,
  payer TEXT NOT NULL,
  amount_fen BIGINT NOT NULL,
  citations BYTEA NOT NULL,
  PRIMARY KEY (division, cover_year, resident, number, part, payer)
) /*sqlite: WITHOUT ROWID*/;

-- How it stands with a resident: the newest determination, the one to be shown, and the identities that were told.
CREATE TABLE standing (
  division BIGINT NOT NULL,
  cover_year BIGINT NOT NULL,
  resident BYTEA NOT NULL,
  number BIGINT NOT NULL,
  shown_number BIGINT NOT NULL,
  state BIGINT NOT NULL,
  free BIGINT NOT NULL,
  identities BYTEA NOT NULL,
  PRIMARY KEY (division, cover_year, resident)
) /*sqlite: WITHOUT ROWID*/;

-- What collection told: the contribution is settled.
CREATE TABLE settled (
  division BIGINT NOT NULL,
  cover_year BIGINT NOT NULL,
  resident BYTEA NOT NULL,
  paid_fen BIGINT NOT NULL,
  aided_fen BIGINT NOT NULL,
  government_fen BIGINT NOT NULL,
  settled_day BIGINT NOT NULL,
  number BIGINT NOT NULL,
  PRIMARY KEY (division, cover_year, resident)
) /*sqlite: WITHOUT ROWID*/;

-- What came of an identity that was recognised after the resident had paid; an amount has been told to tax.
CREATE TABLE recognition (
  division BIGINT NOT NULL,
  cover_year BIGINT NOT NULL,
  resident BYTEA NOT NULL,
  amount_fen BIGINT,
  undecided BIGINT NOT NULL,
  payer TEXT NOT NULL,
  determined_day BIGINT NOT NULL,
  number BIGINT NOT NULL,
  citations BYTEA NOT NULL,
  PRIMARY KEY (division, cover_year, resident)
) /*sqlite: WITHOUT ROWID*/;

-- What a payer owes for a resident.
CREATE TABLE granted (
  division BIGINT NOT NULL,
  cover_year BIGINT NOT NULL,
  resident BYTEA NOT NULL,
  part TEXT NOT NULL,
  payer TEXT NOT NULL,
  amount_fen BIGINT NOT NULL,
  granted_day BIGINT NOT NULL,
  refunded BIGINT NOT NULL,
  citations BYTEA NOT NULL,
  PRIMARY KEY (division, cover_year, resident, part, payer)
) /*sqlite: WITHOUT ROWID*/;

-- Every line of a roster against who is registered and insured. fit: 0 nobody is registered under the document, 1 the name
-- agrees, 2 it differs; the resident is given when it agrees.
CREATE VIEW roster_match AS
SELECT l.division, l.cover_year, l.identity, l.person_key, l.ended_day, l.counts,
       CASE WHEN r.resident IS NULL THEN 0 WHEN l.name_key = p.name_key THEN 1 ELSE 2 END AS fit,
       CASE WHEN l.name_key = p.name_key THEN r.resident END AS resident,
       CASE WHEN l.name_key = p.name_key AND r.resident IS NOT NULL
                 AND (s.resident IS NOT NULL OR f.free = 1) THEN 1 ELSE 0 END AS insured
FROM roster_line l
LEFT JOIN person p ON p.person_key = l.person_key
LEFT JOIN registered r ON r.division = l.division AND r.cover_year = l.cover_year AND r.resident = p.resident
                      AND r.ended_day IS NULL
LEFT JOIN settled s ON s.division = r.division AND s.cover_year = r.cover_year AND s.resident = r.resident
LEFT JOIN standing f ON f.division = r.division AND f.cover_year = r.cover_year AND f.resident = r.resident;
