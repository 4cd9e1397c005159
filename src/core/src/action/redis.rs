//! Redis over HTTP, as Upstash has it ("REST API") and Vercel KV had it: a command is a JSON array posted to `/`, several
//! are an array of them posted to `/pipeline` or `/multi-exec`, and short ones stand in the path: `/get/key`.
//!
//! The host says that this is spoken. A command is judged by a table; one that the table does not know, or that runs a
//! program (`EVAL`, `FCALL`), may write anything, and of several the strictest counts. A command in the path and one in the
//! body are both judged. It cannot know what a script does.

use serde_json::Value;

use super::{
    Action, Class, Decoded, Decoder, Document, Protocol, Resource, http, index::Head, overrides::Overrides,
    payload::Payload,
};
use crate::call::{Body, Call};

/// Reads Redis over HTTP.
pub(super) struct Redis;

/// Whether the host speaks it.
pub(super) fn claims(call: &Call) -> bool {
    let host = call.host();
    let below = |suffix: &str| host.strip_suffix(suffix).is_some_and(|rest| rest.ends_with('.'));
    below("kv.vercel-storage.com")
        // Its other products have the same domain: vectors, search, and a queue.
        || below("upstash.io")
            && !host.contains("-vector.")
            && !host.contains("-search.")
            && !host.starts_with("qstash")
}

/// Whether a request without a body reads, by its path.
pub(super) fn is_plain_read(call: &Call) -> bool {
    in_path(call).is_none_or(|class| class == Class::ReadOnly)
}

impl Decoder for Redis {
    fn decode(&self, head: &Head<'_>, body: Body<'_>) -> Decoded {
        let call = head.call;
        let (said, document) = match Payload::of(call, body) {
            Payload::Unread => return Decoded::NeedsBody,
            Payload::Opaque(why) => return http::undecodable(call, body, why),
            Payload::Absent => (None, Document::Absent),
            Payload::Read(content) => {
                let said = content.readings.iter().map(commands).max();
                let document = content.readings.into_iter().next().map_or(Document::Opaque, Document::Read);
                (Some(said.unwrap_or(Class::DataDelete)), document)
            }
        };
        let Some(class) = said.max(in_path(call)) else {
            return http::known(http::meaning(head, body, &document), document);
        };
        let overridden = Overrides::of(call, Body::Absent) != Overrides::NONE;
        let floor = if overridden { http::class(call, Body::Absent).0 } else { Class::ReadOnly };
        let operation = name(&document)
            .or_else(|| call.segments().find(|segment| !segment.is_empty()).map(str::to_owned))
            .unwrap_or_default();
        let resource = Resource::new("url", call.url());
        http::known(
            Action::plain(Protocol::Http, call.host(), operation, class.max(floor), resource),
            document,
        )
    }
}

/// The command in the path. `/pipeline`, `/multi-exec` and the root hold none.
fn in_path(call: &Call) -> Option<Class> {
    let first = call.segments().find(|segment| !segment.is_empty())?;
    (!matches!(first, "pipeline" | "multi-exec")).then(|| class(first))
}

/// The class of a command, or of the strictest of several.
fn commands(value: &Value) -> Class {
    let Value::Array(items) = value else { return Class::DataDelete };
    match items.first() {
        Some(Value::String(command)) => of_command(command, items.get(1)),
        Some(Value::Array(_)) => items.iter().map(one).max().unwrap_or(Class::DataDelete),
        None | Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) => Class::DataDelete,
    }
}

/// The class of one command among several.
fn one(value: &Value) -> Class {
    match value.as_array().map(Vec::as_slice) {
        Some([Value::String(command), rest @ ..]) => of_command(command, rest.first()),
        Some(_) | None => Class::DataDelete,
    }
}

/// The class of a command; that of a container of commands is its subcommand's.
fn of_command(command: &str, next: Option<&Value>) -> Class {
    let next = next.and_then(Value::as_str).unwrap_or_default();
    match command.to_ascii_uppercase().as_str() {
        "ACL" if !is_one_of(next, &["CAT", "DRYRUN", "HELP", "LIST", "LOG", "USERS", "WHOAMI"]) => {
            Class::PrivilegeChange
        }
        "CONFIG" if !next.eq_ignore_ascii_case("GET") => Class::InfraChange,
        "SCRIPT" | "FUNCTION" if !is_one_of(next, &["EXISTS", "HELP", "LIST", "STATS"]) => Class::CodeChange,
        "ACL" | "CONFIG" | "SCRIPT" | "FUNCTION" => Class::ReadOnly,
        _ => class(command),
    }
}

fn is_one_of(word: &str, words: &[&str]) -> bool {
    words.iter().any(|known| word.eq_ignore_ascii_case(known))
}

