//! `--database-url`: where PostgreSQL is, for everything that works on the service's store.

use countersign_server::{config::DatabaseUrl, service::StartError};

/// Where the database is, if it is not in the state directory.
#[derive(clap::Args)]
pub(crate) struct Database {
    /// The PostgreSQL database: `postgres://USER@HOST/DATABASE`. With a password it comes by the environment or by `database:` in
    /// the configuration, since everybody on the machine can read a command line.
    #[arg(long, value_name = "URL", env = "COUNTERSIGN_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
}

impl Database {
    /// The URL, if there is one.
    ///
    /// # Errors
    /// A sentence that does not repeat the URL.
    pub(crate) fn url(&self) -> Result<Option<DatabaseUrl>, StartError> {
        let Some(text) = &self.database_url else { return Ok(None) };
        let url = DatabaseUrl::parse(text)?;
        if url.has_password() && std::env::args().any(|argument| argument.contains(text.as_str())) {
            return Err(StartError(
                "the password of the database is on the command line, where everybody on this machine can read it; put the URL \
                 into `COUNTERSIGN_DATABASE_URL`, or name a file with `database:` in the configuration"
                    .to_owned(),
            ));
        }
        Ok(Some(url))
    }
}
