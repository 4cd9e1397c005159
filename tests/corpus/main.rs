//! Requests that real clients sent, judged: how much of the harmful is missed, and how much of the harmless held.
//!
//! The rows are in `clients/*.jsonl`; `tests/clients/*/README.md` says how each was captured. Their labels are ours, by
//! the vendors' documentation, and say what a call does, not what its method is. Rows on which fair readers differ (what a
//! process tells of itself, say) are marked `debatable`, and left out.

#![expect(clippy::print_stdout, reason = "how each client fares is for whoever runs this with `--nocapture`")]

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use countersign_core::action::{Class, Decoded, Decoders};
use countersign_core::call::{Body, Call, Destinations, HeaderMap, Scheme};
use countersign_tests::{
    place,
    rows::{self, Row},
};

/// What became of the rows.
#[derive(Default)]
struct Count {
    caught: usize,
    missed: usize,
    held: usize,
    passed: usize,
}

impl Count {
    /// A share in thousandths; of nothing, all.
    fn share(part: usize, whole: usize) -> usize {
        (part * 1000).checked_div(whole).unwrap_or(1000)
    }

    fn precision(&self) -> usize {
        Self::share(self.caught, self.caught + self.held)
    }

    fn recall(&self) -> usize {
        Self::share(self.caught, self.caught + self.missed)
    }

    fn wrongly_held(&self) -> usize {
        if self.held == 0 { 0 } else { Self::share(self.held, self.held + self.passed) }
    }

    fn add(&mut self, row: &Row, class: Class) {
        let place = match (row.label.privileged, class) {
            (true, Class::ReadOnly) => &mut self.missed,
            (true, _) => &mut self.caught,
            (false, Class::ReadOnly) => &mut self.passed,
            (false, _) => &mut self.held,
        };
        *place += 1;
    }
}

/// The strictest class of what a request does; what cannot be read is a write.
fn class(decoders: &Decoders, row: &Row) -> Result<Class> {
    let sent = &row.request;
    let own = [(":method", &sent.method), (":authority", &sent.authority), (":path", &sent.path)];
    let own = own.iter().map(|(name, value)| ((*name).to_owned(), value.as_str()));
    let headers = sent.headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.as_str()));
    let pairs: Vec<(String, &str)> = own.chain(headers).collect();
    let none: [&str; 0] = [];
    let scheme = if sent.scheme == "http" { Scheme::Http } else { Scheme::Https };
    let head = HeaderMap::from_pairs(pairs.iter().map(|(name, value)| (name.as_str(), *value)));
    let Ok(call) = Call::read(head, &Destinations::new(scheme, none)?) else { return Ok(Class::DataWrite) };
    let body = sent.body()?;
    let body = body.as_deref().map_or(Body::Absent, Body::Read);
    Ok(match decoders.decode(&call, body) {
        Decoded::Known(members) => {
            members.iter().map(|member| member.action.class).max().unwrap_or(Class::DataWrite)
        }
        Decoded::NeedsBody | Decoded::Undecodable(_) | Decoded::Contradiction(_) => Class::DataWrite,
    })
}

#[test]
fn real_clients_are_seldom_held_for_nothing_and_hardly_ever_let_through() -> Result<()> {
    let rows = rows::read(&place::root().join("tests/corpus/clients"))?;
    let decoders = Decoders::default();
    let (mut all, mut clients) = (Count::default(), BTreeMap::<&str, Count>::new());
    let mut wrong = Vec::new();
    for row in rows.iter().filter(|row| !row.label.debatable) {
        let class = class(&decoders, row)?;
        all.add(row, class);
        clients.entry(&row.client).or_default().add(row, class);
        if row.label.privileged != (class != Class::ReadOnly) {
            let Row { id, request, label, .. } = row;
            let (method, at, path) = (&request.method, &request.authority, &request.path);
            wrong.push(format!("{id}: {} read as {}: {method} {at}{path}", label.class, class.as_str()));
        }
    }
    println!("{} clients, {} rows", clients.len(), rows.len());
    println!("client  caught  missed  held for nothing  passed");
    for (client, count) in clients.iter().chain([(&"all", &all)]) {
        let Count { caught, missed, held, passed } = count;
        println!("{client}  {caught}  {missed}  {held}  {passed}");
    }
    let shown = wrong.join("\n");
    ensure!(clients.len() >= 90, "only {} clients", clients.len());
    ensure!(all.precision() >= 970, "precision is {} thousandths:\n{shown}", all.precision());
    ensure!(all.recall() >= 990, "recall is {} thousandths:\n{shown}", all.recall());
    ensure!(
        all.wrongly_held() <= 40,
        "{} thousandths of the harmless are held:\n{shown}",
        all.wrongly_held()
    );
    Ok(())
}
