//! What one statement does, by its first word and what stands within it.
//!
//! The words are in [`heads`]; what stands within is found by [`scan`]. EXPLAIN with ANALYZE, a block, and a statement in the
//! string that EXECUTE or UNLOAD is given are judged as what they run, to a depth that no honest text reaches.

use super::{
    effect::{Effect, after_open, looks_like, within},
    heads::{self, Head},
    lexer::{Kind, Token},
    scan, steps,
};
use crate::action::Class;

/// The longest text within a text that is read.
const MAX_INNER: usize = 16 * 1024;

/// The most words between EXPLAIN and the statement.
const MAX_OPTIONS: usize = 64;

/// The deepest statement within a statement.
const MAX_DEPTH: u8 = 4;

/// What one statement does.
pub(super) fn statement(tokens: &[Token<'_>], depth: u8) -> Effect {
    let mut effect = Effect::none();
    let inner = after_open(tokens);
    let Some((first, rest)) = inner.split_first() else { return Effect::unknown() };
    let known = if first.kind == Kind::Word { heads::head(first.text) } else { None };
    let Some(head) = known.filter(|_| depth <= MAX_DEPTH) else {
        effect.class = Class::DataWrite;
        effect.operation = first.text.chars().take(32).collect::<String>().to_ascii_uppercase();
        scan::within(tokens, scan::Look::All, &mut effect);
        return effect;
    };
    effect.known = true;
    effect.operation = first.text.to_ascii_uppercase();
    let look = match head {
        Head::Query => {
            scan::within(tokens, scan::Look::All, &mut effect);
            if let Some(verb) = main_verb(inner) {
                effect.operation = verb.text.to_ascii_uppercase();
            }
            // Cypher may start as SQL does.
            let pattern =
                |two: &[Token<'_>]| matches!(two, [word, open] if word.is("MATCH") && open.is_mark("("));
            if inner.windows(2).any(pattern) && !inner.iter().any(|word| word.is("AGAINST")) {
                effect.at_least(steps::verbs_of_graph(inner));
            }
            return effect;
        }
        Head::Graph => {
            scan::within(tokens, scan::Look::All, &mut effect);
            effect.at_least(steps::graph(inner));
            return effect;
        }
        Head::Plan => {
            plan(rest, depth, &mut effect);
            return effect;
        }
        Head::Begin => {
            let begun = rest.iter().take_while(|word| word.is_of(BEGUN) || word.is_mark(",")).count();
            let block = rest.get(begun..).unwrap_or_default();
            let verb =
                block.first().is_some_and(|word| word.kind == Kind::Word && heads::head(word.text).is_some());
            let named = rest.first().is_some_and(|word| word.is_of("TRANSACTION TRAN WORK")) && !verb;
            if block.is_empty() {
                return effect;
            }
            if depth >= MAX_DEPTH {
                return Effect::unknown();
            }
            if !named {
                return statement(block, depth + 1);
            }
            scan::Look::All
        }
        Head::Session => scan::Look::All,
        Head::Set => {
            effect.class = of_set(rest);
            scan::Look::All
        }
        Head::Pragma => {
            effect.class = of_pragma(rest);
            scan::Look::Nothing
        }
        Head::Start => {
            let transaction = rest.first().is_none_or(|word| word.is("TRANSACTION"));
            effect.class = if transaction { Class::ReadOnly } else { Class::InfraChange };
            scan::Look::Nothing
        }
        Head::Insert => {
            effect.class = insert(rest);
            scan::Look::All
        }
        Head::Copy => {
            copy(rest, &mut effect);
            scan::Look::All
        }
        Head::Load => {
            let data = rest.iter().take(2).any(|word| word.is_of("DATA XML CSV TABLE"));
            effect.class = if data { Class::DataWrite } else { Class::InfraChange };
            scan::Look::All
        }
        Head::Create | Head::Alter | Head::Drop => {
            thing(head, rest, &mut effect);
            scan::Look::Tables
        }
        Head::Is(class) => {
            effect.class = class;
            if class == Class::PrivilegeChange || class == Class::SchemaChange {
                if let Some(on) = rest.iter().position(|word| word.is("ON")) {
                    let (_, name) = heads::of_thing(Head::Alter, rest.get(on + 1..).unwrap_or_default());
                    effect.written(scan::name(rest.get(on + 1 + name..).unwrap_or_default()).0);
                }
                scan::Look::Nothing
            } else {
                of_class(first, rest, depth, &mut effect);
                scan::Look::All
            }
        }
    };
    scan::within(tokens, look, &mut effect);
    effect
}

/// What may follow BEGIN in a transaction, and in a block before its first statement.
const BEGUN: &str = "TRANSACTION WORK TRAN DEFERRED IMMEDIATE EXCLUSIVE CONCURRENT READ ONLY WRITE ISOLATION LEVEL SERIALIZABLE \
     REPEATABLE COMMITTED UNCOMMITTED SNAPSHOT ATOMIC NOT BATCH UNLOGGED";

/// The verb of a query after its WITH.
fn main_verb<'t, 'a>(tokens: &'t [Token<'a>]) -> Option<&'t Token<'a>> {
    let mut depth = 0i32;
    tokens.iter().find(|token| {
        depth += i32::from(token.is_mark("(")) - i32::from(token.is_mark(")"));
        depth == 0 && token.is_of("SELECT INSERT UPDATE DELETE MERGE VALUES REPLACE UPSERT")
    })
}

/// EXPLAIN and DESCRIBE: a question, unless ANALYZE runs what it asks about.
fn plan(rest: &[Token<'_>], depth: u8, effect: &mut Effect) {
    let inner = rest.iter().take(MAX_OPTIONS).position(|word| {
        let verb = word.kind == Kind::Word && !word.is_of("ANALYZE ANALYSE TABLE ROW EXTENDED");
        verb && heads::head(word.text).is_some_and(|head| head != Head::Plan)
    });
    let options = rest.get(..inner.unwrap_or(rest.len())).unwrap_or_default();
    let runs = options.iter().any(|word| word.is_of("ANALYZE ANALYSE")) || effect.operation == "PROFILE";
    let statement_of = inner.and_then(|at| rest.get(at..)).filter(|_| depth < MAX_DEPTH);
    match statement_of {
        Some(inner) if runs => {
            let inner = statement(inner, depth + 1);
            effect.operation.push_str(" ANALYZE ");
            effect.operation.push_str(&inner.operation);
            effect.class = inner.class;
            effect.reads = inner.reads;
            effect.writes = inner.writes;
        }
        // What it runs is not known.
        None if runs && rest.len() > 2 => effect.at_least(Class::DataWrite),
        None | Some(_) => {}
    }
}

/// The tables and the class of statements that their verb names.
fn of_class(verb: &Token<'_>, rest: &[Token<'_>], depth: u8, effect: &mut Effect) {
    let skip = rest.iter().take_while(|word| word.is_of("LOW_PRIORITY IGNORE TABLE TABLES ONLY IF EXISTS INTO FROM OR ROLLBACK ABORT REPLACE FAIL DATABASE")).count();
    let target = rest.get(skip..).unwrap_or_default();
    if verb.is_of("UPDATE DELETE TRUNCATE MERGE REPLACE UPSERT") {
        effect.written(scan::name(target).0);
    }
    if verb.is_of("ANALYZE ANALYSE") {
        // MariaDB runs what follows; elsewhere it gathers statistics.
        let skip = if rest.first().is_some_and(|word| word.is("FORMAT")) { 3 } else { 0 };
        let inner = rest.get(skip..).unwrap_or_default();
        let runs = inner.first().is_some_and(|word| word.is_of("SELECT WITH INSERT UPDATE DELETE REPLACE"));
        let statistics = inner.get(1).is_some_and(|word| word.is_of("STATISTICS SYSTEM"));
        if runs && !statistics && depth < MAX_DEPTH {
            *effect = statement(inner, depth + 1);
        }
    }
    if verb.is("REPLACE")
        && rest.first().is_some_and(|word| word.is_of("VIEW MACRO PROCEDURE FUNCTION RECURSIVE TRIGGER"))
    {
        effect.class = Class::SchemaChange;
    }
    // The statement stands in a string.
    if verb.is_of("EXECUTE EXEC UNLOAD PREPARE CALL DO") && depth == 0 {
        let text = |token: &&Token<'_>| {
            token.kind == Kind::Text && token.text.len() <= MAX_INNER && looks_like(token.text)
        };
        for token in rest.iter().filter(text).take(8) {
            let inner = within(token.text, depth + 1);
            effect.class = effect.class.max(inner.class);
            inner.reads.into_iter().for_each(|name| effect.read(name));
            inner.writes.into_iter().for_each(|name| effect.written(name));
        }
    }
}

