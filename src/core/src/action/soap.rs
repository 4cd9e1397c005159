//! SOAP 1.1 and 1.2 (W3C), and XML-RPC (xmlrpc.com, "Specification"): the operation is an element of the body.
//!
//! A POST of XML to a path that by convention takes such messages (`.asmx`, `/soap`, `/xmlrpc.php`) is judged by the names
//! of the elements in the envelope's body, or by the method's name, and by `SOAPAction`, which can only make it stricter. At
//! any other path the names only make a call stricter than plain HTTP says: a server that reads no envelope does what its
//! path says. XML with a document type, another encoding than UTF-8, or tags that do not match cannot be read. It cannot
//! know an operation whose name says nothing (`Execute`, `invoke`): that is a write.

use std::borrow::Cow;

use super::{
    Action, Basis, Class, Decoded, Decoder, Document, Obscurity, Protocol, Resource, http,
    index::Head,
    overrides::Overrides,
    payload::{LIMITS, Payload},
    words,
};
use crate::call::{Body, Call};

/// Reads SOAP and XML-RPC.
pub(super) struct Soap;

/// Whether the call posts XML as a message: by its path or its `SOAPAction`.
pub(super) fn claims(call: &Call) -> bool {
    let xml = |value: &[u8]| value.to_ascii_lowercase().windows(3).any(|window| window == b"xml");
    call.method() == "POST"
        && call.headers().get("content-type").is_some_and(xml)
        && (takes_messages(call) || call.headers().get("soapaction").is_some())
}

/// Whether the path by convention takes such messages and nothing else: those of .NET, Java, PHP, vSphere, ONVIF, WS-Man.
fn takes_messages(call: &Call) -> bool {
    const ENDS: [&str; 6] = [".asmx", ".svc", ".jws", ".wsdl", ".soap", "_service"];
    const NAMES: [&str; 10] = [
        "soap",
        "xmlrpc",
        "xmlrpc.php",
        "rpc2",
        "wsman",
        "sdk",
        "vim",
        "webservices",
        "webservice",
        "soapws",
    ];
    call.segments().any(|segment| {
        let lower = segment.to_ascii_lowercase();
        NAMES.contains(&lower.as_str()) || ENDS.iter().any(|end| lower.ends_with(end))
    })
}

impl Decoder for Soap {
    fn decode(&self, head: &Head<'_>, body: Body<'_>) -> Decoded {
        let call = head.call;
        let bytes = match Payload::of(call, body) {
            Payload::Unread => return Decoded::NeedsBody,
            Payload::Absent => Cow::Borrowed([].as_slice()),
            Payload::Opaque(why) => return http::undecodable(call, body, why),
            Payload::Read(content) if content.bytes.len() > LIMITS.size => {
                return http::undecodable(call, body, Obscurity::TooLarge);
            }
            Payload::Read(content) => content.bytes,
        };
        let operations = std::str::from_utf8(&bytes).ok().and_then(operations);
        let Some(operations) = operations.filter(|found| !found.is_empty()) else {
            return http::undecodable(call, body, Obscurity::Message);
        };
        let said =
            call.headers().get_all("soapaction").map(|value| action_name(&String::from_utf8_lossy(value)));
        let said = said.filter(|name| !name.is_empty()).map(|name| words::class_of_method(&name)).max();
        let named = operations.iter().map(|name| words::class_of_method(name)).max();
        let class = named.max(said).unwrap_or(Class::DataWrite);
        let plain = takes_messages(call) && Overrides::of(call, Body::Absent) == Overrides::NONE;
        let floor = if plain { http::verbs_of_path(call) } else { http::class(call, Body::Absent).0 };
        let operation = operations.into_iter().next().unwrap_or_default();
        let resource = Resource::new("url", call.url());
        let action = Action::plain(Protocol::Http, call.host(), operation, class.max(floor), resource);
        http::known(Action { basis: Basis::Words, ..action }, Document::Opaque)
    }
}

/// The operation at the end of a `SOAPAction`: a URI in quotes.
fn action_name(value: &str) -> String {
    value.trim().trim_matches('"').rsplit(['/', '#', ':']).next().unwrap_or_default().to_owned()
}

