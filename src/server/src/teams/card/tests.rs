//! Whatever a request holds, its card fits.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::approver::view::Request;

/// A request in which every text of others is this one.
fn request(text: &str, many: usize) -> Request {
    let vote = json!({"person": text, "iss": text, "sub": text, "group": text, "choice": "approve", "reason": text,
        "channel": text, "at_ms": 0});
    let answer = json!({"question": text, "text": text, "at_ms": 0});
    let member =
        json!({"class": text, "words": text, "operation": text, "kind": text, "id": text, "count": 1});
    serde_json::from_value(json!({
        "id": "arq_01KAJ5S0000000000000000000", "state": "pending", "sentence": text, "code": "MAPLE-42", "version": 1,
        "display_digest": "sha-256:hEevikKwVKecUqyh64PEj3t9mlSxHQhTiyWhVnweYIY", "created_at": "", "expires_at": "",
        "created_at_ms": 0, "expires_at_ms": 1, "who": {"workload": text, "agent": text, "humans": [{"sub": text}], "client": text},
        "why": text, "action": {"class": text, "method": text, "reversible": "no"},
        "resource": {"kind": text, "id": text, "labels": vec![text; many.min(12)]},
        "batch": {"total": 100, "members": vec![member; many], "more_reads": 0},
        "destination": {"scheme": "https", "authority": text, "path": text},
        "policy": {"id": text, "rule": text, "commit": text, "rule_digest": text},
        "quorum": {"required": 1, "approved": 0, "groups": vec![text; many], "awaiting": vec![text; many], "veto": true},
        "payload": {"media_type": text, "size": 1, "truncated": true, "excerpt": text, "masked": []},
        "lineage": {"source": "claimed", "inputs": vec![text; many], "outputs": []},
        "secrets": [text], "typed_code": true, "answers": vec![answer; many], "votes": vec![vote; many],
        "question": {"text": text, "by": text, "at_ms": 0},
    }))
    .unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_card_fits_whatever_the_request_holds(
        piece in prop::collection::vec(
            prop_oneof![any::<char>(), prop::sample::select(vec!['"', '\\', '\n', '\t', '{', '<', '🙂', '東', '\u{202e}'])],
            1..40,
        ),
        times in 1_usize..400,
        many in 0_usize..40,
    ) {
        let request = request(&String::from_iter(piece).repeat(times), many);
        let link = format!("https://{}/r/{}", "a".repeat(200), request.id);
        for face in [Face::Notice, Face::Decides("hEevikKwVKecUqyh64PEj3t9mlSxHQhTiyWhVnweYIY")] {
            let card = card(&request, face, &link, Some(&"Nothing was decided. ".repeat(20)));
            prop_assert!(size(&card) <= LARGEST, "{} bytes", size(&card));
        }
    }
}

#[test]
fn what_is_cut_says_so() {
    let card = card(&request(&"x".repeat(9_000), 1), Face::Notice, "https://approvals.example.com/r/x", None)
        .to_string();
    assert!(card.contains("cut here") && card.contains('…'), "{card}");
}
