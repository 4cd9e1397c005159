//! The one sentence a reviewer reads first: verb, count, object, destination.
//!
//! It is made from the decoded action, the resource and the destination as the filter bound them, never from the
//! agent's own words: an agent cannot write its own headline. Names inside it are still somebody else's text, so the
//! whole is [`Inert`] and long names are cut visibly; the full ones stand below it on the page.

use countersign_wire::parties::{ActionName, Entity};
use serde_json::Value;

use super::text::{Inert, inert_short};

/// Longest name inside the sentence, in characters.
const NAME: usize = 64;

/// What will happen, as a sentence without a full stop.
pub fn sentence(action: &ActionName, resource: &Entity, authority: &str) -> Inert {
    let object = object(resource, authority);
    let what = match count(action) {
        Some(Count { number, unit }) => format!("{number} {unit} of {object}"),
        None => object,
    };
    let at = inert_short(authority, NAME);
    let text = match action.name.as_str() {
        "data_export" => format!("Export {what} to {at}"),
        "data_write" => format!("Write {what} at {at}"),
        "data_delete" => format!("Delete {what} at {at}"),
        "schema_change" => format!("Change the schema of {what} at {at}"),
        "privilege_change" => format!("Change who may access {what} at {at}"),
        "credential_access" => format!("Read the credential {what} from {at}"),
        "infra_change" => format!("Change infrastructure: {what} at {at}"),
        "model_change" => format!("Change the model {what} at {at}"),
        "code_change" => format!("Change code: {what} at {at}"),
        "communication" => format!("Send a message to {what} through {at}"),
        "read_only" => format!("Read {what} from {at}"),
        other => format!("{}: {what} at {at}", inert_short(&other.replace('_', " "), NAME)),
    };
    inert_short(&text, 240)
}

/// What the class means, in plain words.
pub fn class_words(class: &str) -> Inert {
    inert_short(&class.replace('_', " "), NAME)
}

/// The resource as people call it: without the place it stands at, when the sentence names that anyway.
fn object(resource: &Entity, authority: &str) -> String {
    let id = resource.id.as_str();
    let local =
        after_place(id).filter(|(place, _)| *place == authority || resource.kind == "dataset").map_or(
            id.strip_prefix(authority).filter(|rest| rest.starts_with('/')).unwrap_or(id),
            |(_, local)| local,
        );
    let shown = if local.is_empty() { resource.kind.as_str() } else { local };
    inert_short(shown, NAME).to_string()
}

/// A resource's name without the place it stands at; the whole name stands elsewhere on the page.
pub fn short_name(id: &str) -> Inert {
    inert_short(after_place(id).map_or(id, |(_, local)| local), 80)
}

/// `scheme://place/rest` taken apart.
fn after_place(id: &str) -> Option<(&str, &str)> {
    let (_, rest) = id.split_once("://")?;
    rest.split_once('/')
}

/// How many of what an action touches, where the decoder found a number.
struct Count {
    number: String,
    unit: &'static str,
}

fn count(action: &ActionName) -> Option<Count> {
    let arguments = action.properties.get("arguments").and_then(Value::as_object);
    let find = |name: &str| {
        action.properties.get(name).or_else(|| arguments.and_then(|a| a.get(name))).and_then(Value::as_u64)
    };
    [("rows", "rows"), ("row_count", "rows"), ("records", "records"), ("count", "items")]
        .iter()
        .find_map(|(name, unit)| find(name).map(|n| Count { number: grouped(n), unit }))
}

/// A number with its thousands apart: `48,210`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use countersign_wire::parties::{ActionName, Entity};
    use serde_json::json;

    use super::{grouped, sentence};

    fn action(class: &str, properties: &serde_json::Value) -> ActionName {
        let mut action = ActionName::new(class);
        action.properties = properties.as_object().cloned().unwrap_or_default();
        action
    }

    #[test]
    fn an_export_says_how_many_rows_of_what_go_where() {
        let resource = Entity::new("dataset", "postgres://db.prod.example:5432/prod.public.customers");
        let with_rows = action("data_export", &json!({"arguments": {"rows": 48210}}));
        assert_eq!(
            sentence(&with_rows, &resource, "api.thirdparty.example").as_str(),
            "Export 48,210 rows of prod.public.customers to api.thirdparty.example"
        );
        assert_eq!(
            sentence(&ActionName::new("data_export"), &resource, "api.thirdparty.example").as_str(),
            "Export prod.public.customers to api.thirdparty.example"
        );
    }

    #[test]
    fn a_place_is_named_once() {
        let resource = Entity::new("http", "https://iam.example/v1/roles/owner");
        let say =
            |authority| sentence(&ActionName::new("privilege_change"), &resource, authority).to_string();
        assert_eq!(say("iam.example"), "Change who may access v1/roles/owner at iam.example");
        assert_eq!(
            say("proxy.example"),
            "Change who may access https://iam.example/v1/roles/owner at proxy.example"
        );
    }

    #[test]
    fn a_class_nobody_taught_us_is_still_a_sentence() {
        let resource = Entity::new("thing", "x");
        assert_eq!(sentence(&ActionName::new("time_travel"), &resource, "h").as_str(), "time travel: x at h");
    }

    #[test]
    fn a_name_cannot_reorder_or_flood_the_sentence() {
        let resource = Entity::new("dataset", format!("a\u{202e}{}\n\nApproved by CISO", "x".repeat(400)));
        let shown = sentence(&ActionName::new("data_delete"), &resource, "h").to_string();
        assert!(shown.starts_with("Delete a⟨U+202E⟩x"), "{shown}");
        assert!(!shown.contains('\n') && shown.chars().count() < 120, "{shown}");
    }

    #[test]
    fn thousands_are_grouped() {
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(1000), "1,000");
        assert_eq!(grouped(1_234_567), "1,234,567");
    }
}
