//! Languages beside SQL: queries of graphs and documents (Cypher, AQL), and texts of steps (Kusto, PPL, SPL, Flux).
//!
//! Each is judged by its own words for writing, after the manuals of Neo4j, ArangoDB, Kusto, OpenSearch, Splunk and InfluxDB.
//! Anything may be a name there, so a verb counts unless it stands where only a name can.

use super::{
    effect::{Effect, reading_of},
    heads::{self, Head},
    lexer::{self, Kind, Token},
};
use crate::action::Class;

/// A query of a graph (Cypher) or of documents (AQL): it writes by any verb that is no name, and reads where it returns.
pub(super) fn graph(tokens: &[Token<'_>]) -> Class {
    let returns = tokens.iter().any(|word| word.is("RETURN"));
    verbs_of_graph(tokens).max(if returns { Class::ReadOnly } else { Class::DataWrite })
}

/// The class of the verbs among the words of such a query.
pub(super) fn verbs_of_graph(tokens: &[Token<'_>]) -> Class {
    const VERBS: &str =
        "CREATE MERGE SET DELETE REMOVE FOREACH DROP CALL LOAD INSERT UPDATE REPLACE UPSERT GRANT DO";
    let mut class = Class::ReadOnly;
    let mut before: Option<&Token<'_>> = None;
    for token in tokens {
        let name = before.is_some_and(|before| before.is_mark(".") || before.is_mark(":") || before.is("AS"));
        if !name && token.is_of(VERBS) {
            class = class.max(if token.is_of("DELETE REMOVE DROP") {
                Class::DataDelete
            } else {
                Class::DataWrite
            });
        }
        before = Some(token);
    }
    class
}

/// Steps of Splunk and Kusto that put rows somewhere or run something.
const ACTS: &str = "COLLECT DELETE OUTPUTLOOKUP OUTPUTCSV SENDEMAIL SENDALERT TEE SCRIPT RUNSHELLSCRIPT DUMP TSCOLLECT MCOLLECT \
     MEVENTCOLLECT INSERT MAP SAVEDSEARCH POST HTTP_REQUEST TO";

/// Packages of Flux that reach beyond the query.
const PACKAGES: [&str; 6] = ["http", "secrets", "slack", "pagerduty", "sql", "experimental"];

/// What a text of steps does: Kusto, PPL, SPL, Flux. A command writes; so does a step that puts rows somewhere.
pub(super) fn of(text: &str) -> Effect {
    let mut all = Effect::none();
    let mut understood = false;
    for reading in lexer::readings(text) {
        let tokens = lexer::tokens(text, reading);
        understood |= tokens.whole;
        let list = tokens.list.as_slice();
        let Some(first) = list.first() else { continue };
        let verb = first.kind == Kind::Word && !first.is("IMPORT") && heads::head(first.text).is_some();
        if verb {
            let (effect, whole) = reading_of(list, tokens.whole, 0);
            if whole {
                all.join(effect);
            }
        }
        if first.is_mark(".") {
            all.at_least(of_command(list.get(1..).unwrap_or_default()));
        }
        if list.windows(2).any(acts) {
            all.at_least(Class::DataWrite);
        }
        if all.operation.is_empty() {
            all.operation = first.text.chars().take(32).collect();
        }
        all.known = true;
    }
    if !understood || !all.known {
        all.at_least(Class::DataWrite);
    }
    all
}

/// A Kusto command after its dot.
fn of_command(words: &[Token<'_>]) -> Class {
    let Some((verb, rest)) = words.split_first() else { return Class::DataWrite };
    match heads::head(verb.text) {
        _ if verb.is("SHOW") => Class::ReadOnly,
        Some(head @ (Head::Create | Head::Alter | Head::Drop)) => heads::of_thing(head, rest).0,
        Some(Head::Is(class)) => class,
        Some(_) | None => Class::DataWrite,
    }
}

/// Two tokens that put rows somewhere: a step of Splunk or Kusto, `|> to` of Flux, or an import of what can.
fn acts(two: &[Token<'_>]) -> bool {
    let [first, second] = two else { return false };
    first.is_mark("|") && second.is_of(ACTS)
        || first.is_mark(">") && second.is_of("TO WIDETO")
        || first.is("IMPORT") && PACKAGES.iter().any(|part| second.text.contains(part))
}
