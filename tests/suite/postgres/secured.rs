//! The administrator and the departments reach the server over TLS, and only the one that their authority vouches for.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use canbao::{
    Player, Suite,
    databases::{Wanted, make},
};
use canbao_host::Settings;
use canbao_tests::{Person, Postgres, left_out, settings};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;
use tokio_postgres::NoTls;

use crate::walkthrough::walk;

fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut words = CertificateParams::new([]).unwrap();
    words.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(words, KeyPair::generate().unwrap()).unwrap()
}

/// Gives the server a certificate, and lets nobody but `postgres` in without TLS.
async fn secure(cluster: &Postgres, authority: &CertifiedIssuer<'static, KeyPair>) {
    let (client, connection) = tokio_postgres::connect(&cluster.url("postgres"), NoTls).await.unwrap();
    tokio::spawn(connection);
    let folder: String = client.query_one("SHOW data_directory", &[]).await.unwrap().get(0);
    let folder = Path::new(&folder);
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap().signed_by(&key, authority);
    let files: [(PathBuf, String); 2] = [
        (folder.join("server.crt"), certificate.unwrap().pem()),
        (folder.join("server.key"), key.serialize_pem()),
    ];
    for (file, text) in files {
        fs::write(&file, text).unwrap();
        for (program, how) in
            [("chmod", "0600".to_owned()), ("chown", format!("--reference={}", folder.display()))]
        {
            assert!(Command::new(program).arg(how).arg(&file).status().unwrap().success());
        }
    }
    let entry = "host all postgres 127.0.0.1/32 trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n";
    fs::write(folder.join("pg_hba.conf"), entry).unwrap();
    client.batch_execute("ALTER SYSTEM SET ssl = on").await.unwrap();
    drop(client);
    cluster.kill();
    cluster.serve().unwrap();
}

/// A data folder, with the authority beside it.
fn home(cluster: &Postgres, authority: &CertifiedIssuer<'static, KeyPair>) -> (TempDir, Settings) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("authority.pem");
    fs::write(&file, authority.pem()).unwrap();
    let database = format!("postgres://{{department}}@127.0.0.1:{}/{{department}}", cluster.port());
    let (database, database_authority) = (Some(database), Some(file));
    let settings = Settings { database, database_authority, ..settings(folder.path()) };
    (folder, settings)
}

#[tokio::test]
async fn one_resident_is_covered_with_every_database_behind_tls_and_a_stranger_to_the_authority_is_refused() {
    let cluster = match Postgres::start() {
        Ok(cluster) => cluster,
        Err(why) => return left_out("the databases behind TLS", "postgres", &why),
    };
    let (ours, another) = (authority(), authority());
    secure(&cluster, &ours).await;
    let admin: tokio_postgres::Config = cluster.url("postgres").parse().unwrap();
    let (_folder, settings) = home(&cluster, &another);
    let refused =
        make(&Wanted { admin: admin.clone(), settings, apart: false }).await.unwrap_err().to_string();
    assert!(refused.contains("certificate"), "{refused}");

    let (_folder, settings) = home(&cluster, &ours);
    make(&Wanted { admin, settings: settings.clone(), apart: false }).await.unwrap();
    let plain = Settings { database_authority: None, ..settings.clone() };
    assert!(Suite::start(&plain).await.is_err(), "without TLS nobody comes in");
    let suite = Suite::start(&settings).await.unwrap();
    let mut player = Player::connect(suite.addresses).await.unwrap();
    walk(&mut player, &Person::born("19800101", 11)).await;
    drop(player);
    suite.stop().await.unwrap();
}
