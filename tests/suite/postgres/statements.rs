//! Every statement of the departments is one text that both engines take, with the kinds of value that both have.

use std::{fs, path::Path};

use canbao_host::DEPARTMENTS;
use canbao_tests::{Home, Running};
use rusqlite::Connection;
use tokio_postgres::{NoTls, types::Type};

const SERVICES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../services");
const VERBS: [&str; 5] = ["SELECT ", "INSERT ", "UPDATE ", "DELETE ", "WITH "];
/// The ways to a statement that stands nowhere as one text: the store takes only what lives for ever.
const PUT_TOGETHER: [&str; 3] = ["concat!", "macro_rules!", "leak("];

#[tokio::test]
async fn both_engines_take_every_statement_of_the_departments() {
    let Some(server) = Home::on_postgres("every statement on both engines").await else { return };
    // Brings the databases to their shape.
    let server = Running::start_in(server).await.stop().await;
    let folder = Running::start().await.stop().await;
    let mut seen = 0;
    for department in DEPARTMENTS {
        let url = server.seen_from(department);
        let (client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
        tokio::spawn(connection);
        let file = Connection::open(folder.path().join(format!("{department}.sqlite"))).unwrap();
        for sql in statements(&Path::new(SERVICES).join(department).join("src")) {
            let prepared = client.prepare(&sql).await;
            let prepared = prepared.unwrap_or_else(|error| panic!("{department}: {sql}: {error:?}"));
            for kind in prepared.params() {
                assert!([Type::INT8, Type::TEXT, Type::BYTEA].contains(kind), "{kind} goes into {sql}");
            }
            for column in prepared.columns() {
                // A literal in an answer is a shorter number.
                let fine = [Type::INT8, Type::INT4, Type::TEXT, Type::BYTEA].contains(column.type_());
                assert!(fine, "{} comes out of {sql}", column.type_());
            }
            file.prepare(&sql).unwrap_or_else(|error| panic!("{department}: {sql}: {error}"));
            seen += 1;
        }
    }
    assert!(seen > 100, "only {seen} statements were found");
}

/// The texts of a folder's Rust files that begin like a statement.
fn statements(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            found.extend(statements(&path));
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            for way in PUT_TOGETHER {
                assert!(
                    !text.contains(way),
                    "{}: {way}: a statement of it would not be tried",
                    path.display()
                );
            }
            let quoted = text.split('"').filter(|text| VERBS.iter().any(|verb| text.starts_with(verb)));
            found.extend(quoted.map(|text| text.replace("\\\n", "")));
        }
    }
    found
}
