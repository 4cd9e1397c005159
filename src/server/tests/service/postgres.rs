//! A real PostgreSQL for the tests: started once for this process, thrown away with it however it ends.

use std::{
    io::{BufRead as _, BufReader},
    os::unix::{fs::chown, process::CommandExt as _},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use countersign_server::config::DatabaseUrl;
use sqlx::{Connection as _, Executor as _};

/// Asks for every test's service to have its own database on PostgreSQL; `cargo xtask test` runs the tests that way, too.
pub(crate) const SWITCH: &str = "COUNTERSIGN_TEST_POSTGRES";

struct Server {
    socket: PathBuf,
    /// Ends the server and removes its files once its standard input closes, which it does when this process ends.
    _keeper: Child,
}

static SERVER: OnceLock<Option<Server>> = OnceLock::new();
static NEXT: AtomicU32 = AtomicU32::new(0);

/// Where PostgreSQL's programs are: Debian keeps them off the path.
fn programs() -> Option<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .chain(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()))
        .filter(|folder| folder.join("initdb").exists() && folder.join("postgres").exists())
        .collect();
    found.sort();
    found.pop()
}

/// It refuses to run as root.
fn other_than_root() -> Option<(u32, u32)> {
    let ask = |what: &str, who: &str| -> Option<u32> {
        let said = Command::new("id").args([what, who]).output().ok()?;
        String::from_utf8(said.stdout).ok()?.trim().parse().ok()
    };
    let said = Command::new("id").arg("-u").output().ok()?;
    if said.stdout.trim_ascii() != b"0" {
        return None;
    }
    ["postgres", "nobody"].into_iter().find_map(|who| Some((ask("-u", who)?, ask("-g", who)?)))
}

fn start() -> Option<Server> {
    let programs = programs()?;
    let folder = tempfile::Builder::new().prefix("cs-pg").tempdir_in("/tmp").unwrap().keep();
    let who = other_than_root();
    if let Some((uid, gid)) = who {
        chown(&folder, Some(uid), Some(gid)).unwrap();
    }
    let as_them = |command: &mut Command| {
        if let Some((uid, gid)) = who {
            command.uid(uid).gid(gid);
        }
        command.current_dir(&folder);
    };
    let mut made = Command::new(programs.join("initdb"));
    made.args(["-D", "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]);
    as_them(&mut made);
    let made = made.output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let script = r#""$1"/pg_ctl -D data -s -w -t 60 -l log -o "-c listen_addresses='' -k $PWD -c fsync=off -c full_page_writes=off \
        -c max_connections=500 -c shared_buffers=64MB -c autovacuum=off" start >&2 && echo ready
        trap '' INT TERM; read _; "$1"/pg_ctl -D data -s -m immediate stop; cd /; rm -rf "$2""#;
    let mut keeper = Command::new("sh");
    keeper.args(["-c", script, "sh"]).arg(&programs).arg(&folder);
    keeper.stdin(Stdio::piped()).stdout(Stdio::piped());
    as_them(&mut keeper);
    let mut keeper = keeper.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(keeper.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let log = std::fs::read_to_string(folder.join("log")).unwrap_or_default();
    assert_eq!(line, "ready\n", "PostgreSQL did not start: {log}");
    Some(Server { socket: folder, _keeper: keeper })
}

/// The server, or `None` where this machine has none; in CI it must.
fn server() -> Option<&'static Server> {
    let server = SERVER.get_or_init(start).as_ref();
    assert!(server.is_some() || std::env::var_os("CI").is_none(), "CI must have PostgreSQL");
    server
}

fn url(server: &Server, database: &str) -> String {
    format!("postgres://postgres@{}/{database}", server.socket.display().to_string().replace('/', "%2F"))
}

/// An empty database of its own; `None`, and a word about it, where this machine has no PostgreSQL.
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
pub(crate) async fn database() -> Option<String> {
    let Some(server) = server() else {
        eprintln!("left out: there is no PostgreSQL on this machine");
        return None;
    };
    let name = format!("t{}", NEXT.fetch_add(1, Ordering::SeqCst));
    admin(&format!("CREATE DATABASE {name}")).await;
    Some(url(server, &name))
}

/// Does something on the server itself.
pub(crate) async fn admin(statement: &str) {
    let server = url(server().unwrap(), "postgres");
    let mut sql = sqlx::PgConnection::connect(&server).await.unwrap();
    sql.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(statement.to_owned()))).await.unwrap();
    sql.close().await.unwrap();
}

/// A database for the test that runs, where the switch asks for one.
pub(crate) async fn wanted() -> Option<String> {
    std::env::var_os(SWITCH)?;
    let database = database().await;
    assert!(database.is_some(), "`{SWITCH}` is set, and there is no PostgreSQL on this machine");
    database
}

pub(crate) fn parsed(url: &str) -> DatabaseUrl {
    DatabaseUrl::parse(url).unwrap()
}
