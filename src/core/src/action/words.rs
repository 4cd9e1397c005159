//! What a name says that somebody gave to an operation: a tool, a method, a path segment.
//!
//! Names are a convention, not a promise: they can make a reading stricter, and only where a protocol has nothing better
//! (MCP tools, gRPC and JSON-RPC methods) may a name make a call a read. A name without a verb that reads is a write,
//! unless it is only the name of something to be read (`git_log`). The verb may stand first or last, after the name of a
//! product or a thing (`n8n_validate_workflow`, `pods_list`). It cannot know what a method does whose name lies.
//! Nothing here allocates, and a name is walked once.

mod known;
mod table;

use table::{LONGEST, Noun, Word};

use super::Class;

/// The class of an operation that has only its name to go by.
pub(super) fn class_of_name(name: &str) -> Class {
    let mut seen = Seen::default();
    let mut words =
        words(name).filter(|word| !is_number(word) && !word.eq_ignore_ascii_case("tool")).peekable();
    while let Some(word) = words.next() {
        let place = if words.peek().is_none() { Place::Last } else { Place::Within };
        seen.word(Lower::of(word).as_str(), place);
    }
    seen.class()
}

/// The class of an MCP tool by its name. Clients put the server before it: `mcp__github__create_issue`.
pub(super) fn class_of_tool(name: &str) -> Class {
    let own = name.rsplit_once("__").map_or(name, |(_, own)| own);
    known::tool(own).unwrap_or_else(|| class_of_dotted(own))
}

/// The class of a JSON-RPC method by its name.
pub(super) fn class_of_method(name: &str) -> Class {
    known::method(name).unwrap_or_else(|| class_of_dotted(name))
}

/// What stands before the last dot, slash or colon is a name of its own (`search.set_alias`): the stricter of both counts.
fn class_of_dotted(name: &str) -> Class {
    let own = name.rsplit(['.', '/', ':']).next().unwrap_or(name);
    if own.len() == name.len() { class_of_name(name) } else { class_of_name(name).max(class_of_name(own)) }
}

/// The class of a mutation by the name of its field.
pub(super) fn class_of_mutation(field: &str) -> Class {
    class_of_name(field).max(Class::DataWrite)
}

/// Whether a tool by its name runs what it is given, and does nothing else.
pub(super) fn runs_what_it_is_given(name: &str) -> bool {
    let mut runs = false;
    let mut acts = false;
    for word in words(name) {
        let word = Lower::of(word);
        match word.as_str() {
            "execute" | "exec" | "run" | "call" | "send" | "make" | "perform" | "http" | "request"
            | "api" | "curl" | "rest" | "fetch" | "query" | "sql" | "graphql" | "cypher" | "statement" => {
                runs = true;
            }
            word => {
                acts |= matches!(
                    table::verb(word),
                    Some(Word::Acts(_) | Word::ActsAtEdge(_) | Word::ActsFirst(_) | Word::Joins)
                );
            }
        }
    }
    runs && !acts
}

/// Whether a tool by its name takes a statement of a language for data.
pub(super) fn takes_a_statement(name: &str) -> bool {
    !searches(name)
        && words(name).any(|word| {
            matches!(Lower::of(word).as_str(), "query" | "sql" | "cypher" | "statement" | "graphql")
        })
}

/// Whether any word of a text acts wherever it stands.
pub(super) fn has_an_act(text: &str) -> bool {
    words(text).any(|word| matches!(table::verb(Lower::of(word).as_str()), Some(Word::Acts(_))))
}

/// Whether a tool by its name searches with words.
pub(super) fn searches(name: &str) -> bool {
    words(name).any(|word| {
        matches!(
            Lower::of(word).as_str(),
            "search" | "find" | "ask" | "research" | "lookup" | "docs" | "documentation" | "doc" | "retrieve"
        )
    })
}

/// Where a word stands in its name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Within,
    Last,
}

