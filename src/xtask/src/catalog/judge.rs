//! The class of an operation from what its public description says of it: HTTP method, name, path, scopes.
//!
//! It works when packs are built, never in the filter. The verb of an operation's name says whether it reads, the nouns
//! of name and path say what it touches. No description states a class, so this is a judgement, the same for every
//! vendor; a vendor's own table ([`super::vendors`]) and documents written by hand say more where it is wrong.

use countersign_core::action::Class;

/// What a description says of one operation.
pub(super) struct Facts<'a> {
    /// HTTP method, upper case.
    pub(super) method: &'a str,
    /// The operation's own name, such as `compute.instances.setMachineType` or `repos/create-fork`.
    pub(super) name: &'a str,
    /// Its path template, parameters in braces.
    pub(super) path: &'a str,
    /// Whether a scope that only reads suffices.
    pub(super) read_scope: bool,
    /// The class of a write of which nothing more is known.
    pub(super) write: Class,
}

/// Verbs that read, also where the method is POST.
const READS: &[&str] = &[
    "aggregate",
    "analyze",
    "analyse",
    "answer",
    "ask",
    "autocomplete",
    "browse",
    "calculate",
    "check",
    "classify",
    "compare",
    "completion",
    "compute",
    "converse",
    "corroborate",
    "count",
    "decode",
    "describe",
    "detect",
    "diagnose",
    "diff",
    "discover",
    "embed",
    "embedding",
    "estimate",
    "evaluate",
    "explain",
    "explore",
    "fetch",
    "filter",
    "find",
    "forecast",
    "get",
    "has",
    "histogram",
    "inspect",
    "introspect",
    "is",
    "lint",
    "list",
    "listen",
    "lookup",
    "match",
    "moderate",
    "obtain",
    "poll",
    "predict",
    "preview",
    "query",
    "rank",
    "read",
    "recommend",
    "render",
    "resolve",
    "retrieve",
    "romanize",
    "sample",
    "scan",
    "score",
    "search",
    "show",
    "simulate",
    "stat",
    "suggest",
    "summarize",
    "tail",
    "tokenize",
    "troubleshoot",
    "validate",
    "view",
    "wait",
];
/// Verbs that work on what is sent along and give it back, unless they run long and keep the answer somewhere.
const COMPUTES: &[&str] =
    &["annotate", "deidentify", "reidentify", "redact", "recognize", "synthesize", "translate"];
/// Verbs that write, whatever scope suffices.
const WRITES: &[&str] = &[
    "accept",
    "access",
    "acknowledge",
    "activate",
    "add",
    "append",
    "apply",
    "approve",
    "archive",
    "assign",
    "attach",
    "authorize",
    "begin",
    "bind",
    "block",
    "call",
    "cancel",
    "capture",
    "change",
    "claim",
    "clear",
    "clone",
    "close",
    "commit",
    "complete",
    "configure",
    "confirm",
    "connect",
    "convert",
    "copy",
    "create",
    "deactivate",
    "decline",
    "delete",
    "deny",
    "deploy",
    "detach",
    "disable",
    "disconnect",
    "dismiss",
    "edit",
    "enable",
    "end",
    "enroll",
    "exchange",
    "execute",
    "expire",
    "export",
    "failover",
    "finalize",
    "fork",
    "force",
    "generate",
    "grant",
    "import",
    "increment",
    "ingest",
    "initiate",
    "insert",
    "install",
    "invalidate",
    "invite",
    "invoke",
    "issue",
    "join",
    "kick",
    "label",
    "launch",
    "leave",
    "link",
    "load",
    "lock",
    "log",
    "mark",
    "merge",
    "migrate",
    "mint",
    "modify",
    "move",
    "mutate",
    "mute",
    "open",
    "patch",
    "pause",
    "pay",
    "pin",
    "post",
    "promote",
    "provision",
    "publish",
    "purge",
    "push",
    "put",
    "reactivate",
    "reboot",
    "rebuild",
    "refresh",
    "refund",
    "register",
    "reject",
    "release",
    "reload",
    "remove",
    "rename",
    "renew",
    "reopen",
    "replace",
    "replay",
    "report",
    "request",
    "reschedule",
    "reset",
    "resend",
    "resize",
    "restart",
    "restore",
    "resume",
    "retry",
    "revert",
    "revoke",
    "rollback",
    "rotate",
    "run",
    "save",
    "schedule",
    "send",
    "set",
    "share",
    "sign",
    "star",
    "start",
    "stop",
    "stream",
    "submit",
    "subscribe",
    "suspend",
    "switch",
    "sync",
    "train",
    "transfer",
    "trigger",
    "tune",
    "unassign",
    "unarchive",
    "unblock",
    "undelete",
    "undeploy",
    "undo",
    "uninstall",
    "unlink",
    "unlock",
    "unpin",
    "unregister",
    "unshare",
    "unsubscribe",
    "unsuspend",
    "update",
    "upgrade",
    "upload",
    "upsert",
    "use",
    "verify",
    "void",
    "withdraw",
    "write",
];
/// Words before the verb that say only how.
const HOW: &[&str] = &[
    "adaptive",
    "async",
    "batch",
    "bidi",
    "bulk",
    "conversational",
    "direct",
    "hybrid",
    "mass",
    "multi",
    "quick",
    "raw",
    "safe",
    "server",
    "stream",
    "streaming",
    "try",
];
/// What is generated for the asker alone.
const GENERATED: &[&str] = &[
    "answer",
    "content",
    "download",
    "embedding",
    "estimate",
    "forecast",
    "idea",
    "image",
    "insight",
    "message",
    "metric",
    "overview",
    "plan",
    "preview",
    "recommendation",
    "report",
    "speech",
    "stat",
    "suggestion",
    "summary",
    "text",
];
/// What is run and only reads.
const RUN: &[&str] = &["query", "report", "aggregation", "search"];
/// What a test reaches in the world outside.
const OUTSIDE: &[&str] =
    &["webhook", "hook", "email", "mail", "notification", "message", "push", "call", "sms", "alert"];

