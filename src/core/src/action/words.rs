//! What a name says that somebody gave to an operation: a tool, a method, a path segment.
//!
//! Names are a convention, not a promise: they can make a reading stricter, and only where a protocol has nothing better
//! (MCP tools, gRPC and JSON-RPC methods) may a name make a call a read. A name without a verb that reads is a write.
//! Nothing here allocates.

use super::Class;

/// What one word says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    /// Reads, also after what it is about: `pods_list`, `hubspot-get-link`.
    Reads,
    /// Reads as the first word of a name, and is a noun elsewhere: `check_mail`, `charge_check`.
    ReadsFirst,
    /// Acts, wherever it stands in a name.
    Acts(Class),
    /// Acts as the verb of a name, and is a noun elsewhere: `commit_file`, `get_commit`.
    ActsFirst(Class),
    /// Joins two verbs: `find_and_delete`.
    Joins,
    /// Says nothing about reading or acting.
    Other,
}

/// The longest word looked at; no word of the tables is longer.
const LONGEST: usize = 20;

/// The class of an operation that has only its name to go by.
pub(super) fn class_of_name(name: &str) -> Class {
    let mut reads = false;
    let mut joined = false;
    let mut acts: Option<Class> = None;
    let mut about = Class::ReadOnly;
    let mut previous = Noun::None;
    for (place, word) in words(name).enumerate() {
        let word = Lower::of(word);
        let word = word.as_str();
        let is_verb = !reads && acts.is_none() || joined;
        match kind(word) {
            Word::Reads if is_verb => reads = true,
            Word::ReadsFirst if place == 0 => reads = true,
            Word::Acts(class) => acts = acts.max(Some(class)),
            Word::ActsFirst(class) if is_verb => acts = acts.max(Some(class)),
            Word::Reads | Word::ReadsFirst | Word::ActsFirst(_) | Word::Joins | Word::Other => {}
        }
        joined = kind(word) == Word::Joins;
        let noun = noun(word);
        about = about.max(noun.class(previous));
        previous = noun;
    }
    match (acts, reads) {
        (Some(class), _) => class.max(about),
        // Reading a secret is an access to it; reading anything else is a read.
        (None, true) if about == Class::CredentialAccess => about,
        (None, true) => Class::ReadOnly,
        (None, false) => Class::DataWrite.max(about),
    }
}

