//! The floor of a statement: the bare engine with the department's own schema and pragmas, doing the statements that the
//! department does for each line, in the same commits. Everything but the statements is prepared beforehand.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use canbao_host::Secrets;
use canbao_proto::{
    collection::{
        ContributionSettled, LineOutcome, ReportPaymentsRequest, ReportPaymentsResponse, SettledHow,
    },
    common::{Money, resident_reference::Reference},
    rules::Event,
};
use canbao_tests::YEAR;
use canbao_types::{Date, Document, IdentityNumber, PaymentId, RequestId, day_number};
use prost::Message;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Statement, config::DbConfig, params};

const DIVISION: i64 = 141_181;
const FEN: i64 = 40_000;
const CHANNEL: &str = "wechat";
const CALLER: &str = "channel/wechat";
const RECORDED_AT: i64 = 1_782_781_200_000_000;
const DIGEST: [u8; 32] = [1; 32];

/// A copy of the department's database.
pub struct Bare {
    file: PathBuf,
    sqlite: Connection,
    head: i64,
}

/// A statement of payments as the engine sees it.
pub struct Batch {
    id: [u8; 16],
    answer: Vec<u8>,
    lines: Vec<Line>,
}

struct Line {
    person_key: [u8; 16],
    transaction: String,
    payment: [u8; 16],
    event: Vec<u8>,
    pay_day: i64,
}

impl Batch {
    /// What a statement comes to.
    pub fn of(request: &ReportPaymentsRequest, secrets: &Secrets) -> Self {
        let mut answer = ReportPaymentsResponse::default();
        let mut lines = Vec::new();
        for line in &request.lines {
            let payment = PaymentId::new();
            let Some(Reference::Document(document)) = line.resident.clone().and_then(|named| named.reference)
            else {
                panic!("a resident named by document")
            };
            let number = IdentityNumber::parse(&document.number).expect("a generated number");
            let person_key = secrets.suite_key.person_key(&Document::identity(number));
            let event = ContributionSettled {
                resident_id: vec![0; 16],
                cover_year: YEAR,
                payment_id: payment.as_bytes().to_vec(),
                paid: line.amount.clone(),
                aided: Some(Money { yuan: "0.00".to_owned() }),
                pay_date: line.pay_date,
                how: SettledHow::Payment.into(),
                determination: 0,
                government: Some(Money { yuan: "0.00".to_owned() }),
                ..Default::default()
            };
            let paid_on = line.pay_date.expect("a day");
            let paid_on = Date::from_ymd_opt(paid_on.year, paid_on.month as u32, paid_on.day as u32);
            answer.outcomes.push(LineOutcome { payment_id: payment.to_string(), ..LineOutcome::default() });
            lines.push(Line {
                person_key: *person_key.as_bytes(),
                transaction: line.channel_transaction_id.clone(),
                payment: *payment.as_bytes(),
                event: event.encode_to_vec(),
                pay_day: day_number(paid_on.expect("a day")),
            });
        }
        Self { id: *RequestId::new().as_bytes(), answer: answer.encode_to_vec(), lines }
    }
}

impl Bare {
    /// Copies a database that is being served, and opens the copy as the department opens its own.
    pub fn copy_of(database: &Path, folder: &Path) -> Self {
        let file = folder.join("bare.sqlite");
        let served = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY);
        let served = served.expect("the department's database");
        served.execute("VACUUM INTO ?1", [file.to_str()]).expect("a copy");
        let sqlite = Connection::open(&file).expect("the copy");
        let pragmas = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
                       PRAGMA temp_store = MEMORY; PRAGMA cache_size = -65536;
                       PRAGMA wal_autocheckpoint = 8192; PRAGMA journal_size_limit = 67108864;";
        sqlite.execute_batch(pragmas).expect("the department's pragmas");
        sqlite.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).expect("the department's plans");
        sqlite.set_prepared_statement_cache_capacity(256);
        Self { file, sqlite, head: 0 }
    }

    /// Does all of a batch's statements in one commit; how long that took.
    pub fn commit(&mut self, batch: &Batch) -> Duration {
        let begun = Instant::now();
        self.run(batch).expect("the engine does it");
        begun.elapsed()
    }

    fn run(&mut self, batch: &Batch) -> rusqlite::Result<()> {
        let prepared = |sql| self.sqlite.prepare_cached(sql);
        prepared("BEGIN IMMEDIATE")?.execute([])?;
        prepared("SAVEPOINT job")?.execute([])?;
        let mut seen = prepared("SELECT digest, answer FROM store_request WHERE caller = ?1 AND id = ?2")?;
        assert!(!seen.exists(params![CALLER, batch.id])?);
        let come_due = "SELECT s.payment FROM suspended s JOIN payment p ON p.id = s.payment
                        WHERE s.division = ?1 AND s.reason = ?2 AND p.pay_day <= ?3 ORDER BY p.pay_day, s.payment";
        assert!(!prepared(come_due)?.exists(params![DIVISION, 7, i32::MAX])?);
        let mut statements = Statements::prepare(&self.sqlite)?;
        for line in &batch.lines {
            self.head += 1;
            statements.line(line, self.head)?;
        }
        drop(statements);
        let request = "INSERT INTO store_request (caller, id, digest, answer, recorded_at)
                       VALUES (?1, ?2, ?3, ?4, ?5)";
        prepared(request)?.execute(params![CALLER, batch.id, DIGEST, batch.answer, RECORDED_AT])?;
        prepared("RELEASE SAVEPOINT job")?.execute([])?;
        let head = "UPDATE store_head SET position = ?1, chain = ?2 WHERE epoch = ?3";
        prepared(head)?.execute(params![self.head, DIGEST, 1])?;
        prepared("COMMIT")?.execute([])?;
        Ok(())
    }

    /// Shows that the department did the same: in every table it has as many rows as the copy.
    pub fn assert_same_rows(self, database: &Path) {
        let department = Connection::open(database).expect("the department's database");
        let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
        let mut tables = self.sqlite.prepare(tables).expect("tables");
        let tables = tables.query_map([], |row| row.get::<_, String>(0)).expect("tables");
        for table in tables.map(|table| table.expect("a name")) {
            let rows = |sqlite: &Connection| -> i64 {
                let count = format!("SELECT count(*) FROM {table}");
                sqlite.query_row(&count, [], |row| row.get(0)).expect("a count")
            };
            let (there, here) = (rows(&department), rows(&self.sqlite));
            assert_eq!(there, here, "{table} in the department and in {}", self.file.display());
        }
    }
}