/// What the words so far say together.
#[derive(Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one thing the words so far have said; none excludes another"
)]
struct Seen {
    /// How many words.
    count: usize,
    /// The first verb reads.
    reads: bool,
    /// The first word is one that gets and is nothing else.
    gets: bool,
    /// It reads if it is for something made for the asker alone.
    reads_for: bool,
    /// The strictest verb that acts wherever it stands.
    acts: Option<Class>,
    /// A verb that acts by its place.
    acts_here: Option<Class>,
    /// The last word joins two verbs.
    joined: bool,
    /// A word before the first verb may be a verb that is not in the table.
    doubtful: bool,
    product: bool,
    about: Class,
    secret: bool,
    /// The noun before.
    previous: Option<Noun>,
}

impl Seen {
    fn word(&mut self, word: &str, place: Place) {
        let is_verb =
            !self.reads && !self.reads_for && self.acts.is_none() && self.acts_here.is_none() || self.joined;
        let at_edge = self.count == 0 || place == Place::Last;
        let verb = table::verb(word);
        self.gets |= self.count == 0 && matches!(word, "get" | "describe");
        match verb {
            Some(Word::Reads) if is_verb => self.reads = true,
            Some(Word::ReadsAtEdge) if is_verb && at_edge => self.reads = true,
            Some(Word::Result | Word::ActsOrResult) if is_verb && place == Place::Last => self.reads = true,
            Some(Word::ActsOrResult) if self.count == 0 => self.act_here(Class::DataWrite),
            Some(Word::ReadsFor) if is_verb => self.reads_for = true,
            // `get_create_fields`, `GetExportJob`: what is got may be named after an act; but `get_delete` is both.
            Some(Word::Acts(_)) if self.gets && !self.joined && place == Place::Within => {}
            Some(Word::Acts(class)) => self.acts = self.acts.max(Some(class)),
            Some(Word::ActsAtEdge(class)) if is_verb || place == Place::Last => self.act_here(class),
            Some(Word::ActsFirst(class)) if is_verb => self.act_here(class),
            // `deploy_plan_get`: the verb comes last, and what looked like one is the name of a thing. A `list` may be a
            // thing itself: `trello_move_list`.
            Some(Word::Reads) if place == Place::Last && matches!(word, "get" | "show" | "describe") => {
                self.reads = true;
                self.acts_here = None;
            }
            None => self.doubtful |= is_verb && table::noun(word).is_none() && looks_like_a_verb(word),
            Some(
                Word::Reads
                | Word::ReadsAtEdge
                | Word::ReadsFor
                | Word::Result
                | Word::ActsOrResult
                | Word::ActsAtEdge(_)
                | Word::ActsFirst(_)
                | Word::Joins,
            ) => {}
        }
        self.joined = verb == Some(Word::Joins);
        self.noun(table::noun(word), place);
        self.count += 1;
    }

    fn act_here(&mut self, class: Class) {
        self.acts_here = self.acts_here.max(Some(class));
    }

    fn noun(&mut self, noun: Option<Noun>, place: Place) {
        let qualified = self.previous == Some(Noun::Qualifier);
        match noun {
            Some(Noun::About(class)) => self.about = self.about.max(class),
            Some(Noun::Secret) => self.secret = true,
            Some(Noun::Key) if qualified => self.secret = true,
            Some(Noun::Token) if qualified || place == Place::Last => self.secret = true,
            Some(Noun::Token) => self.about = self.about.max(Class::CredentialAccess),
            Some(Noun::Product) => self.product = true,
            Some(Noun::Innocent) if self.previous == Some(Noun::Secret) && place == Place::Within => {
                self.secret = false;
            }
            Some(Noun::Key | Noun::Qualifier | Noun::Innocent) | None => {}
        }
        self.previous = noun;
    }

