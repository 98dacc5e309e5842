//! What `canbao databases` makes, what it repairs, and what nobody learns from it.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output},
};

use canbao::databases::{Wanted, make};
use canbao_host::DEPARTMENTS;
use canbao_tests::{Home, Person, Postgres, Running, left_out, program, texts};
use tokio_postgres::{Client, Config, NoTls, error::SqlState};

use crate::walkthrough::walk;

/// A cluster for one test, since roles belong to all of it.
pub(super) fn cluster(test: &str) -> Option<Postgres> {
    Postgres::start().map_err(|why| left_out(test, "postgres", &why)).ok()
}

pub(super) fn canbao(arguments: &[&str]) -> Output {
    Command::new(program("canbao")).arg("databases").args(arguments).output().unwrap()
}

pub(super) fn password(folder: &Path, department: &str) -> String {
    let file = folder.join(format!("{department}.password"));
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    fs::read_to_string(file).unwrap()
}

pub(super) async fn enter(port: u16, role: &str, password: &str, database: &str) -> Result<Client, SqlState> {
    let mut at = Config::new();
    at.host("127.0.0.1").port(port).user(role).password(password).dbname(database);
    match at.connect(NoTls).await {
        Ok((client, connection)) => {
            tokio::spawn(connection);
            Ok(client)
        }
        Err(error) => Err(error.code().cloned().unwrap_or_else(|| panic!("{error}"))),
    }
}

#[tokio::test]
async fn a_role_comes_into_its_own_database_with_its_password_and_into_no_other() {
    let Some(cluster) = cluster("roles and databases") else { return };
    let data = tempfile::tempdir().unwrap();
    let made = canbao(&[&cluster.url("postgres"), "--data", data.path().to_str().unwrap()]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    for role in DEPARTMENTS {
        let password = password(data.path(), role);
        for database in DEPARTMENTS {
            let entered = enter(cluster.port(), role, &password, database).await;
            match entered {
                Ok(client) => {
                    assert_eq!(role, database);
                    for wanted in ["CREATE DATABASE more", "CREATE ROLE more", "SET ROLE postgres"] {
                        let refused = client.batch_execute(wanted).await.unwrap_err();
                        assert_eq!(refused.code(), Some(&SqlState::INSUFFICIENT_PRIVILEGE), "{wanted}");
                    }
                    let sql = "SELECT 1 WHERE 'B' < 'a' AND current_setting('server_encoding') = 'UTF8'";
                    assert_eq!(client.query(sql, &[]).await.unwrap().len(), 1, "ordered by code point");
                }
                Err(code) => {
                    assert_ne!(role, database);
                    assert_eq!(code, SqlState::INSUFFICIENT_PRIVILEGE, "{role} into {database}");
                }
            }
        }
        let guessed = enter(cluster.port(), role, "guessed", role).await.map(drop);
        assert_eq!(guessed, Err(SqlState::INVALID_PASSWORD));
    }
}

#[tokio::test]
async fn made_again_everything_stays_and_what_is_missing_is_repaired() {
    let Some(cluster) = cluster("databases made again") else { return };
    let data = tempfile::tempdir().unwrap();
    let flags = [&cluster.url("postgres"), "--apart", "--data", data.path().to_str().unwrap()];
    let kept = || DEPARTMENTS.map(|name| files(&data.path().join(name)));
    assert!(canbao(&flags).status.success());
    let first = kept();
    for (department, files) in DEPARTMENTS.iter().zip(&first) {
        let names: Vec<_> = files.iter().map(|(name, _)| name.as_str()).collect();
        let own = format!("{department}.password");
        match *department {
            "registration" => assert_eq!(names, ["registration.key", &own, "suite.key"]),
            _ => assert_eq!(names, [own.as_str(), "suite.key"]),
        }
    }
    let suite_key = |files: &[(String, String)]| files.last().unwrap().1.clone();
    assert!(first.iter().all(|files| suite_key(files) == suite_key(&first[0])), "one key for all");
    assert!(canbao(&flags).status.success());
    assert_eq!(kept(), first);

    let admin = enter(cluster.port(), "postgres", "", "postgres").await.unwrap();
    admin.batch_execute("DROP DATABASE subsidy").await.unwrap();
    admin.batch_execute("GRANT CONNECT ON DATABASE collection TO PUBLIC").await.unwrap();
    admin.batch_execute("ALTER ROLE registration PASSWORD 'forgotten'").await.unwrap();
    let of = |department: &str| data.path().join(department);
    fs::remove_file(of("benefits").join("benefits.password")).unwrap();
    fs::remove_file(of("benefits").join("suite.key")).unwrap();
    assert!(canbao(&flags).status.success());
    for department in DEPARTMENTS {
        let password = password(&of(department), department);
        enter(cluster.port(), department, &password, department).await.unwrap();
    }
    let subsidy = password(&of("subsidy"), "subsidy");
    let refused = enter(cluster.port(), "subsidy", &subsidy, "collection").await.map(drop);
    assert_eq!(refused, Err(SqlState::INSUFFICIENT_PRIVILEGE), "it is closed again");
    assert_eq!(kept()[..3], first[..3]);
    assert_eq!(suite_key(&kept()[3]), suite_key(&first[0]));

    DEPARTMENTS.iter().for_each(|name| fs::remove_file(of(name).join("suite.key")).unwrap());
    let lost = canbao(&flags);
    let why = String::from_utf8(lost.stderr).unwrap();
    assert!(!lost.status.success() && why.contains("suite.key is missing"), "{why}");
    assert!(!of("collection").join("suite.key").exists(), "no other key is made");
}

fn files(folder: &Path) -> Vec<(String, String)> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let mut files: Vec<_> = entries
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read_to_string(entry.path()).unwrap()))
        .collect();
    files.sort();
    files
}

