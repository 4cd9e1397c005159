//! What kind of action an operation is: by its access level, the service it belongs to, and the words of its name.
//!
//! AWS names operations verb first, in camel case. The level says whether an operation reads; the words say what a write
//! is about, as a security reviewer would put it. What no rule names changes data at a service that keeps data, and
//! infrastructure elsewhere.

use countersign_core::action::{Access, Class, Reversible};

use super::{
    domain::{self, Domain},
    model::Model,
};

/// What the operations of a service are about.
pub(super) struct Service {
    id: String,
    domain: Domain,
}

impl Service {
    pub(super) fn new(model: &Model) -> Self {
        let id = model.id.clone();
        Self { domain: domain::of(&id), id }
    }

    /// The class of an operation.
    pub(super) fn class(&self, name: &str, access: Option<Access>, reads: bool) -> Class {
        let words = words(name);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        if reads {
            return self.class_of_read(name, &words);
        }
        if let Some(class) = self.particular(name) {
            return class;
        }
        if access == Some(Access::Tagging) {
            return self.default_class(&words);
        }
        let secret = is_about_secrets(&words);
        if access == Some(Access::Permissions) {
            let rights = words.iter().any(|word| matches!(*word, "policy" | "grant" | "permission"));
            return if (self.domain == Domain::Secrets || secret) && !rights {
                Class::CredentialAccess
            } else {
                Class::PrivilegeChange
            };
        }
        if words.contains(&"export")
            && self.domain != Domain::Secrets
            && !is_undoing(&words)
            && words.first() != Some(&"stop")
        {
            return Class::DataExport;
        }
        if secret {
            return Class::CredentialAccess;
        }
        if is_about_privileges(&words) {
            return Class::PrivilegeChange;
        }
        match self.domain {
            Domain::Identity => return Class::PrivilegeChange,
            Domain::Secrets => return Class::CredentialAccess,
            Domain::Code | Domain::Models | Domain::Messages | Domain::Data | Domain::Infrastructure => {}
        }
        if is_message(&words, self.domain) {
            return Class::Communication;
        }
        if is_undoing(&words) {
            return self.class_of_delete(&words);
        }
        self.default_class(&words)
    }

    fn class_of_read(&self, name: &str, words: &[&str]) -> Class {
        let secret = listed(SECRET_READS, name) || SECRET_READS_OF.contains(&(self.id.as_str(), name));
        if secret {
            Class::CredentialAccess
        } else if words.first() == Some(&"export") {
            Class::DataExport
        } else {
            Class::ReadOnly
        }
    }

    /// Operations whose name says less than everybody knows of them.
    fn particular(&self, name: &str) -> Option<Class> {
        let named =
            |(services, names, _): &&(&str, &str, Class)| listed(services, &self.id) && listed(names, name);
        PARTICULAR.iter().find(named).map(|(_, _, class)| *class)
    }

    fn class_of_delete(&self, words: &[&str]) -> Class {
        match self.domain {
            Domain::Code if words.contains(&"tags") => Class::CodeChange,
            Domain::Data | Domain::Models | Domain::Messages | Domain::Code => Class::DataDelete,
            Domain::Infrastructure | Domain::Identity | Domain::Secrets if is_about_data(words) => {
                Class::DataDelete
            }
            Domain::Infrastructure | Domain::Identity | Domain::Secrets => Class::InfraChange,
        }
    }

    fn default_class(&self, words: &[&str]) -> Class {
        let any = |wanted: &[&str]| words.iter().any(|word| wanted.contains(word));
        match self.domain {
            Domain::Identity => Class::PrivilegeChange,
            Domain::Secrets => Class::CredentialAccess,
            Domain::Code => Class::CodeChange,
            Domain::Data if is_schema(words) => Class::SchemaChange,
            Domain::Data if any(&["ml"]) && any(&["model"]) => Class::ModelChange,
            Domain::Models
                if any(&[
                    "model",
                    "models",
                    "training",
                    "endpoint",
                    "tuning",
                    "customization",
                    "inference",
                    "finetuning",
                    "experiment",
                    "pipeline",
                    "deployment",
                ]) =>
            {
                Class::ModelChange
            }
            Domain::Models | Domain::Data | Domain::Messages => Class::DataWrite,
            Domain::Infrastructure => Class::InfraChange,
        }
    }
}

/// Whether a name reads, where nothing but the name is known.
pub(super) fn reads(name: &str) -> bool {
    let words = words(name);
    let mut words = words.iter().map(String::as_str);
    let first = match words.next() {
        Some("batch" | "admin" | "bulk") => words.next(),
        first => first,
    };
    first.is_some_and(|verb| READS.contains(&verb))
}

