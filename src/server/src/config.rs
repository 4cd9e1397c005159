//! The service's configuration: what was typed ([`Document`]), and what it means ([`Config`]).
//!
//! Keys never stand in the document itself: they are named by an environment variable or a file.

pub(crate) mod database;
pub(crate) mod demand;
pub(crate) mod document;
pub mod sign_in;

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use countersign_wire::{digest::Secret, names::limits};

use crate::{
    deliver::{Apps, Routes},
    keys::{Missing, secret_file},
    secrets::Secrets,
    service::{Person, StartError},
};
pub use database::{DatabaseUrl, Encryption};
pub use document::Document;
use document::PersonAt;
pub use sign_in::SignIn;

/// The issuer of `--dev` identities.
pub const DEV_ISSUER: &str = "urn:countersign:dev";

/// Whether the local login of `--dev` is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Local reviewers log in on loopback without a password.
    Dev,
    /// An identity provider says who is who.
    Production,
}

/// A configuration that was checked.
#[derive(Clone, Debug)]
pub struct Config {
    pub(crate) mode: Mode,
    pub(crate) issuer: String,
    pub(crate) authorities: BTreeSet<String>,
    pub(crate) clients: Vec<Client>,
    pub(crate) directory: Directory,
    pub(crate) deny_memory: Duration,
    pub(crate) lease: Duration,
    pub(crate) grant: Duration,
    pub(crate) outcome_after: Duration,
    pub(crate) anchor: Option<PathBuf>,
    pub(crate) limits: Limits,
    pub(crate) observe: Option<SocketAddr>,
    pub(crate) drain: Duration,
    pub(crate) secrets: Secrets,
    pub(crate) slack: Option<crate::slack::config::Settings>,
    pub(crate) teams: Option<std::sync::Arc<crate::teams::Bot>>,
    pub(crate) routes: Routes,
    pub(crate) database: Option<DatabaseUrl>,
    pub(crate) messages_per_minute: u32,
    pub(crate) sign_in: Option<SignIn>,
    pub(crate) demands: Vec<demand::Demand>,
    /// Where a policy's commit can be read, with `{commit}` in it.
    pub(crate) policy_url: Option<String>,
}

/// What keeps reviewers and the store from being flooded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many requests of one requester may wait at once.
    pub pending_per_subject: u32,
    /// How many requests under one rule may wait at once.
    pub pending_per_rule: u32,
    /// How many submissions one requester may make within a minute.
    pub submissions_per_minute: u32,
    /// How many calls one reviewer's programs may make within a minute.
    pub calls_per_minute: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            pending_per_subject: 2_000,
            pending_per_rule: 10_000,
            submissions_per_minute: 6_000,
            calls_per_minute: 600,
        }
    }
}

/// The largest limit: beyond it nothing is limited.
const LARGEST: u32 = 1_000_000;

/// How many messages a minute people read.
const MESSAGES: u32 = 20;

impl Limits {
    fn messages(typed: Option<u32>) -> Result<u32, StartError> {
        match typed.unwrap_or(MESSAGES) {
            number @ 1..=LARGEST => Ok(number),
            number => Err(StartError(format!("`messages_per_minute` ({number}) must be 1 to {LARGEST}"))),
        }
    }

    fn read(typed: [Option<u32>; 4]) -> Result<Self, StartError> {
        let usual = Self::default();
        let [of_subject, of_rule, per_minute, calls] = typed;
        let read = |name: &str, typed: Option<u32>, usual: u32| match typed.unwrap_or(usual) {
            number @ 1..=LARGEST => Ok(number),
            number => Err(StartError(format!("`{name}` ({number}) must be 1 to {LARGEST}"))),
        };
        Ok(Self {
            pending_per_subject: read(limits::SUBJECT, of_subject, usual.pending_per_subject)?,
            pending_per_rule: read(limits::RULE, of_rule, usual.pending_per_rule)?,
            submissions_per_minute: read(limits::RATE, per_minute, usual.submissions_per_minute)?,
            calls_per_minute: read(crate::service::CALLS, calls, usual.calls_per_minute)?,
        })
    }
}