    fn class(self) -> Class {
        let about = if self.secret { self.about.max(Class::CredentialAccess) } else { self.about };
        let reads = self.reads || self.reads_for && self.product;
        match (self.acts, self.acts_here) {
            // `release_create`: the verb that is nothing else is the verb.
            (Some(class), _) | (None, Some(class)) => class.max(about),
            // Reading a secret is an access to it; reading anything else is a read.
            (None, None) if reads && self.secret => Class::CredentialAccess,
            (None, None) if reads && !self.doubtful => Class::ReadOnly,
            (None, None) => Class::DataWrite.max(about),
        }
    }
}

/// Whether a word that no table knows has the ending of a verb: `sanitize_list` may well write.
fn looks_like_a_verb(word: &str) -> bool {
    let noun = word.ends_with("size")
        || matches!(word, "template" | "private" | "candidate" | "enterprise" | "coordinate");
    word.len() > 5 && !noun && ["ate", "ize", "ise", "ify"].iter().any(|ending| word.ends_with(ending))
}

/// A number, or the number of a version: no word.
fn is_number(word: &str) -> bool {
    let digits = word.strip_prefix(['v', 'V']).unwrap_or(word);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

/// The class that one path segment gives to any method, by being a verb. `create-user-guide` is a title and `releases`
/// a collection: only a whole segment, its custom verb (`:purge`), or a camel-case or snake-case name counts.
pub(super) fn class_of_segment(segment: &str) -> Class {
    let named = segment.rsplit_once(':').map_or(segment, |(_, verb)| verb);
    if named.len() > 64 || named.is_empty() {
        return Class::ReadOnly;
    }
    let lower = Lower::of(named);
    if let Some(Word::Acts(class)) = table::verb(lower.as_str()) {
        return class;
    }
    let compound = named.contains('_') || named.bytes().any(|b| b.is_ascii_uppercase());
    if !compound || !named.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        return Class::ReadOnly;
    }
    let mut parts = words(named);
    match (parts.next().map(|first| starts_operation(Lower::of(first).as_str())), parts.next()) {
        (Some(Starts::Operation), Some(_)) => class_of_name(named),
        _ => Class::ReadOnly,
    }
}

/// What a first word makes of a compound.
enum Starts {
    /// The name of an operation: `deleteUser`.
    Operation,
    /// Perhaps just the name of a thing: `importJobs`, `storeLayout`, `restart_count`.
    Anything,
}

fn starts_operation(word: &str) -> Starts {
    match word {
        "delete" | "remove" | "destroy" | "purge" | "truncate" | "drop" | "create" | "update" | "insert"
        | "upsert" | "grant" | "revoke" | "rotate" | "execute" | "terminate" | "send" | "publish"
        | "modify" | "export" => Starts::Operation,
        _ => Starts::Anything,
    }
}

/// Whether the last segment of a path is a verb that asks, and nothing else.
pub(super) fn asks(segment: &str) -> bool {
    const ALONE: [&str; 36] = [
        "aggregate",
        "aggregations",
        "autocomplete",
        "batchget",
        "calculate",
        "check",
        "classify",
        "compare",
        "compute",
        "count",
        "describe",
        "detect",
        "diff",
        "embed",
        "estimate",
        "exists",
        "explain",
        "facets",
        "fetch",
        "find",
        "get",
        "infer",
        "introspect",
        "list",
        "lookup",
        "match",
        "mget",
        "predict",
        "query",
        "rerank",
        "search",
        "simulate",
        "suggest",
        "tokenize",
        "validate",
        "preview",
    ];
    // A custom verb after a colon, or a method after the name of what it is about: `users.list`.
    let named = segment.rsplit([':', '.']).next().unwrap_or(segment);
    let named = named.strip_prefix('_').unwrap_or(named);
    if ALONE.contains(&Lower::of(named).as_str()) {
        return true;
    }
    // `searchIndexes` is a collection as often as a question; after a colon it is a question.
    let custom = segment.contains(':');
    let mut parts = words(named).map(Lower::of);
    let (Some(first), Some(second)) = (parts.next(), parts.next()) else { return false };
    let verb = match first.as_str() {
        "get" => second.as_str() != "started",
        "find" | "fetch" | "lookup" | "describe" | "retrieve" | "estimate" => true,
        // A list's items are things to be added.
        "list" => {
            custom
                || !matches!(second.as_str(), "item" | "items" | "member" | "members" | "entry" | "entries")
        }
        "search" | "query" | "count" | "compute" | "validate" => custom,
        "batch" => ALONE.contains(&second.as_str()) || second.as_str() == "read",
        _ => false,
    };
    verb && named.len() <= 64 && class_of_name(named) == Class::ReadOnly
}