/// What says wherever it stands that somebody's rights are touched.
const PRIVILEGES: &[&str] = &[
    "iam",
    "permission",
    "role",
    "principal",
    "scim",
    "acl",
    "authenticator",
    "sso",
    "saml",
    "mfa",
    "privilege",
    "rbac",
    "impersonate",
];
/// What says so in an operation's own name or at the end of its path.
const RIGHTS: &[&str] = &[
    "access",
    "admin",
    "authorization",
    "bypass",
    "collaborator",
    "delegate",
    "entitlement",
    "familysharing",
    "grant",
    "grantee",
    "invitation",
    "invite",
    "lien",
    "member",
    "membership",
    "owner",
    "ownership",
    "share",
    "sharing",
    "unshare",
];
const SECRETS: &[&str] = &[
    "apikey",
    "certificate",
    "credential",
    "hmac",
    "key",
    "keypair",
    "otp",
    "passkey",
    "passphrase",
    "password",
    "secret",
    "token",
];
const MESSAGES: &[&str] = &[
    "chat", "charge", "checkout", "dispute", "email", "invoice", "mail", "message", "payment", "payout",
    "purchase", "refund", "sms",
];
const CODE: &[&str] = &["git", "pull", "repo", "repository", "branch", "merge"];
const MODELS: &[&str] = &["model", "tune", "tuning", "finetuning", "training"];
const SCHEMAS: &[&str] = &["schema", "table", "index", "column"];
const DELETES: &[&str] = &[
    "clear",
    "delete",
    "destroy",
    "drop",
    "empty",
    "erase",
    "expunge",
    "obliterate",
    "purge",
    "remove",
    "trash",
    "truncate",
    "uninstall",
    "wipe",
];
const EXPORTS: &[&str] = &["download", "dump", "export", "takeout", "unload"];

/// The class of an operation.
pub(super) fn class(facts: &Facts<'_>) -> Class {
    let name = words(facts.name);
    let spoken = facts.name.rsplit(['.', '/']).next().unwrap_or_default();
    let own = words(spoken);
    let literals: Vec<&str> =
        facts.path.split(['/', ':']).filter(|s| !s.is_empty() && !s.contains('{')).collect();
    let path = words(&literals.join("/"));
    let end = words(&literals.get(literals.len().saturating_sub(2)..).unwrap_or_default().join("/"));
    let last = name.get(name.len().saturating_sub(3)..).unwrap_or_default();
    let all = |list: &[&str]| name.iter().chain(&path).any(|word| has(list, word));
    let near = |list: &[&str]| own.iter().chain(&end).chain(last).any(|word| has(list, word));
    let here = |list: &[&str]| own.iter().any(|word| has(list, word));
    if reads(facts, &own, &spelled(spoken)) {
        return of_read(facts, &own);
    }
    if own.first().is_some_and(|word| has(EXPORTS, word)) {
        return Class::DataExport;
    }
    // Where money moves, tokens are cards and grants are credit.
    let money = facts.write == Class::Communication;
    let rights = near(RIGHTS) && !near(&["config", "request"]);
    if all(PRIVILEGES) || rights && !money {
        return Class::PrivilegeChange;
    }
    if all(SECRETS) && !money || here(SECRETS) && here(&["create", "rotate", "generate", "reset"]) {
        return Class::CredentialAccess;
    }
    if facts.write == Class::PrivilegeChange {
        return Class::PrivilegeChange;
    }
    if all(EXPORTS) {
        return Class::DataExport;
    }
    if facts.method == "DELETE" || here(DELETES) {
        return Class::DataDelete;
    }
    let kinds = [
        (SCHEMAS, Class::SchemaChange),
        (MESSAGES, Class::Communication),
        (MODELS, Class::ModelChange),
        (CODE, Class::CodeChange),
    ];
    kinds.into_iter().find(|(list, _)| near(list)).map_or(facts.write, |(_, class)| class)
}