/// The statements of one line, prepared once a batch.
struct Statements<'a> {
    open: Statement<'a>,
    keep: Statement<'a>,
    person: Statement<'a>,
    transaction: Statement<'a>,
    contribution: Statement<'a>,
    log: Statement<'a>,
    payment: Statement<'a>,
    posting: Statement<'a>,
    settled: Statement<'a>,
}

impl<'a> Statements<'a> {
    fn prepare(sqlite: &'a Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            person: sqlite.prepare("SELECT resident FROM person WHERE person_key = ?1")?,
            open: sqlite.prepare("SAVEPOINT item")?,
            keep: sqlite.prepare("RELEASE SAVEPOINT item")?,
            transaction: sqlite.prepare(
                "SELECT id, division, cover_year, resident, named, amount_fen, pay_day, cash, years, payable_item,
                        kinship, linked, suspense_reason, rule_reason, position, asked_by, request, reported
                 FROM payment WHERE channel = ?1 AND channel_transaction_id = ?2",
            )?,
            contribution: sqlite.prepare(
                "SELECT r.birth, r.circumstances, r.ended_day, o.told, a.told, s.how, s.payment, s.standard_fen,
                        s.paid_fen, s.aided_fen, s.government_fen, s.settled_day, s.determination
                 FROM registered r
                 LEFT JOIN owed o ON o.division = r.division AND o.cover_year = r.cover_year
                                 AND o.resident = r.resident
                 LEFT JOIN assessed a ON a.division = r.division AND a.cover_year = r.cover_year
                                     AND a.resident = r.resident
                 LEFT JOIN settled s ON s.division = r.division AND s.cover_year = r.cover_year
                                    AND s.resident = r.resident
                 WHERE r.division = ?1 AND r.cover_year = ?2 AND r.resident = ?3",
            )?,
            log: sqlite.prepare(
                "INSERT INTO store_log (position, division, kind, audience, body, recorded_at, chain)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?,
            payment: sqlite.prepare(
                "INSERT INTO payment (id, division, cover_year, resident, named, channel,
                                      channel_transaction_id, amount_fen, pay_day, cash, years, payable_item,
                                      kinship, linked, agent, suspense_reason, rule_reason, position, asked_by,
                                      request, reported)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20,
                         ?21)",
            )?,
            posting: sqlite.prepare(
                "INSERT INTO posting (division, cover_year, entry, line, account, fen)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?,
            settled: sqlite.prepare(
                "INSERT INTO settled (division, cover_year, resident, how, payment, standard_fen, paid_fen, aided_fen,
                                      government_fen, settled_day, determination)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            )?,
        })
    }

    fn line(&mut self, line: &Line, position: i64) -> rusqlite::Result<()> {
        let Line { person_key, transaction, payment, event, pay_day } = line;
        self.open.execute([])?;
        let resident: [u8; 16] = self.person.query_row([person_key], |row| row.get(0))?;
        assert!(!self.transaction.exists([CHANNEL, transaction])?);
        let found = self.contribution.query_row(params![DIVISION, YEAR, resident], |row| {
            let told: Option<Vec<u8>> = row.get(3)?;
            Ok((row.get::<_, Option<i64>>(5)?, row.get::<_, Vec<u8>>(1)?, told))
        });
        assert!(found.optional()?.is_some_and(|(how, ..)| how.is_none()));
        let (kind, audience) = (ContributionSettled::KIND, ContributionSettled::audience().cast_signed());
        self.log.execute(params![position, DIVISION, kind, audience, event, RECORDED_AT, DIGEST])?;
        self.payment.execute(params![
            payment,
            DIVISION,
            YEAR,
            resident,
            person_key,
            CHANNEL,
            transaction,
            FEN,
            pay_day,
            0,
            1,
            "",
            None::<&str>,
            0,
            "",
            0,
            None::<&str>,
            position,
            "tax",
            payment,
            1
        ])?;
        self.posting.execute(params![DIVISION, YEAR, payment, 0, "channel/wechat", FEN])?;
        self.posting.execute(params![DIVISION, YEAR, payment, 1, "contribution/personal", -FEN])?;
        self.settled.execute(params![DIVISION, YEAR, resident, 1, payment, FEN, FEN, 0, 0, pay_day, 0])?;
        self.keep.execute([])?;
        Ok(())
    }
}
