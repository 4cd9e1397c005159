//! The APIs of Amazon Web Services, and of object stores that speak S3.
//!
//! The host says which service is asked ([`host`]); the request names the operation ([`names`]), or its method, path and
//! query do. Either is looked up in the service's catalog, and of several readings the strictest counts. An operation that
//! the catalog does not know is judged by its name, one without a name as plain HTTP. A signature for AWS at a host that
//! nobody knows makes a reading stricter, never milder.
//!
//! It cannot know what stands behind an alias, which account a host belongs to (`*` in ARNs), or whether a policy document
//! gives much or little. It follows the Smithy protocol specifications, the endpoint rules of the SDKs, and the Service
//! Authorization Reference.

mod host;
mod lineage;
mod names;

use std::borrow::Cow;

use serde_json::Value;

use self::{
    host::Place,
    names::{Names, Rest},
};
use super::{
    Action, Basis, Class, Decoded, Decoder, Document, Member, Obscurity, Protocol, Resource, Undecodable,
    http, index::Head, media::Media, overrides::Overrides, payload::Payload, rest, segments::Segments, sql,
    words,
};
use crate::{
    call::{Body, Call},
    catalog::{Catalog, Operation},
};

/// Reads calls to AWS.
pub(super) struct Aws;

/// How far the host says what is spoken there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trust {
    /// It does.
    Host,
    /// Only the agent's signature does: what follows from it may only be stricter.
    Signature,
}

/// Whether a call is for AWS: its host says so, or its signature does.
pub(super) fn claims(call: &Call) -> bool {
    if host::is_candidate(call.host()) { host::of(call.host()).is_some() } else { signed_for(call).is_some() }
}

/// Whether a call that is for AWS reads, by its head alone.
pub(super) fn is_plain_read(catalog: &Catalog, call: &Call) -> bool {
    let head = Question::new(catalog, call);
    head.is_some_and(|question| {
        names::in_head(call).is_empty()
            && http::class(call, Body::Absent).0 == Class::ReadOnly
            && question.by_path(call.method()).is_none_or(|found| found.class() == Class::ReadOnly)
    })
}

impl Decoder for Aws {
    fn decode(&self, head: &Head<'_>, body: Body<'_>) -> Decoded {
        let call = head.call;
        let Some(question) = Question::new(head.catalog, call) else { return http::Http.decode(head, body) };
        let payload = Payload::of(call, body);
        let by_path = question.by_path(call.method()).is_some();
        // S3 reads no names: what looks like one in an upload is the object's own.
        let names = match question.place.service.as_ref() {
            "s3" => names::NONE,
            _ => Names::of(head, by_path, &payload),
        };
        let unread = matches!(payload, Payload::Unread);
        if unread && (names.body == Rest::Unread || question.is_told_by_body(&names.found)) {
            return Decoded::NeedsBody;
        }
        if names.body == Rest::Garbled {
            let why = match payload {
                Payload::Opaque(why) => why,
                Payload::Absent | Payload::Unread | Payload::Read(_) => Obscurity::ContentType,
            };
            return http::undecodable(call, body, why);
        }
        let documents = match payload {
            Payload::Absent => vec![Document::Absent],
            Payload::Read(content) if !content.readings.is_empty() => {
                content.readings.into_iter().map(|reading| Document::Read(with_lists(reading))).collect()
            }
            // A service that names its operations in a form would read another name in it. Where the path says the
            // operation no body does; and images for recognition are larger than what is read here, but no forms.
            Payload::Opaque(why)
                if question.place.service != "s3"
                    && !by_path
                    && !(why == Obscurity::TooLarge && matches!(head.media, Media::Json | Media::Other)) =>
            {
                let action = question.action(&names.found, &Document::Opaque);
                let class = action.class.max(Class::DataWrite);
                return Decoded::Undecodable(Undecodable { action: Action { class, ..action }, why });
            }
            Payload::Unread | Payload::Opaque(_) | Payload::Read(_) => vec![Document::Opaque],
        };
        let member = |document| Member::whole(question.action(&names.found, &document), document);
        Decoded::Known(documents.into_iter().map(member).collect())
    }
}

/// A call, and the service it is for.
struct Question<'a> {
    catalog: &'a Catalog,
    call: &'a Call,
    place: Place<'a>,
    /// The key of the service in the catalog; `None` where no catalog knows it.
    key: Option<String>,
    segments: Segments<'a>,
    trust: Trust,
}

