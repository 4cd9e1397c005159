//! Where something stands in a YAML document: from the steps of a [`PolicyError`] to line and column.
//!
//! [`PolicyError`]: countersign_core::policy::PolicyError

use std::fmt;

use countersign_core::policy::Step;
use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_saphyr::Spanned;

/// Line and column, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) line: u64,
    pub(super) column: u64,
}

/// A document, as far as places need it.
#[derive(Debug)]
enum Node {
    Members(Vec<(Spanned<String>, Spanned<Node>)>),
    Items(Vec<Spanned<Node>>),
    Scalar,
}

/// The deepest place on the way that `steps` take; `None` where the text is no YAML.
pub(super) fn find(text: &str, steps: &[Step]) -> Option<Place> {
    let root: Spanned<Node> = serde_saphyr::from_str(text).ok()?;
    let mut node = &root;
    let mut place = of(&root);
    for step in steps {
        let next = match (step, &node.value) {
            (Step::Member(name), Node::Members(members)) => {
                members.iter().find(|(key, _)| key.value == *name)
            }
            (Step::Item(number), Node::Items(items)) => {
                let Some(item) = items.get(*number) else { break };
                node = item;
                place = of(item);
                continue;
            }
            _ => None,
        };
        let Some((key, value)) = next else { break };
        // A scalar is shown itself, anything larger by its name.
        place = if matches!(value.value, Node::Scalar) { of(value) } else { of_key(key) };
        node = value;
    }
    Some(place)
}

fn of(node: &Spanned<Node>) -> Place {
    Place { line: node.referenced.line(), column: node.referenced.column() }
}

fn of_key(key: &Spanned<String>) -> Place {
    Place { line: key.referenced.line(), column: key.referenced.column() }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_any(AnyNode)
    }
}

struct AnyNode;

impl<'de> Visitor<'de> for AnyNode {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(key) = members.next_key()? {
            list.push((key, members.next_value()?));
        }
        Ok(Node::Members(list))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Node::Items(list))
    }
    fn visit_bool<E>(self, _: bool) -> Result<Node, E> {
        Ok(Node::Scalar)
    }
    fn visit_i64<E>(self, _: i64) -> Result<Node, E> {
        Ok(Node::Scalar)
    }
    fn visit_u64<E>(self, _: u64) -> Result<Node, E> {
        Ok(Node::Scalar)
    }
    fn visit_f64<E>(self, _: f64) -> Result<Node, E> {
        Ok(Node::Scalar)
    }
    fn visit_str<E>(self, _: &str) -> Result<Node, E> {
        Ok(Node::Scalar)
    }
    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Scalar)
    }
    fn visit_none<E>(self) -> Result<Node, E> {
        Ok(Node::Scalar)
    }
    fn visit_some<D: Deserializer<'de>>(self, reader: D) -> Result<Node, D::Error> {
        IgnoredAny::deserialize(reader).map(|_| Node::Scalar)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "name: p\nrules:\n- name: a\n  match:\n    host: x\n    path: [/a, /b]\n- name: b\n  hold: 5s\n";

    fn at(steps: &[Step]) -> (u64, u64) {
        let place = find(TEXT, steps).unwrap();
        (place.line, place.column)
    }

    #[test]
    fn steps_lead_to_lines_and_columns() {
        let rule = |number: usize| [Step::from("rules"), Step::from(number)];
        assert_eq!(at(&[Step::from("name")]), (1, 7));
        assert_eq!(at(&[&rule(0)[..], &["match".into()]].concat()), (4, 3));
        assert_eq!(at(&[&rule(0)[..], &["match".into(), "host".into()]].concat()), (5, 11));
        assert_eq!(at(&[&rule(0)[..], &["match".into(), "path".into()]].concat()), (6, 5));
        assert_eq!(at(&[&rule(1)[..], &["hold".into()]].concat()), (8, 9));
    }

    #[test]
    fn a_member_that_is_not_written_is_shown_at_what_should_have_it() {
        let steps = ["rules".into(), Step::from(1), "reviewers".into(), "groups".into()];
        assert_eq!(at(&steps), (7, 3));
        assert_eq!(find("a: [", &[]), None);
    }
}
