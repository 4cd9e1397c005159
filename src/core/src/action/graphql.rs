//! GraphQL over HTTP, as far as telling queries from mutations (GraphQL October 2021, section 2; GraphQL over HTTP).
//!
//! A scan over tokens finds the operations of a document, which of them runs, and its first root field. It knows no
//! schema and validates nothing; whatever it does not understand is not a read.

use serde_json::{Map, Value};

use super::{Action, Class, Obscurity, Protocol, Resource, http::each_pair, payload::LIMITS, words};
use crate::call::Call;

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
        match self.root {
            Root::Query | Root::Subscription => Class::ReadOnly,
            Root::Mutation => {
                self.all_fields(fragments).map(words::class_of_mutation).fold(Class::DataWrite, Class::max)
            }
        }
    }
}

/// Whether a text may be a GraphQL document.
pub(super) fn looks_like(text: &str) -> bool {
    let start = text.trim_start_matches(|c: char| c.is_whitespace() || c == ',' || c == '\u{feff}');
    start.contains('{')
        && ["{", "query", "mutation", "subscription", "fragment", "#"]
            .iter()
            .any(|word| start.starts_with(word))
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
    Ok(Action::plain(Protocol::GraphQl, call.host(), word, class, resource))
}

/// What the strictest operation of a text does that stands in another message; `None` where it is not understood.
pub(super) fn class_of_text(text: &str) -> Option<Class> {
    let Document { operations, fragments } = operations(text)?;
    operations.iter().map(|operation| operation.class(&fragments)).max()
}

/// A token, as far as the scan tells them apart.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Token<'a> {
    Name(&'a str),
    Open(char),
    Close(char),
    Mark(char),
    Value,
    End,
}

/// The operations of a document; `None` where it is not understood.
fn operations(text: &str) -> Option<Document<'_>> {
    let mut tokens = Tokens { rest: text.trim_start_matches('\u{feff}') };
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

/// The tokens of a document, one after the other.
struct Tokens<'a> {
    rest: &'a str,
}

impl<'a> Tokens<'a> {
    /// The next token, `None` where there is none and yet not the end.
    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            self.rest = self.rest.trim_start_matches([' ', '\t', '\r', '\n', ',']);
            match self.rest.strip_prefix('#') {
                Some(comment) => {
                    self.rest = comment.get(comment.find(['\n', '\r']).unwrap_or(comment.len())..)?;
                }
                None => break,
            }
        }
        let Some(first) = self.rest.chars().next() else { return Some(Token::End) };
        let after = self.rest.get(first.len_utf8()..)?;
        let token = match first {
            '{' | '(' | '[' => Token::Open(first),
            '}' | ')' | ']' => Token::Close(first),
            '!' | '$' | '&' | ':' | '=' | '@' | '|' => Token::Mark(first),
            '.' => {
                self.rest = self.rest.strip_prefix("...")?;
                return Some(Token::Mark('.'));
            }
            '"' => {
                self.rest = after_string(self.rest)?;
                return Some(Token::Value);
            }
            _ => {
                let number = first == '-' || first.is_ascii_digit();
                let of_token =
                    |c: char| c.is_ascii_alphanumeric() || c == '_' || number && matches!(c, '.' | '+' | '-');
                let end = self.rest.find(|c| !of_token(c)).unwrap_or(self.rest.len());
                let word = self.rest.get(..end).filter(|word| !word.is_empty())?;
                self.rest = self.rest.get(end..)?;
                return Some(if number { Token::Value } else { Token::Name(word) });
            }
        };
        self.rest = after;
        Some(token)
    }

    /// Skips to the bracket that closes one already open; brackets within must match.
    fn skip_to(&mut self, close: char) -> Option<()> {
        let mut open = vec![close];
        while let Some(wanted) = open.last().copied() {
            match self.next()? {
                Token::Open(bracket) => open.push(closing(bracket)?),
                Token::Close(bracket) if bracket == wanted => {
                    open.pop();
                }
                Token::Close(_) | Token::End => return None,
                Token::Name(_) | Token::Mark(_) | Token::Value => {}
            }
        }
        Some(())
    }

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

fn closing(bracket: char) -> Option<char> {
    match bracket {
        '{' => Some('}'),
        '(' => Some(')'),
        '[' => Some(']'),
        _ => None,
    }
}

/// What follows a string or block string.
fn after_string(text: &str) -> Option<&str> {
    if let Some(block) = text.strip_prefix("\"\"\"") {
        let mut rest = block;
        loop {
            let end = rest.find("\"\"\"")?;
            let escaped = rest.get(..end)?.ends_with('\\');
            rest = rest.get(end + 3..)?;
            if !escaped {
                return Some(rest);
            }
        }
    }
    let mut escaped = false;
    let body = text.strip_prefix('"')?;
    for (place, c) in body.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return body.get(place + 1..),
            '\n' | '\r' => return None,
            _ => {}
        }
    }
    None
}

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