/// The most operations of one message.
const MOST: usize = 64;

/// The names of the elements in the body of an envelope, or of an XML-RPC method; `None` where it is neither.
fn operations(text: &str) -> Option<Vec<&str>> {
    let mut tags = Tags { rest: text.trim_start_matches('\u{feff}') };
    let mut open: Vec<&str> = Vec::new();
    let mut found = Vec::new();
    let mut parameters = 0;
    while let Some(tag) = tags.next()? {
        match tag {
            Tag::Open { name, text, empty } => {
                match (open.as_slice(), name) {
                    ([], "Envelope" | "methodCall") | (["Envelope"], "Header" | "Body") => {}
                    (["Envelope", "Body"], operation) => found.push(operation),
                    (["methodCall"], "methodName") => found.push(text.trim()),
                    (["methodCall", "params"], "param") => parameters += 1,
                    // Odoo's `execute_kw` calls the method that its fifth parameter names.
                    (["methodCall", "params", "param", ..], "string" | "value")
                        if parameters == 5 && !text.trim().is_empty() && found == ["execute_kw"] =>
                    {
                        found = vec![text.trim()];
                    }
                    ([], _) => return None,
                    _ => {}
                }
                if open.len() > LIMITS.depth || found.len() > MOST {
                    return None;
                }
                if !empty {
                    open.push(name);
                }
            }
            Tag::Close(name) if open.last() == Some(&name) => drop(open.pop()),
            Tag::Close(_) => return None,
        }
    }
    open.is_empty().then_some(found)
}

/// A tag, its name without its prefix.
enum Tag<'a> {
    /// With the text up to the next tag.
    Open {
        name: &'a str,
        text: &'a str,
        empty: bool,
    },
    Close(&'a str),
}

/// The tags of an XML text, one after the other.
struct Tags<'a> {
    rest: &'a str,
}

impl<'a> Tags<'a> {
    /// The next tag, `Some(None)` at the end; `None` where the text is no XML that two parsers read alike.
    fn next(&mut self) -> Option<Option<Tag<'a>>> {
        loop {
            let Some(start) = self.rest.find('<') else {
                return self.rest.trim().is_empty().then_some(None);
            };
            self.rest = self.rest.get(start + 1..)?;
            if let Some(comment) = self.rest.strip_prefix("!--") {
                self.rest = comment.get(comment.find("-->")? + 3..)?;
            } else if let Some(text) = self.rest.strip_prefix("![CDATA[") {
                self.rest = text.get(text.find("]]>")? + 3..)?;
            } else if let Some(instruction) = self.rest.strip_prefix('?') {
                let end = instruction.find("?>")?;
                let said = instruction.get(..end)?.to_ascii_lowercase();
                if said.contains("encoding") && !said.contains("utf-8") && !said.contains("us-ascii") {
                    return None;
                }
                self.rest = instruction.get(end + 2..)?;
            } else if self.rest.starts_with('!') {
                // A document type may define what any name stands for.
                return None;
            } else {
                return self.tag().map(Some);
            }
        }
    }

    fn tag(&mut self) -> Option<Tag<'a>> {
        let closes = self.rest.strip_prefix('/');
        let from = closes.unwrap_or(self.rest);
        let end = from.find(|c: char| c.is_whitespace() || matches!(c, '>' | '/'))?;
        let name = from.get(..end)?;
        let name = name.rsplit(':').next().filter(|name| !name.is_empty())?;
        let inner = from.get(end..)?;
        let close = end_of_tag(inner)?;
        let empty = inner.get(..close)?.ends_with('/');
        self.rest = inner.get(close + 1..)?;
        if closes.is_some() {
            return Some(Tag::Close(name));
        }
        let text = self.rest.get(..self.rest.find('<').unwrap_or(self.rest.len()))?;
        Some(Tag::Open { name, text, empty })
    }
}

