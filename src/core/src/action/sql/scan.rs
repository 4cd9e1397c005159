//! What stands within a statement: writes, functions that act, and the tables it names.
//!
//! A verb is a write where a statement may start: after a parenthesis, or beside another statement where a server needs no
//! semicolon between them. A column called `update` is none.

use super::{
    effect::Effect,
    heads,
    lexer::{Kind, Token},
    statement,
};
use crate::action::Class;

/// What to look for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// Writes and tables.
    All,
    /// Tables only: the verbs belong to the statement itself.
    Tables,
    /// Nothing.
    Nothing,
}

/// What one pair of parentheses holds.
#[derive(Clone, Copy)]
struct Frame {
    /// A query, so that a FROM is followed by a table.
    query: bool,
    /// In the list after FROM, so that a comma is followed by a table.
    list: bool,
}

/// Words before which no statement starts: what follows them is a name, a clause or an action of theirs.
const NOT_BEFORE: &str = "SELECT AS DISTINCT ALL BY AND OR NOT ON FOR KEY DO THEN WHERE FROM JOIN IN IS LIKE BETWEEN SET CASE WHEN \
     HAVING ORDER GROUP SHOW DESCRIBE DESC EXPLAIN UNION EXCEPT INTERSECT TO INTO TABLE USING RETURNING WITH LIMIT OFFSET";