/// The class of an operation that reads.
fn of_read(facts: &Facts<'_>, own: &[String]) -> Class {
    let here = |list: &[&str]| own.iter().any(|word| has(list, word));
    let safe = is_safe(facts.method);
    let verb = own.first().map_or("", String::as_str);
    let secret = here(&["secret", "credential", "password", "token"]);
    let key = own.windows(2).any(|pair| {
        let [a, b] = pair else { return false };
        matches!((a.as_str(), b.as_str()), ("key", "string") | ("private", "key") | ("access", "token"))
    });
    let opens = match verb {
        "generate" | "fetch" | "mint" | "issue" => secret || key,
        "get" | "retrieve" | "reveal" | "access" | "read" => key || secret && !safe,
        _ => false,
    };
    let asks = has(READS, verb);
    let takes = has(EXPORTS, verb)
        || safe && (here(&["archive", "zipball", "tarball"]) || here(&["export", "download"]) && !asks);
    match (opens, takes) {
        (true, _) => Class::CredentialAccess,
        (false, true) => Class::DataExport,
        (false, false) => Class::ReadOnly,
    }
}

/// Whether an operation reads. A verb counts as it is spelled: `checks` are things, `check` is done.
fn reads(facts: &Facts<'_>, own: &[String], spelled: &[String]) -> bool {
    if is_safe(facts.method) {
        return true;
    }
    if facts.method != "POST" {
        return false;
    }
    let verb = own.iter().position(|word| !has(HOW, word)).unwrap_or(0);
    let at = |n: usize| spelled.get(verb + n).map_or("", String::as_str);
    // What runs long or in batches leaves its answer in a place that it writes to.
    let kept = own.iter().any(|word| has(&["async", "batch", "long", "longrunning"], word));
    match at(0) {
        "generate" => own.iter().any(|word| has(GENERATED, word)) || at(1).is_empty() && facts.read_scope,
        "run" => own.iter().skip(verb + 1).take(2).any(|word| has(RUN, word)),
        "test" => !own.iter().any(|word| has(OUTSIDE, word)),
        verb if has(COMPUTES, verb) => !kept,
        verb if has(READS, verb) => true,
        verb => facts.read_scope && !has(WRITES, verb),
    }
}

fn is_safe(method: &str) -> bool {
    matches!(method, "GET" | "HEAD")
}

fn has(list: &[&str], word: &str) -> bool {
    list.contains(&word)
}

/// The words of a name, lower case and singular.
pub(super) fn words(name: &str) -> Vec<String> {
    spelled(name).iter().map(|word| singular(word)).collect()
}

/// The words of a name, lower case.
fn spelled(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut before = ' ';
    let mut rest = name.chars().peekable();
    while let Some(c) = rest.next() {
        let next_lower = rest.peek().is_some_and(|next| next.is_lowercase());
        let starts = c.is_uppercase() && (before.is_lowercase() || before.is_uppercase() && next_lower);
        if (!c.is_alphabetic() || starts) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if c.is_alphabetic() {
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

fn singular(word: &str) -> String {
    if let Some(stem) = word.strip_suffix("ies") {
        return format!("{stem}y");
    }
    if ["sses", "xes", "ches", "shes"].iter().any(|end| word.ends_with(end)) {
        return word.strip_suffix("es").unwrap_or(word).to_owned();
    }
    match word.strip_suffix('s') {
        Some(stem) if stem.len() > 2 && !stem.ends_with(['s', 'u', 'i']) => stem.to_owned(),
        _ => word.to_owned(),
    }
}
