//! A department's database, looked at from outside; one in a folder while nobody has it open.

use std::{collections::BTreeMap, path::Path};

use rusqlite::{Connection, OpenFlags, types::Value};
use tokio_postgres::{NoTls, SimpleQueryMessage};

use crate::Kept;

/// The number a query counts, such as `SELECT COUNT(*) FROM payment`.
pub fn count<'a>(kept: impl Into<Kept<'a>>, department: &str, sql: &str) -> i64 {
    let found = query(kept.into(), department, sql);
    let number = found.first().and_then(|row| row.first()?.as_deref()?.parse().ok());
    number.expect("a number")
}

/// The texts a query finds, such as `SELECT channel FROM payment`.
pub fn texts<'a>(kept: impl Into<Kept<'a>>, department: &str, sql: &str) -> Vec<String> {
    let found = query(kept.into(), department, sql);
    found.into_iter().map(|mut row| row.swap_remove(0).expect("a text")).collect()
}

/// Every row of every table of the domain, sorted; the store's own tables (log, cursors, request ids) are left out. The
/// same rows are the same texts on both engines.
pub fn rows<'a>(kept: impl Into<Kept<'a>>, department: &str) -> BTreeMap<String, Vec<Vec<String>>> {
    let kept = kept.into();
    let tables = match kept {
        Kept::Folder(_) => {
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'store_%'
             AND name NOT LIKE 'sqlite_%'"
        }
        Kept::Server(_) => {
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE 'store_%'"
        }
    };
    let mut found = BTreeMap::new();
    for name in texts(kept, department, tables) {
        let all = query(kept, department, &format!("SELECT * FROM {name}"));
        let cell = |value: Option<String>| value.unwrap_or_else(|| "NULL".to_owned());
        let mut lines: Vec<Vec<_>> = all.into_iter().map(|row| row.into_iter().map(cell).collect()).collect();
        lines.sort();
        found.insert(name, lines);
    }
    found
}

/// What a query finds: numbers in digits, bytes in hexadecimal digits behind `\x`, texts as they are.
fn query(kept: Kept<'_>, department: &str, sql: &str) -> Vec<Vec<Option<String>>> {
    match kept {
        Kept::Folder(data) => in_folder(data, department, sql),
        Kept::Server(url) => on_server(&url.replace("{department}", department), sql),
    }
}

fn in_folder(data: &Path, department: &str, sql: &str) -> Vec<Vec<Option<String>>> {
    let file = data.join(format!("{department}.sqlite"));
    let opened = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY);
    let database = opened.expect("the department's database");
    let mut query = database.prepare(sql).expect("a query");
    let width = query.column_count();
    let found = query.query_map([], |row| (0..width).map(|column| row.get(column).map(text)).collect());
    found.expect("its rows").map(|row| row.expect("a row")).collect()
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Integer(number) => Some(number.to_string()),
        Value::Real(number) => Some(number.to_string()),
        Value::Text(text) => Some(text),
        Value::Blob(bytes) => {
            Some(bytes.iter().fold("\\x".to_owned(), |text, byte| format!("{text}{byte:02x}")))
        }
    }
}

/// On a thread of its own: whoever asks may be inside a runtime.
fn on_server(url: &str, sql: &str) -> Vec<Vec<Option<String>>> {
    let ask = async || {
        let (client, connection) =
            tokio_postgres::connect(url, NoTls).await.expect("the department's database");
        let driven = tokio::spawn(connection);
        let answered = client.simple_query(sql).await.expect("a query");
        drop(client);
        driven.await.expect("the connection").expect("its end");
        answered
    };
    let answered = std::thread::scope(|scope| {
        let asked = scope.spawn(|| tokio::runtime::Runtime::new().expect("a runtime").block_on(ask()));
        asked.join().expect("an answer")
    });
    let rows = answered.into_iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => {
            Some((0..row.len()).map(|column| row.get(column).map(str::to_owned)).collect())
        }
        _ => None,
    });
    rows.collect()
}