/// Where the `>` is that ends a tag; one in quotes is part of an attribute.
fn end_of_tag(text: &str) -> Option<usize> {
    let mut quote = None;
    for (place, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some(place),
            (None, b'<') => return None,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            (None | Some(_), _) => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{action::Decoders, call::sample::call};

    fn class_of(path: &str, action: &str, body: &str) -> Option<Class> {
        let headers = [("content-type", "text/xml; charset=utf-8"), ("soapaction", action)];
        let headers = if action.is_empty() { &headers[..1] } else { &headers[..] };
        match Decoders::default()
            .decode(&call("POST", "a.example", path, headers), Body::Read(body.as_bytes()))
        {
            Decoded::Known(members) => Some(members[0].action.class),
            Decoded::Undecodable(opaque) => {
                assert_ne!(opaque.action.class, Class::ReadOnly);
                None
            }
            Decoded::NeedsBody | Decoded::Contradiction(_) => None,
        }
    }

    fn envelope(operation: &str) -> String {
        format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><!-- x --><s:Envelope xmlns:s=\"a>b\"><s:Header><a/></s:Header>\
             <s:Body><m:{operation} xmlns:m=\"u\"><m:Delete>1</m:Delete></m:{operation}></s:Body></s:Envelope>"
        )
    }

    #[test]
    fn the_operation_of_an_envelope_decides_at_a_soap_endpoint() {
        for (operation, expected) in [
            ("GetUser", Class::ReadOnly),
            ("DeleteUser", Class::DataDelete),
            ("SetPermissions", Class::PrivilegeChange),
            ("Frobnicate", Class::DataWrite),
        ] {
            assert_eq!(class_of("/Users.asmx", "", &envelope(operation)), Some(expected), "{operation}");
        }
        assert_eq!(
            class_of("/Users.asmx", "\"urn:x#DeleteUser\"", &envelope("GetUser")),
            Some(Class::DataDelete)
        );
        assert_eq!(
            class_of("/Users.asmx", "\"urn:x#GetUser\"", &envelope("DeleteUser")),
            Some(Class::DataDelete)
        );
        assert_eq!(class_of("/delete/x.asmx", "", &envelope("GetUser")), Some(Class::DataDelete));
    }

    #[test]
    fn elsewhere_an_envelope_makes_nothing_milder() {
        assert_eq!(class_of("/users/7/suspend", "x#GetUser", &envelope("GetUser")), Some(Class::InfraChange));
        assert_eq!(class_of("/users", "x#GetUser", &envelope("GetUser")), Some(Class::DataWrite));
        assert_eq!(class_of("/users", "x#DeleteUser", &envelope("GetUser")), Some(Class::DataDelete));
    }

    #[test]
    fn the_method_of_xml_rpc_decides_and_odoo_s_envelope_is_opened() {
        let rpc =
            |method: &str| format!("<methodCall><methodName>{method}</methodName><params/></methodCall>");
        assert_eq!(class_of("/xmlrpc.php", "", &rpc("wp.getPosts")), Some(Class::ReadOnly));
        assert_eq!(class_of("/xmlrpc.php", "", &rpc("wp.deletePost")), Some(Class::DataDelete));
        assert_eq!(class_of("/RPC2", "", &rpc("system.multicall")), Some(Class::DataWrite));
        let odoo = |method: &str| {
            let param = |text: &str| format!("<param><value><string>{text}</string></value></param>");
            let params: String = ["db", "2", "pw", "res.partner", method, "x"].map(param).concat();
            format!("<methodCall><methodName>execute_kw</methodName><params>{params}</params></methodCall>")
        };
        assert_eq!(class_of("/xmlrpc/2/object", "", &odoo("search_read")), Some(Class::ReadOnly));
        assert_ne!(class_of("/xmlrpc/2/object", "", &odoo("write")), Some(Class::ReadOnly));
    }

    #[test]
    fn what_two_parsers_read_differently_is_no_message() {
        for body in [
            "",
            "<a/>",
            "text",
            "<Envelope><Body><GetUser/></Body>",
            "<Envelope><Body><GetUser></Body></Envelope>",
            "<!DOCTYPE x><Envelope><Body><GetUser/></Body></Envelope>",
            "<?xml version=\"1.0\" encoding=\"utf-16\"?><Envelope><Body><GetUser/></Body></Envelope>",
            "<Envelope><Body><GetUser a=\"></Body></Envelope>",
            "<Envelope><Body/></Envelope>",
        ] {
            assert_eq!(class_of("/Users.asmx", "", body), None, "{body}");
        }
    }
}
