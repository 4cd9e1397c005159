//! Git over HTTP (git's `gitprotocol-http`, `gitprotocol-pack`; the LFS batch API and its file locking).
//!
//! The last segments of the path tell the service: `info/refs` and `git-upload-pack` read, `git-receive-pack` is a push.
//! The announcement of a push (`info/refs?service=git-receive-pack`) and the empty push by which a client tries its
//! credentials (`0000`) change nothing and are reads: what changes a ref is only the POST after them. A push is read up to
//! its pack: each ref is an action of its own, created, updated or deleted. The body of an LFS batch says whether it
//! downloads or uploads.
//!
//! It cannot know whether an update is forced, what the pack holds, nor what hooks of the server do.

mod packet;

use serde_json::{Value, json};

use super::{
    Action, Class, Decoded, Decoder, Document, Member, Obscurity, Protocol, Resource, Reversible,
    Undecodable, http, index::Head, overrides::Overrides, payload::Payload,
};
use crate::call::{Body, Call};
use packet::{Push, Update};

/// Reads git over HTTP.
pub(super) struct Git;

/// What the end of a path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Service {
    /// Refs are listed, or announced.
    Refs,
    /// Objects are fetched.
    Upload,
    /// Refs are pushed.
    Receive,
    /// LFS: which objects to get or put.
    Batch,
    /// LFS: the locks of others are listed.
    VerifyLocks,
    /// LFS: a lock is taken, listed, or given back.
    Locks,
}

/// The repository and the service that a path names.
fn named(call: &Call) -> Option<(&str, Service)> {
    let path = call.path();
    let path = path.strip_suffix('/').unwrap_or(path);
    let end = |suffix: &str, service| Some((path.strip_suffix(suffix)?, service));
    let unlock = || {
        let (lock, last) = path.rsplit_once('/')?;
        let (locks, _) = lock.rsplit_once('/')?;
        (last == "unlock")
            .then_some(())
            .and(locks.strip_suffix("/info/lfs/locks"))
            .map(|repo| (repo, Service::Locks))
    };
    let (repository, service) = match (call.method(), path.rsplit('/').next().unwrap_or_default()) {
        ("GET" | "HEAD", "refs") => end("/info/refs", Service::Refs),
        ("POST", "git-upload-pack") => end("/git-upload-pack", Service::Upload),
        ("POST", "git-receive-pack") => end("/git-receive-pack", Service::Receive),
        ("POST", "batch") => end("/info/lfs/objects/batch", Service::Batch),
        ("POST", "verify") => end("/info/lfs/locks/verify", Service::VerifyLocks),
        ("POST" | "GET", "locks") => end("/info/lfs/locks", Service::Locks),
        ("POST", "unlock") => unlock(),
        _ => None,
    }?;
    let repository = repository.strip_prefix('/').unwrap_or(repository);
    (!repository.is_empty()).then_some((repository, service))
}

/// Whether the path is one of git's.
pub(super) fn claims(call: &Call) -> bool {
    named(call).is_some()
}

impl Decoder for Git {
    fn decode(&self, head: &Head<'_>, body: Body<'_>) -> Decoded {
        let call = head.call;
        // A method that may be another one is judged as plain HTTP has it.
        if Overrides::of(call, Body::Absent) != Overrides::NONE {
            return http::Http.decode(head, body);
        }
        let Some((repository, service)) = named(call) else { return http::Http.decode(head, body) };
        let body = if body == Body::Read(&[]) { Body::Absent } else { body };
        let document = if body == Body::Absent { Document::Absent } else { Document::Opaque };
        let one = |operation: &str, class| {
            http::known(action(call, repository, operation, class), document.clone())
        };
        match service {
            Service::Refs if body != Body::Absent => http::Http.decode(head, body),
            Service::Refs => one("info/refs", Class::ReadOnly),
            Service::Upload => one("git-upload-pack", Class::ReadOnly),
            Service::VerifyLocks => one("locks/verify", Class::ReadOnly),
            Service::Locks if call.method() == "GET" => one("locks", Class::ReadOnly),
            Service::Locks => one("locks", Class::DataWrite),
            Service::Receive | Service::Batch => match Payload::of(call, body) {
                Payload::Unread => Decoded::NeedsBody,
                Payload::Absent => obscure(call, repository, Obscurity::Message),
                Payload::Opaque(why) => obscure(call, repository, why),
                Payload::Read(content) if service == Service::Batch => {
                    batch(call, repository, content.readings)
                }
                Payload::Read(content) => pushed(call, repository, &content.bytes),
            },
        }
    }
}

fn action(call: &Call, repository: &str, operation: &str, class: Class) -> Action {
    let resource = Resource::new("repository", repository);
    Action::plain(Protocol::Git, call.host(), operation, class, resource)
}

fn obscure(call: &Call, repository: &str, why: Obscurity) -> Decoded {
    let action = action(call, repository, "git-receive-pack", Class::CodeChange);
    Decoded::Undecodable(Undecodable { action, why })
}

fn pushed(call: &Call, repository: &str, bytes: &[u8]) -> Decoded {
    let Some(push) = packet::push(bytes) else { return obscure(call, repository, Obscurity::Message) };
    if push.updates.is_empty() {
        // Nothing may follow the flush that ends no commands.
        return match bytes {
            b"0000" => {
                http::known(action(call, repository, "git-receive-pack", Class::ReadOnly), Document::Opaque)
            }
            _ => obscure(call, repository, Obscurity::Message),
        };
    }
    let member =
        |update: &Update<'_>| Member::of_batch(of_ref(call, repository, &push, update), Document::Opaque, 0);
    Decoded::Known(push.updates.iter().map(member).collect())
}

fn of_ref(call: &Call, repository: &str, push: &Push<'_>, update: &Update<'_>) -> Action {
    let (operation, reversible) = match (update.creates(), update.deletes()) {
        (_, true) => ("delete ref", Reversible::Unknown),
        (true, false) => ("create ref", Reversible::Yes),
        (false, false) => ("update ref", Reversible::Unknown),
    };
    let mut arguments = json!({"old": update.old, "new": update.new});
    if let (Value::Object(members), false) = (&mut arguments, push.options.is_empty()) {
        members.insert("push_options".to_owned(), json!(push.options));
    }
    let resource = Resource::new("ref", [repository, " ", update.name].concat());
    Action {
        arguments,
        reversible,
        ..Action::plain(Protocol::Git, call.host(), operation, Class::CodeChange, resource)
    }
}

/// `{"operation": "download" | "upload", ...}`: anything else is judged as an upload.
fn batch(call: &Call, repository: &str, readings: Vec<Value>) -> Decoded {
    if readings.is_empty() {
        return obscure(call, repository, Obscurity::Json);
    }
    let member = |reading: Value| {
        let (operation, class) = match reading.get("operation").and_then(Value::as_str) {
            Some("download") => ("lfs download", Class::ReadOnly),
            Some(_) | None => ("lfs upload", Class::CodeChange),
        };
        Member::whole(action(call, repository, operation, class), Document::Read(reading))
    };
    Decoded::Known(readings.into_iter().map(member).collect())
}

#[cfg(test)]
mod tests;