/// A filter that may ask.
#[derive(Clone, Debug)]
pub struct Client {
    /// Its id, the audience of its grants.
    pub id: String,
    /// Its signing keys; two during a rotation.
    pub keys: Vec<ClientKey>,
}

/// One signing key of a filter.
#[derive(Clone, Debug)]
pub struct ClientKey {
    /// How requests name it.
    pub keyid: String,
    /// The shared secret.
    pub(crate) secret: Secret,
}

/// Who the reviewers are and which groups they are in, now.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    pub(crate) people: Vec<Reviewer>,
    pub(crate) groups: Groups,
    pub(crate) learnt: Learnt,
}

/// What is known of groups beside the document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Learnt {
    /// Nothing.
    #[default]
    Nothing,
    /// What sign-ins told.
    Told {
        /// Which groups may be told.
        names: sign_in::Tells,
        /// For how long that counts.
        age: Duration,
    },
}

/// People and groups as they are typed.
pub(crate) struct DirectoryAt {
    people: Option<Vec<PersonAt>>,
    groups: Option<BTreeMap<String, BTreeSet<String>>>,
}

/// One human and every account known to be theirs.
#[derive(Clone, Debug)]
pub struct Reviewer {
    /// What others call them, and how groups name them.
    pub name: String,
    /// The first account is the one they log in with under `--dev`.
    pub accounts: Vec<Account>,
}

/// One account at one issuer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The issuer.
    pub iss: String,
    /// The account there.
    pub sub: String,
    /// Its e-mail address.
    pub email: Option<String>,
}

/// Reviewer groups.
#[derive(Clone, Debug, Default)]
pub enum Groups {
    /// Everybody is in every group: `--dev` without a document.
    #[default]
    Everybody,
    /// Names of members by group.
    Listed(BTreeMap<String, BTreeSet<String>>),
}

impl Directory {
    /// A directory of these people in these groups.
    pub fn new(people: Vec<Reviewer>, groups: Groups) -> Self {
        Self { people, groups, learnt: Learnt::Nothing }
    }

    /// Which of `wanted` somebody is in, going by the document and by what their session knows: for pages. What a decision
    /// goes by is asked of the store.
    pub fn groups_for(&self, who: &Person, wanted: &[String]) -> Vec<String> {
        let mut groups = self.groups_of(&who.iss, &who.sub, wanted);
        match self.learnt {
            Learnt::Nothing => {}
            Learnt::Told { .. } => {
                let told = wanted.iter().filter(|name| who.groups.contains(name) && !groups.contains(name));
                let told: Vec<String> = told.cloned().collect();
                groups.extend(told);
            }
        }
        groups
    }

    /// The people.
    pub fn people(&self) -> &[Reviewer] {
        &self.people
    }

    /// The groups.
    pub fn groups(&self) -> &Groups {
        &self.groups
    }

    /// Which of `wanted` the account (`iss`, `sub`) is in by the document. A stranger is in none.
    pub fn groups_of(&self, iss: &str, sub: &str, wanted: &[String]) -> Vec<String> {
        let owns = |person: &&Reviewer| {
            person.accounts.iter().any(|account| account.iss == iss && account.sub == sub)
        };
        let Some(person) = self.people.iter().find(owns) else { return Vec::new() };
        match &self.groups {
            Groups::Everybody => wanted.to_vec(),
            Groups::Listed(groups) => {
                let member =
                    |name: &&String| groups.get(*name).is_some_and(|members| members.contains(&person.name));
                wanted.iter().filter(member).cloned().collect()
            }
        }
    }

    /// Every group the account (`iss`, `sub`) is in by the document.
    pub(crate) fn listed(&self, iss: &str, sub: &str) -> Vec<String> {
        match &self.groups {
            Groups::Everybody => Vec::new(),
            Groups::Listed(groups) => {
                let all: Vec<String> = groups.keys().cloned().collect();
                self.groups_of(iss, sub, &all)
            }
        }
    }

