//! What `README.md` says an agent is told is what the filter tells it.

use anyhow::{Context, Result, ensure};
use countersign_core::answer::speech::{Message, MessageKind, Messages, PrefersAsync, Speech};
use countersign_core::answer::{Limit, Reply, Situation, Ticket, reply};
use countersign_core::busy::Busy;
use countersign_core::config::AnswersDoc;
use serde_json::{Value, json};

use crate::page;

const PAGE: &str = "README.md";

/// The rows of the table, by what stands first in them.
fn situations() -> [(&'static str, Situation); 14] {
    let blocked = |code| Situation::Blocked { code, detail: "why".to_owned() };
    [
        ("nobody has decided yet", Situation::Pending),
        ("a reviewer asks something", Situation::NeedsContext { question: "why?".to_owned() }),
        ("a person said no", Situation::Denied { reason: None }),
        ("it expired or was withdrawn", Situation::Expired),
        ("the policy refuses it", blocked("denied_by_policy")),
        ("an MCP header contradicts the body", blocked("header_mismatch")),
        ("the body is too large to hold", Situation::TooLarge { limit: Limit::Body, most: 1 }),
        (
            "there are too many headers, or too large ones",
            Situation::TooLarge { limit: Limit::Headers, most: 1 },
        ),
        ("the proxy holds as much as it may", Situation::Full { limit: Limit::Held, most: 1 }),
        ("the approval does not verify", Situation::Invalid),
        ("the approval was used before", Situation::AlreadyUsed),
        ("the approval service takes no more for now", Situation::Busy(Busy::read(b""))),
        ("approval cannot be asked for", Situation::Unavailable { what: "it" }),
        ("it left, and its answer is withheld", Situation::Withheld { why: "a stream".to_owned() }),
    ]
}

fn told(speech: &Speech, situation: &Situation) -> Reply {
    reply(speech, situation, &Ticket::default(), &AnswersDoc::default())
}

fn json_of(reply: &Reply) -> Result<Value> {
    Ok(serde_json::from_slice(&reply.body)?)
}

#[test]
fn the_table_of_answers_is_the_filters() -> Result<()> {
    let text = page::text(PAGE)?;
    let rest = Speech::Rest { prefers_async: PrefersAsync::No };
    let message = Message { id: json!(1), kind: MessageKind::Other };
    let rpc = Speech::JsonRpc(Messages::Single(message));
    for (name, situation) in situations() {
        let http = told(&rest, &situation);
        let problem = json_of(&http)?["type"].as_str().context("no type")?.to_owned();
        let kind = problem.rsplit(':').next().unwrap_or_default().to_owned();
        let grpc = told(&Speech::Grpc, &situation).grpc_status.context("no gRPC status")?;
        let code = json_of(&told(&rpc, &situation))?["error"]["code"].clone();
        let row = format!("| {name} | {} `{kind}` | {grpc} | {code} |", http.status);
        ensure!(text.contains(&row), "`{PAGE}` has no such row:\n{row}");
    }
    Ok(())
}

#[test]
fn the_answer_shown_has_the_members_and_the_words_of_the_filters() -> Result<()> {
    let blocks = page::blocks(PAGE)?;
    let block = blocks.iter().find(|block| block.language == "json").context("no answer is shown")?;
    let shown: Value = serde_json::from_str(&block.text)?;
    let text = |name: &str| shown["approval"][name].as_str().map(str::to_owned);
    let ticket = Ticket {
        handle: text("handle"),
        code: text("code"),
        expires_at: text("expires_at"),
        link: text("ticket"),
        retry_after_s: shown["approval"]["retry_after"].as_u64().context("no `retry_after`")?,
        state: None,
    };
    let rest = Speech::Rest { prefers_async: PrefersAsync::No };
    let answer = reply(&rest, &Situation::Pending, &ticket, &AnswersDoc::default());
    ensure!(json_of(&answer)? == shown, "the filter says\n{}", String::from_utf8_lossy(&answer.body));
    Ok(())
}
