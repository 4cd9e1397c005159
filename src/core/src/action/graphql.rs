//! GraphQL over HTTP, as far as telling queries from mutations (GraphQL October 2021, section 2; GraphQL over HTTP).
//!
//! A scan over tokens finds the operations of a document, which of them runs, and its root fields, those in fragments among
//! them. A mutation is judged by the names of its root fields; a query and a subscription read. An upload (GraphQL multipart
//! request) is the request in its form. It knows no schema and validates nothing; whatever it does not understand is not a
//! read, a persisted query of which there is only a hash least of all.

mod tokens;

use hashbrown::HashMap;
use serde_json::{Map, Value};

use super::{Action, Class, Obscurity, Piece, Protocol, Resource, http::each_pair, payload::LIMITS, words};
use crate::call::Call;
use tokens::{Token, Tokens, closing};

/// Members of a request that every server knows. Others, such as the id of a stored document, only its server explains.
const MEMBERS: [&str; 4] = ["query", "variables", "operationName", "extensions"];

/// What an operation does to its server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Root {
    Query,
    Mutation,
    Subscription,
}

impl Root {
    fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Mutation => "mutation",
            Self::Subscription => "subscription",
        }
    }
}

/// One operation of a document.
#[derive(Debug, PartialEq)]
struct Operation<'a> {
    root: Root,
    name: Option<&'a str>,
    selected: Selected<'a>,
}

/// What a selection set selects.
#[derive(Debug, Default, PartialEq)]
struct Selected<'a> {
    /// Its fields, those of inline fragments among them.
    fields: Vec<&'a str>,
    /// Whether there are others, of a fragment that has a name.
    spreads: bool,
}

/// The operations of a document, and the fields of all its fragments.
#[derive(Debug, Default, PartialEq)]
struct Document<'a> {
    operations: Vec<Operation<'a>>,
    fragments: Vec<&'a str>,
}

