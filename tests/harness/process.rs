//! A program we started: its output line by line, and its certain end.
//!
//! It dies with its value, and with this process however that ends: Linux kills it when the thread that started it is
//! gone, so all are started by one thread that lives as long as we do.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};

use crate::within;

/// A running program.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    lines: Arc<Mutex<Vec<String>>>,
}

/// A panic elsewhere does not spoil a list of lines.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Process {
    /// Starts `program` with `arguments` and, besides ours, the given environment.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(program: &str, arguments: &[String], environment: &[(String, String)]) -> Result<Self> {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "--", program]).args(arguments);
        command.envs(environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = start(command).with_context(|| format!("cannot start `{program}`"))?;
        let lines = Arc::default();
        follow(child.stdout.take(), &lines);
        follow(child.stderr.take(), &lines);
        let name = program.rsplit('/').next().unwrap_or(program).to_owned();
        Ok(Self { name, child, lines })
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// All lines printed so far, on either stream.
    pub fn lines(&self) -> Vec<String> {
        lock(&self.lines).clone()
    }

    /// The first line `wanted` accepts, waiting for it.
    ///
    /// # Errors
    /// When none came within `patience`.
    pub fn line(&self, patience: Duration, wanted: impl Fn(&str) -> bool) -> Result<String> {
        let what = format!("a line of `{}`", self.name);
        within(patience, &what, || lock(&self.lines).iter().find(|line| wanted(line)).cloned())
            .with_context(|| self.last_lines())
    }

    /// How it ended, when it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Asks it to end, as an operator does, and returns at once.
    pub fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// Ends it now.
    pub fn kill(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }

    /// Stops it from running until [`Process::resume`], as a machine that hangs does.
    pub fn freeze(&self) {
        self.signal(Signal::STOP);
    }

    /// Lets it run again.
    pub fn resume(&self) {
        self.signal(Signal::CONT);
    }

    fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        if let Some(id) = id {
            kill_process(id, signal).ok();
        }
    }

    /// What it said last, for an error message.
    pub fn last_lines(&self) -> String {
        let lines = lock(&self.lines);
        let last: Vec<&str> = lines.iter().rev().take(12).rev().map(String::as_str).collect();
        format!("`{}` said last:\n{}", self.name, last.join("\n"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

type Order = (Command, Sender<std::io::Result<Child>>);

/// Starts a program from the thread that lives as long as we do.
fn start(command: Command) -> Result<Child> {
    static STARTER: OnceLock<Sender<Order>> = OnceLock::new();
    let orders = STARTER.get_or_init(|| {
        let (sender, inbox) = mpsc::channel::<Order>();
        thread::spawn(move || {
            for (mut command, answer) in inbox {
                answer.send(command.spawn()).ok();
            }
        });
        sender
    });
    let (answer, started) = mpsc::channel();
    orders.send((command, answer)).ok().context("the thread that starts programs is gone")?;
    Ok(started.recv()??)
}

fn follow(stream: Option<impl Read + Send + 'static>, lines: &Arc<Mutex<Vec<String>>>) {
    let Some(stream) = stream else { return };
    let lines = Arc::clone(lines);
    thread::spawn(move || {
        for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
            lock(&lines).push(String::from_utf8_lossy(&line).into_owned());
        }
    });
}
