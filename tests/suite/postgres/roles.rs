//! Whose roles `canbao databases` takes for a department's.

use tokio_postgres::Client;

use super::databases::{canbao, cluster, enter};

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