impl<'a> Operation<'a> {
    /// The root fields. Which fragment is spread where is not followed: where one is, the fields of each count.
    fn all_fields<'s>(
        &'s self,
        fragments: &'s [&'a str],
    ) -> impl Iterator<Item = &'a str> + Clone + use<'a, 's> {
        let spread = if self.selected.spreads { fragments } else { &[] };
        self.selected.fields.iter().chain(spread).copied()
    }

    fn class(&self, fragments: &[&'a str]) -> Class {
        let classes = self.all_fields(fragments).map(|field| self.class_of(field));
        classes.fold(self.floor(), Class::max)
    }

    /// What it does at least.
    fn floor(&self) -> Class {
        match self.root {
            Root::Query | Root::Subscription => Class::ReadOnly,
            Root::Mutation => Class::DataWrite,
        }
    }

    fn class_of(&self, field: &str) -> Class {
        match self.root {
            Root::Query | Root::Subscription => Class::ReadOnly,
            Root::Mutation => words::class_of_mutation(field).max(Class::DataWrite),
        }
    }

    /// Its root fields, where it has several: an alias is another call of the field that it stands for.
    fn pieces(&self, fragments: &[&'a str]) -> Vec<Piece> {
        let mut places: HashMap<&str, usize> = HashMap::new();
        let mut pieces: Vec<Piece> = Vec::new();
        for field in self.all_fields(fragments) {
            let place = *places.entry(field).or_insert(pieces.len());
            match pieces.get_mut(place) {
                Some(piece) => piece.count += 1,
                None => pieces.push(Piece { name: field.to_owned(), class: self.class_of(field), count: 1 }),
            }
        }
        if pieces.iter().map(|piece| piece.count).sum::<u64>() > 1 { pieces } else { Vec::new() }
    }
}

/// Whether a text may be a GraphQL document.
pub(super) fn looks_like(text: &str) -> bool {
    let start = text.trim_start_matches(|c: char| c.is_whitespace() || c == ',' || c == '\u{feff}');
    start.contains('{')
        && !selects_labels(start)
        && ["{", "query", "mutation", "subscription", "fragment", "#"]
            .iter()
            .any(|word| start.starts_with(word))
}

/// Whether a text that starts with a brace is a selector of PromQL or LogQL, `{app="web"}`: in GraphQL no operator follows
/// the first name of a selection.
fn selects_labels(text: &str) -> bool {
    let Some(inner) = text.strip_prefix('{') else { return false };
    let inner = inner.trim_start();
    let after = inner.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
    after.len() < inner.len()
        && ["=", "!=", "!~"].iter().any(|operator| after.trim_start().starts_with(operator))
}

/// Whether the URL has GraphQL parameters.
pub(super) fn has_parameters(call: &Call) -> bool {
    let mut found = false;
    each_pair(call.query().trim_start_matches('?'), |name, _| found |= MEMBERS.contains(&name));
    found
}

/// What a GET to a GraphQL endpoint does: its parameters are the request. `None` where it has none.
pub(super) fn of_get(call: &Call) -> Option<Result<Action, Obscurity>> {
    let mut request = Map::new();
    let mut twice = false;
    each_pair(call.query().trim_start_matches('?'), |name, value| {
        let value = Value::String(value.to_owned());
        twice |= request.insert(name.to_owned(), value).is_some();
    });
    if request.is_empty() {
        return None;
    }
    if twice {
        return Some(Err(Obscurity::Message));
    }
    // Cache busters and the like are no part of the request, a stored document is.
    if !request.contains_key("query") {
        return Some(Err(Obscurity::Message));
    }
    let text = request.get("query").and_then(Value::as_str).unwrap_or_default();
    Some(document(call, text, request.get("operationName").and_then(Value::as_str)))
}

/// What a request object does.
pub(super) fn request(call: &Call, request: &Map<String, Value>) -> Result<Action, Obscurity> {
    // The request of an upload is one field of a form, beside its map and its files (GraphQL multipart request, version 2).
    if let (Some(Value::String(operations)), Some(_)) = (request.get("operations"), request.get("map")) {
        let inner = countersign_wire::json::strict(operations.as_bytes(), &LIMITS);
        return match inner {
            Ok(Value::Object(inner))
                if !inner.contains_key("map") && !MEMBERS.iter().any(|m| request.contains_key(*m)) =>
            {
                self::request(call, &inner)
            }
            Ok(_) | Err(_) => Err(Obscurity::Message),
        };
    }
    if request.keys().any(|name| !MEMBERS.contains(&name.as_str())) {
        return Err(Obscurity::Message);
    }
    let wanted = match request.get("operationName") {
        None | Some(Value::Null) => None,
        Some(Value::String(name)) => Some(name.as_str()),
        Some(_) => return Err(Obscurity::Message),
    };
    let text = request.get("query").and_then(Value::as_str).ok_or(Obscurity::Message)?;
    document(call, text, wanted)
}

/// What a document does, when `wanted` is the operation to run.
pub(super) fn document(call: &Call, text: &str, wanted: Option<&str>) -> Result<Action, Obscurity> {
    let Document { operations, fragments } = operations(text).ok_or(Obscurity::Message)?;
    let wanted = wanted.filter(|name| !name.is_empty());
    let mut running = operations.iter().filter(|operation| wanted.is_none() || operation.name == wanted);
    // Several that could run, or none, is nothing that two servers read alike.
    let (Some(operation), None) = (running.next(), running.next()) else { return Err(Obscurity::Message) };
    let fields = operation.all_fields(&fragments);
    let (kind, id) = match fields.clone().next() {
        Some(field) => ("field", field.to_owned()),
        None => ("url", call.url()),
    };
    let (word, class) = (operation.root.as_str(), operation.class(&fragments));
    let resource = Resource::new(kind, id);
    let pieces = operation.pieces(&fragments);
    Ok(Action { pieces, ..Action::plain(Protocol::GraphQl, call.host(), word, class, resource) })
}

/// What the strictest operation of a text does that stands in another message; `None` where it is not understood.
pub(super) fn class_of_text(text: &str) -> Option<Class> {
    let Document { operations, fragments } = operations(text)?;
    operations.iter().map(|operation| operation.class(&fragments)).max()
}

/// The operations of a document; `None` where it is not understood.
fn operations(text: &str) -> Option<Document<'_>> {
    let mut tokens = Tokens::of(text);
    let mut found = Document::default();
    loop {
        let root = match tokens.next()? {
            Token::End => return Some(found),
            Token::Open('{') => {
                let selected = tokens.selection(0)?;
                found.operations.push(Operation { root: Root::Query, name: None, selected });
                continue;
            }
            Token::Name("query") => Some(Root::Query),
            Token::Name("mutation") => Some(Root::Mutation),
            Token::Name("subscription") => Some(Root::Subscription),
            Token::Name("fragment") => None,
            _ => return None,
        };
        let mut name = None;
        loop {
            match tokens.next()? {
                Token::Name(word) if name.is_none() => name = Some(word),
                Token::Open('{') => break,
                Token::Open('(') => tokens.skip_to(')')?,
                Token::Name(_) | Token::Mark('@') => {}
                _ => return None,
            }
        }
        let selected = tokens.selection(0)?;
        match root {
            Some(root) => found.operations.push(Operation { root, name, selected }),
            None => found.fragments.extend(selected.fields),
        }
    }
}