/// Whether a member of a body names an act: by its own name, or as the verb of an `action`.
pub(super) fn names_an_act(name: &str, value: Option<&str>) -> bool {
    let lower = Lower::of(name);
    match lower.as_str() {
        "action" | "operation" | "op" | "command" | "method" | "mode" => {
            value.is_none_or(|value| class_of_verb_parameter(value) != Class::ReadOnly)
        }
        "actions" | "operations" | "commands" | "mutation" | "mutations" | "updates" | "deletes"
        | "inserts" | "writes" | "script" => true,
        word => matches!(table::verb(word), Some(Word::Acts(_))),
    }
}

/// The class that a collection in a path gives to a write on it.
pub(super) fn class_of_collection(segment: &str) -> Class {
    let mut seen = Seen::default();
    for word in words(segment) {
        seen.noun(table::noun(Lower::of(word).as_str()), Place::Last);
    }
    if seen.secret { seen.about.max(Class::CredentialAccess) } else { seen.about }
}

/// Whether a path segment is a collection of secrets, which even a read opens.
pub(super) fn is_secret_store(segment: &str) -> bool {
    matches!(Lower::of(segment).as_str(), "secrets" | "secret" | "passwords")
}

/// What the verb of a `?action=...` parameter makes of a read.
pub(super) fn class_of_verb_parameter(value: &str) -> Class {
    match words(value).next().and_then(|first| table::verb(Lower::of(first).as_str())) {
        Some(Word::Acts(_) | Word::ActsAtEdge(_) | Word::ActsFirst(_)) => class_of_name(value),
        Some(
            Word::Reads
            | Word::ReadsAtEdge
            | Word::ReadsFor
            | Word::Result
            | Word::ActsOrResult
            | Word::Joins,
        )
        | None => Class::ReadOnly,
    }
}

/// A word in lower case, on the stack. A longer word is cut: it is in no table.
struct Lower {
    bytes: [u8; LONGEST],
    length: usize,
}

impl Lower {
    fn of(word: &str) -> Self {
        let mut bytes = [0; LONGEST];
        let fits = word.len() <= LONGEST;
        for (to, from) in bytes.iter_mut().zip(word.bytes()) {
            *to = from.to_ascii_lowercase();
        }
        Self { bytes, length: if fits { word.len() } else { 0 } }
    }

    fn as_str(&self) -> &str {
        self.bytes.get(..self.length).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
    }
}

/// The words of a name: split at everything that is no letter or digit, and at camel humps.
fn words(name: &str) -> impl Iterator<Item = &str> {
    let mut rest = name;
    std::iter::from_fn(move || {
        let start = rest.find(|c: char| c.is_ascii_alphanumeric())?;
        let tail = rest.get(start..)?;
        let end = word_end(tail.as_bytes());
        rest = tail.get(end..)?;
        tail.get(..end)
    })
}

/// Where the first word of `bytes` ends: before a hump (`getUser`), before the last capital of a run (`HTTPServer`).
fn word_end(bytes: &[u8]) -> usize {
    let at = |place: usize| bytes.get(place).copied().unwrap_or(b' ');
    let mut end = 1;
    while at(end).is_ascii_alphanumeric() {
        let hump = at(end).is_ascii_uppercase() && !at(end - 1).is_ascii_uppercase();
        let run = at(end).is_ascii_uppercase()
            && at(end - 1).is_ascii_uppercase()
            && at(end + 1).is_ascii_lowercase();
        if hump || run {
            break;
        }
        end += 1;
    }
    end
}

#[cfg(test)]
mod tests;
