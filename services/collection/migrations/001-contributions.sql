-- Who is registered: what registration told, the newest. The wire form of the circumstances is kept as it came.
CREATE TABLE registered (
  division BIGINT NOT NULL,
  cover_year BIGINT NOT NULL,
  resident BYTEA NOT NULL,
  birth BIGINT NOT NULL,
  circumstances BYTEA NOT NULL,
  township TEXT NOT NULL,
  masked_number TEXT NOT NULL,
  registered_day BIGINT NOT NULL,
  ended_day BIGINT,
  PRIMARY KEY (division, cover_year, resident)
) /*sqlite: WITHOUT ROWID*/;

-- Which resident a person key belongs to; a resident may have several.
CREATE TABLE person (
  person_key BYTEA NOT NULL PRIMARY KEY,
  resident BYTEA NOT NULL
) /*sqlite: WITHOUT ROWID*/;

-- What a resident owes after aid: what subsidy told, the newest determination, in its wire form.
CREATE TABLE owed (
  division BIGINT NOT NULL,
  cover_year BIGINT NOT NULL,
  resident BYTEA NOT NULL,
  determination BIGINT NOT NULL,
  told BYTEA NOT NULL,
  PRIMARY KEY (division, cover_year, resident)
) /*sqlite: WITHOUT ROWID*/;

-- What a late payer has been assessed at: what registration told, in its wire form.
CREATE TABLE assessed (
  division BIGINT NOT NULL,
  cover_year BIGINT NOT NULL,
  resident BYTEA NOT NULL,
  told BYTEA NOT NULL,
  PRIMARY KEY (division, cover_year, resident)
) /*sqlite: WITHOUT ROWID*/;

-- Every payment, posted or in suspense, in the order it came; a row is never changed. The reason is the one of the day
-- on which it came. The position is the log's head when it was written. `asked_by` and `request` find the answer that
-- was given, to a statement when `reported`. `named` is the id or person key by which the payment named the resident.
-- `kinship` is null when the payer's own money paid.
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
  years BIGINT NOT NULL,
  payable_item TEXT NOT NULL,
  kinship TEXT,
  linked BIGINT NOT NULL,
  agent TEXT NOT NULL,
  suspense_reason BIGINT NOT NULL,
  rule_reason TEXT,
  position BIGINT NOT NULL,
  asked_by TEXT NOT NULL,
  request BYTEA NOT NULL,
  reported BIGINT NOT NULL
) /*sqlite: WITHOUT ROWID*/;
-- Unique for ever, whatever the division: a channel's number of a transaction is a channel's.
CREATE UNIQUE INDEX payment_of_transaction ON payment (channel, channel_transaction_id);

-- How a contribution was settled; one row a resident and coverage year, so nobody pays twice. The standard is what the
-- person's parts come to and is always paid + aided; the government's part is what was paid of it in place of the
-- government. The payment is null where none settled it; of years paid in advance it is the one that was made then.
CREATE TABLE settled (
  division BIGINT NOT NULL,
  cover_year BIGINT NOT NULL,
  resident BYTEA NOT NULL,
  how BIGINT NOT NULL,
  payment BYTEA,
  standard_fen BIGINT NOT NULL,
  paid_fen BIGINT NOT NULL,
  aided_fen BIGINT NOT NULL,
  government_fen BIGINT NOT NULL,
  settled_day BIGINT NOT NULL,
  determination BIGINT NOT NULL,
  PRIMARY KEY (division, cover_year, resident)
) /*sqlite: WITHOUT ROWID*/;

-- Coverage years to come that were paid for in advance: what each cost, at the price of the day of the payment. The row
-- stays when the year is settled by it, and goes when the year is given up.
CREATE TABLE prepaid (
  division BIGINT NOT NULL,
  cover_year BIGINT NOT NULL,
  resident BYTEA NOT NULL,
  payment BYTEA NOT NULL,
  fen BIGINT NOT NULL,
  pay_day BIGINT NOT NULL,
  PRIMARY KEY (division, cover_year, resident)
) /*sqlite: WITHOUT ROWID*/;
CREATE INDEX prepaid_of_payment ON prepaid (payment);

-- Money in suspense, as judged last; only what is open. The resident is null until it is known. The citations are in their
-- wire form.
CREATE TABLE suspended (
  division BIGINT NOT NULL,
  cover_year BIGINT NOT NULL,
  payment BYTEA NOT NULL,
  named BYTEA NOT NULL,
  resident BYTEA,
  reason BIGINT NOT NULL,
  rule_reason TEXT,
  citations BYTEA NOT NULL,
  reported_day BIGINT NOT NULL,
  PRIMARY KEY (division, cover_year, payment)
) /*sqlite: WITHOUT ROWID*/;
CREATE INDEX suspended_of_named ON suspended (named);
CREATE INDEX suspended_of_resident ON suspended (resident);

-- The ledger. The postings of one entry add up to zero fen, and so does what is added to it later: a payment's way out of
-- suspense belongs to the payment's entry. An entry is a payment, a refund, or what settled a contribution without one.
CREATE TABLE posting (
  division BIGINT NOT NULL,
  cover_year BIGINT NOT NULL,
  entry BYTEA NOT NULL,
  line BIGINT NOT NULL,
  account TEXT NOT NULL,
  fen BIGINT NOT NULL,
  PRIMARY KEY (division, cover_year, entry, line)
) /*sqlite: WITHOUT ROWID*/;

-- What is given back, and the day on which it was paid out. The ground is its number in the contract; the years are those
-- given up, in order, with spaces between; the citations are in their wire form.
CREATE TABLE refund (
  division BIGINT NOT NULL,
  cover_year BIGINT NOT NULL,
  id BYTEA NOT NULL,
  resident BYTEA,
  ground BIGINT NOT NULL,
  fen BIGINT NOT NULL,
  determined_day BIGINT NOT NULL,
  paid_day BIGINT,
  payment BYTEA,
  years TEXT NOT NULL,
  citations BYTEA NOT NULL,
  PRIMARY KEY (division, cover_year, id)
) /*sqlite: WITHOUT ROWID*/;
CREATE UNIQUE INDEX refund_of_id ON refund (id);

-- The task numbers given from above, by township.
CREATE TABLE task (
  division BIGINT NOT NULL,
  cover_year BIGINT NOT NULL,
  township TEXT NOT NULL,
  heads BIGINT NOT NULL,
  PRIMARY KEY (division, cover_year, township)
) /*sqlite: WITHOUT ROWID*/;
