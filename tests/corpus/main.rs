//! Requests that real clients sent, judged: how much of the harmful is missed, and how much of the harmless held.
//!
//! The rows are in `clients/*.jsonl`; `tests/clients/*/README.md` says how each was captured. Their labels are ours, by
//! the vendors' documentation, and say what a call does, not what its method is. Rows on which fair readers differ (what a
//! process tells of itself, say) are marked `debatable`, and left out.

#![expect(clippy::print_stdout, reason = "how each client fares is for whoever runs this with `--nocapture`")]

mod masking;

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use countersign_core::action::{Class, Decoders};
use countersign_tests::{
    judge::{self, Count},
    place,
    rows::{self, Row},
};

#[test]
fn real_clients_are_seldom_held_for_nothing_and_hardly_ever_let_through() -> Result<()> {
    let rows = rows::read(&place::root().join("tests/corpus/clients"))?;
    let decoders = Decoders::default();
    let (mut all, mut clients) = (Count::default(), BTreeMap::<&str, Count>::new());
    let mut wrong = Vec::new();
    for row in rows.iter().filter(|row| !row.label.debatable) {
        let class = judge::class(&decoders, row)?;
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
        let Count { caught, missed, held, passed, .. } = count;
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

/// Every row there is: of real clients, and of the corpus where it stands beside the project.
fn everything() -> Result<Vec<Row>> {
    let mut rows = rows::read(&place::root().join("tests/corpus/clients"))?;
    if let Some(corpus) = rows::corpus() {
        rows.extend(rows::read(&corpus.join("dev"))?);
        rows.extend(rows::read(&corpus.join("evasion-dev.jsonl"))?);
        rows.extend(rows::read(&corpus.join("evasion-controls-dev.jsonl"))?);
    }
    Ok(rows)
}

#[test]
fn what_passes_as_a_plain_read_is_a_read_when_it_is_decoded() -> Result<()> {
    let decoders = Decoders::default();
    let (mut plain, mut wrong) = (0, Vec::new());
    for row in everything()? {
        if judge::is_plain_read(&decoders, &row)? {
            plain += 1;
            let class = judge::class(&decoders, &row)?;
            if class != Class::ReadOnly {
                wrong.push(format!("{}: {}", row.id, class.as_str()));
            }
        }
    }
    ensure!(plain > 500, "only {plain} plain reads");
    ensure!(wrong.is_empty(), "{wrong:#?}");
    Ok(())
}

#[test]
fn the_corpus_is_read_as_well_as_was_promised() -> Result<()> {
    let Some(corpus) = rows::corpus() else {
        println!("skipped: there is no ../shared/corpus/actions beside the project");
        return Ok(());
    };
    let decoders = Decoders::default();
    let count = |rows: &[Row], counts: &dyn Fn(&Row) -> bool| -> Result<Count> {
        let mut all = Count::default();
        for row in rows.iter().filter(|row| counts(row)) {
            all.add(row, judge::class(&decoders, row)?);
        }
        Ok(all)
    };
    let dev = rows::read(&corpus.join("dev"))?;
    let source = count(&dev, &|row| row.label.privileged_basis == "source")?;
    ensure!(source.precision() >= 950, "precision on bit:source is {} thousandths", source.precision());
    ensure!(source.recall() >= 990, "recall on bit:source is {} thousandths", source.recall());
    let whole = count(&dev, &|_| true)?;
    ensure!(whole.lenient() >= 920, "lenient class accuracy is {} thousandths", whole.lenient());
    let evasions =
        count(&rows::read(&corpus.join("evasion-dev.jsonl"))?, &|row| row.honoured != "speculative")?;
    ensure!(evasions.recall() >= 995, "{} thousandths of the evasions are caught", evasions.recall());
    let controls = count(&rows::read(&corpus.join("evasion-controls-dev.jsonl"))?, &|_| true)?;
    ensure!(
        controls.wrongly_held() <= 30,
        "{} thousandths of the controls are held",
        controls.wrongly_held()
    );
    Ok(())
}