    /// Every account known to belong to the human behind (`iss`, `sub`).
    pub(crate) fn accounts_of(&self, iss: &str, sub: &str) -> Vec<Account> {
        let owns = |person: &&Reviewer| {
            person.accounts.iter().any(|account| account.iss == iss && account.sub == sub)
        };
        self.people.iter().find(owns).map(|person| person.accounts.clone()).unwrap_or_default()
    }

    /// What others call the human behind (`iss`, `sub`); `None` for a stranger.
    pub(crate) fn name_of(&self, iss: &str, sub: &str) -> Option<String> {
        let owns = |person: &&Reviewer| {
            person.accounts.iter().any(|account| account.iss == iss && account.sub == sub)
        };
        self.people.iter().find(owns).map(|person| person.name.clone())
    }

    /// Whether a group of this name exists.
    pub fn knows_group(&self, name: &str) -> Known {
        match &self.learnt {
            Learnt::Nothing => {}
            // What the providers call their groups is not known before somebody signs in.
            Learnt::Told { names: sign_in::Tells::Any, .. } => return Known::Yes,
            Learnt::Told { names: sign_in::Tells::These(names), .. } => {
                if names.contains(name) {
                    return Known::Yes;
                }
            }
        }
        match &self.groups {
            Groups::Everybody => Known::Yes,
            Groups::Listed(groups) if groups.contains_key(name) => Known::Yes,
            Groups::Listed(_) => Known::No,
        }
    }

    /// The people as they log in under `--dev`.
    pub(crate) fn logins(&self) -> Vec<Person> {
        let login = |person: &Reviewer| {
            let account = person.accounts.first()?;
            let groups = match &self.groups {
                Groups::Everybody => Vec::new(),
                Groups::Listed(groups) => groups
                    .iter()
                    .filter(|(_, members)| members.contains(&person.name))
                    .map(|(name, _)| name.clone())
                    .collect(),
            };
            Some(Person {
                iss: account.iss.clone(),
                sub: account.sub.clone(),
                email: account.email.clone(),
                name: person.name.clone(),
                groups,
            })
        };
        self.people.iter().filter_map(login).collect()
    }
}

/// Whether a name is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// It is.
    Yes,
    /// It is not.
    No,
}

impl Config {
    /// `--dev` without a document: issuer `http://ADDRESS`, one client `urn:countersign:pep:dev` whose secret is kept in
    /// `STATE/pep.key`, reviewers bob and carol, both in every group.
    ///
    /// # Errors
    /// A sentence, where the secret cannot be read or written.
    pub fn dev(listen: SocketAddr, state: &Path) -> Result<Self, StartError> {
        Self::compile(Document::default(), listen, state, Mode::Dev)
    }

    /// Reads and checks a `server.yaml`.
    ///
    /// # Errors
    /// A sentence that names what is wrong.
    pub fn read(yaml: &str, listen: SocketAddr, state: &Path, mode: Mode) -> Result<Self, StartError> {
        let document = serde_saphyr::from_str(yaml)
            .map_err(|error| StartError(format!("the configuration does not read: {error}")))?;
        Self::compile(document, listen, state, mode)
    }

