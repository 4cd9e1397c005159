//! What an SQL text does: the strictest class among its statements, the statement's word, and the tables read and written.
//!
//! A statement is judged by its first word and by what stands within it; no tree is built. Every reading of quotes and
//! comments under which the text may differ is judged, and the strictest counts; a reading that cannot be read to its end
//! counts as far as its statements are complete. It promises that a text without a statement it knows is a write. It cannot
//! know what a view, a stored routine or a trigger does behind its name.

use super::{
    heads::{self, Head},
    lexer::{self, Kind, Token},
    scan,
};
use crate::action::Class;

/// The longest text that is read.
const MAX: usize = 256 * 1024;

/// The deepest statement within a statement.
const MAX_DEPTH: u8 = 4;

/// What a text does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::action) struct Effect {
    /// The strictest class of its statements.
    pub(in crate::action) class: Class,
    /// The first words of that statement, in capitals.
    pub(in crate::action) operation: String,
    /// The tables it reads, as they are spelled there.
    pub(in crate::action) reads: Vec<String>,
    /// The tables it writes.
    pub(in crate::action) writes: Vec<String>,
    /// Whether it was understood.
    pub(in crate::action) known: bool,
}

impl Effect {
    fn none() -> Self {
        Self {
            class: Class::ReadOnly,
            operation: String::new(),
            reads: Vec::new(),
            writes: Vec::new(),
            known: false,
        }
    }

    /// A text that cannot be read.
    pub(in crate::action) fn unknown() -> Self {
        Self { class: Class::DataWrite, ..Self::none() }
    }

    /// Adds what another text does beside this one.
    pub(in crate::action) fn join(&mut self, other: Self) {
        if self.operation.is_empty() || other.class > self.class {
            self.operation = other.operation;
        }
        self.class = self.class.max(other.class);
        self.known |= other.known;
        other.reads.into_iter().for_each(|name| add(&mut self.reads, name));
        other.writes.into_iter().for_each(|name| add(&mut self.writes, name));
    }

    /// Raises the class.
    pub(super) fn at_least(&mut self, class: Class) {
        self.class = self.class.max(class);
    }

    pub(super) fn read(&mut self, name: String) {
        add(&mut self.reads, name);
    }

    pub(super) fn written(&mut self, name: String) {
        add(&mut self.writes, name);
    }
}

/// The most tables that are named.
const MAX_TABLES: usize = 64;

fn add(list: &mut Vec<String>, name: String) {
    if !name.is_empty() && list.len() < MAX_TABLES && !list.contains(&name) {
        list.push(name);
    }
}

/// What a text does.
pub(in crate::action) fn of(text: &str) -> Effect {
    if text.len() > MAX {
        return Effect::unknown();
    }
    within(text, 0)
}

/// Whether a text starts as a statement does, in any reading.
pub(in crate::action) fn looks_like(text: &str) -> bool {
    let start = text.get(..text.len().min(4096)).unwrap_or(text);
    lexer::readings(start).any(|reading| {
        let tokens = lexer::tokens(start, reading);
        let rest = after_open(&tokens.list);
        matches!(rest, [word, _, ..] if word.kind == Kind::Word && heads::head(word.text).is_some())
    })
}

fn within(text: &str, depth: u8) -> Effect {
    let mut all = Effect::none();
    let mut understood = false;
    for reading in lexer::readings(text) {
        let tokens = lexer::tokens(text, reading);
        let (effect, whole) = reading_of(&tokens.list, tokens.whole, depth);
        understood |= whole;
        if whole || effect.class > Class::ReadOnly {
            all.join(effect);
        }
    }
    if understood { all } else { Effect { class: all.class.max(Class::DataWrite), known: false, ..all } }
}

