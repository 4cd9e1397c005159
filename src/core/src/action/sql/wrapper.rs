//! Where statements stand in a body: the members that hold them, in the names that servers give them.
//!
//! A name that says SQL holds a statement; every text under such a name counts, however deep, and the strictest decides.
//! What stands beside them may only make the reading stricter: a member that tells the server to keep the result, another
//! command of a batch, or a statement under another name. It cannot know a server's own names for such things.

use serde_json::{Map, Value};

use super::{
    effect::{self, Effect},
    endpoints::Language,
    heads,
    lexer::{self, listed},
    steps,
};
use crate::action::Class;

/// Names that say SQL, without case, `_` and `-`.
const STATEMENT: &str = "sql sqls sqltext rawsql sqlquery sqlqueries statement statements stmt stmts querystring querytext sqlstatement \
     sqlstatements sqlcommand sqlstr sqlstring sqlscript cypher ksql partiql csl apl aql n1ql psql transactstatements nativequery \
     sqlexpression selectstatement statementtext";

/// Names that may hold anything that is asked.
const QUERY: &str = "query queries q queryrequest qry";

/// Names of programs in any language, among them statements.
const PROGRAM: &str = "code command commands script program content qry execute hql";

/// Names of values that a statement is given.
const VALUES: &str = "params parameters args arguments bindings values variables namedargs parametersets parametersjson binds bulkargs bindvars \
     queryparameters sqlparameters positionalparameters namedparameters";

/// Names that keep the result of a query somewhere, where they are set.
const KEEPS: &str = "destinationtable selectascta ctasmethod ctas writedisposition createdisposition saveas outputtable targettable \
     intotable resulttable persist materialize copyinto";

/// Names that stand beside a statement and say nothing of what is done.
const COMPANIONS: &str = "database db dbname schema catalog keyspace warehouse role dbuser params parameters args bindings values variables \
     namedargs limit maxrows rowlimit maxresults pagesize page offset timeout timeoutms waittimeout querytimeout format resultformat \
     outputformat dialect language type querytype session sessionid context namespace project projectid location region cluster \
     clusteridentifier workgroup workgroupname connection connectionid datasource datasourceid databaseid engine engineid resourcearn \
     secretarn uselegacysql dryrun async wait cache usecache maxage header includeheaders explain requestid clientrequesttoken id \
     statementname cursor fetchsize fetch timezone locale settings options consistency readonly parsetimeouts objectmode arraymode \
     queryid client clientid tab runasync expandata columnar returntype includeresultmetadata continueaftertimeout parameterset \
     transactionid";

/// What a body's statements do; `found` tells whether a name that says so holds one.
pub(super) struct Found {
    pub(super) effect: Option<Effect>,
    /// Whether one stands under a name that says SQL.
    pub(super) named: bool,
    /// Whether each one starts as a statement does.
    pub(super) alike: bool,
    /// The least that what stands beside the statements makes of the call.
    pub(super) beside: Class,
}

/// Looks for statements.
pub(super) struct Finder {
    language: Language,
    found: Found,
    left: usize,
}

/// The most statements of one body.
const MAX: usize = 1024;

/// The deepest member looked at.
const DEPTH: u8 = 16;

impl Finder {
    pub(super) fn new(language: Language) -> Self {
        let found = Found { effect: None, named: false, alike: true, beside: Class::ReadOnly };
        Self { language, found, left: MAX }
    }

    /// What stands beside the statements.
    pub(super) fn beside(&mut self, class: Class) {
        self.found.beside = self.found.beside.max(class);
    }

    pub(super) fn done(self) -> Found {
        self.found
    }

    /// One statement.
    pub(super) fn text(&mut self, text: &str, named: Named) {
        if self.left == 0 {
            self.beside(Class::DataWrite);
            return;
        }
        self.left -= 1;
        self.found.named |= named == Named::Statement;
        let effect = match self.language {
            Language::Verbs => effect::of(text),
            Language::Steps => steps::of(text),
        };
        let steps = self.language == Language::Steps && effect.known;
        self.found.alike &= steps || effect::looks_like(text);
        match &mut self.found.effect {
            Some(all) => all.join(effect),
            none => *none = Some(effect),
        }
    }

