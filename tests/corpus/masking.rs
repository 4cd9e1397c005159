//! The corpus of texts with planted and real-format secrets and personal data, masked: what the measures of
//! `cargo xtask masking` must not exceed.

use anyhow::{Result, ensure};
use countersign_tests::masking;

#[test]
fn the_corpus_is_masked_as_well_as_was_promised() -> Result<()> {
    let Some(corpus) = masking::corpus() else {
        println!("skipped: there is no ../shared/corpus/masking/dev beside the project");
        return Ok(());
    };
    let rows = masking::read(&corpus)?;
    ensure!(rows.len() > 3000, "only {} rows", rows.len());
    let score = masking::score(&rows, &|text| countersign_mask::text(text).0.into_string());
    let wrong = score.wrong.join("\n");
    for (name, share, most) in [
        ("core values leaked", score.core.leaked(), 150),
        ("core values partial", score.core.partial(), 100),
        ("strict negatives altered", score.strict, 100),
        ("must-keep lost", score.kept, 50),
        ("words lost", score.words, 100),
        ("JSON broken", score.json, 0),
    ] {
        ensure!(share.all > 100, "{name}: only {} to measure", share.all);
        // Exactly, so that rounding hides nothing.
        ensure!(share.wrong * 10_000 <= most * share.all, "{name}: {} %\n{wrong}", share.percent());
    }
    Ok(())
}
