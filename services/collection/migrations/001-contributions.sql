-- Who may pay: what registration told. The wire form of the circumstances is kept as it came.
CREATE TABLE registered (
  division BIGINT NOT NULL,
  cover_year BIGINT NOT NULL,
  resident BYTEA NOT NULL,
  birth BIGINT NOT NULL,
  circumstances BYTEA NOT NULL,
  PRIMARY KEY (division, cover_year, resident)
) /*sqlite: WITHOUT ROWID*/;

-- Which resident a person key belongs to.
CREATE TABLE person (
  person_key BYTEA NOT NULL PRIMARY KEY,
  resident BYTEA NOT NULL
) /*sqlite: WITHOUT ROWID*/;

-- What a resident owes after aid: what subsidy told, the newest.
CREATE TABLE owed (
  division BIGINT NOT NULL,
  cover_year BIGINT NOT NULL,
  resident BYTEA NOT NULL,
  aided_fen BIGINT NOT NULL,
  payable_item TEXT NOT NULL,
  PRIMARY KEY (division, cover_year, resident)
) /*sqlite: WITHOUT ROWID*/;

-- Every payment, posted or in suspense, in the order it came; a row is never changed. The position is the log's head
-- when it was written. `asked_by` and `request` find the answer that was given, to a statement when `reported`. `named` is the id or person key by which the payment named the resident.
CREATE TABLE payment (
  id BYTEA NOT NULL PRIMARY KEY,
  division BIGINT NOT NULL,
  cover_year BIGINT NOT NULL,
  resident BYTEA,
  named BYTEA NOT NULL,
  channel TEXT NOT NULL,
  channel_transaction_id TEXT NOT NULL,
  amount_fen BIGINT NOT NULL,
  pay_day BIGINT NOT NULL,
  cash BIGINT NOT NULL,
  suspense_reason BIGINT NOT NULL,
  rule_reason TEXT,
  position BIGINT NOT NULL,
  asked_by TEXT NOT NULL,
  request BYTEA NOT NULL,
  reported BIGINT NOT NULL
) /*sqlite: WITHOUT ROWID*/;
-- Unique for ever, whatever the division: a channel's number of a transaction is a channel's.
CREATE UNIQUE INDEX payment_of_transaction ON payment (channel, channel_transaction_id);

-- Which payment settled a contribution; one row a resident and coverage year, so nobody pays twice.
CREATE TABLE settled (
  division BIGINT NOT NULL,
  cover_year BIGINT NOT NULL,
  resident BYTEA NOT NULL,
  payment BYTEA NOT NULL,
  PRIMARY KEY (division, cover_year, resident)
) /*sqlite: WITHOUT ROWID*/;

-- The ledger. The postings of one payment add up to zero fen.
CREATE TABLE posting (
  payment BYTEA NOT NULL,
  line BIGINT NOT NULL,
  account TEXT NOT NULL,
  fen BIGINT NOT NULL,
  PRIMARY KEY (payment, line)
) /*sqlite: WITHOUT ROWID*/;