impl<'a> Tokens<'a> {
    /// What a selection set selects whose brace is open; an alias gives the field it stands for.
    fn selection(&mut self, depth: usize) -> Option<Selected<'a>> {
        let mut selected = Selected::default();
        let mut expect = Expect::Field;
        let mut inline = false;
        loop {
            match (self.next()?, expect) {
                (Token::Close('}'), _) => return Some(selected),
                (Token::Open('{'), _) if inline || expect == Expect::Fragment => {
                    let inner = (depth < MAX_INLINE).then(|| self.selection(depth + 1))??;
                    selected.fields.extend(inner.fields);
                    selected.spreads |= inner.spreads;
                    (expect, inline) = (Expect::Field, false);
                }
                (Token::Open(bracket), _) => self.skip_to(closing(bracket)?)?,
                (Token::Mark(':'), _) => drop(selected.fields.pop()),
                (Token::Mark('.'), _) => (expect, inline) = (Expect::Fragment, false),
                (Token::Mark('@'), _) => {
                    inline |= expect == Expect::Fragment;
                    expect = Expect::Other;
                }
                (Token::Name("on"), Expect::Fragment) => (expect, inline) = (Expect::Other, true),
                (Token::Name(_), Expect::Fragment) => {
                    selected.spreads = true;
                    expect = Expect::Field;
                }
                (Token::Name(_), Expect::Other) => expect = Expect::Field,
                (Token::Name(name), Expect::Field) => {
                    selected.fields.push(name);
                    inline = false;
                }
                (Token::Close(_) | Token::Mark(_) | Token::Value | Token::End, _) => return None,
            }
        }
    }
}

/// What the next name is in a selection set.
#[derive(Clone, Copy, PartialEq)]
enum Expect {
    Field,
    /// After `...`: `on` or the name of a fragment.
    Fragment,
    /// The name of a type or a directive.
    Other,
}

/// The deepest inline fragments that are followed. Deeper ones are not understood.
const MAX_INLINE: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_found_in_every_spelling() {
        for (text, root, name, fields) in [
            ("{ a }", Root::Query, None, vec!["a"]),
            ("query{a}", Root::Query, None, vec!["a"]),
            (
                "# mutation\nquery Q($x: [Int!] = [1, -2.5e3]) @d(a: \"}\") { a(x: {y: $x}) { b } c }",
                Root::Query,
                Some("Q"),
                vec!["a", "c"],
            ),
            ("mutation M { x: deleteUser(id: 1) { ok } }", Root::Mutation, Some("M"), vec!["deleteUser"]),
            ("mutation{a:deleteUser b:get}", Root::Mutation, None, vec!["deleteUser", "get"]),
            ("subscription { ticks }", Root::Subscription, None, vec!["ticks"]),
            ("query { a(text: \"\"\"mutation { \\\"\"\" }\"\"\") }", Root::Query, None, vec!["a"]),
        ] {
            let found = operations(text).unwrap();
            let selected = Selected { fields, spreads: false };
            assert_eq!(found.operations, vec![Operation { root, name, selected }], "{text}");
        }
    }

    #[test]
    fn what_is_not_understood_is_no_operation() {
        for text in [
            "{",
            "{ a ",
            "query Q",
            "type A { b: C }",
            "}",
            "{ a } }",
            "{ a(x: \"",
            "{ ( } )",
            "ä { a }",
            "{ a } select 1",
            "{a}{b",
            "query { a: }x",
        ] {
            let found = operations(text);
            assert!(found.is_none_or(|found| found.operations.is_empty()), "{text}");
        }
    }

    #[test]
    fn fragments_are_no_operations() {
        let found = operations("query A { ...F ... on B { c } } fragment F on X { mutation }").unwrap();
        let selected = Selected { fields: vec!["c"], spreads: true };
        assert_eq!(found.operations, vec![Operation { root: Root::Query, name: Some("A"), selected }]);
        assert_eq!(found.fragments, vec!["mutation"]);
    }

    #[test]
    fn a_field_in_a_fragment_counts_as_if_it_stood_there() {
        for text in [
            "mutation { ...F } fragment F on Mutation { deleteUser }",
            "mutation { ...F @include(if: true) } fragment F on Mutation { ...G } fragment G on Mutation { deleteUser }",
            "mutation { ... on Mutation { deleteUser(id: 1) { id } } }",
            "mutation { ... @skip(if: false) { x: deleteUser } a { b } }",
            "mutation { ... on Mutation @a(b: {c: 1}) { ... { deleteUser } } }",
        ] {
            assert_eq!(class_of_text(text), Some(Class::DataDelete), "{text}");
        }
        let deep = format!("mutation {}a{}", "{...".repeat(40), "}".repeat(40));
        assert_eq!(class_of_text(&deep), None);
    }
}
