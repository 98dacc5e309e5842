//! Whose roles `canbao databases` takes for a department's, and who may run it.

use canbao_host::DEPARTMENTS;
use tokio_postgres::{Client, error::SqlState};

use super::databases::{canbao, cluster, enter, password};

/// Every role with all that it may, and every database.
async fn roles_and_databases(admin: &Client) -> Vec<String> {
    let sql = "SELECT row_to_json(r)::text FROM pg_authid r UNION ALL SELECT datname::text FROM pg_database
               UNION ALL SELECT row_to_json(m)::text FROM pg_auth_members m ORDER BY 1";
    admin.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn a_role_that_may_more_than_a_department_is_somebody_elses_and_stays_as_it_is() {
    let Some(cluster) = cluster("roles of somebody else") else { return };
    let admin = enter(cluster.port(), "postgres", "", "postgres").await.unwrap();
    for (number, may) in
        ["SUPERUSER", "CREATEROLE", "CREATEDB", "REPLICATION", "BYPASSRLS", "IN ROLE pg_read_all_data"]
            .iter()
            .enumerate()
    {
        let sql = format!("CREATE ROLE r{number}_subsidy LOGIN PASSWORD 'theirs' {may}");
        admin.batch_execute(&sql).await.unwrap();
        let before = roles_and_databases(&admin).await;
        let data = tempfile::tempdir().unwrap();
        let database = format!("--database=postgres://r{number}_{{department}}@database/{{department}}");
        let refused = canbao(&[&cluster.url("postgres"), &database, "--data", data.path().to_str().unwrap()]);
        let why = String::from_utf8(refused.stderr).unwrap();
        assert!(!refused.status.success() && why.contains(&format!("r{number}_subsidy")), "{may}: {why}");
        assert_eq!(roles_and_databases(&admin).await, before, "{may}");
    }
}

#[tokio::test]
async fn whoever_may_make_roles_and_databases_need_not_be_a_superuser() {
    let Some(cluster) = cluster("an administrator who is no superuser") else { return };
    let admin = enter(cluster.port(), "postgres", "", "postgres").await.unwrap();
    for inherits in ["INHERIT", "NOINHERIT"] {
        let name = inherits.to_lowercase();
        let sql = format!("CREATE ROLE {name} LOGIN CREATEROLE CREATEDB {inherits} PASSWORD 'open sesame'");
        admin.batch_execute(&sql).await.unwrap();
        let url = format!("postgres://{name}:open%20sesame@127.0.0.1:{}/postgres", cluster.port());
        let database = format!("--database=postgres://{name}_{{department}}@database/{name}_{{department}}");
        let data = tempfile::tempdir().unwrap();
        let make = || {
            let made = canbao(&[&url, &database, "--data", data.path().to_str().unwrap()]);
            assert!(made.status.success(), "{inherits}: {}", String::from_utf8_lossy(&made.stderr));
        };
        make();
        let open = format!("GRANT CONNECT ON DATABASE {name}_collection TO PUBLIC");
        admin.batch_execute(&open).await.unwrap();
        admin.batch_execute(&format!("DROP DATABASE {name}_subsidy")).await.unwrap();
        make();
        for role in DEPARTMENTS {
            let password = password(data.path(), role);
            for database in DEPARTMENTS {
                let (role_name, database_name) = (format!("{name}_{role}"), format!("{name}_{database}"));
                let entered = enter(cluster.port(), &role_name, &password, &database_name).await.map(drop);
                let expected = if role == database { Ok(()) } else { Err(SqlState::INSUFFICIENT_PRIVILEGE) };
                assert_eq!(entered, expected, "{inherits}: {role} into {database}");
            }
        }
    }
}