/// What the statements of one reading do, and whether each of them can be one.
fn reading_of(tokens: &[Token<'_>], whole: bool, depth: u8) -> (Effect, bool) {
    let mut all = Effect::none();
    let mut possible = whole;
    let mut statements = 0;
    let mut pieces = tokens.split(|token| token.is_mark(";")).peekable();
    while let Some(piece) = pieces.next() {
        // The last one of a text that breaks off is no statement.
        if piece.is_empty() || !whole && pieces.peek().is_none() {
            continue;
        }
        let balance = piece
            .iter()
            .fold(0i32, |open, token| open + i32::from(token.is_mark("(")) - i32::from(token.is_mark(")")));
        let starts = piece.first().is_some_and(|first| {
            first.is_name()
                || first.is_mark("(")
                || first.is_mark("{")
                || first.is_mark(".")
                || first.is_mark("@")
        });
        if balance != 0 || !starts {
            possible = false;
            // A block that a semicolon divides is no less one for it.
            if !starts {
                continue;
            }
        }
        statements += 1;
        let mut effect = statement(piece, depth);
        if templated(piece) {
            effect.at_least(Class::DataWrite);
        }
        all.join(effect);
    }
    (all, possible && statements > 0)
}

/// Whether a template fills in what only its server knows.
fn templated(tokens: &[Token<'_>]) -> bool {
    tokens.windows(2).any(|two| match two {
        [open, next] => open.is_mark("{") && (next.is_mark("{") || next.is_mark("%")),
        _ => false,
    })
}

/// The tokens after leading parentheses.
fn after_open<'t, 'a>(tokens: &'t [Token<'a>]) -> &'t [Token<'a>] {
    let open = tokens.iter().take_while(|token| token.is_mark("(")).count();
    tokens.get(open..).unwrap_or_default()
}

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
                effect.at_least(graph(inner));
            }
            return effect;
        }
        Head::Graph => {
            scan::within(tokens, scan::Look::All, &mut effect);
            effect.at_least(graph(inner));
            return effect;
        }
        Head::Plan => {
            plan(rest, depth, &mut effect);
            return effect;
        }
        Head::Begin => {
            let begun = rest.iter().take_while(|word| word.is_of(BEGUN)).count();
            match rest.get(begun..) {
                Some(block @ [_, ..]) if depth < MAX_DEPTH => return statement(block, depth + 1),
                _ => return effect,
            }
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

/// A query of a graph (Cypher) or of documents (AQL): it writes by any verb that is no name, and reads where it returns.
fn graph(tokens: &[Token<'_>]) -> Class {
    const VERBS: &str =
        "CREATE MERGE SET DELETE REMOVE FOREACH DROP CALL LOAD INSERT UPDATE REPLACE UPSERT GRANT DO";
    let mut class =
        if tokens.iter().any(|word| word.is("RETURN")) { Class::ReadOnly } else { Class::DataWrite };
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
pub(in crate::action) fn of_steps(text: &str) -> Effect {
    const ACTS: &str = "TO WIDETO COLLECT DELETE OUTPUTLOOKUP OUTPUTCSV SENDEMAIL SENDALERT TEE SCRIPT RUNSHELLSCRIPT DUMP TSCOLLECT          MCOLLECT MEVENTCOLLECT INSERT MAP SAVEDSEARCH OPTIMIZEDTO POST INVOKE EXECUTE_QUERY HTTP_REQUEST EXTERNALDATA";
    let mut all = Effect::none();
    let mut understood = false;
    for reading in lexer::readings(text) {
        let tokens = lexer::tokens(text, reading);
        understood |= tokens.whole;
        let list = tokens.list.as_slice();
        let first = list.first();
        if first.is_some_and(|first| first.is_mark(".")) {
            let shows = list.get(1).is_some_and(|word| word.is("show"));
            let (class, _) = heads::of_thing(Head::Drop, list.get(2..).unwrap_or_default());
            all.at_least(if shows { Class::ReadOnly } else { class.max(Class::DataWrite) });
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
    let inner = rest.iter().position(|word| {
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
        if let Some(at) =
            rest.iter().take(4).position(|word| word.is_of("SELECT WITH INSERT UPDATE DELETE REPLACE"))
        {
            let inner = statement(rest.get(at..).unwrap_or_default(), depth + 1);
            *effect = inner;
        }
    }
    // The statement stands in a string.
    if verb.is_of("EXECUTE EXEC UNLOAD PREPARE CALL DO") && depth < MAX_DEPTH {
        for token in rest.iter().filter(|token| token.kind == Kind::Text && looks_like(token.text)).take(8) {
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
        None => Class::ReadOnly,
        Some(word) if word.is("PASSWORD") => Class::CredentialAccess,
        Some(word) if word.is_of("ROLE AUTHORIZATION") => Class::PrivilegeChange,
        Some(word) if word.is("DEFAULT") && second.is_some_and(|word| word.is("ROLE")) => {
            Class::PrivilegeChange
        }
        Some(word) if word.is_of("GLOBAL PERSIST PERSIST_ONLY CLUSTER RESOURCE") => Class::InfraChange,
        Some(word) if word.is("TAG") => Class::SchemaChange,
        Some(_) => Class::ReadOnly,
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
