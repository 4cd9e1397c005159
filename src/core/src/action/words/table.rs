//! The vocabulary of names: what words say as verbs, and what they are about as nouns.
//!
//! Learnt from the method names of public APIs and the tools of public MCP servers. A word stands here only where it says
//! the same nearly everywhere; one that is missing reads nothing, so a gap costs a needless question, never a miss.

use crate::action::Class;
use Class::{
    CodeChange, Communication, CredentialAccess, DataDelete, DataExport, DataWrite, InfraChange, ModelChange,
    PrivilegeChange, SchemaChange,
};
use Noun::{About, Innocent, Key, Product, Qualifier, Secret, Token};
use Word::{Acts, ActsAtEdge, ActsFirst, ActsOrResult, Joins, Reads, ReadsAtEdge, ReadsFor, Result};

/// What one word says as a verb.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// Reads, also after what it is about: `pods_list`, `hubspot-get-link`.
    Reads,
    /// Reads as the first word or the last, and is a noun elsewhere: `view_status`, `health_status`.
    ReadsAtEdge,
    /// Is what a read gives, as the last word of a name without any verb: `git_log`, `directory_tree`.
    Result,
    /// Reads where it is for a [`Noun::Product`]: `generate_chart`, but not `generate_user`.
    ReadsFor,
    /// Acts, wherever it stands in a name.
    Acts(Class),
    /// Acts as the first verb or as the last word, and is a noun in between: `set_label`, `index_rebuild`, `get_start_time`.
    ActsAtEdge(Class),
    /// Acts as the first verb of a name, and is a noun elsewhere: `commit_file`, `get_commit`.
    ActsFirst(Class),
    /// Writes as the first word, and is what a read gives as the last: `log_event`, `pods_log`.
    ActsOrResult,
    /// Joins two verbs: `find_and_delete`.
    Joins,
}

/// What a noun is about. Some are only about it after the word before them: `api key`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Noun {
    /// Makes a write one of this class.
    About(Class),
    /// A secret: even reading it is an access.
    Secret,
    /// A secret where it is all that a name asks for, and where it is qualified; elsewhere a coin or a piece of text.
    Token,
    /// `api`, `access`, `private`: makes a following `key` or `token` a secret.
    Qualifier,
    /// `key`, `keys`.
    Key,
    /// Takes the meaning from a secret before it: `secret scanning`.
    Innocent,
    /// Made for the one who asks, and kept by nobody: a chart, a snippet of code.
    Product,
}

/// The longest word looked at; no word of the tables is longer.
pub(super) const LONGEST: usize = 20;

/// What a word says as a verb.
pub(super) fn verb(word: &str) -> Option<Word> {
    look_up(&VERBS, word)
}

/// What a word says as a noun.
pub(super) fn noun(word: &str) -> Option<Noun> {
    look_up(&NOUNS, word)
}

fn look_up<T: Copy>(table: &[(&str, T)], word: &str) -> Option<T> {
    let place = table.binary_search_by(|(entry, _)| (*entry).cmp(word)).ok()?;
    table.get(place).map(|(_, meaning)| *meaning)
}