/// Commands that read; `PFCOUNT` and `GETBIT` among them, `GETDEL`, `GETEX` and `SORT`, which may store, not.
const READS: [&str; 77] = [
    "BITCOUNT",
    "BITFIELD_RO",
    "BITPOS",
    "COMMAND",
    "DBSIZE",
    "DUMP",
    "ECHO",
    "EXISTS",
    "EXPIRETIME",
    "GEODIST",
    "GEOHASH",
    "GEOPOS",
    "GEORADIUSBYMEMBER_RO",
    "GEORADIUS_RO",
    "GEOSEARCH",
    "GET",
    "GETBIT",
    "GETRANGE",
    "HEXISTS",
    "HGET",
    "HGETALL",
    "HKEYS",
    "HLEN",
    "HMGET",
    "HRANDFIELD",
    "HSCAN",
    "HSTRLEN",
    "HVALS",
    "INFO",
    "JSON.ARRINDEX",
    "JSON.ARRLEN",
    "JSON.GET",
    "JSON.MGET",
    "JSON.OBJKEYS",
    "JSON.OBJLEN",
    "JSON.STRLEN",
    "JSON.TYPE",
    "KEYS",
    "LCS",
    "LINDEX",
    "LLEN",
    "LPOS",
    "LRANGE",
    "MGET",
    "PEXPIRETIME",
    "PFCOUNT",
    "PING",
    "PTTL",
    "RANDOMKEY",
    "SCAN",
    "SCARD",
    "SDIFF",
    "SINTER",
    "SINTERCARD",
    "SISMEMBER",
    "SMEMBERS",
    "SMISMEMBER",
    "SORT_RO",
    "SRANDMEMBER",
    "SSCAN",
    "STRLEN",
    "SUBSTR",
    "SUNION",
    "TIME",
    "TTL",
    "TYPE",
    "XLEN",
    "XRANGE",
    "XREAD",
    "XREVRANGE",
    "ZCARD",
    "ZCOUNT",
    "ZLEXCOUNT",
    "ZRANGE",
    "ZRANGEBYSCORE",
    "ZRANK",
    "ZSCORE",
];

/// More of them, of sorted sets.
const READS_SORTED: [&str; 9] = [
    "ZDIFF",
    "ZINTER",
    "ZINTERCARD",
    "ZMSCORE",
    "ZRANDMEMBER",
    "ZRANGEBYLEX",
    "ZREVRANGE",
    "ZREVRANK",
    "ZUNION",
];

/// Commands that take something away.
const DELETES: [&str; 24] = [
    "BLMPOP",
    "BLPOP",
    "BRPOP",
    "BZPOPMAX",
    "BZPOPMIN",
    "DEL",
    "EVAL",
    "EVALSHA",
    "FCALL",
    "FLUSHALL",
    "FLUSHDB",
    "GETDEL",
    "HDEL",
    "JSON.CLEAR",
    "JSON.DEL",
    "LPOP",
    "LREM",
    "LTRIM",
    "RPOP",
    "SPOP",
    "SREM",
    "UNLINK",
    "XTRIM",
    "ZREM",
];

/// The class of a command by its name.
fn class(command: &str) -> Class {
    let upper = command.to_ascii_uppercase();
    let is = |words: &[&str]| words.contains(&upper.as_str());
    if is(&READS) || is(&READS_SORTED) {
        Class::ReadOnly
    } else if is(&DELETES) || upper.starts_with("ZREMRANGE") || upper == "XDEL" {
        Class::DataDelete
    } else {
        Class::DataWrite
    }
}

/// The command that a body holds, if it holds one.
fn name(document: &Document) -> Option<String> {
    match document {
        Document::Read(Value::Array(items)) => items.first()?.as_str().map(str::to_ascii_uppercase),
        Document::Read(_) | Document::Absent | Document::Opaque => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_command_is_judged_by_its_name_in_any_case() {
        assert_eq!(commands(&json!(["get", "a"])), Class::ReadOnly);
        assert_eq!(commands(&json!(["SET", "a", 1])), Class::DataWrite);
        assert_eq!(commands(&json!(["flushdb"])), Class::DataDelete);
        assert_eq!(commands(&json!(["GETDEL", "a"])), Class::DataDelete);
        assert_eq!(commands(&json!(["acl", "setuser", "eve", "on"])), Class::PrivilegeChange);
        assert_eq!(commands(&json!(["ACL", "WHOAMI"])), Class::ReadOnly);
    }

    #[test]
    fn of_several_commands_the_strictest_counts() {
        assert_eq!(commands(&json!([["get", "a"], ["get", "b"]])), Class::ReadOnly);
        assert_eq!(commands(&json!([["get", "a"], ["del", "b"]])), Class::DataDelete);
        assert_eq!(commands(&json!([["get", "a"], "del"])), Class::DataDelete);
    }

    #[test]
    fn what_is_no_command_may_delete_anything() {
        for value in [json!([]), json!({}), json!("get"), json!([1]), json!([[]]), json!(null)] {
            assert_eq!(commands(&value), Class::DataDelete, "{value}");
        }
        assert_ne!(commands(&json!(["EVAL", "return 1", 0])), Class::ReadOnly);
        assert_ne!(commands(&json!(["NEWCOMMAND"])), Class::ReadOnly);
    }
}
