//! SOAP 1.1 and 1.2 (W3C), and XML-RPC (xmlrpc.com, "Specification"): the operation is an element of the body.
//!
//! A POST of XML to a path that by convention takes such messages (`.asmx`, `/soap`, `/xmlrpc.php`) is judged by the names
//! of the elements in the envelope's body, or by the method's name, and by `SOAPAction`, which can only make it stricter. At
//! any other path the names only make a call stricter than plain HTTP says: a server that reads no envelope does what its
//! path says. XML with a document type, another encoding than UTF-8, or tags that do not match cannot be read. It cannot
//! know an operation whose name says nothing (`Execute`, `invoke`): that is a write.

use serde_json::Value;

use super::{
    Action, Basis, Class, Decoded, Decoder, Document, Obscurity, Protocol, Resource, http, index::Head,
    overrides::Overrides, payload::Payload, words,
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

/// Whether the path by convention takes such messages and nothing else: those of .NET, Java, PHP, Bugzilla, vSphere, ONVIF, WS-Man.
fn takes_messages(call: &Call) -> bool {
    const ENDS: [&str; 7] = [".asmx", ".svc", ".jws", ".wsdl", ".wso", ".soap", "_service"];
    const NAMES: [&str; 12] = [
        "soap",
        // Where Axis and CXF, and Salesforce and NetSuite with them, keep theirs.
        "services",
        "xmlrpc",
        "xmlrpc.php",
        "xmlrpc.cgi",
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
        let refuse = |why| http::undecodable(call, body, why);
        let content = match Payload::of(call, body) {
            Payload::Unread => return Decoded::NeedsBody,
            Payload::Absent => return refuse(Obscurity::Message),
            Payload::Opaque(why) => return refuse(why),
            Payload::Read(content) => content,
        };
        let Some(document) = content.readings.into_iter().next().filter(|_| is_utf8(&content.bytes)) else {
            return refuse(Obscurity::Message);
        };
        let Some(operations) = operations(&document) else { return refuse(Obscurity::Message) };
        let said =
            call.headers().get_all("soapaction").map(|value| action_name(&String::from_utf8_lossy(value)));
        let said = said.filter(|name| !name.is_empty()).map(|name| words::class_of_method(&name)).max();
        let named = operations.iter().map(|name| words::class_of_method(name)).max();
        let class = named.max(said).unwrap_or(Class::DataWrite);
        let plain = takes_messages(call) && Overrides::of(call, Body::Absent).are_safe();
        let floor = if plain { http::verbs_of_path(call) } else { http::class(call, Body::Absent).0 };
        let operation = operations.first().copied().unwrap_or_default().to_owned();
        let resource = Resource::new("url", call.url());
        let action = Action::plain(Protocol::Http, call.host(), operation, class.max(floor), resource);
        http::known(Action { basis: Basis::Words, ..action }, Document::Read(document))
    }
}

/// Whether an XML text does not say that it is in another encoding than the one it was read in.
fn is_utf8(bytes: &[u8]) -> bool {
    let start = String::from_utf8_lossy(bytes.get(..200).unwrap_or(bytes)).to_ascii_lowercase();
    let declared = start.split_once("?>").map_or("", |(declaration, _)| declaration);
    !declared.contains("encoding") || declared.contains("utf-8") || declared.contains("us-ascii")
}

/// The operation at the end of a `SOAPAction`: a URI in quotes.
fn action_name(value: &str) -> String {
    value.trim().trim_matches('"').rsplit(['/', '#', ':']).next().unwrap_or_default().to_owned()
}

/// The names of the elements in the body of an envelope, or of an XML-RPC method; `None` where it is neither.
fn operations(document: &Value) -> Option<Vec<&str>> {
    if let Some(call) = document.get("methodCall") {
        let name = call.get("methodName")?.as_str()?.trim();
        // Odoo's `execute_kw` calls the method that its fifth parameter names.
        let inner = if name == "execute_kw" { call.pointer("/params/param/4/value") } else { None };
        let inner = inner.and_then(|value| value.get("string").unwrap_or(value).as_str());
        return Some(vec![inner.unwrap_or(name).trim()]);
    }
    let body = document.get("Envelope")?.get("Body")?.as_object()?;
    Some(body.keys().map(String::as_str).collect()).filter(|names: &Vec<&str>| !names.is_empty())
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
            "<Envelope><Body>text</Body></Envelope>",
            "<Envelope><Body/></Envelope>",
        ] {
            assert_eq!(class_of("/Users.asmx", "", body), None, "{body}");
        }
    }
}