/// Whether what an operation does can be undone, as far as its verb tells.
pub(super) fn reversible(name: &str) -> Reversible {
    let words = words(name);
    let first = words
        .iter()
        .map(String::as_str)
        .find(|word| !matches!(*word, "batch" | "admin" | "bulk" | "schedule"));
    match first {
        Some(
            "delete" | "terminate" | "purge" | "remove" | "destroy" | "send" | "publish" | "export"
            | "purchase" | "revoke" | "redact",
        ) => Reversible::No,
        Some(
            "create" | "tag" | "untag" | "start" | "stop" | "attach" | "detach" | "associate"
            | "disassociate" | "enable" | "disable" | "add" | "register" | "deregister" | "subscribe"
            | "activate" | "deactivate" | "pause" | "resume" | "authorize",
        ) => Reversible::Yes,
        _ => Reversible::Unknown,
    }
}

/// Verbs with which AWS names reads.
const READS: [&str; 27] = [
    "get", "list", "describe", "search", "query", "scan", "head", "lookup", "check", "validate", "estimate",
    "preview", "count", "discover", "view", "filter", "compare", "resolve", "detect", "select", "simulate",
    "is", "predict", "retrieve", "verify", "evaluate", "read",
];

/// Reads that hand out a secret, of services where others read more harmless things by that name.
const SECRET_READS_OF: [(&str, &str); 4] = [
    ("acm", "ExportCertificate"),
    ("acm", "GetAcmeExternalAccountBindingCredentials"),
    ("ssm", "GetAccessToken"),
    ("license-manager", "GetAccessToken"),
];

/// Reads that hand out a secret, whoever offers them.
const SECRET_READS: &str = "GetAuthorizationToken GetFederationToken GetSessionToken GetCredentialsForIdentity GetOpenIdToken \
     GetOpenIdTokenForDeveloperIdentity GetPasswordData GetSecretValue BatchGetSecretValue \
     GetRoleCredentials GetResourceApiKey GetResourceOauth2Token GetResourcePaymentToken GetDataAccess \
     GetComputeAccess GetComputeAuthToken GetInstanceAccess GetInstanceAccessDetails \
     RequestUploadCredentials GetEnvironmentCredentials GetClusterCredentials \
     GetClusterCredentialsWithIAM GetCredentials GetTemporaryGlueTableCredentials \
     GetTemporaryGluePartitionCredentials GetTemporaryGlueFunctionCredentials \
     GetTemporaryDataLocationCredentials GetSpaceCredentialsForOrganization GetSpaceDataAccess \
     GetDevEndpointCredentials GetBucketAccessKeys GetChallengePassword \
     GetRelationalDatabaseMasterUserPassword DownloadDefaultKeyPair GetIdentityCenterAuthToken \
     GetSessionEndpoint GetClientToken GetDerivedToken DescribeChapCredentials ListApiKeys \
     GetClusterSessionCredentials";

/// Operations of services, and their class.
const PARTICULAR: [(&str, &str, Class); 11] = [
    ("lambda", "CreateFunction UpdateFunctionCode PublishVersion PublishLayerVersion", Class::CodeChange),
    ("ec2", "CreateStoreImageTask CreateInstanceExportTask", Class::DataExport),
    ("ec2", "CreateKeyPair ImportKeyPair DeleteKeyPair", Class::CredentialAccess),
    ("redshift-data rds-data", "ExecuteStatement BatchExecuteStatement ExecuteSql", Class::DataWrite),
    ("glacier", "InitiateJob", Class::DataExport),
    ("ssm", "SendCommand StartSession StartAutomationExecution", Class::InfraChange),
    ("ssm", "PutParameter DeleteParameter DeleteParameters", Class::DataWrite),
    ("sqs", "CreateQueue", Class::PrivilegeChange),
    ("dynamodb", "ExportTableToPointInTime", Class::DataExport),
    ("workmailmessageflow", "PutRawMessageContent", Class::Communication),
    (
        "iot",
        "CreateKeysAndCertificate CreateCertificateFromCsr CreateProvisioningClaim RegisterThing",
        Class::CredentialAccess,
    ),
];

fn listed(list: &str, word: &str) -> bool {
    list.split(' ').any(|known| known == word)
}

/// Whether a write gives, makes or changes a secret.
fn is_about_secrets(words: &[&str]) -> bool {
    let any = |wanted: &[&str]| words.iter().any(|word| wanted.contains(word));
    let pair = |first: &[&str], second: &[&str]| {
        words.windows(2).any(|two| matches!(two, [a, b] if first.contains(a) && second.contains(b)))
    };
    if any(&[
        "secret",
        "secrets",
        "password",
        "passwords",
        "credential",
        "credentials",
        "decrypt",
        "passcode",
        "ssh",
    ]) {
        return true;
    }
    if any(&["token", "tokens"]) && !any(&["balance"]) {
        return true;
    }
    pair(&["api", "access", "private", "public", "signing", "security", "customer", "data"], &["key", "keys"])
        && !any(&["encryption"])
        || pair(&["key"], &["pair", "pairs"])
        || words.first() == Some(&"assume")
}

