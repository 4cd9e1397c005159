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

/// What a text of steps does: Kusto, PPL, SPL, Flux. A command writes; so does a step that puts rows somewhere.
pub(super) fn of(text: &str) -> Effect {
    const ACTS: &str = "TO WIDETO COLLECT DELETE OUTPUTLOOKUP OUTPUTCSV SENDEMAIL SENDALERT TEE SCRIPT RUNSHELLSCRIPT DUMP TSCOLLECT          MCOLLECT MEVENTCOLLECT INSERT MAP SAVEDSEARCH OPTIMIZEDTO POST INVOKE EXECUTE_QUERY HTTP_REQUEST EXTERNALDATA";
    let mut all = Effect::none();
    let mut understood = false;
    for reading in lexer::readings(text) {
        let tokens = lexer::tokens(text, reading);
        understood |= tokens.whole;
        let list = tokens.list.as_slice();
        let first = list.first();
        if first.is_some_and(|first| first.is_mark(".")) {
            let after = list.get(2..).unwrap_or_default();
            all.at_least(match list.get(1).map(|word| (word.is("show"), heads::head(word.text))) {
                Some((true, _)) => Class::ReadOnly,
                Some((_, Some(head @ (Head::Create | Head::Alter | Head::Drop)))) => {
                    heads::of_thing(head, after).0
                }
                Some((_, Some(Head::Is(class)))) => class,
                Some(_) | None => Class::DataWrite,
            });
        }
        if first.is_some_and(|first| first.kind == Kind::Word && heads::head(first.text).is_some()) {
            let (effect, whole) = reading_of(list, tokens.whole, 0);
            if whole {
                all.join(effect);
            }
            continue;
        }
        let imports = |two: &[Token<'_>]| {
            matches!(two, [word, package] if word.is("import") && ["http", "secrets", "slack", "pagerduty", "sql", "experimental", "contrib"]
                .iter().any(|part| package.text.contains(part)))
        };
        let acts = |two: &[Token<'_>]| matches!(two, [bar, word] if (bar.is_mark("|") || bar.is_mark(">")) && word.is_of(ACTS));
        if list.windows(2).any(|two| imports(two) || acts(two)) || list.is_empty() {
            all.at_least(Class::DataWrite);
        }
        if let Some(first) = first {
            all.operation = first.text.chars().take(32).collect();
        }
        all.known = true;
    }
    if !understood {
        all.at_least(Class::DataWrite);
    }
    all
}