#[tokio::test]
async fn no_password_is_printed_or_stands_in_a_log_of_the_server() {
    let Some(cluster) = cluster("passwords in no log") else { return };
    let admin = enter(cluster.port(), "postgres", "", "postgres").await.unwrap();
    admin.batch_execute("CREATE ROLE chief SUPERUSER LOGIN PASSWORD 'open sesame'").await.unwrap();
    admin.batch_execute("ALTER SYSTEM SET log_statement = 'all'").await.unwrap();
    admin.batch_execute("SELECT pg_reload_conf()").await.unwrap();
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("chief");
    let url = format!("postgres://chief@127.0.0.1:{}/postgres", cluster.port());
    let folder = data.path().join("data");
    let flags = [&url, "--admin-password", file.to_str().unwrap(), "--data", folder.to_str().unwrap()];
    fs::write(&file, "open sesame\n").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let open = canbao(&flags);
    assert!(!open.status.success() && String::from_utf8_lossy(&open.stderr).contains("0600"));
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let made = canbao(&flags);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let log = cluster.log();
    assert!(log.contains("CREATE ROLE \"collection\""), "every statement is logged: {log}");
    let said = [log.as_bytes(), &made.stdout, &made.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    for secret in DEPARTMENTS.map(|name| password(&folder, name)) {
        assert!(!said.contains(&secret));
    }
}

#[tokio::test]
async fn a_database_that_another_made_is_used_only_when_it_is_as_it_must_be() {
    let Some(cluster) = cluster("databases of another") else { return };
    let admin = enter(cluster.port(), "postgres", "", "postgres").await.unwrap();
    admin.batch_execute("CREATE DATABASE collection").await.unwrap();
    let data = tempfile::tempdir().unwrap();
    let (url, folder) = (cluster.url("postgres"), data.path().to_str().unwrap());
    let refused = canbao(&[&url, "--data", folder]);
    let why = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && why.contains("suite.key"), "it may hold somebody's rows: {why}");
    admin.batch_execute("DROP DATABASE collection").await.unwrap();
    assert!(canbao(&[&url, "--data", folder]).status.success());
    admin.batch_execute("ALTER DATABASE collection OWNER TO postgres").await.unwrap();
    let refused = canbao(&[&url, "--data", folder]);
    let why = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && why.contains("collection belongs to postgres"), "{why}");
    let by_language = "TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en' LC_COLLATE 'C' LC_CTYPE 'C'";
    admin.batch_execute("DROP DATABASE collection").await.unwrap();
    admin.batch_execute(&format!("CREATE DATABASE collection OWNER collection {by_language}")).await.unwrap();
    let refused = canbao(&[&url, "--data", folder]);
    let why = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && why.contains("language"), "{why}");
}

#[tokio::test]
async fn a_database_is_not_opened_with_other_keys_than_it_was_made_with() {
    let mut homes = vec![Home::fresh()];
    homes.extend(Home::on_postgres("other keys on a server").await);
    for home in homes {
        let mut running = Running::start_in(home).await;
        // A department that serves has written down which keys it has.
        walk(&mut running.player, &Person::born("19800101", 11)).await;
        let home = running.stop().await;
        for key in ["suite.key", "registration.key"] {
            let file = home.path().join(key);
            let own = fs::read_to_string(&file).unwrap();
            fs::write(&file, own.chars().rev().collect::<String>()).unwrap();
            let addresses = canbao_tests::Process::free_addresses();
            let at = DEPARTMENTS.iter().zip(addresses).map(|(name, at)| format!("--{name}={at}"));
            let started = Command::new(program("canbao")).args(home.flags()).args(at).output().unwrap();
            let why = String::from_utf8(started.stderr).unwrap();
            assert!(!started.status.success() && why.contains("was made with another"), "{key}: {why}");
            fs::write(&file, own).unwrap();
        }
        Running::start_in(home).await.stop().await;
    }
}

#[tokio::test]
async fn made_again_under_running_departments_nothing_is_disturbed() {
    let Some(home) = Home::on_postgres("databases made again under running departments").await else {
        return;
    };
    let mut running = Running::start_in(home).await;
    walk(&mut running.player, &Person::born("19800101", 11)).await;
    let sessions = |home: &Home| {
        let named = "SELECT pid::text FROM pg_stat_activity WHERE application_name LIKE 'canbao %'";
        let of = |department| texts(home, department, &format!("{named} AND datname = current_database()"));
        DEPARTMENTS.map(of)
    };
    let before = sessions(&running.data);
    let admin = Postgres::get().unwrap().url("postgres").parse().unwrap();
    make(&Wanted { admin, settings: running.data.settings(), apart: false }).await.unwrap();
    walk(&mut running.player, &Person::born("19800101", 13)).await;
    let after = sessions(&running.data);
    for ((department, before), after) in DEPARTMENTS.iter().zip(before).zip(after) {
        assert!(before.len() > 1, "{department}: one that writes and some that read: {before:?}");
        assert!(before.iter().all(|session| after.contains(session)), "{department}: {before:?}, {after:?}");
    }
    running.stop().await;
}

#[tokio::test]
async fn a_start_without_its_password_names_the_file_it_looked_for() {
    let Some(home) = Home::on_postgres("a start without a password").await else { return };
    let file = home.path().join("collection.password");
    fs::remove_file(&file).unwrap();
    let addresses = DEPARTMENTS.map(|name| format!("--{name}=127.0.0.1:0"));
    let started = Command::new(program("canbao")).args(home.flags()).args(addresses).output().unwrap();
    let why = String::from_utf8(started.stderr).unwrap();
    assert!(!started.status.success() && why.contains(&file.display().to_string()), "{why}");
}
