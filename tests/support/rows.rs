//! A department's database, looked at from outside while nobody has it open.

use std::{collections::BTreeMap, path::Path};

use rusqlite::{Connection, OpenFlags, types::Value};

fn open(data: &Path, department: &str) -> Connection {
    let file = data.join(format!("{department}.sqlite"));
    Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).expect("the department's database")
}

/// The number a query counts, such as `SELECT COUNT(*) FROM payment`.
pub fn count(data: &Path, department: &str, sql: &str) -> i64 {
    open(data, department).query_row(sql, [], |row| row.get(0)).expect("a number")
}

/// The texts a query finds, such as `SELECT channel FROM payment`.
pub fn texts(data: &Path, department: &str, sql: &str) -> Vec<String> {
    let database = open(data, department);
    let mut query = database.prepare(sql).expect("a query");
    let found = query.query_map([], |row| row.get(0)).expect("its rows");
    found.map(|text| text.expect("a text")).collect()
}

/// Every row of every table of the domain, sorted; the store's own tables (log, cursors, request ids) are left out.
pub fn rows(data: &Path, department: &str) -> BTreeMap<String, Vec<Vec<String>>> {
    let database = open(data, department);
    let tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'store_%'
                  AND name NOT LIKE 'sqlite_%'";
    let mut tables = database.prepare(tables).expect("the tables");
    let names = tables.query_map([], |row| row.get::<_, String>(0)).expect("their names");
    let mut found = BTreeMap::new();
    for name in names.map(|name| name.expect("a name")) {
        let mut all = database.prepare(&format!("SELECT * FROM {name}")).expect("a table");
        let width = all.column_count();
        let read = all.query_map([], |row| {
            (0..width).map(|column| row.get::<_, Value>(column).map(|value| format!("{value:?}"))).collect()
        });
        let mut lines: Vec<Vec<String>> = read.expect("its rows").map(|row| row.expect("a row")).collect();
        lines.sort();
        found.insert(name, lines);
    }
    found
}