/// What words say as verbs, sorted.
#[rustfmt::skip]
pub(super) static VERBS: [(&str, Word); 448] = [
    ("abort", ActsAtEdge(DataWrite)), ("accept", ActsAtEdge(DataWrite)), ("acknowledge", Acts(DataWrite)),
    ("activate", Acts(InfraChange)), ("activity", Result), ("add", Acts(DataWrite)),
    ("adjust", ActsAtEdge(DataWrite)), ("aggregate", Reads), ("all", ReadsAtEdge),
    ("allocate", ActsAtEdge(DataWrite)), ("alter", Acts(SchemaChange)), ("analyse", Reads), ("analyze", Reads),
    ("and", Joins), ("annotate", ActsFirst(DataWrite)), ("append", Acts(DataWrite)), ("apply", ActsAtEdge(DataWrite)),
    ("approve", Acts(DataWrite)), ("archive", ActsAtEdge(DataWrite)), ("ask", Reads),
    ("assess", ActsFirst(DataWrite)), ("assign", ActsAtEdge(PrivilegeChange)), ("associate", Acts(DataWrite)),
    ("attach", Acts(InfraChange)), ("authorize", Acts(PrivilegeChange)), ("autofix", ActsFirst(DataWrite)),
    ("availability", Result), ("available", Reads), ("backup", ActsFirst(DataExport)), ("balance", Result),
    ("ban", ActsFirst(DataWrite)), ("batchget", Reads), ("begin", ActsAtEdge(DataWrite)),
    ("bind", ActsAtEdge(DataWrite)), ("blame", Result), ("block", ActsFirst(DataWrite)),
    ("book", ActsFirst(DataWrite)), ("boot", ActsFirst(InfraChange)), ("bridge", ActsFirst(DataWrite)),
    ("broadcast", ActsAtEdge(Communication)), ("browse", Reads), ("build", ActsFirst(InfraChange)),
    ("burn", ActsFirst(DataWrite)), ("buy", ActsFirst(DataWrite)), ("calculate", Reads),
    ("call", ActsFirst(InfraChange)), ("cancel", Acts(DataWrite)), ("capabilities", Result),
    ("capture", ActsFirst(DataWrite)), ("change", ActsFirst(DataWrite)), ("charge", ActsFirst(Communication)),
    ("check", Reads), ("checkout", ActsAtEdge(CodeChange)), ("cherrypick", ActsFirst(CodeChange)),
    ("claim", ActsAtEdge(DataWrite)), ("classify", Reads), ("clear", Acts(DataDelete)),
    ("click", ActsFirst(InfraChange)), ("clone", ActsAtEdge(DataWrite)), ("close", ActsAtEdge(DataWrite)),
    ("comment", ActsFirst(DataWrite)), ("comments", Result), ("commit", ActsFirst(CodeChange)),
    ("compact", ActsFirst(DataWrite)), ("compare", Reads), ("complete", ActsAtEdge(DataWrite)),
    ("compose", ActsFirst(DataWrite)), ("compress", ActsAtEdge(DataWrite)), ("compute", Reads),
    ("configure", ActsAtEdge(InfraChange)), ("connect", ActsAtEdge(InfraChange)),
    ("consolidate", ActsFirst(DataWrite)), ("consume", ActsFirst(DataWrite)), ("context", Result),
    ("convert", ReadsFor), ("copy", ActsFirst(DataWrite)), ("cordon", Acts(InfraChange)), ("count", ReadsAtEdge),
    ("crawl", Reads), ("crawling", Reads), ("create", Acts(DataWrite)), ("createorupdate", Acts(DataWrite)),
    ("current", ReadsAtEdge), ("cut", ActsFirst(DataWrite)), ("deactivate", Acts(InfraChange)),
    ("deauthorize", Acts(PrivilegeChange)), ("decline", ActsAtEdge(DataWrite)), ("decompress", ActsAtEdge(DataWrite)),
    ("decrement", ActsAtEdge(DataWrite)), ("decrypt", Acts(CredentialAccess)), ("definition", Result),
    ("definitions", Result), ("del", Acts(DataDelete)), ("delete", Acts(DataDelete)),
    ("demote", Acts(PrivilegeChange)), ("deploy", ActsFirst(InfraChange)), ("deposit", ActsAtEdge(DataWrite)),
    ("deprovision", Acts(InfraChange)), ("dequeue", ActsAtEdge(DataWrite)), ("deregister", ActsAtEdge(DataWrite)),
    ("describe", Reads), ("design", ReadsFor), ("destroy", Acts(DataDelete)), ("detach", Acts(InfraChange)),
    ("details", Result), ("detect", Reads), ("diagnose", Reads), ("diagnostics", Result), ("diff", Reads),
    ("directions", Result), ("disable", Acts(InfraChange)), ("disassociate", Acts(DataWrite)),
    ("discard", Acts(DataDelete)), ("disconnect", ActsAtEdge(InfraChange)), ("discover", Reads),
    ("discussions", Result), ("dismiss", ActsAtEdge(DataWrite)), ("distance", Result), ("do", ActsFirst(DataWrite)),
    ("docs", Result), ("documentation", Result), ("download", ReadsFor), ("draft", ActsFirst(DataWrite)),
    ("drag", ActsFirst(DataWrite)), ("drain", ActsFirst(InfraChange)), ("draw", ReadsFor), ("drop", Acts(DataDelete)),
    ("dump", Acts(DataExport)), ("duplicate", ActsAtEdge(DataWrite)), ("echo", ReadsAtEdge),
    ("edit", Acts(DataWrite)), ("elevate", Acts(PrivilegeChange)), ("elevation", Result),
    ("email", ActsFirst(Communication)), ("embed", ReadsAtEdge), ("emit", ActsFirst(DataWrite)),
    ("emulate", ActsFirst(DataWrite)), ("enable", Acts(InfraChange)), ("encrypt", ActsAtEdge(DataWrite)),
    ("enqueue", ActsAtEdge(DataWrite)), ("enumerate", Reads), ("erase", Acts(DataDelete)), ("estimate", Reads),
    ("evaluate", ActsFirst(DataWrite)), ("examine", Reads), ("examples", Result), ("exec", Acts(InfraChange)),
    ("execute", Acts(InfraChange)), ("exfiltrate", Acts(DataExport)), ("exists", ReadsAtEdge), ("explain", Reads),
    ("explore", Reads), ("export", Acts(DataExport)), ("expunge", Acts(DataDelete)), ("extract", Reads),
    ("failover", Acts(InfraChange)), ("fetch", Reads), ("fill", ActsFirst(DataWrite)), ("find", Reads),
    ("finder", Reads), ("finetune", ActsAtEdge(ModelChange)), ("finish", ActsAtEdge(DataWrite)),
    ("flag", ActsFirst(DataWrite)), ("flush", ActsAtEdge(DataWrite)), ("follow", ActsFirst(DataWrite)),
    ("forecast", Reads), ("fork", ActsFirst(CodeChange)), ("format", ActsFirst(DataWrite)), ("generate", ReadsFor),
    ("geocode", Reads), ("get", Reads), ("glob", Reads), ("grant", Acts(PrivilegeChange)), ("graph", Result),
    ("grep", Reads), ("guidance", Result), ("guide", Result), ("guidelines", Result),
    ("handle", ActsFirst(DataWrite)), ("has", ReadsAtEdge), ("head", ReadsAtEdge), ("health", ReadsAtEdge),
    ("hello", ReadsAtEdge), ("help", ReadsAtEdge), ("hide", ActsFirst(DataWrite)), ("hierarchy", Result),
    ("history", Result), ("hover", ActsFirst(DataWrite)), ("impersonate", Acts(PrivilegeChange)),
    ("import", ActsFirst(DataWrite)), ("increment", ActsAtEdge(DataWrite)), ("indexes", Result), ("indices", Result),
    ("info", ReadsAtEdge), ("ingest", ActsAtEdge(DataWrite)), ("init", ActsAtEdge(InfraChange)),
    ("initialize", ActsAtEdge(InfraChange)), ("insert", Acts(DataWrite)), ("inspect", Reads),
    ("install", ActsAtEdge(InfraChange)), ("introspect", Reads), ("investigate", Reads),
    ("invite", ActsFirst(Communication)), ("invoke", ActsAtEdge(InfraChange)), ("is", ReadsAtEdge),
    ("isochrone", Result), ("issues", Result), ("join", ActsAtEdge(DataWrite)), ("kill", Acts(InfraChange)),
    ("latest", ReadsAtEdge), ("launch", ActsAtEdge(InfraChange)), ("learn", Reads), ("leave", ActsAtEdge(DataWrite)),
    ("like", ActsFirst(DataWrite)), ("limits", Result), ("link", ActsFirst(DataWrite)), ("lint", Reads),
    ("list", Reads), ("load", ActsFirst(DataWrite)), ("lock", ActsAtEdge(DataWrite)), ("log", ActsOrResult),
    ("logs", Result), ("lookup", Reads), ("make", ActsFirst(DataWrite)), ("manage", Acts(DataWrite)), ("map", Result),
    ("mark", ActsAtEdge(DataWrite)), ("materialize", ActsAtEdge(DataWrite)), ("matrix", Result),
    ("merge", ActsAtEdge(CodeChange)), ("message", ActsFirst(Communication)), ("messages", Result),
    ("metrics", Result), ("migrate", Acts(SchemaChange)), ("mint", ActsFirst(DataWrite)), ("modify", Acts(DataWrite)),
    ("mount", ActsAtEdge(InfraChange)), ("move", ActsAtEdge(DataWrite)), ("multiget", Reads),
    ("mutate", Acts(DataWrite)), ("mute", ActsFirst(DataWrite)), ("my", ReadsAtEdge), ("namespaces", Result),
    ("navigate", ActsFirst(InfraChange)), ("nearby", ReadsAtEdge), ("notify", Acts(Communication)),
    ("open", ActsAtEdge(DataWrite)), ("optimize", ActsAtEdge(DataWrite)), ("or", Joins),
    ("order", ActsFirst(DataWrite)), ("outline", Result), ("overview", Result), ("overwrite", Acts(DataWrite)),
    ("parse", Reads), ("paste", ActsFirst(DataWrite)), ("patch", Acts(DataWrite)), ("pause", ActsAtEdge(InfraChange)),
    ("pay", ActsAtEdge(Communication)), ("payout", ActsFirst(Communication)), ("peek", Reads),
    ("pin", ActsFirst(DataWrite)), ("ping", ReadsAtEdge), ("play", ActsFirst(DataWrite)),
    ("pop", ActsFirst(DataWrite)), ("post", ActsFirst(Communication)), ("predict", Reads),
    ("press", ActsFirst(InfraChange)), ("preview", ReadsAtEdge), ("price", ActsOrResult), ("prices", Result),
    ("process", ActsFirst(DataWrite)), ("promote", Acts(PrivilegeChange)), ("protect", ActsAtEdge(DataWrite)),
    ("provision", Acts(InfraChange)), ("prune", Acts(DataDelete)), ("publish", Acts(Communication)),
    ("purge", Acts(DataDelete)), ("push", ActsFirst(CodeChange)), ("put", ActsAtEdge(DataWrite)), ("query", Reads),
    ("quote", ActsOrResult), ("quotes", Result), ("react", ActsFirst(DataWrite)), ("read", Reads), ("reason", Reads),
    ("rebase", ActsAtEdge(CodeChange)), ("reboot", Acts(InfraChange)), ("rebuild", ActsAtEdge(DataWrite)),
    ("recent", Reads), ("recognise", Reads), ("recognize", Reads), ("recommend", Reads),
    ("record", ActsFirst(DataWrite)), ("redo", ActsAtEdge(DataWrite)), ("references", Result),
    ("refresh", ActsAtEdge(DataWrite)), ("refund", ActsFirst(Communication)), ("register", ActsAtEdge(DataWrite)),
    ("reindex", ActsAtEdge(DataWrite)), ("reject", Acts(DataWrite)), ("related", ReadsAtEdge),
    ("release", ActsFirst(CodeChange)), ("remove", Acts(DataDelete)), ("rename", Acts(DataWrite)),
    ("render", ReadsFor), ("reopen", ActsAtEdge(DataWrite)), ("replace", Acts(DataWrite)), ("replies", Result),
    ("reply", ActsAtEdge(Communication)), ("report", ActsOrResult), ("requests", Result), ("rerank", Reads),
    ("rerun", ActsAtEdge(DataWrite)), ("research", Reads), ("resend", Acts(Communication)),
    ("reserve", ActsAtEdge(DataWrite)), ("reset", Acts(InfraChange)), ("resize", ActsFirst(InfraChange)),
    ("resolve", ReadsFor), ("restart", Acts(InfraChange)), ("restore", ActsAtEdge(DataWrite)),
    ("resume", ActsAtEdge(InfraChange)), ("retrain", ActsAtEdge(ModelChange)), ("retrieval", ReadsAtEdge),
    ("retrieve", Reads), ("retry", ActsAtEdge(DataWrite)), ("revoke", Acts(PrivilegeChange)),
    ("rollback", Acts(InfraChange)), ("rotate", Acts(CredentialAccess)), ("rules", Result),
    ("run", ActsFirst(InfraChange)), ("sample", Reads), ("save", Acts(DataWrite)), ("scale", ActsFirst(InfraChange)),
    ("schedule", ActsFirst(DataWrite)), ("schema", Result), ("scrape", Reads), ("scraping", Reads),
    ("screenshot", Result), ("search", Reads), ("seed", ActsAtEdge(DataWrite)), ("select", ActsFirst(DataWrite)),
    ("sell", ActsFirst(DataWrite)), ("send", Acts(Communication)), ("sequentialthinking", Result),
    ("set", ActsAtEdge(DataWrite)), ("setup", ActsFirst(InfraChange)), ("share", ActsFirst(Communication)),
    ("show", Reads), ("shutdown", Acts(InfraChange)), ("sign", ActsFirst(DataWrite)), ("similar", ReadsAtEdge),
    ("simulate", Reads), ("size", Result), ("snapshot", Result), ("split", ActsFirst(DataWrite)),
    ("stake", ActsAtEdge(DataWrite)), ("star", ActsFirst(DataWrite)), ("start", ActsAtEdge(InfraChange)),
    ("state", Result), ("statistics", Result), ("stats", Result), ("status", ReadsAtEdge),
    ("stop", ActsAtEdge(InfraChange)), ("store", Acts(DataWrite)), ("submit", ActsAtEdge(DataWrite)),
    ("subscribe", Acts(DataWrite)), ("suggest", Reads), ("suggestions", Result), ("summarise", Reads),
    ("summarize", Reads), ("summary", Result), ("suspend", Acts(InfraChange)), ("swap", ActsAtEdge(DataWrite)),
    ("switch", ActsFirst(InfraChange)), ("symbols", Result), ("sync", ActsAtEdge(DataWrite)),
    ("tag", ActsFirst(DataWrite)), ("tail", Reads), ("take", ActsFirst(DataWrite)), ("teardown", Acts(InfraChange)),
    ("terminate", Acts(InfraChange)), ("test", ActsFirst(DataWrite)), ("then", Joins), ("think", Reads),
    ("thinking", Result), ("time", ReadsAtEdge), ("toggle", Acts(DataWrite)), ("tokenize", Reads),
    ("top", ReadsAtEdge), ("trace", ActsOrResult), ("track", ActsFirst(DataWrite)), ("trade", ActsFirst(DataWrite)),
    ("train", ActsAtEdge(ModelChange)), ("transcribe", Reads), ("transfer", ActsFirst(DataWrite)),
    ("transform", ActsFirst(DataWrite)), ("translate", Reads), ("traverse", Reads), ("tree", Result),
    ("trigger", ActsFirst(InfraChange)), ("troubleshoot", Reads), ("truncate", Acts(DataDelete)),
    ("type", ActsFirst(InfraChange)), ("unarchive", ActsAtEdge(DataWrite)), ("unassign", ActsAtEdge(PrivilegeChange)),
    ("unban", ActsFirst(DataWrite)), ("unbind", ActsAtEdge(DataWrite)), ("unblock", ActsFirst(DataWrite)),
    ("uncordon", Acts(InfraChange)), ("undeploy", Acts(InfraChange)), ("undo", ActsAtEdge(DataWrite)),
    ("unfollow", ActsAtEdge(DataWrite)), ("uninstall", Acts(InfraChange)), ("unlink", Acts(DataWrite)),
    ("unload", Acts(DataExport)), ("unlock", ActsAtEdge(DataWrite)), ("unmark", ActsAtEdge(DataWrite)),
    ("unmount", ActsAtEdge(InfraChange)), ("unmute", ActsFirst(DataWrite)), ("unpin", ActsAtEdge(DataWrite)),
    ("unprotect", ActsAtEdge(DataWrite)), ("unregister", ActsAtEdge(DataWrite)), ("unseal", Acts(CredentialAccess)),
    ("unstar", ActsAtEdge(DataWrite)), ("unsubscribe", Acts(DataWrite)), ("untag", ActsAtEdge(DataWrite)),
    ("update", Acts(DataWrite)), ("upgrade", ActsAtEdge(InfraChange)), ("upload", Acts(DataWrite)),
    ("upsert", Acts(DataWrite)), ("usage", Result), ("use", ActsFirst(DataWrite)), ("vacuum", ActsFirst(DataWrite)),
    ("validate", Reads), ("verify", Reads), ("version", Result), ("view", ReadsAtEdge), ("visualize", ReadsFor),
    ("vote", ActsFirst(DataWrite)), ("wait", Reads), ("watch", ActsFirst(DataWrite)), ("weather", Result),
    ("whoami", Reads), ("wipe", Acts(DataDelete)), ("with", Joins), ("withdraw", ActsAtEdge(DataWrite)),
    ("write", Acts(DataWrite)),
];