/// Looks through a statement.
pub(super) fn within(tokens: &[Token<'_>], look: Look, effect: &mut Effect) {
    if look == Look::Nothing {
        return;
    }
    let names = defined(tokens);
    let mut frames = vec![Frame { query: true, list: false }];
    let mut expects = false;
    let mut before: Option<&Token<'_>> = None;
    for (place, token) in tokens.iter().enumerate() {
        let rest = tokens.get(place..).unwrap_or_default();
        let next = rest.get(1);
        if expects && (token.is_name() || token.kind == Kind::Text) && !token.is_of("ONLY LATERAL TABLE") {
            table(rest, &names, effect);
            expects = false;
        } else if expects && !token.is_of("ONLY LATERAL TABLE") {
            expects = false;
        }
        if let Some(top) = frames.last_mut() {
            match token {
                _ if token.is_mark("(") => {
                    let query = next.is_some_and(|word| word.is_of("SELECT WITH FROM DELETE INSERT UPDATE MERGE VALUES TABLE") || word.is_mark("("));
                    let list = query && next.is_some_and(|word| word.is_mark("("));
                    frames.push(Frame { query, list });
                    before = Some(token);
                    continue;
                }
                _ if token.is_mark(")") => {
                    // The outermost frame stays.
                    let inner = frames.pop();
                    if frames.is_empty() {
                        frames.extend(inner);
                    }
                }
                _ if token.is_mark(",") => expects = top.list && next.is_some_and(|next| !next.is_mark("(")),
                _ if token.kind != Kind::Word || before.is_some_and(|before| before.is_mark(".")) => {}
                _ if token.is("FROM") && top.query && !before.is_some_and(|word| word.is("DISTINCT") && is_compared(tokens, place)) => {
                    expects = true;
                    top.list = true;
                }
                _ if token.is_of("JOIN STRAIGHT_JOIN") => {
                    expects = true;
                    top.list = false;
                }
                _ if token.is("USING") && next.is_some_and(|next| !next.is_mark("(")) => expects = top.query,
                _ if token.is_of("WHERE GROUP ORDER SELECT LIMIT SET ON HAVING UNION EXCEPT INTERSECT WINDOW QUALIFY LATERAL VALUES") => top.list = false,
                _ => {}
            }
        }
        if token.kind == Kind::Word {
            if look == Look::All {
                verb(before, rest, effect);
            }
            into(before, rest, look, effect);
            if next.is_some_and(|next| next.is_mark("(")) && look == Look::All {
                let package = place
                    .checked_sub(2)
                    .and_then(|at| tokens.get(at))
                    .filter(|_| before.is_some_and(|b| b.is_mark(".")));
                if let Some(class) = heads::function(package, token.text) {
                    effect.at_least(class);
                }
            }
        }
        before = Some(token);
    }
}

/// `IS [NOT] DISTINCT FROM` compares.
fn is_compared(tokens: &[Token<'_>], place: usize) -> bool {
    let at = |back: usize| place.checked_sub(back).and_then(|at| tokens.get(at));
    at(2).is_some_and(|word| word.is_of("IS NOT"))
}

/// Verbs that write within a statement. Flux writes with `to`.
const VERBS: &str = "INSERT UPDATE DELETE MERGE REPLACE UPSERT TRUNCATE DROP CREATE ALTER GRANT REVOKE DENY EXPORT BACKUP EXECUTE \
         EXEC SHUTDOWN DETACH REMOVE FOREACH TO";

/// A write within the statement.
fn verb(before: Option<&Token<'_>>, rest: &[Token<'_>], effect: &mut Effect) {
    let [verb, next, ..] = rest else { return };
    if !verb.is_of(VERBS) {
        return;
    }
    let (opens, closes, piped) = match before {
        // The first word is judged as the statement's own.
        None => return,
        Some(before) => (before.is_mark("("), before.is_mark(")"), before.is_mark(">")),
    };
    let blocked = match before {
        Some(before) => {
            before.is_of(NOT_BEFORE)
                || before.kind == Kind::Mark
                    && !opens
                    && !closes
                    && !piped
                    && !before.is_mark("}")
                    && !before.is_mark("]")
        }
        None => false,
    };
    if verb.is("TO") {
        // Flux writes so.
        if piped && next.is_mark("(") {
            effect.at_least(Class::DataWrite);
        }
        return;
    }
    if blocked {
        return;
    }
    if verb.is("INSERT") && next.is_of("INTO OVERWRITE") {
        effect.at_least(statement::insert(rest.get(1..).unwrap_or_default()));
        return;
    }
    if let Some(class) = heads::pair(verb, next) {
        effect.at_least(class);
        if verb.is("DELETE") {
            effect.written(name(rest.get(2..).unwrap_or_default()).0);
        }
        return;
    }
    let runs = verb.is_of("EXEC EXECUTE") && next.is_name() && !next.is_of("AS FROM WHERE IS IN ON AND OR");
    if runs {
        effect.at_least(Class::DataWrite);
        return;
    }
    let names = next.is_name() && !next.is_of("AS IS IN OR AND NOT BETWEEN LIKE FROM");
    let class = if verb.is("DELETE") { Class::DataDelete } else { Class::DataWrite };
    let writes = verb.is_of("INSERT UPDATE DELETE MERGE") && (opens || closes) && names || is_update(rest);
    if writes {
        effect.at_least(class);
        effect.written(name(rest.get(1..).unwrap_or_default()).0);
    }
}

/// `UPDATE name SET`.
fn is_update(rest: &[Token<'_>]) -> bool {
    let Some((verb, after)) = rest.split_first() else { return false };
    let (_, length) = name(after);
    verb.is("UPDATE") && after.get(length).is_some_and(|word| word.is("SET"))
}

/// INTO takes the rows of a query to a table or a file.
fn into(before: Option<&Token<'_>>, rest: &[Token<'_>], look: Look, effect: &mut Effect) {
    let [word, next, ..] = rest else { return };
    if !word.is("INTO") || before.is_some_and(|before| before.is_mark(".") || before.is("AS")) {
        return;
    }
    let skip = rest.iter().skip(1).take_while(|word| word.is_of("TEMP TEMPORARY UNLOGGED TABLE")).count();
    let target = rest.get(1 + skip..).unwrap_or_default();
    if next.is_of("OUTFILE DUMPFILE") || next.is_mark("@") && before.is_some_and(|word| word.is("COPY")) {
        effect.at_least(Class::DataExport);
    } else if next.is("NAME") && rest.get(3).is_some_and(|word| word.is("VALUE")) {
        // DuckDB's UNPIVOT.
    } else if next.is_name() || next.is_mark("#") {
        let own = before.is_some_and(|word| word.is_of("INSERT MERGE REPLACE UPSERT COPY"));
        if look == Look::All && !own {
            effect.at_least(Class::DataWrite);
        }
        if !next.is_of("FUNCTION") {
            effect.written(name(target).0);
        }
    }
}

/// A table that is read.
fn table(rest: &[Token<'_>], defined: &[&str], effect: &mut Effect) {
    let (name, length) = name(rest);
    let is_function = rest.get(length).is_some_and(|next| next.is_mark("("));
    let own = length == 1 && defined.iter().any(|own| own.eq_ignore_ascii_case(&name));
    let keyword = length == 1 && rest.first().is_some_and(|word| word.is_of("SELECT UNNEST VALUES WHERE"));
    if !is_function && !own && !keyword && !effect.writes.contains(&name) {
        effect.read(name);
    }
}

/// The names that a statement defines for itself: `name AS (` and `name (columns) AS (`.
fn defined<'a>(tokens: &[Token<'a>]) -> Vec<&'a str> {
    let mut names = Vec::new();
    for three in tokens.windows(3) {
        if let [before, name, after] = three {
            let starts = before.is_of("WITH RECURSIVE") || before.is_mark(",");
            if name.is_name() && starts && (after.is_mark("(") || after.is("AS")) && names.len() < 64 {
                names.push(name.text);
            }
        }
    }
    names
}

/// A name of parts between dots, and how many tokens it takes. BigQuery's projects may have dashes.
pub(super) fn name(tokens: &[Token<'_>]) -> (String, usize) {
    let mut text = String::new();
    let mut length = 0;
    while let Some(part) = tokens.get(length) {
        let named = match part.kind {
            Kind::Word | Kind::Name => true,
            Kind::Number => length > 0,
            Kind::Text => length == 0,
            Kind::Mark => false,
        };
        if !named || text.len() > 512 {
            break;
        }
        text.push_str(part.text);
        length += 1;
        match tokens.get(length) {
            Some(mark)
                if mark.is_mark(".")
                    || mark.is_mark("-") && tokens.get(length + 1).is_some_and(|n| n.kind != Kind::Mark) =>
            {
                text.push_str(mark.text);
                length += 1;
            }
            _ => break,
        }
    }
    (text, length)
}