    /// A document's statements. `bare` tells that texts without a name are statements too.
    pub(super) fn value(&mut self, value: &Value, bare: bool) {
        match value {
            Value::Array(items) => {
                self.items(items, if bare { Named::Statement } else { Named::No }, Beside::Counts, DEPTH);
            }
            Value::Object(members) => self.members(members, Beside::Counts, DEPTH),
            Value::String(text) if bare => self.text(text, Named::Statement),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    fn members(&mut self, members: &Map<String, Value>, beside: Beside, depth: u8) {
        let Some(depth) = depth.checked_sub(1) else {
            self.beside(Class::DataWrite);
            return;
        };
        let mut has_text = false;
        let mut stored = false;
        for (name, value) in members {
            let name = plain(name);
            let named = if listed(STATEMENT, &name) {
                Named::Statement
            } else if listed(QUERY, &name) {
                Named::Query
            } else if listed(PROGRAM, &name) && value.as_str().is_some_and(effect::looks_like) {
                Named::Program
            } else {
                Named::No
            };
            let beside = if listed(VALUES, &name) { Beside::Values } else { beside };
            has_text |= named != Named::No;
            stored |= name == "sqlid";
            if listed(KEEPS, &name) && is_set(value) {
                self.beside(Class::DataWrite);
            }
            match value {
                Value::String(text) if named != Named::No => self.text(text, named),
                // A statement under a name that does not say so.
                Value::String(text) if beside == Beside::Counts => self.aside(text),
                Value::Array(items) => self.items(items, named, beside, depth),
                Value::Object(inner) => self.members(inner, beside, depth),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
            }
        }
        // A statement that the server has kept.
        if stored && !has_text {
            self.beside(Class::DataWrite);
        }
        // Hasura's commands: beside `run_sql` there are those that change its metadata.
        if let (Some(Value::String(kind)), Some(Value::Object(_) | Value::Array(_))) =
            (members.get("type"), members.get("args"))
        {
            let known =
                kind.ends_with("run_sql") || listed("bulk concurrent_bulk select count execute batch", kind);
            if !known && members.get("stmt").is_none() && members.get("value").is_none() {
                self.beside(Class::DataWrite);
            }
        }
    }

    fn items(&mut self, items: &[Value], named: Named, beside: Beside, depth: u8) {
        let Some(depth) = depth.checked_sub(1) else {
            self.beside(Class::DataWrite);
            return;
        };
        for item in items {
            match item {
                Value::String(text) if named != Named::No => self.text(text, named),
                Value::Object(members) => self.members(members, beside, depth),
                // A statement and its values.
                Value::Array(inner) => match inner.split_first() {
                    Some((Value::String(text), _)) if named != Named::No => self.text(text, named),
                    Some(_) | None => self.items(inner, Named::No, beside, depth),
                },
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
            }
        }
    }

    /// A text under some name: it counts where its first two words can only be a write.
    fn aside(&mut self, text: &str) {
        if text.len() < 9 || !text.contains(' ') {
            return;
        }
        let start: String = text.chars().take(512).collect();
        for reading in lexer::readings(&start) {
            let tokens = lexer::tokens(&start, reading);
            if let [first, second, ..] = tokens.list.as_slice()
                && let Some(class) = heads::pair(first, second)
            {
                self.beside(class);
            }
        }
    }
}

/// Whether a text that stands under no name of a statement may be one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Beside {
    /// It may.
    Counts,
    /// It is a value that a statement is given.
    Values,
}

/// What a member's name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// That it holds a statement.
    Statement,
    /// That it holds what is asked.
    Query,
    /// That it holds a program, and the text is a statement.
    Program,
    /// Nothing.
    No,
}

/// What the name of a query parameter or form field says.
pub(super) fn named(name: &str) -> Named {
    let name = plain(name);
    if listed(STATEMENT, &name) {
        Named::Statement
    } else if listed(QUERY, &name) {
        Named::Query
    } else {
        Named::No
    }
}

/// Whether every member beside the statements is one of those that usually stand there.
pub(super) fn is_only(members: &Map<String, Value>) -> bool {
    only(members, DEPTH)
}

fn only(members: &Map<String, Value>, depth: u8) -> bool {
    // A container counts by what it holds.
    let holds = |value: &Value| match (value, depth.checked_sub(1)) {
        (Value::Object(inner), Some(depth)) => !inner.is_empty() && only(inner, depth),
        (Value::Array(items), Some(depth)) => items.iter().all(|item| match item {
            Value::Object(inner) => only(inner, depth),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => false,
        }),
        _ => false,
    };
    members.iter().all(|(name, value)| {
        let name = plain(name);
        [STATEMENT, QUERY, COMPANIONS].iter().any(|list| listed(list, &name)) || holds(value)
    })
}

/// Whether a document keeps a query under a name rather than runs it.
pub(super) fn is_saved(document: Option<&Value>) -> bool {
    let kept = |name: &String| listed("name title displayname description visibility", &plain(name));
    document.and_then(Value::as_object).is_some_and(|members| members.keys().any(kept))
}

/// A name in lower case without `_`, `-` and `.`.
fn plain(name: &str) -> String {
    name.chars()
        .filter(|c| !matches!(c, '_' | '-' | '.' | '$'))
        .take(48)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

fn is_set(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
        Value::Bool(true) | Value::Number(_) => true,
    }
}
