//! What a run looked like, phase by phase, as a table.

use std::fmt::Write;
use std::time::Duration;

use super::history::{Attempt, History, Kind, Told};

/// One phase in numbers. Attempts count where they began.
#[derive(Clone, Debug, Default)]
struct Line {
    name: String,
    sent: usize,
    passed: usize,
    held: usize,
    released: usize,
    refused: usize,
    handed_off: usize,
    unavailable: usize,
    other: usize,
    cut: usize,
    connections: u64,
    harmless: Vec<Duration>,
}

impl Line {
    fn take(&mut self, kind: Kind, attempt: &Attempt) {
        self.sent += 1;
        match (kind, attempt.told) {
            (Kind::Harmless, Told::Status(200)) => {
                self.passed += 1;
                self.harmless.push(attempt.took);
            }
            (Kind::Harmless, Told::Status(_) | Told::Expired | Told::Cut) => self.cut += 1,
            (Kind::Held | Kind::Forbidden, told) => {
                self.held += usize::from(kind == Kind::Held);
                match told {
                    Told::Status(200) => self.released += 1,
                    Told::Status(403) | Told::Expired => self.refused += 1,
                    Told::Status(428) => self.handed_off += 1,
                    Told::Status(503) => self.unavailable += 1,
                    Told::Status(_) => self.other += 1,
                    Told::Cut => self.cut += 1,
                }
            }
        }
    }
}

/// The value below which so many of a hundred lie.
fn percentile(sorted: &[Duration], of_hundred: usize) -> Duration {
    let last = sorted.len().saturating_sub(1);
    sorted.get(last * of_hundred / 100).copied().unwrap_or_default()
}

/// The table of a run, in Markdown. Phases of one name are one line.
pub fn table(history: &History) -> String {
    let mut lines: Vec<Line> = Vec::new();
    let mut place = Vec::new();
    let ends = history.phases.iter().skip(1).map(|phase| phase.connections);
    let ends = ends.chain(history.phases.last().map(|phase| phase.connections));
    // Of the last phase nobody counted the connections.
    for (phase, connections) in history.phases.iter().zip(ends) {
        let at = lines.iter().position(|line| line.name == phase.name).unwrap_or(lines.len());
        if at == lines.len() {
            lines.push(Line { name: phase.name.clone(), ..Line::default() });
        }
        if let Some(line) = lines.get_mut(at) {
            line.connections += connections - phase.connections;
        }
        place.push(at);
    }
    for (kind, attempt) in
        history.sent.iter().flat_map(|sent| sent.attempts.iter().map(|attempt| (sent.kind, attempt)))
    {
        if let Some(line) = place.get(attempt.phase).and_then(|at| lines.get_mut(*at)) {
            line.take(kind, attempt);
        }
    }
    let mut text = "| phase | sent | passed | held | released | 403 | 428 | 503 | other | cut off | connections to the service | p50 ms | p99 ms |\n\
                    |---|---|---|---|---|---|---|---|---|---|---|---|---|\n"
        .to_owned();
    for line in lines.iter_mut().filter(|line| line.sent > 0) {
        line.harmless.sort();
        let ms = |of_hundred| percentile(&line.harmless, of_hundred).as_secs_f64() * 1000.0;
        // Writing to a String does not fail.
        writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {:.1} | {:.1} |",
            line.name,
            line.sent,
            line.passed,
            line.held,
            line.released,
            line.refused,
            line.handed_off,
            line.unavailable,
            line.other,
            line.cut,
            line.connections,
            ms(50),
            ms(99),
        )
        .unwrap_or_default();
    }
    text
}

/// The run in one sentence.
pub fn sum(history: &History) -> String {
    let of = |kind| history.sent.iter().filter(move |sent| sent.kind == kind);
    let arrived = |kind| {
        let ids: std::collections::BTreeSet<u64> = of(kind).map(|sent| sent.id).collect();
        history.arrived.iter().filter(|arrival| ids.contains(&arrival.id)).count()
    };
    let redeemed: u64 =
        history.tasks.iter().filter_map(|task| task.grant.as_ref()).map(|grant| grant.used).sum();
    let reopened: u32 = history.sent.iter().map(|sent| sent.reopened).sum();
    let missing = history.printed.iter().filter(|one| !history.stored.contains(&one.hash)).count();
    format!(
        "{} harmless requests sent and {} arrived ({reopened} after their kept connection was found closed); {} held ones \
         sent, {} tasks, {redeemed} grants redeemed, {} arrived; {} forbidden ones, {} arrived; {} records printed, \
         {missing} of them by an Envoy that was terminated before it could send them",
        of(Kind::Harmless).count(),
        arrived(Kind::Harmless),
        of(Kind::Held).count(),
        history.tasks.len(),
        arrived(Kind::Held),
        of(Kind::Forbidden).count(),
        arrived(Kind::Forbidden),
        history.printed.len(),
    )
}