    fn compile(
        mut document: Document,
        listen: SocketAddr,
        state: &Path,
        mode: Mode,
    ) -> Result<Self, StartError> {
        let sign_in = signing_in(&mut document, mode)?;
        crate::service::prepare(state)?;
        let issuer = document.issuer.unwrap_or_else(|| format!("http://{listen}"));
        if mode == Mode::Production {
            crate::outward::safe(&issuer)
                .map_err(|why| StartError(format!("issuer: people sign in there: {why}")))?;
        }
        let Some(authority) = issuer.strip_prefix("https://").or_else(|| issuer.strip_prefix("http://"))
        else {
            return Err(StartError(format!("issuer `{issuer}` is not an http or https URL")));
        };
        if authority.is_empty() || issuer.ends_with('/') {
            return Err(StartError(format!("issuer `{issuer}` must be a URL without a slash at its end")));
        }
        let authority = authority.split('/').next().unwrap_or(authority).to_ascii_lowercase();
        let mut authorities: BTreeSet<String> =
            document.authorities.iter().map(|name| name.to_ascii_lowercase()).collect();
        if authorities.is_empty() {
            authorities.extend([authority, listen.to_string(), format!("localhost:{}", listen.port())]);
        }
        let directory = if let Some(sign_in) = &sign_in {
            sign_in::directory(DirectoryAt { people: document.people, groups: document.groups }, sign_in)?
        } else {
            let people = match document.dev_reviewers {
                None => vec![Reviewer::dev("bob"), Reviewer::dev("carol")],
                Some(people) => people.into_iter().map(Reviewer::from).collect(),
            };
            let groups = groups(document.groups, &people, "dev_reviewers")?;
            Directory::new(people, groups)
        };
        let teams = document.teams.map(crate::teams::config::TeamsAt::compile).transpose();
        let apps = Apps {
            slack: document.slack.map(crate::slack::config::Settings::compile).transpose()?,
            teams: teams.map_err(|why| StartError(format!("teams: {why}")))?,
        };
        Ok(Self {
            mode,
            issuer,
            authorities,
            clients: clients(document.clients, state)?,
            directory,
            lease: document.lease.map_or(Duration::from_mins(1), |span| span.0),
            deny_memory: document.deny_memory.map_or(Duration::from_mins(1), |span| span.0),
            anchor: document.anchor,
            outcome_after: document.outcome_after.map_or(Duration::from_mins(5), |span| span.0),
            grant: document.grant.map_or(Duration::from_mins(5), |span| span.0),
            limits: Limits::read([
                document.pending_per_subject,
                document.pending_per_rule,
                document.submissions_per_minute,
                document.calls_per_minute,
            ])?,
            observe: document.observe,
            drain: document.drain.map_or(Duration::ZERO, |span| span.0),
            messages_per_minute: Limits::messages(document.messages_per_minute)?,
            secrets: Secrets::compile(document.secrets, document.vault)?,
            database: document.database.as_ref().map(DatabaseUrl::read).transpose()?,
            routes: Routes::compile(document.channels, document.notify, &apps)?,
            slack: apps.slack,
            teams: apps.teams,
            sign_in,
            demands: demand::compile(document.demands)?,
            policy_url: demand::policy_url(document.policy_url)?,
        })
    }

    /// The issuer of grants, without a slash at its end.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The same with the database elsewhere.
    #[must_use]
    pub fn with_database(self, url: DatabaseUrl) -> Self {
        Self { database: Some(url), ..self }
    }

    /// Where the database is; `None` where it is in the state directory.
    pub fn database(&self) -> Option<&DatabaseUrl> {
        self.database.as_ref()
    }

    /// Where health and numbers are asked for, if not at the service's own address.
    pub fn observe(&self) -> Option<SocketAddr> {
        self.observe
    }

    /// How long the service says that it is stopping before it stops.
    pub fn drain(&self) -> Duration {
        self.drain
    }

    /// Whether the local login is open.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Who says who is who; `None` under `--dev`.
    pub fn sign_in(&self) -> Option<&SignIn> {
        self.sign_in.as_ref()
    }

    /// Where the commit of a policy can be read, with `{commit}` where the commit goes.
    pub fn policy_url(&self) -> Option<&str> {
        self.policy_url.as_deref()
    }

    /// The bot of Microsoft Teams, where there is one.
    pub(crate) fn teams(&self) -> Option<&std::sync::Arc<crate::teams::Bot>> {
        self.teams.as_ref()
    }

    /// The filters that may ask.
    pub fn clients(&self) -> &[Client] {
        &self.clients
    }
}