impl<'a> Question<'a> {
    fn new(catalog: &'a Catalog, call: &'a Call) -> Option<Self> {
        let (place, trust) = match host::of(call.host()) {
            Some(place) => (place, Trust::Host),
            None if host::is_candidate(call.host()) => return None,
            None => {
                let service = Cow::Borrowed(signed_for(call)?);
                let trust = if call.host() == host::EMULATOR { Trust::Host } else { Trust::Signature };
                (Place { service, bucket: None, region: None, partition: "aws" }, trust)
            }
        };
        let key = key(catalog, &place.service);
        Some(Self { catalog, call, place, key, segments: Segments::of(call), trust })
    }

    /// What the call does, by one reading of its body.
    fn action(&self, names: &[String], document: &Document) -> Action {
        let call = self.call;
        let mut action = self.answer(names, document);
        self.run_statements(&mut action, names, document);
        let envelope = self.trust == Trust::Host && !names.is_empty() && is_envelope(call, &self.place);
        let floor = if action.basis == Basis::Words
            || self.trust == Trust::Signature
            || !names.is_empty() && !envelope
        {
            // Names in the path or query of a call that has its path known say nothing more.
            if self.trust == Trust::Host && self.by_path(call.method()).is_some() {
                Class::ReadOnly
            } else {
                http::class(call, Body::Absent).0
            }
        } else {
            Class::ReadOnly
        };
        action.class = action.class.max(floor).max(self.overridden()).max(opened(call, &self.place));
        if is_parameter(&self.place.service, &action.operation) && asks_for_plain_text(document) {
            action.class = action.class.max(Class::CredentialAccess);
        }
        self.finish(&mut action, document);
        action
    }

    /// Whether an operation that is named, or that the path means, runs statements or may decrypt.
    fn is_told_by_body(&self, names: &[String]) -> bool {
        let service = self.place.service.as_ref();
        let runs = |name: &str| sql::runs_statement(service, name) || is_parameter(service, name);
        names.iter().any(|name| runs(name))
            || self.by_path(self.call.method()).is_some_and(|found| runs(&found.name()))
    }

    /// The segments of the path, the bucket of S3 before them.
    fn path(&self) -> Vec<&str> {
        let mut texts = self.segments.texts();
        if let Some(bucket) = self.place.bucket {
            if texts == [""] {
                texts.clear();
            }
            texts.insert(0, bucket);
        }
        texts
    }

    /// The operation that the path means. S3 tells operations apart by keys of the query: each is a reading.
    fn by_path(&self, method: &str) -> Option<Operation<'_, '_>> {
        let key = self.key.as_deref()?;
        let path = self.path();
        let whole = self.catalog.by_path(key, method, &path, self.call.query());
        if self.place.service != "s3" || self.call.query().is_empty() {
            return whole;
        }
        let parts = self.call.query().trim_start_matches('?').split('&').take(32);
        let others = parts.filter_map(|part| self.catalog.by_path(key, method, &path, part));
        others.fold(whole, |best, other| match best {
            Some(best) if best.class() >= other.class() => Some(best),
            Some(_) | None => Some(other),
        })
    }

    /// The strictest of what the names and the path say.
    fn answer(&self, names: &[String], document: &Document) -> Action {
        let call = self.call;
        let by_path = self.by_path(call.method()).map(|found| rest::action(&found, call, document));
        let by_name = names.iter().map(|name| {
            let found = self.key.as_deref().and_then(|key| self.catalog.by_name(key, name));
            match found {
                Some(found) => rest::action(&found, call, document),
                None => self.unknown(name),
            }
        });
        let strictest =
            by_path.into_iter().chain(by_name).reduce(|a, b| if b.class > a.class { b } else { a });
        strictest.unwrap_or_else(|| {
            let mut action = http::action(call, Body::Absent);
            action.basis = Basis::Words;
            action
        })
    }

    /// Whether every operation that is named runs statements.
    fn runs_statements(&self, operation: &str, names: &[String]) -> bool {
        let runs = |name: &str| sql::runs_statement(&self.place.service, name);
        self.trust == Trust::Host && runs(operation) && names.iter().all(|name| runs(name))
    }

    /// Where every operation that is named runs statements, these say what it does, be it more or less than what the
    /// catalog says of all statements. Statements that cannot be read leave the catalog's word.
    fn run_statements(&self, action: &mut Action, names: &[String], document: &Document) {
        if !self.runs_statements(&action.operation, names) {
            return;
        }
        let Document::Read(document) = document else { return };
        if let Some(said) = sql::inspect(self.call, document) {
            action.class = said.class;
            action.basis = Basis::Grammar;
            action.reads = said.reads;
            action.writes = said.writes;
        }
    }

    /// An operation that no catalog knows.
    fn unknown(&self, name: &str) -> Action {
        let resource = Resource::new("url", self.call.url());
        let mut action =
            Action::plain(Protocol::Http, self.service(), name, words::class_of_name(name), resource);
        action.basis = Basis::Name;
        action
    }