/// Whether a write changes who may do what.
fn is_about_privileges(words: &[&str]) -> bool {
    let any = |wanted: &[&str]| words.iter().any(|word| wanted.contains(word));
    let pair = |first: &[&str], second: &[&str]| {
        words.windows(2).any(|two| matches!(two, [a, b] if first.contains(a) && second.contains(b)))
    };
    if any(&[
        "permission",
        "permissions",
        "role",
        "roles",
        "member",
        "members",
        "membership",
        "memberships",
        "admin",
        "administrator",
        "admins",
        "grant",
        "grants",
        "acl",
        "acls",
        "entitlement",
        "entitlements",
        "delegated",
        "collaborator",
        "collaborators",
        "revoke",
        "privilege",
        "privileges",
        "principal",
        "principals",
        "iam",
        "assume",
        "sharing",
    ]) {
        return true;
    }
    pair(
        &[
            "resource",
            "access",
            "bucket",
            "key",
            "repository",
            "queue",
            "vault",
            "user",
            "role",
            "group",
            "permissions",
            "registry",
            "container",
            "authorization",
            "trust",
            "system",
            "stack",
            "cluster",
            "domain",
            "session",
            "hub",
        ],
        &["policy", "policies"],
    ) || pair(&["access"], &["control", "entry", "scope"])
        || pair(&["web"], &["acl"])
        || words.contains(&"ownership")
        || words.contains(&"share") && !words.contains(&"file")
        || words.first() == Some(&"share")
        || pair(&["user"], &["pool"])
        || pair(&["identity"], &["provider"])
}

/// Whether a write sends something to somebody, money included.
fn is_message(words: &[&str], domain: Domain) -> bool {
    let any = |wanted: &[&str]| words.iter().any(|word| wanted.contains(word));
    let sends = matches!(words.first(), Some(&("send" | "publish" | "notify" | "invite")));
    let message =
        any(&["message", "messages", "email", "mail", "sms", "bonus", "users", "invitation", "invitations"]);
    let other = any(&["version", "layer", "type", "app", "package", "function", "limit"]);
    sends && !other && (message || domain == Domain::Messages)
        || any(&["purchase", "payment", "payments"]) && !any(&["session"])
        || matches!(words, ["create" | "start" | "pause" | "resume", "campaign"])
        || any(&["outbound"]) && any(&["contact", "message"])
}

/// Whether a write makes or changes the shape of data.
fn is_schema(words: &[&str]) -> bool {
    words.iter().any(|word| {
        matches!(
            *word,
            "table"
                | "tables"
                | "schema"
                | "schemas"
                | "database"
                | "keyspace"
                | "column"
                | "namespace"
                | "dataset"
                | "index"
        )
    }) && !words.iter().any(|word| {
        matches!(*word, "route" | "tag" | "untag" | "row" | "rows" | "records" | "item" | "items")
    })
}

fn is_undoing(words: &[&str]) -> bool {
    let first =
        words.iter().find(|word| !matches!(**word, "batch" | "admin" | "bulk" | "schedule" | "start"));
    matches!(
        first,
        Some(&("delete" | "remove" | "purge" | "destroy" | "deregister" | "terminate" | "forget" | "erase"))
    )
}

fn is_about_data(words: &[&str]) -> bool {
    words.iter().any(|word| {
        matches!(
            *word,
            "table"
                | "snapshot"
                | "snapshots"
                | "backup"
                | "backups"
                | "volume"
                | "object"
                | "objects"
                | "item"
                | "items"
                | "bucket"
                | "database"
                | "db"
                | "cluster"
                | "filesystem"
                | "records"
                | "data"
                | "dataset"
                | "log"
                | "logs"
                | "recording"
                | "file"
                | "files"
                | "domain"
        )
    })
}

/// The words of a name, in lower case: split before a capital that starts a word.
fn words(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.chars().collect();
    let mut words: Vec<String> = Vec::new();
    for (place, letter) in letters.iter().enumerate() {
        let before = place.checked_sub(1).and_then(|before| letters.get(before));
        let after = letters.get(place + 1);
        let starts = letter.is_ascii_uppercase()
            && (before.is_none_or(|before| !before.is_ascii_uppercase())
                || after.is_some_and(char::is_ascii_lowercase));
        match words.last_mut() {
            Some(word) if !starts => word.push(letter.to_ascii_lowercase()),
            _ => words.push(letter.to_ascii_lowercase().to_string()),
        }
    }
    words
}
