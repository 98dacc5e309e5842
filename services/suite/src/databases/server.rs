//! What is asked of the server, and what it is told to make.

use std::{fmt::Display, path::Path};

use canbao_host::StartError;
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
    version::TLS13,
};
use tokio_postgres::{Client, Config, NoTls, config::SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::names::{Names, quoted};

/// What a database on the server is like.
pub(super) struct Existing {
    owner: String,
    encoding: String,
    collation: String,
    /// ICU goes by a language whatever the collation is called. Before PostgreSQL 15 no database did.
    by_icu: bool,
    /// Whoever has a role may come in.
    open: bool,
}

/// Connects to the server, over TLS where an authority is given for it, and drives the connection until the client is
/// dropped.
pub(super) async fn connect(admin: &Config, authority: Option<&Path>) -> Result<Client, StartError> {
    let Some(file) = authority else {
        let (client, connection) = admin.connect(NoTls).await.map_err(|error| words(&error))?;
        tokio::spawn(async { drop(connection.await) });
        return Ok(client);
    };
    let unread = |error: &dyn Display| format!("the database server's authority {}: {error}", file.display());
    let mut trusted = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).map_err(|error| unread(&error))? {
        trusted.add(certificate.map_err(|error| unread(&error))?).map_err(|error| unread(&error))?;
    }
    let tls = ClientConfig::builder_with_protocol_versions(&[&TLS13]).with_root_certificates(trusted);
    let mut admin = admin.clone();
    admin.ssl_mode(SslMode::Require);
    let connected = admin.connect(MakeRustlsConnect::new(tls.with_no_client_auth())).await;
    let (client, connection) = connected.map_err(|error| words(&error))?;
    tokio::spawn(async { drop(connection.await) });
    Ok(client)
}

/// Tells the server to make or change something.
pub(super) async fn tell(client: &Client, sql: &str) -> Result<(), StartError> {
    client.batch_execute(sql).await.map_err(|error| words(&error).into())
}

/// Whether there is such a role. One that may more than a department's is somebody else's, and no department's password
/// may open it.
pub(super) async fn has_role(client: &Client, role: &str) -> Result<bool, StartError> {
    let sql = "SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls
                      OR EXISTS (SELECT 1 FROM pg_auth_members WHERE member = pg_roles.oid)
               FROM pg_roles WHERE rolname = $1";
    match client.query_opt(sql, &[&role]).await?.map(|row| row.get(0)) {
        None => Ok(false),
        Some(false) => Ok(true),
        Some(true) => {
            Err(format!("the role {role} may more than a department's: it is somebody else's").into())
        }
    }
}

async fn is_superuser(client: &Client) -> Result<bool, StartError> {
    Ok(client.query_one("SELECT current_setting('is_superuser') = 'on'", &[]).await?.get(0))
}

/// Whether the server must be told whose rules texts are compared by: it may have been made with ICU's.
async fn has_providers(client: &Client) -> Result<bool, StartError> {
    let sql = "SELECT current_setting('server_version_num')::int >= 150000";
    Ok(client.query_one(sql, &[]).await?.get(0))
}

/// The database of that name, if there is one.
pub(super) async fn database(client: &Client, names: &Names) -> Result<Option<Existing>, StartError> {
    let sql = "SELECT pg_get_userbyid(datdba)::text, pg_encoding_to_char(encoding)::text, datcollate::text,
                      COALESCE(to_jsonb(pg_database) ->> 'datlocprovider' = 'i', FALSE),
                      EXISTS (SELECT 1 FROM aclexplode(COALESCE(datacl, acldefault('d', datdba))) WHERE grantee = 0)
               FROM pg_database WHERE datname = $1";
    let found = client.query_opt(sql, &[&names.database]).await?;
    Ok(found.map(|row| Existing {
        owner: row.get(0),
        encoding: row.get(1),
        collation: row.get(2),
        by_icu: row.get(3),
        open: row.get(4),
    }))
}

/// Makes the database, or looks whether the one that is there can be used; closes it to all other roles.
pub(super) async fn make_database(client: &Client, names: &Names) -> Result<(), StartError> {
    let (database_name, role) = (quoted(&names.database), quoted(&names.role));
    if database(client, names).await?.is_none() {
        // Whoever is no superuser gives a database only to a role that they are a member of.
        if !is_superuser(client).await? {
            tell(client, &format!("GRANT {role} TO CURRENT_USER")).await?;
        }
        // Texts compare by code point, as they do on the other engine.
        let like = "TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'";
        let libc = if has_providers(client).await? { "LOCALE_PROVIDER libc" } else { "" };
        tell(client, &format!("CREATE DATABASE {database_name} OWNER {role} {like} {libc}")).await?;
    }
    let found = database(client, names).await?.ok_or("a database that was made is gone")?;
    let refused = |what: String| Err(format!("the database {} {what}", names.database).into());
    if found.owner != names.role {
        return refused(format!("belongs to {}, not to {}", found.owner, names.role));
    }
    if found.encoding != "UTF8" {
        return refused(format!("is encoded in {}; UTF8 is needed", found.encoding));
    }
    if found.collation != "C" {
        return refused(format!("has LC_COLLATE {}; C is needed", found.collation));
    }
    if found.by_icu {
        return refused("sorts by a language's rules, with ICU; make it with LOCALE_PROVIDER libc".into());
    }
    if found.open {
        // As its owner, whose right it is whoever else made it.
        let close = format!("REVOKE ALL ON DATABASE {database_name} FROM PUBLIC");
        tell(client, &format!("SET ROLE {role}; {close}; RESET ROLE")).await?;
    }
    Ok(())
}

/// Why the server cannot be used, without the statement: it may hold what is secret.
fn words(error: &tokio_postgres::Error) -> String {
    let source = std::error::Error::source(error);
    let why = source.map_or_else(|| error.to_string(), |source| format!("{error}: {source}"));
    format!("the database server: {why}")
}
