//! What a department's role and database are called.

use canbao_host::{DEPARTMENTS, Settings, StartError};
use tokio_postgres::Config;

/// The longest name that PostgreSQL keeps whole.
const LONGEST: usize = 63;

/// A department's role and database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Names {
    pub(super) role: String,
    pub(super) database: String,
}

impl Names {
    /// Those of each department. A role or database of two would let one of them read and write what is the other's.
    pub(super) fn of_all(settings: &Settings) -> Result<Vec<Self>, StartError> {
        let mut all: Vec<Self> = Vec::new();
        for department in DEPARTMENTS {
            let names = Self::of(settings, department)?;
            if all.iter().any(|other| other.role == names.role || other.database == names.database) {
                let words = "database names one role or one database for several departments";
                return Err(format!("{words}: put {{department}} into both names").into());
            }
            all.push(names);
        }
        Ok(all)
    }

    /// As the setting `database` names them, or like the department.
    fn of(settings: &Settings, department: &str) -> Result<Self, StartError> {
        let Some(url) = settings.database_of(department) else {
            return Ok(Self { role: department.to_owned(), database: department.to_owned() });
        };
        let at: Config = url.parse().map_err(|_| "database is no address of a PostgreSQL database")?;
        if at.get_password().is_some() {
            return Err("database must not hold a password: it is made, and kept in the data folder".into());
        }
        let named = |name: Option<&str>, what: &str| match name {
            Some(name) if is_plain(name) => Ok(name.to_owned()),
            Some(name) => {
                Err(format!("database: {name:?} cannot name a {what}: lower-case letters, digits, - and _"))
            }
            None => Err(format!("database must name a {what}: postgres://ROLE@HOST:5432/NAME")),
        };
        Ok(Self { role: named(at.get_user(), "role")?, database: named(at.get_dbname(), "database")? })
    }
}

fn is_plain(name: &str) -> bool {
    let fine = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
    name.len() <= LONGEST && name.starts_with(|c: char| c.is_ascii_lowercase()) && name.bytes().all(fine)
}

/// A name as it stands in a statement.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(url: &str) -> Result<Names, String> {
        let settings = Settings { database: Some(url.to_owned()), ..Settings::default() };
        Names::of(&settings, "collection").map_err(|error| error.to_string())
    }

    #[test]
    fn a_role_and_a_database_are_named_like_the_department_or_as_the_setting_says() {
        let names = |role: &str, database: &str| Names { role: role.into(), database: database.into() };
        assert_eq!(Names::of(&Settings::default(), "collection").unwrap(), names("collection", "collection"));
        let url = "postgres://canbao_{department}@database:5432/y26_{department}";
        assert_eq!(named(url).unwrap(), names("canbao_collection", "y26_collection"));
    }

    #[test]
    fn two_departments_share_neither_role_nor_database() {
        let all = |url: &str| {
            let settings = Settings { database: Some(url.to_owned()), ..Settings::default() };
            Names::of_all(&settings).map_err(|error| error.to_string())
        };
        assert_eq!(
            all("postgres://{department}@database/y26_{department}").unwrap().len(),
            DEPARTMENTS.len()
        );
        for url in [
            "postgres://canbao@database/canbao",
            "postgres://postgres@database/{department}",
            "postgres://{department}@database/canbao",
        ] {
            let error = all(url).unwrap_err();
            assert!(error.contains("{department}"), "{error}");
        }
    }

    #[test]
    fn what_cannot_be_a_name_or_holds_a_password_is_refused() {
        for (url, words) in [
            ("postgres://{department}:secret@database/x", "must not hold a password"),
            ("postgres://Big@database/x", "cannot name a role"),
            ("postgres://{department}@database/a%22b", "cannot name a database"),
            ("postgres://database/x", "must name a role"),
            ("postgres://{department}@database", "must name a database"),
        ] {
            let error = named(url).unwrap_err();
            assert!(error.contains(words) && !error.contains("secret"), "{error}");
        }
    }
}
