//! Masks the rows of a corpus: JSON Lines `{"id", "text", "media_type"?}` in, `{"id", "masked_text"}` out.

use std::io::{self, BufRead as _, Write as _};

use serde_json::{Value, json};

fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let row: Value = serde_json::from_str(&line)?;
        let text = row.get("text").and_then(Value::as_str).unwrap_or_default();
        let masked = match row.get("media_type").and_then(Value::as_str) {
            Some(media_type) => {
                countersign_mask::payload(Some(media_type), None, text.as_bytes(), usize::MAX).excerpt
            }
            None => countersign_mask::text(text).0,
        };
        writeln!(out, "{}", json!({ "id": row.get("id"), "masked_text": masked }))?;
    }
    Ok(())
}