/// Makes, changes or removes a thing.
fn thing(head: Head, rest: &[Token<'_>], effect: &mut Effect) {
    let (mut class, at) = heads::of_thing(head, rest);
    let (name, after) = scan::name(rest.get(at..).unwrap_or_default());
    let after = rest.get(at + after..).unwrap_or_default();
    // ClickHouse spells deletes so.
    if head == Head::Alter && after.first().is_some_and(|word| word.is("DELETE")) {
        class = class.max(Class::DataDelete);
    }
    effect.class = class;
    if let Some(kind) =
        rest.iter().find(|word| word.kind == Kind::Word && !word.is_of("OR REPLACE IF NOT EXISTS"))
    {
        effect.operation.push(' ');
        effect.operation.push_str(&kind.text.to_ascii_uppercase());
    }
    effect.written(name);
}

/// INSERT writes a table; into a directory, a file or a place elsewhere it takes data out.
pub(super) fn insert(rest: &[Token<'_>]) -> Class {
    let before = rest.iter().take(4);
    let mut before = before.take_while(|word| word.kind == Kind::Word);
    if before.any(|word| word.is_of("DIRECTORY FUNCTION OUTFILE")) {
        Class::DataExport
    } else {
        Class::DataWrite
    }
}

/// COPY writes a table from elsewhere, or takes data elsewhere: what stands first, FROM or TO, tells.
fn copy(rest: &[Token<'_>], effect: &mut Effect) {
    let into = rest.first().is_some_and(|word| word.is("INTO"));
    let target = rest.get(usize::from(into)..).unwrap_or_default();
    let mut depth = 0i32;
    let way = target.iter().find(|token| {
        depth += i32::from(token.is_mark("(")) - i32::from(token.is_mark(")"));
        depth == 0 && token.is_of("FROM TO")
    });
    let out = if into {
        // Into a stage, a place or a file.
        target.first().is_some_and(|first| first.is_mark("@") || first.kind == Kind::Text)
    } else {
        way.is_some_and(|way| way.is("TO"))
    };
    effect.class = if out { Class::DataExport } else { Class::DataWrite };
    if rest.iter().any(|word| word.is("PROGRAM")) {
        effect.at_least(Class::InfraChange);
    }
    let (name, _) = scan::name(target);
    match (into, out) {
        (true, true) => {}
        (false, true) => effect.read(name),
        (_, false) => effect.written(name),
    }
}

/// SET of a session harms nobody; of the server, of a password or of a role it does.
fn of_set(rest: &[Token<'_>]) -> Class {
    let mut words =
        rest.iter().filter(|word| !word.is_mark("@")).skip_while(|word| word.is_of("LOCAL SESSION"));
    let (first, second) = (words.next(), words.next());
    match first {
        Some(word) if word.is("PASSWORD") => Class::CredentialAccess,
        Some(word) if word.is_of("ROLE AUTHORIZATION") => Class::PrivilegeChange,
        Some(word) if word.is("DEFAULT") && second.is_some_and(|word| word.is("ROLE")) => {
            Class::PrivilegeChange
        }
        Some(word) if word.is_of("GLOBAL PERSIST PERSIST_ONLY CLUSTER RESOURCE") => Class::InfraChange,
        Some(word) if word.is("TAG") => Class::SchemaChange,
        Some(_) | None => Class::ReadOnly,
    }
}

/// PRAGMA asks, unless it sets something or is known to act.
fn of_pragma(rest: &[Token<'_>]) -> Class {
    const ASKS: &str = "table_info table_xinfo table_list index_list index_info index_xinfo foreign_key_list foreign_key_check \
         integrity_check quick_check show storage_info function_list";
    const ACTS: &str = "wal_checkpoint optimize incremental_vacuum shrink_memory force_checkpoint";
    let sets = rest.iter().any(|token| token.is_mark("=") || token.is_mark("("));
    let of = |list: &str| rest.iter().any(|word| word.is_of(list));
    let asks = of(ASKS) && !rest.iter().any(|token| token.is_mark("="));
    if of(ACTS) || sets && !asks { Class::InfraChange } else { Class::ReadOnly }
}
