//! `countersign serve`: runs the approval service until it is told to stop.
//!
//! On ready it prints one JSON line on stdout, and nothing else ever; logs go to stderr. What keeps it from starting is
//! one sentence and exit code 2. `--dev` opens the local login and therefore listens on loopback only.

use std::{
    io::Write,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use countersign_server::{
    clock::{Clock, Skewed, System},
    config::{Config, Mode},
    service::{Restored, Service, StartError},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

use crate::{database::Database, exit, state};

/// `countersign serve`
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Try it on this machine: local reviewers log in without a password, on loopback only.
    #[arg(long)]
    dev: bool,
    /// The service's configuration, YAML.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where the store and the keys are kept [default: the user's state directory].
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    #[command(flatten)]
    database: Database,
    /// Start once on a database that was put back from a backup: every unused grant is taken back, and what may have happened
    /// since counts as unknown.
    #[arg(long)]
    accept_restored: bool,
    /// Where to listen; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8700")]
    listen: SocketAddr,
    /// A file with the seconds by which the service's clock is wrong, to try out what that does.
    #[arg(long, value_name = "FILE", hide = true, requires = "dev")]
    dev_clock: Option<PathBuf>,
}

/// Serves until Ctrl-C or SIGTERM.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let filter = EnvFilter::try_from_env("COUNTERSIGN_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return exit::say(exit::usage(), &format!("the service cannot start: {error}")),
    };
    match runtime.block_on(serve(arguments)) {
        Ok(()) => exit::OK,
        Err(StartError(sentence)) => exit::say(exit::usage(), &sentence),
    }
}

async fn serve(arguments: &Arguments) -> Result<(), StartError> {
    let mode = if arguments.dev { Mode::Dev } else { Mode::Production };
    if mode == Mode::Dev && !arguments.listen.ip().is_loopback() {
        return Err(StartError(format!(
            "`--dev` lets anyone in who reaches it, so it listens on loopback only, not on `{}`",
            arguments.listen
        )));
    }
    let state = state::server(arguments.state.as_ref())?;
    let listener = TcpListener::bind(arguments.listen)
        .await
        .map_err(|error| StartError(format!("cannot listen on `{}`: {error}", arguments.listen)))?;
    let address = listener.local_addr().map_err(|error| StartError(error.to_string()))?;
    let config = configure(arguments, address, &state, mode)?;
    let clock: Arc<dyn Clock> = match &arguments.dev_clock {
        Some(file) => Arc::new(Skewed::by(file.clone())),
        None => Arc::new(System),
    };
    let restored = if arguments.accept_restored { Restored::Accept } else { Restored::Refuse };
    let service = Service::open_as(config, &state, clock, restored).await?;
    // Whoever reads that it is ready may at once tell it to stop.
    let stopped = stopped()?;
    let observers = match service.config().observe() {
        None => None,
        Some(wanted) => Some(
            TcpListener::bind(wanted)
                .await
                .map_err(|error| StartError(format!("cannot listen on `{wanted}` (`observe`): {error}")))?,
        ),
    };
    let mut line = ready(&service, address);
    let observed = observers.as_ref().and_then(|listener| listener.local_addr().ok());
    if let (Some(observed), Some(members)) = (observed, line.as_object_mut()) {
        members.insert("observe".to_owned(), format!("http://{observed}").into());
    }
    let serving = countersign_server::serve(service.clone(), listener, stopped);
    announce(&line)?;
    match observers {
        None => serving.await,
        // Health is answered until the very end.
        Some(observers) => tokio::select! {
            ended = serving => ended,
            failed = countersign_server::serve_observers(service, observers) => failed,
        },
    }
}

fn configure(
    arguments: &Arguments,
    address: SocketAddr,
    state: &Path,
    mode: Mode,
) -> Result<Config, StartError> {
    let config = match (&arguments.config, mode) {
        (None, Mode::Dev) => Config::dev(address, state),
        (None, Mode::Production) => Config::read("{}", address, state, mode),
        (Some(path), _) => {
            let yaml = std::fs::read_to_string(path)
                .map_err(|error| StartError(format!("cannot read `{}`: {error}", path.display())))?;
            Config::read(&yaml, address, state, mode)
                .map_err(|StartError(why)| StartError(format!("`{}`: {why}", path.display())))
        }
    }?;
    Ok(match arguments.database.url()? {
        Some(url) => config.with_database(url),
        None => config,
    })
}

/// What whoever started it needs to know.
fn ready(service: &Service, address: SocketAddr) -> Value {
    let url = format!("http://{address}");
    let client = service.config().clients().first();
    let reviewers: Vec<Value> = service
        .dev_reviewers()
        .iter()
        .map(|person| json!({"name": person.name, "login": format!("{url}/login?as={}", person.name)}))
        .collect();
    json!({
        "event": "ready",
        "url": url,
        "issuer": service.config().issuer(),
        "client_id": client.map(|client| client.id.clone()),
        "keyid": client.and_then(|client| client.keys.first()).map(|key| key.keyid.clone()),
        "jwks": *service.jwks(),
        "reviewers": reviewers,
    })
}

fn announce(line: &Value) -> Result<(), StartError> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")
        .and_then(|()| out.flush())
        .map_err(|error| StartError(format!("cannot write to stdout: {error}")))
}

/// Listens for Ctrl-C and SIGTERM from now on; what it returns resolves on the first of them.
fn stopped() -> Result<impl Future<Output = ()>, StartError> {
    use tokio::signal::unix::{SignalKind, signal};
    let listen =
        |kind| signal(kind).map_err(|error| StartError(format!("cannot listen for signals: {error}")));
    let (mut interrupt, mut terminate) = (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("stopping");
    })
}