/// The class that one path segment gives to any method, by being a verb. `create-user-guide` is a title and `releases`
/// a collection: only a whole segment, its custom verb (`:purge`), or a camel-case or snake-case name counts.
pub(super) fn class_of_segment(segment: &str) -> Class {
    let named = segment.rsplit_once(':').map_or(segment, |(_, verb)| verb);
    if named.len() > 64 || named.is_empty() {
        return Class::ReadOnly;
    }
    let lower = Lower::of(named);
    match kind(lower.as_str()) {
        Word::Acts(class) => return class,
        Word::Reads | Word::ReadsFirst | Word::ActsFirst(_) | Word::Joins | Word::Other => {}
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

/// The class that a collection in a path gives to a write on it.
pub(super) fn class_of_collection(segment: &str) -> Class {
    let mut class = Class::ReadOnly;
    let mut previous = Noun::None;
    for word in words(segment) {
        let noun = noun(Lower::of(word).as_str());
        class = class.max(noun.class(previous));
        previous = noun;
    }
    class
}

/// Whether a path segment is a collection of secrets, which even a read opens.
pub(super) fn is_secret_store(segment: &str) -> bool {
    matches!(Lower::of(segment).as_str(), "secrets" | "secret" | "passwords")
}

/// What the verb of a `?action=...` parameter makes of a read.
pub(super) fn class_of_verb_parameter(value: &str) -> Class {
    match words(value).next().map(|first| kind(Lower::of(first).as_str())) {
        Some(Word::Acts(_) | Word::ActsFirst(_)) => class_of_name(value),
        Some(Word::Reads | Word::ReadsFirst | Word::Joins | Word::Other) | None => Class::ReadOnly,
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

fn kind(word: &str) -> Word {
    use Class::{
        CodeChange, Communication, CredentialAccess, DataDelete, DataExport, DataWrite, InfraChange,
        ModelChange, PrivilegeChange, SchemaChange,
    };
    match word {
        "get" | "list" | "read" | "search" | "find" | "fetch" | "describe" | "show" | "retrieve" => {
            Word::Reads
        }
        "view" | "count" | "lookup" | "check" | "exists" | "head" | "ping" | "preview" | "browse"
        | "status" | "inspect" | "explain" | "validate" | "compare" | "diff" | "estimate" | "info"
        | "help" | "has" | "is" => Word::ReadsFirst,
        "and" | "or" | "then" | "with" => Word::Joins,
        "delete" | "del" | "remove" | "destroy" | "purge" | "truncate" | "wipe" | "erase" | "unlink"
        | "clear" => Word::Acts(DataDelete),
        "drop" | "migrate" | "alter" => Word::Acts(SchemaChange),
        "create" | "insert" | "update" | "upsert" | "write" | "overwrite" | "modify" | "edit" | "patch"
        | "append" | "replace" | "rename" | "add" | "save" | "store" | "import" | "upload" | "approve"
        | "reject" | "cancel" => Word::Acts(DataWrite),
        "grant" | "revoke" | "impersonate" | "elevate" | "promote" | "demote" => Word::Acts(PrivilegeChange),
        "rotate" | "decrypt" | "unseal" => Word::Acts(CredentialAccess),
        "export" | "unload" | "dump" | "exfiltrate" => Word::Acts(DataExport),
        "execute" | "exec" | "terminate" | "kill" | "restart" | "reboot" | "shutdown" | "disable"
        | "enable" | "provision" | "reset" | "suspend" | "activate" | "deactivate" | "rollback"
        | "attach" | "detach" => Word::Acts(InfraChange),
        "send" | "publish" | "notify" => Word::Acts(Communication),
        "download" | "backup" => Word::ActsFirst(DataExport),
        "deploy" | "scale" | "run" | "start" | "stop" | "invoke" | "install" | "configure" => {
            Word::ActsFirst(InfraChange)
        }
        "train" | "finetune" | "retrain" => Word::ActsFirst(ModelChange),
        "merge" | "push" | "commit" | "release" | "fork" | "rebase" => Word::ActsFirst(CodeChange),
        "pay" | "charge" | "refund" | "transfer" | "post" | "reply" | "invite" | "share" => {
            Word::ActsFirst(Communication)
        }
        "assign" | "unassign" => Word::ActsFirst(PrivilegeChange),
        "set" | "put" | "move" | "sync" | "restore" | "archive" | "apply" | "submit" | "register"
        | "mark" | "close" | "open" | "lock" | "unlock" | "tag" | "copy" => Word::ActsFirst(DataWrite),
        _ => Word::Other,
    }
}

/// What a noun is about. Some are only about it after the word before them: `api key`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Noun {
    None,
    About(Class),
    /// `api`, `access`, `private`: makes a following `key` a secret.
    Qualifier,
    /// `key`, `keys`.
    Key,
}

impl Noun {
    fn class(self, previous: Self) -> Class {
        match self {
            Self::About(class) => class,
            Self::Key if previous == Self::Qualifier => Class::CredentialAccess,
            Self::None | Self::Qualifier | Self::Key => Class::ReadOnly,
        }
    }
}

fn noun(word: &str) -> Noun {
    use Class::{
        CodeChange, Communication, CredentialAccess, InfraChange, ModelChange, PrivilegeChange, SchemaChange,
    };
    match word {
        "role"
        | "roles"
        | "permission"
        | "permissions"
        | "privilege"
        | "privileges"
        | "policy"
        | "policies"
        | "grants"
        | "acl"
        | "acls"
        | "iam"
        | "membership"
        | "memberships"
        | "collaborator"
        | "collaborators"
        | "admin"
        | "admins"
        | "rolebinding"
        | "rolebindings"
        | "clusterrolebindings"
        | "clusterroles" => Noun::About(PrivilegeChange),
        "secret" | "secrets" | "password" | "passwords" | "credential" | "credentials" | "apikey"
        | "apikeys" | "token" | "tokens" | "certificate" | "certificates" => Noun::About(CredentialAccess),
        "api" | "access" | "private" | "signing" | "encryption" | "ssh" | "deploy" | "service" => {
            Noun::Qualifier
        }
        "key" | "keys" => Noun::Key,
        "schema" | "schemas" | "table" | "tables" | "column" | "columns" | "migrations" => {
            Noun::About(SchemaChange)
        }
        "model" | "models" | "finetuning" | "training" => Noun::About(ModelChange),
        "commit" | "commits" | "branch" | "branches" | "pulls" | "repository" | "repositories" | "refs"
        | "releases" => Noun::About(CodeChange),
        "deployment" | "deployments" | "instance" | "instances" | "cluster" | "clusters" | "server"
        | "servers" | "nodes" | "droplets" | "volumes" | "firewall" | "firewalls" | "pods" | "namespaces"
        | "containers" | "endpoints" => Noun::About(InfraChange),
        "message" | "messages" | "mail" | "email" | "emails" | "sms" | "notifications" | "payment"
        | "payments" | "charges" | "transfers" | "payouts" | "refunds" => Noun::About(Communication),
        _ => Noun::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::Class::*;

    #[test]
    fn a_name_that_reads_is_a_read_and_nothing_else_is() {
        for name in [
            "get_file",
            "listUsers",
            "ListUsers",
            "search-code",
            "read",
            "eth_getBalance",
            "user.get",
            "HTTPGet",
            "get_commit",
            "list_releases",
            "get_deployment",
            "describe_export_task_x",
            "tools_list",
            "hubspot-get-link",
        ] {
            let expected = if name.contains("export") { DataExport } else { ReadOnly };
            assert_eq!(class_of_name(name), expected, "{name}");
        }
        for name in [
            "",
            "frobnicate",
            "query",
            "run_sql",
            "delete_user",
            "get_or_create",
            "charge_check",
            "find_and_delete",
            "list_then_push",
            "ünlesbar",
            "_",
            "getAndSetUser",
        ] {
            assert_ne!(class_of_name(name), ReadOnly, "{name}");
        }
    }

    #[test]
    fn a_name_tells_its_class() {
        for (name, class) in [
            ("delete_role", PrivilegeChange),
            ("delete_user", DataDelete),
            ("create_table", SchemaChange),
            ("get_secret_value", CredentialAccess),
            ("get_api_key", CredentialAccess),
            ("get_key", ReadOnly),
            ("export_customers", DataExport),
            ("send_message", Communication),
            ("merge_pull_request", CodeChange),
            ("deploy_service", InfraChange),
            ("train_model", ModelChange),
            ("SetIamPolicy", PrivilegeChange),
            ("frobnicate", DataWrite),
        ] {
            assert_eq!(class_of_name(name), class, "{name}");
        }
    }

    #[test]
    fn a_segment_acts_only_as_a_verb() {
        for (segment, class) in [
            ("delete", DataDelete),
            ("Delete", DataDelete),
            ("deleteUser", DataDelete),
            ("delete_user", DataDelete),
            ("instances:purge", DataDelete),
            ("export", DataExport),
            ("create-user-guide", ReadOnly),
            ("updates", ReadOnly),
            ("release", ReadOnly),
            ("commit", ReadOnly),
            ("Documents", ReadOnly),
            ("importJobs", ReadOnly),
            ("restart_count", ReadOnly),
            ("", ReadOnly),
        ] {
            assert_eq!(class_of_segment(segment), class, "{segment}");
        }
    }
}
