//! Where PostgreSQL is. The URL may hold a password, so it has a type that does not say it.

use std::{fmt, fs, os::unix::fs::PermissionsExt as _, str::FromStr as _};

use sqlx::{
    any::AnyConnectOptions,
    postgres::{PgConnectOptions, PgSslMode},
};

use super::document::SecretFrom;
use crate::service::StartError;

/// `postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=…`, checked.
#[derive(Clone)]
pub struct DatabaseUrl {
    url: String,
    shown: String,
    encryption: Encryption,
}

/// Whether what goes to the database can be read on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// A socket or loopback: it never leaves the machine.
    Local,
    /// TLS, and the server's certificate is checked.
    Verified,
    /// TLS with whoever answers.
    Unverified,
    /// None.
    Off,
}

/// The parameters that mean something; another one is a mistake that would go unnoticed.
const KNOWN: [&str; 9] =
    ["sslmode", "sslrootcert", "sslcert", "sslkey", "host", "port", "user", "dbname", "application_name"];

impl DatabaseUrl {
    /// Reads a URL. Where it does not say `sslmode`, anything beyond this machine is `verify-full`.
    ///
    /// # Errors
    /// A sentence; it never repeats the password.
    pub fn parse(text: &str) -> Result<Self, StartError> {
        let text = text.trim();
        let wrong = |why: &str| Err(StartError(format!("the database URL {why}")));
        if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
            return wrong(
                "does not begin with `postgres://`; SQLite needs none, it is in the state directory",
            );
        }
        let Ok(mut any) = AnyConnectOptions::from_str(text) else {
            return wrong(
                "does not read: it is `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, with special characters as `%41`",
            );
        };
        let mut says_mode = false;
        for (key, value) in any.database_url.query_pairs() {
            if key == "password" {
                return wrong("has its password as a parameter; write it before the `@`");
            }
            if !KNOWN.contains(&&*key) {
                return wrong(&format!("has a parameter `{key}` that means nothing here"));
            }
            if key == "sslmode" {
                says_mode = true;
                if matches!(&*value, "prefer" | "allow") {
                    return wrong(
                        "says an `sslmode` that an attacker can turn off; say `verify-full`, or `disable` to go without",
                    );
                }
            }
        }
        let Ok(read) = PgConnectOptions::from_str(any.database_url.as_str()) else {
            return wrong("has a parameter that does not read");
        };
        let host =
            read.get_socket().map_or(read.get_host().to_owned(), |socket| socket.display().to_string());
        let local = host.starts_with('/')
            || host == "localhost"
            || host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
        if !says_mode {
            let mode = if local { "disable" } else { "verify-full" };
            any.database_url.query_pairs_mut().append_pair("sslmode", mode);
        }
        let encryption = match (local, PgConnectOptions::from_str(any.database_url.as_str())) {
            (true, _) => Encryption::Local,
            (false, Err(_)) => return wrong("has a parameter that does not read"),
            (false, Ok(read)) => match read.get_ssl_mode() {
                PgSslMode::VerifyCa | PgSslMode::VerifyFull => Encryption::Verified,
                PgSslMode::Require => Encryption::Unverified,
                PgSslMode::Disable | PgSslMode::Allow | PgSslMode::Prefer => Encryption::Off,
            },
        };
        let database = read.get_database().unwrap_or_else(|| read.get_username());
        let shown = format!("{database} at {host}:{}", read.get_port());
        if !any.database_url.query_pairs().any(|(key, _)| key == "application_name") {
            any.database_url.query_pairs_mut().append_pair("application_name", "countersign");
        }
        Ok(Self { url: any.database_url.as_str().to_owned(), shown, encryption })
    }

    pub(crate) fn read(from: &SecretFrom) -> Result<Self, StartError> {
        match from {
            SecretFrom::Env(name) => {
                Self::parse(&std::env::var(name).map_err(|_| {
                    StartError(format!("`database`: environment variable `{name}` is not set"))
                })?)
            }
            SecretFrom::File(path) => {
                let failed = |error| StartError(format!("`database`: cannot read `{path}`: {error}"));
                let mode = fs::metadata(path).map_err(failed)?.permissions().mode() & 0o777;
                if mode & 0o007 != 0 {
                    return Err(StartError(format!(
                        "`database`: everybody on this machine can read `{path}` (mode {mode:03o}); make it private with \
                         `chmod 600 {path}`"
                    )));
                }
                Self::parse(&fs::read_to_string(path).map_err(failed)?)
            }
        }
    }

    /// Whether what goes there can be read on its way.
    pub fn encryption(&self) -> Encryption {
        self.encryption
    }

    /// Whether a password stands in it.
    pub fn has_password(&self) -> bool {
        AnyConnectOptions::from_str(&self.url).is_ok_and(|any| any.database_url.password().is_some())
    }

    pub(crate) fn any(&self) -> Result<AnyConnectOptions, sqlx::Error> {
        self.url.parse()
    }

    pub(crate) fn pg(&self) -> Result<PgConnectOptions, sqlx::Error> {
        self.url.parse()
    }
}

/// Without user and password.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({})", self.shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_url_never_says_its_password() {
        let url = DatabaseUrl::parse("postgres://cs:hunter2@db.example.com:5433/cs?sslmode=require").unwrap();
        let said = format!("{url} {url:?}");
        assert!(!said.contains("hunter2") && said.contains("cs at db.example.com:5433"), "{said}");
        for bad in [
            "mysql://u:hunter2@h/d",
            "postgres://u:hunter2@h/d?sslmod=x",
            "postgres://u:hunter2@[/d",
            "postgres://h/d?password=hunter2",
            "postgres://u:hunter2@h/d?sslmode=prefer",
        ] {
            let StartError(why) = DatabaseUrl::parse(bad).unwrap_err();
            assert!(!why.contains("hunter2"), "{why}");
        }
    }

    #[test]
    fn beyond_this_machine_the_server_must_prove_itself_unless_the_operator_says_otherwise() {
        let of = |text: &str| DatabaseUrl::parse(text).unwrap().encryption();
        assert_eq!(of("postgres://u@db.example.com/d"), Encryption::Verified);
        assert_eq!(of("postgres://u@db.example.com/d?sslmode=require"), Encryption::Unverified);
        assert_eq!(of("postgres://u@db.example.com/d?sslmode=disable"), Encryption::Off);
        assert_eq!(of("postgres://u@127.0.0.1/d"), Encryption::Local);
        assert_eq!(of("postgres:///d?host=/run/postgresql"), Encryption::Local);
    }
}