    fn service(&self) -> String {
        let label = self.place.service.rsplit('.').next().unwrap_or_default();
        format!("{label}.amazonaws.com")
    }

    /// The class of the methods that headers and query say the call really has.
    fn overridden(&self) -> Class {
        let methods = Overrides::of(self.call, Body::Absent).methods;
        let class = |method: &String| match self.by_path(method) {
            Some(found) => found.class(),
            None => http::class_of_method(self.call, method),
        };
        methods.iter().map(class).max().unwrap_or(Class::ReadOnly)
    }

    /// Partition and region of the ARN, and the data that is read and written.
    fn finish(&self, action: &mut Action, document: &Document) {
        if let Some(inner) =
            action.resource.id.rfind("arn:").and_then(|start| action.resource.id.get(start..))
        {
            action.resource = Resource::new("arn", located(inner, &self.place));
        }
        if self.place.service == "s3" && self.call.headers().get("x-amz-copy-source").is_some() {
            action.operation = match action.operation.as_str() {
                "PutObject" => "CopyObject".to_owned(),
                "UploadPart" => "UploadPartCopy".to_owned(),
                _ => std::mem::take(&mut action.operation),
            };
        }
        if self.trust == Trust::Host && action.service == self.call.host() {
            action.service = self.service();
        }
        lineage::add(action, self.call, &self.place, &self.path(), document);
    }
}

/// The key of a service: its labels, or those after what stands before them (`data.`, an account, an endpoint).
fn key(catalog: &Catalog, labels: &str) -> Option<String> {
    let mut rest = labels;
    loop {
        let key = format!("aws:{rest}");
        if catalog.knows(&key) {
            return Some(key);
        }
        rest = rest.split_once('.')?.1;
    }
}

/// Whether the path is only the envelope of an operation that is named elsewhere: `/`, a queue's own path, an RPC path.
fn is_envelope(call: &Call, place: &Place<'_>) -> bool {
    let path = call.path();
    let method = matches!(call.method(), "POST" | "GET");
    method && (path == "/" || names::of_path(path).is_some() || place.service == "sqs")
}

/// Headers that open an object of S3 to everybody while it is written.
fn opened(call: &Call, place: &Place<'_>) -> Class {
    let opens = |(name, value): (&str, &[u8])| match name {
        "x-amz-acl" => value.starts_with(b"public") || value.starts_with(b"authenticated"),
        name => name.starts_with("x-amz-grant-"),
    };
    if place.service == "s3" && !http::is_safe(call.method()) && call.headers().iter().any(opens) {
        Class::PrivilegeChange
    } else {
        Class::ReadOnly
    }
}

/// Whether parameters of Systems Manager are read, which may be secrets.
fn is_parameter(service: &str, operation: &str) -> bool {
    service.ends_with("ssm") && operation.starts_with("GetParameter")
}

/// Whether secrets among them are to be decrypted. What cannot be read may ask for it.
fn asks_for_plain_text(document: &Document) -> bool {
    match document {
        Document::Read(document) => {
            document.get("WithDecryption").is_some_and(|flag| *flag != Value::Bool(false))
        }
        Document::Absent => false,
        Document::Opaque => true,
    }
}

/// The service that a request is signed for: `Credential=ID/DATE/REGION/SERVICE/aws4_request` in its header, without the
/// region where the signature is good for several.
fn signed_for(call: &Call) -> Option<&str> {
    let text = call.headers().text("authorization")?.strip_prefix("AWS4-")?;
    let (_, rest) = text.split_once("Credential=")?;
    rest.split(',').next()?.rsplit('/').nth(1)
}

/// `aws` and the region into an ARN that has them not.
fn located(arn: &str, place: &Place<'_>) -> String {
    let mut parts: Vec<&str> = arn.splitn(6, ':').collect();
    if let Some(partition) = parts.get_mut(1).filter(|partition| **partition == "aws") {
        *partition = place.partition;
    }
    if let (Some(region), Some(known)) = (parts.get_mut(3).filter(|region| **region == "*"), place.region) {
        *region = known;
    }
    parts.join(":")
}

/// A form's lists (`Tag.1`) also under the name of the list, as templates name them.
fn with_lists(reading: Value) -> Value {
    let Value::Object(mut members) = reading else { return reading };
    let lists: Vec<(String, Value)> = members
        .iter()
        .filter_map(|(name, value)| Some((name.split_once('.')?.0.to_owned(), value.clone())))
        .collect();
    for (list, value) in lists {
        members.entry(list).or_insert(value);
    }
    Value::Object(members)
}

#[cfg(test)]
mod tests;