/// What words say as nouns, sorted.
#[rustfmt::skip]
pub(super) static NOUNS: [(&str, Noun); 169] = [
    ("access", Qualifier), ("acl", About(PrivilegeChange)), ("acls", About(PrivilegeChange)),
    ("admin", About(PrivilegeChange)), ("admins", About(PrivilegeChange)), ("api", Qualifier), ("apikey", Secret),
    ("apikeys", Secret), ("architecture", Product), ("artifact", Product), ("artifacts", Product),
    ("attachment", Product), ("attachments", Product), ("authenticators", About(PrivilegeChange)),
    ("authorization", About(PrivilegeChange)), ("bearer", Qualifier), ("branch", About(CodeChange)),
    ("branches", About(CodeChange)), ("bytes", Product), ("certificate", About(CredentialAccess)),
    ("certificates", About(CredentialAccess)), ("charges", About(Communication)), ("chart", Product),
    ("cli", Product), ("client", Qualifier), ("cluster", About(InfraChange)),
    ("clusterrolebindings", About(PrivilegeChange)), ("clusterroles", About(PrivilegeChange)),
    ("clusters", About(InfraChange)), ("code", Product), ("collaborator", About(PrivilegeChange)),
    ("collaborators", About(PrivilegeChange)), ("column", About(SchemaChange)), ("columns", About(SchemaChange)),
    ("commands", Product), ("commit", About(CodeChange)), ("commits", About(CodeChange)),
    ("containers", About(InfraChange)), ("credential", Secret), ("credentials", Secret), ("currency", Product),
    ("deploy", Qualifier), ("deployment", About(InfraChange)), ("deployments", About(InfraChange)),
    ("diagram", Product), ("dns", Product), ("docs", Product), ("documentation", Product),
    ("droplets", About(InfraChange)), ("email", About(Communication)), ("emails", About(Communication)),
    ("embedding", Product), ("embeddings", Product), ("encryption", Qualifier), ("endpoints", About(InfraChange)),
    ("entitlement", About(PrivilegeChange)), ("entitlements", About(PrivilegeChange)),
    ("finetuning", About(ModelChange)), ("firewall", About(InfraChange)), ("firewalls", About(InfraChange)),
    ("grants", About(PrivilegeChange)), ("graph", Product), ("guide", Product), ("iam", About(PrivilegeChange)),
    ("icon", Product), ("icons", Product), ("id", Product), ("idps", About(PrivilegeChange)), ("ids", Product),
    ("image", Product), ("images", Product), ("impersonation", About(PrivilegeChange)),
    ("installations", About(PrivilegeChange)), ("instance", About(InfraChange)), ("instances", About(InfraChange)),
    ("invitation", About(PrivilegeChange)), ("invitations", About(PrivilegeChange)), ("key", Key), ("keys", Key),
    ("kubeconfig", Secret), ("library", Product), ("locator", Product), ("mail", About(Communication)),
    ("map", Product), ("member", About(PrivilegeChange)), ("members", About(PrivilegeChange)),
    ("membership", About(PrivilegeChange)), ("memberships", About(PrivilegeChange)),
    ("message", About(Communication)), ("messages", About(Communication)), ("mfa", About(CredentialAccess)),
    ("model", About(ModelChange)), ("models", About(ModelChange)), ("namespaces", About(InfraChange)),
    ("nodes", About(InfraChange)), ("notifications", About(Communication)), ("otp", About(CredentialAccess)),
    ("paper", Product), ("passphrase", Secret), ("password", Secret), ("passwords", Secret),
    ("payment", About(Communication)), ("payments", About(Communication)), ("payouts", About(Communication)),
    ("permission", About(PrivilegeChange)), ("permissions", About(PrivilegeChange)), ("personal", Qualifier),
    ("plan", Product), ("pods", About(InfraChange)), ("policies", About(PrivilegeChange)),
    ("policy", About(PrivilegeChange)), ("pr", About(CodeChange)), ("principal", About(PrivilegeChange)),
    ("principals", About(PrivilegeChange)), ("private", Qualifier), ("privilege", About(PrivilegeChange)),
    ("privileges", About(PrivilegeChange)), ("pulls", About(CodeChange)), ("rbac", About(PrivilegeChange)),
    ("recipe", Product), ("refresh", Qualifier), ("refs", About(CodeChange)), ("refunds", About(Communication)),
    ("releases", About(CodeChange)), ("repo", About(CodeChange)), ("repos", About(CodeChange)),
    ("repositories", About(CodeChange)), ("repository", About(CodeChange)), ("role", About(PrivilegeChange)),
    ("rolebinding", About(PrivilegeChange)), ("rolebindings", About(PrivilegeChange)),
    ("roles", About(PrivilegeChange)), ("saml", About(PrivilegeChange)), ("scan", Innocent), ("scanning", Innocent),
    ("schema", About(SchemaChange)), ("schemas", About(SchemaChange)), ("scim", About(PrivilegeChange)),
    ("screenshot", Product), ("screenshots", Product), ("secret", Secret), ("secrets", Secret),
    ("server", About(InfraChange)), ("servers", About(InfraChange)), ("service", Qualifier),
    ("serviceaccount", About(PrivilegeChange)), ("serviceaccounts", About(PrivilegeChange)),
    ("serviceprincipals", About(PrivilegeChange)), ("signing", Qualifier), ("sms", About(Communication)),
    ("snippet", Product), ("snippets", Product), ("sql", Product), ("ssh", Qualifier),
    ("sso", About(PrivilegeChange)), ("summary", Product), ("symbol", Product), ("table", About(SchemaChange)),
    ("tables", About(SchemaChange)), ("time", Product), ("timezone", Product), ("token", Token), ("tokens", Token),
    ("training", About(ModelChange)), ("transfers", About(Communication)), ("types", Product), ("units", Product),
    ("url", Product), ("volumes", About(InfraChange)),
];