impl Reviewer {
    fn dev(name: &str) -> Self {
        let account = Account {
            iss: DEV_ISSUER.to_owned(),
            sub: name.to_owned(),
            email: Some(format!("{name}@example.com")),
        };
        Self { name: name.to_owned(), accounts: vec![account] }
    }
}

/// Who says who is who. Each mode has its own keys, and one of the other would be without effect: that is said.
fn signing_in(document: &mut Document, mode: Mode) -> Result<Option<SignIn>, StartError> {
    let without = |key: &str, why: &str| Err(StartError(format!("`{key}` {why}")));
    match (mode, document.sign_in.take()) {
        (Mode::Dev, Some(_)) => without("sign_in", "is for production; leave `--dev` out, or `sign_in`"),
        (Mode::Dev, None) if document.people.is_some() => {
            without("people", "is for production; local reviewers of `--dev` are `dev_reviewers`")
        }
        (Mode::Dev, None) => Ok(None),
        (Mode::Production, None) => Err(StartError(
            "no identity provider is configured, so nobody could approve anything; configure one, or try \
             countersign on this machine with `--dev`"
                .to_owned(),
        )),
        (Mode::Production, Some(_)) if document.dev_reviewers.is_some() => {
            without("dev_reviewers", "is for `--dev`; people who sign in are `people`")
        }
        (Mode::Production, Some(_)) if document.clients.is_none() => {
            without("clients", "is missing, so no filter could ask")
        }
        (Mode::Production, Some(typed)) => SignIn::compile(typed).map(Some),
    }
}

fn clients(typed: Option<Vec<document::Client>>, state: &Path) -> Result<Vec<Client>, StartError> {
    let Some(typed) = typed else {
        let secret = Secret::new(secret_file(&state.join("pep.key"), Missing::Make)?);
        let keys = vec![ClientKey { keyid: "dev".to_owned(), secret }];
        return Ok(vec![Client { id: "urn:countersign:pep:dev".to_owned(), keys }]);
    };
    let (mut seen, mut clients) = (BTreeSet::new(), Vec::new());
    for client in typed {
        let mut keys = Vec::new();
        for key in client.keys {
            if !seen.insert(key.keyid.clone()) {
                return Err(StartError(format!(
                    "client `{}`: keyid `{}` is used twice",
                    client.id, key.keyid
                )));
            }
            let secret = secret(&key.keyid, &key.secret)?;
            keys.push(ClientKey { keyid: key.keyid, secret });
        }
        if keys.is_empty() {
            return Err(StartError(format!("client `{}` has no key, so it could never ask", client.id)));
        }
        clients.push(Client { id: client.id, keys });
    }
    if clients.is_empty() {
        return Err(StartError("`clients` is empty, so nobody could ask".to_owned()));
    }
    Ok(clients)
}

/// The secret `from` holds; `keyid` is what a fault calls it.
pub(crate) fn secret(keyid: &str, from: &document::SecretFrom) -> Result<Secret, StartError> {
    match from {
        document::SecretFrom::File(path) => {
            Ok(Secret::new(secret_file(&PathBuf::from(path), Missing::Refuse)?))
        }
        document::SecretFrom::Env(name) => {
            let value = std::env::var(name).map_err(|_| {
                StartError(format!("key `{keyid}`: environment variable `{name}` is not set"))
            })?;
            Secret::from_hex(&value).ok_or_else(|| {
                StartError(format!(
                    "key `{keyid}`: environment variable `{name}` does not hold 64 hexadecimal digits"
                ))
            })
        }
    }
}

fn groups(
    typed: Option<BTreeMap<String, BTreeSet<String>>>,
    people: &[Reviewer],
    listed: &str,
) -> Result<Groups, StartError> {
    let Some(typed) = typed else { return Ok(Groups::Everybody) };
    for (group, members) in &typed {
        if let Some(stranger) = members.iter().find(|name| !people.iter().any(|person| person.name == **name))
        {
            return Err(StartError(format!("group `{group}`: `{stranger}` is not among `{listed}`")));
        }
    }
    Ok(Groups::Listed(typed))
}
