use super::*;
use crate::{
    call::{Call, sample::call},
    policy::{HostPattern, PathPattern},
};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

mod tools;

const JSON: (&str, &str) = ("content-type", "application/json");

fn decode(call: &Call, body: Body<'_>) -> Decoded {
    Decoders::default().decode(call, body)
}

/// The class and operation of the only action of a call.
fn only(call: &Call, body: Body<'_>) -> (Class, String) {
    match decode(call, body) {
        Decoded::Known(members) if members.len() == 1 => {
            let action = &members[0].action;
            (action.class, action.operation.clone())
        }
        other => panic!("{other:?}"),
    }
}

fn class(method: &str, path: &str) -> Class {
    only(&call(method, "a.example", path, &[]), Body::Absent).0
}

fn obscure(call: &Call, body: &str) -> Option<Obscurity> {
    match decode(call, Body::Read(body.as_bytes())) {
        Decoded::Undecodable(opaque) => {
            assert_ne!(opaque.action.class, Class::ReadOnly, "{body}");
            Some(opaque.why)
        }
        Decoded::Known(_) | Decoded::NeedsBody | Decoded::Contradiction(_) => None,
    }
}

fn mcp(body: &str) -> Decoded {
    decode(&call("POST", "t.example", "/mcp", &[JSON]), Body::Read(body.as_bytes()))
}

fn mcp_class(body: &str) -> Option<Class> {
    match mcp(body) {
        Decoded::Known(members) => members.iter().map(|member| member.action.class).max(),
        Decoded::NeedsBody | Decoded::Undecodable(_) | Decoded::Contradiction(_) => None,
    }
}

fn tool(name: &str) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"{name}","arguments":{{}}}}}}"#
    )
}

#[test]
fn methods_tell_reads_from_writes_and_unknown_ones_write() {
    for (method, expected) in [
        ("GET", Class::ReadOnly),
        ("HEAD", Class::ReadOnly),
        ("OPTIONS", Class::ReadOnly),
        ("PROPFIND", Class::ReadOnly),
        ("POST", Class::DataWrite),
        ("PUT", Class::DataWrite),
        ("PATCH", Class::DataWrite),
        ("DELETE", Class::DataDelete),
        ("BREW", Class::DataWrite),
        ("get", Class::DataWrite),
    ] {
        assert_eq!(class(method, "/things/7"), expected, "{method}");
    }
}

#[test]
fn paths_make_a_reading_stricter() {
    for (method, path, expected) in [
        ("GET", "/users", Class::ReadOnly),
        ("GET", "/users/delete?id=1", Class::DataDelete),
        ("GET", "/users/7/Delete", Class::DataDelete),
        ("GET", "/deleteUser", Class::DataDelete),
        ("GET", "/instances/7:purge", Class::DataDelete),
        ("GET", "/reports/export", Class::DataExport),
        ("GET", "/docs/create-user-guide", Class::ReadOnly),
        ("GET", "/api?Action=DeleteUser&Version=1", Class::DataDelete),
        ("GET", "/api?Action=DescribeInstances", Class::ReadOnly),
        ("GET", "/api?%61ction=%44eleteUser", Class::DataDelete),
        ("GET", "/v1/secret/data/x", Class::CredentialAccess),
        ("GET", "/search?query=mutation%20%7B%20x%20%7D", Class::DataWrite),
        ("GET", "/search?query=mutations", Class::DataWrite),
        ("GET", "/search?query=select", Class::ReadOnly),
        ("POST", "/users/42/roles", Class::PrivilegeChange),
        ("DELETE", "/users/42/roles/7", Class::PrivilegeChange),
        ("POST", "/v1/api_keys", Class::CredentialAccess),
        ("POST", "/v1/customers/export", Class::DataExport),
        ("POST", "/repos/o/r/merges", Class::DataWrite),
        ("POST", "/v1/messages", Class::Communication),
        ("POST", "/users/7/delete", Class::DataDelete),
        ("DELETE", "/users/7", Class::DataDelete),
    ] {
        assert_eq!(class(method, path), expected, "{method} {path}");
    }
}

#[test]
fn an_override_counts_in_every_place_and_only_to_the_stricter_side() {
    let with = |method: &str, path: &str, headers: &[(&str, &str)], body: Body<'_>| {
        only(&call(method, "a.example", path, headers), body)
    };
    for name in ["x-http-method-override", "X-Method-Override", "x-http-method"] {
        let found = with("POST", "/users/7", &[(name, "delete")], Body::Absent);
        assert_eq!(found, (Class::DataDelete, "DELETE".to_owned()), "{name}");
        assert_eq!(with("GET", "/users/7", &[(name, "POST")], Body::Absent).0, Class::DataWrite, "{name}");
        assert_eq!(with("DELETE", "/users/7", &[(name, "GET")], Body::Absent).0, Class::DataDelete, "{name}");
    }
    assert_eq!(with("GET", "/users/7?_method=DELETE", &[], Body::Absent).0, Class::DataDelete);
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let body = Body::Read(b"a=b&%5fmethod=delete");
    assert_eq!(with("POST", "/users/7", &form, body), (Class::DataDelete, "DELETE".to_owned()));
}

#[test]
fn a_form_and_the_body_of_a_get_must_be_read() {
    let form = call("POST", "a.example", "/x", &[("content-type", "application/x-www-form-urlencoded")]);
    assert!(matches!(decode(&form, Body::Unread), Decoded::NeedsBody));
    let get = call("GET", "a.example", "/x", &[]);
    assert!(matches!(decode(&get, Body::Unread), Decoded::NeedsBody));
    assert_eq!(obscure(&get, "anything"), Some(Obscurity::ContentType));
    assert_eq!(only(&get, Body::Read(b"")).0, Class::ReadOnly);
    let search = call("GET", "a.example", "/_search", &[JSON]);
    assert_eq!(only(&search, Body::Read(br#"{"query":{"match_all":{}}}"#)).0, Class::ReadOnly);
}

#[test]
fn tunnels_are_their_own_operation() {
    assert_eq!(only(&call("CONNECT", "a.example:443", "", &[]), Body::Unread).1, "connect");
    let upgrade = call("GET", "a.example", "/ws", &[("upgrade", "websocket")]);
    assert_eq!(only(&upgrade, Body::Absent), (Class::DataWrite, "upgrade".to_owned()));
    assert!(!Decoders::default().is_plain_read(&upgrade, Body::Absent));
    assert_eq!(
        only(&call("GET", "a.example", "/ws", &[(":protocol", "websocket")]), Body::Absent).1,
        "upgrade"
    );
}

#[test]
fn known_methods_of_mcp_read_and_tools_go_by_name() {
    for method in [
        "initialize",
        "ping",
        "tools/list",
        "resources/list",
        "prompts/list",
        "notifications/initialized",
        "completion/complete",
        "logging/setLevel",
        "tasks/list",
    ] {
        let body = format!(r#"{{"jsonrpc":"2.0","id":"a","method":"{method}"}}"#);
        assert_eq!(mcp_class(&body), Some(Class::ReadOnly), "{method}");
    }
    for (name, expected) in [
        ("get_file", Class::ReadOnly),
        ("search_code", Class::ReadOnly),
        ("listIssues", Class::ReadOnly),
        ("delete_repo", Class::DataDelete),
        ("frobnicate", Class::DataWrite),
        ("query", Class::ReadOnly),
        ("execute_query", Class::InfraChange),
        ("get_secret", Class::CredentialAccess),
        ("initialize", Class::InfraChange),
    ] {
        assert_eq!(mcp_class(&tool(name)), Some(expected), "{name}");
    }
    let Decoded::Known(members) = mcp(&tool("delete_repo")) else { panic!() };
    let action = &members[0].action;
    assert_eq!((action.protocol, action.operation.as_str()), (Protocol::Mcp, "tools/call"));
    assert_eq!((action.resource.kind.as_str(), action.resource.id.as_str()), ("tool", "delete_repo"));
}

#[test]
fn answering_for_the_agent_is_guarded() {
    let update =
        r#"{"jsonrpc":"2.0","id":1,"method":"tasks/update","params":{"taskId":"t","inputResponses":{}}}"#;
    assert_eq!(mcp_class(update), Some(Class::DataWrite));
    let answer = |result: &str| mcp_class(&format!(r#"{{"jsonrpc":"2.0","id":1,"result":{result}}}"#));
    assert_eq!(answer(r#"{"action":"accept"}"#), Some(Class::DataWrite));
    assert_eq!(answer("{}"), Some(Class::ReadOnly));
    let error = r#"{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"x"}}"#;
    assert_eq!(mcp_class(error), Some(Class::ReadOnly));
}

#[test]
fn json_rpc_methods_go_by_name_also_within_odoo_s_envelope() {
    let rpc = |path: &str, host: &str, method: &str, params: &str| {
        let body = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{params}}}"#);
        only(&call("POST", host, path, &[JSON]), Body::Read(body.as_bytes())).0
    };
    assert_eq!(rpc("/", "mainnet.infura.io", "eth_call", "[]"), Class::ReadOnly);
    assert_eq!(rpc("/", "a.example", "eth_call", "[]"), Class::DataWrite);
    assert_eq!(rpc("/", "notinfura.io", "eth_call", "[]"), Class::DataWrite);
    assert_eq!(rpc("/v2/k", "eth.g.alchemy.com", "eth_sendRawTransaction", "[]"), Class::Communication);
    assert_eq!(rpc("/zabbix/api_jsonrpc.php", "z.example", "host.get", "{}"), Class::ReadOnly);
    let odoo = |inner: &str| {
        let params = format!(
            r#"{{"service":"object","method":"execute_kw","args":["db",2,"x","res.partner","{inner}",[]]}}"#
        );
        rpc("/jsonrpc", "o.example", "call", &params)
    };
    assert_eq!(odoo("search_read"), Class::ReadOnly);
    assert_eq!(odoo("unlink"), Class::DataWrite);
    let web = r#"{"model":"res.partner","method":"create","args":[]}"#;
    assert_eq!(rpc("/web/dataset/call_kw", "o.example", "call", web), Class::DataWrite);
    assert_eq!(rpc("/jsonrpc", "o.example", "call", "{}"), Class::InfraChange);
}

#[test]
fn a_batch_gives_every_member_and_one_bad_member_spoils_it() {
    let read = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
    let batch = format!("[{read},{}]", tool("delete_repo"));
    assert_eq!(mcp_class(&batch), Some(Class::DataDelete));
    let Decoded::Known(members) = mcp(&batch) else { panic!() };
    assert_eq!(members.len(), 2);
    assert_eq!(mcp_class(&format!("[{read},{{}}]")), None);
    assert_eq!(mcp_class(&format!("[{read},7]")), None);
    assert_eq!(mcp_class("[]"), None);
}

#[test]
fn what_two_readers_read_differently_is_undecodable_and_a_write() {
    let mcp = call("POST", "t.example", "/mcp", &[JSON]);
    let read = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
    for (body, why) in [
        (r#"{"jsonrpc":"2.0","id":1,"method":"tools/list","method":"x","method":"y"}"#, Obscurity::Json),
        (r#"{"jsonrpc":"2.0","id":1,"method":"tools/list","METHOD":"x"}"#, Obscurity::Message),
        ("{", Obscurity::Json),
        ("\u{feff}{}", Obscurity::Message),
        (r#"{"jsonrpc":"2.0","id":1,"method":"tools/list","role":"admin"}"#, Obscurity::Message),
        (r#"{"jsonrpc":"1.0","id":1,"method":"tools/list"}"#, Obscurity::Message),
        (r#"{"id":1,"method":"tools/list"}"#, Obscurity::Message),
        (r#"{"jsonrpc":"2.0","id":{},"method":"tools/list"}"#, Obscurity::Message),
        (r#"{"jsonrpc":"2.0","id":1,"method":7}"#, Obscurity::Message),
        (r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":[]}"#, Obscurity::Message),
        (r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}}"#, Obscurity::Message),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_x","arguments":"y"}}"#,
            Obscurity::Message,
        ),
        (r#"{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}"#, Obscurity::Message),
        (r#"{"hello":1}"#, Obscurity::Message),
        ("7", Obscurity::Message),
    ] {
        assert_eq!(obscure(&mcp, body), Some(why), "{body}");
    }
    assert!(matches!(decode(&mcp, Body::Read(b"\"\xff\"")), Decoded::Undecodable(_)));
    let wide = call("POST", "t.example", "/mcp", &[("content-type", "application/json; charset=utf-16")]);
    assert_eq!(obscure(&wide, read), Some(Obscurity::Charset));
    let text = call("POST", "t.example", "/mcp", &[("content-type", "text/plain")]);
    assert_eq!(obscure(&text, "tools/list"), Some(Obscurity::ContentType));
    let zipped = call("POST", "t.example", "/mcp", &[JSON, ("content-encoding", "gzip")]);
    assert_eq!(obscure(&zipped, read), Some(Obscurity::Encoding));
    let twice = call("POST", "t.example", "/mcp", &[JSON, ("content-type", "text/plain")]);
    assert_eq!(obscure(&twice, read), Some(Obscurity::ContentType));
    let large = format!("\"{}\"", "x".repeat(1024 * 1024));
    assert_eq!(obscure(&mcp, &large), Some(Obscurity::TooLarge));
    let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
    assert_eq!(obscure(&mcp, &deep), Some(Obscurity::Json));
}

#[test]
fn of_the_readings_of_a_body_the_strictest_counts() {
    let class = |call: &Call, body: &str| match decode(call, Body::Read(body.as_bytes())) {
        Decoded::Known(members) => members.iter().map(|member| member.action.class).max(),
        Decoded::NeedsBody | Decoded::Undecodable(_) | Decoded::Contradiction(_) => None,
    };
    let mcp = call("POST", "t.example", "/mcp", &[JSON]);
    for (body, expected) in [
        (r#"{"jsonrpc":"2.0","id":1,"method":"tools/list","m\u0065thod":"ping"}"#, Class::ReadOnly),
        (r#"{"jsonrpc":"2.0","id":1,"method":"x","method":"tools/list"}"#, Class::DataWrite),
        (r#"{"jsonrpc":"2.0","id":1,"method":"tools/list","m\u0065thod":"x"}"#, Class::DataWrite),
    ] {
        assert_eq!(class(&mcp, body), Some(expected), "{body}");
    }
    let named = |members: &str| {
        format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{{members},"arguments":{{}}}}}}"#)
    };
    for (members, expected) in [
        (r#""name":"get_x","name":"list_x""#, Class::ReadOnly),
        (r#""name":"get_x","name":"delete_x""#, Class::DataDelete),
        (r#""name":"delete_x","n\u0061me":"get_x""#, Class::DataDelete),
        (r#""name":"get_x","Name":"delete_x""#, Class::DataDelete),
    ] {
        assert_eq!(class(&mcp, &named(members)), Some(expected), "{members}");
    }
    let graphql = call("POST", "t.example", "/graphql", &[JSON]);
    assert_eq!(class(&graphql, r#"{"query":"{ a }","query":"mutation { b }"}"#), Some(Class::DataWrite));
    assert_eq!(class(&graphql, r#"{"query":"{ a }","query":"{ b }"}"#), Some(Class::ReadOnly));
    let form = call("POST", "t.example", "/x", &[("content-type", "application/x-www-form-urlencoded")]);
    assert_eq!(class(&form, "_method=GET&_method=DELETE"), Some(Class::DataDelete));
    assert_eq!(class(&form, r#"{"a":"&_method=DELETE&b="}"#), Some(Class::DataDelete));
    let multipart = call("POST", "t.example", "/x", &[("content-type", "multipart/form-data; boundary=b")]);
    let part = "--b\r\ncontent-disposition: form-data; name=_method\r\n\r\ndelete\r\n--b--";
    assert_eq!(class(&multipart, part), Some(Class::DataDelete));
    assert_eq!(class(&multipart, &part.replace("\r\n", "\n")), None);
}

#[test]
fn a_wrapped_body_is_judged_as_its_plain_text() {
    let read = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
    for (text, expected) in [(read, Class::ReadOnly), (&tool("delete_repo"), Class::DataDelete)] {
        let wide = text.encode_utf16().fold(vec![0xff, 0xfe], |mut bytes, unit| {
            bytes.extend(unit.to_le_bytes());
            bytes
        });
        for (headers, body) in [
            (vec![JSON], format!(" \r\n\t{text}\n").into_bytes()),
            (vec![JSON], format!("\u{feff}{text}").into_bytes()),
            (vec![JSON], wide.clone()),
            (vec![("content-type", "application/json; charset=utf-16")], wide),
            (
                vec![JSON, ("content-encoding", "deflate")],
                miniz_oxide::deflate::compress_to_vec(text.as_bytes(), 6),
            ),
            (vec![("content-type", "text/plain")], text.as_bytes().to_vec()),
            (vec![("content-type", "application/octet-stream")], text.as_bytes().to_vec()),
            (vec![("content-type", "application/x-www-form-urlencoded")], text.as_bytes().to_vec()),
            (vec![], text.as_bytes().to_vec()),
        ] {
            let mcp = call("POST", "t.example", "/mcp", &headers);
            assert_eq!(only(&mcp, Body::Read(&body)).0, expected, "{headers:?}");
        }
    }
}

#[test]
fn a_message_in_plain_text_is_not_just_text() {
    let text = call("POST", "t.example", "/x", &[("content-type", "text/plain")]);
    assert_eq!(only(&text, Body::Read(tool("delete_repo").as_bytes())).0, Class::DataDelete);
    assert_ne!(only(&text, Body::Read(tool("get_repo").as_bytes())).0, Class::ReadOnly);
    assert_eq!(obscure(&text, r#"[{"jsonrpc":"2.0","x":1,"x":2}]"#), Some(Obscurity::Message));
    assert_eq!(obscure(&text, r#"[{"jsonrpc":"2.0",}]"#), Some(Obscurity::ContentType));
    assert_eq!(obscure(&text, "{hello}"), None);
}

#[test]
fn hints_may_only_repeat_the_body() {
    let with = |headers: &[(&str, &str)], body: &str| {
        let headers: Vec<_> = [JSON].iter().chain(headers).copied().collect();
        let decoded = decode(&call("POST", "t.example", "/mcp", &headers), Body::Read(body.as_bytes()));
        matches!(decoded, Decoded::Contradiction(Contradiction::Headers))
    };
    let body = tool("get_x");
    assert!(!with(&[("mcp-method", "tools/call"), ("mcp-name", "get_x")], &body));
    assert!(!with(&[("mcp-name", "=?base64?Z2V0X3g=?=")], &body));
    assert!(with(&[("mcp-method", "tools/list")], &body));
    assert!(with(&[("mcp-name", "get_y")], &body));
    assert!(with(&[("mcp-name", "get_x"), ("mcp-name", "get_y")], &body));
    let list = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
    assert!(with(&[("mcp-name", "get_x")], list));
    assert!(with(&[("mcp-method", "tools/list")], &format!("[{list},{body}]")));
}

#[test]
fn only_the_endpoint_makes_a_message_milder_than_its_envelope() {
    let ping = Body::Read(br#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#);
    let graphql = Body::Read(br#"{"query":"{ a }"}"#);
    for path in ["/users/42/suspend", "/users/42/roles", "/"] {
        let call = call("POST", "a.example", path, &[JSON, ("mcp-protocol-version", "2025-06-18")]);
        assert_ne!(only(&call, ping).0, Class::ReadOnly, "{path}");
        assert_ne!(only(&call, graphql).0, Class::ReadOnly, "{path}");
    }
    let admin = call("POST", "a.example", "/delete/mcp", &[JSON]);
    assert_eq!(only(&admin, ping).0, Class::DataDelete);
    let overridden = call("POST", "a.example", "/mcp", &[JSON, ("x-http-method-override", "DELETE")]);
    assert_eq!(only(&overridden, ping).0, Class::DataDelete);
    for path in ["/mcp", "/v1/mcp/", "/message?sessionId=7", "/rpc"] {
        assert_eq!(only(&call("POST", "a.example", path, &[JSON]), ping).0, Class::ReadOnly, "{path}");
    }
    assert_ne!(only(&call("POST", "a.example", "/message", &[JSON]), ping).0, Class::ReadOnly);
    assert_eq!(only(&call("PUT", "a.example", "/mcp", &[JSON]), ping).0, Class::DataWrite);
    assert_eq!(only(&call("DELETE", "a.example", "/graphql", &[JSON]), graphql).0, Class::DataDelete);
    assert_eq!(only(&call("POST", "a.example", "/graphql", &[JSON]), graphql).0, Class::ReadOnly);
}

#[test]
fn an_operator_may_declare_an_endpoint() {
    let endpoint = Endpoint {
        host: HostPattern::new("a.example").unwrap(),
        path: Some(PathPattern::new("/tools").unwrap()),
        protocol: Protocol::Mcp,
    };
    let decoders = Decoders::new(vec![endpoint], crate::catalog::Catalog::default());
    let ping = Body::Read(br#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#);
    let class = |call: &Call, body| match decoders.decode(call, body) {
        Decoded::Known(members) => members[0].action.class,
        other => panic!("{other:?}"),
    };
    assert_eq!(class(&call("POST", "a.example", "/tools", &[JSON]), ping), Class::ReadOnly);
    assert_eq!(class(&call("POST", "b.example", "/tools", &[JSON]), ping), Class::DataWrite);
    let leave = [("mcp-session-id", "s")];
    assert_eq!(class(&call("DELETE", "a.example", "/tools", &leave), Body::Absent), Class::ReadOnly);
    assert_eq!(class(&call("DELETE", "a.example", "/tools", &[]), Body::Absent), Class::DataDelete);
    assert_eq!(class(&call("DELETE", "b.example", "/mcp", &leave), Body::Absent), Class::DataDelete);
}

#[test]
fn grpc_goes_by_its_path_and_a_content_type_alone_is_not_enough() {
    let grpc = |path: &str| {
        let call = call("POST", "g.example", path, &[("content-type", "application/grpc+proto")]);
        match decode(&call, Body::Unread) {
            Decoded::Known(members) => (members[0].action.protocol, members[0].action.class),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(grpc("/acme.v1.Users/GetUser"), (Protocol::Grpc, Class::ReadOnly));
    assert_eq!(grpc("/acme.v1.Users/DeleteUser"), (Protocol::Grpc, Class::DataDelete));
    assert_eq!(grpc("/acme.v1.Users/Frobnicate"), (Protocol::Grpc, Class::DataWrite));
    assert_eq!(grpc("/acme.v1.Users/TestIamPermissions"), (Protocol::Grpc, Class::ReadOnly));
    assert_eq!(grpc("/cosmos.bank.v1beta1.Query/AllBalances"), (Protocol::Grpc, Class::ReadOnly));
    assert_eq!(grpc("/cosmos.bank.v1beta1.Query/DeleteAll"), (Protocol::Grpc, Class::DataDelete));
    assert_eq!(grpc("/cosmos.bank.v1beta1.Msg/Send"), (Protocol::Grpc, Class::Communication));
    assert_eq!(grpc("/users/Get"), (Protocol::Http, Class::DataWrite));
    assert_eq!(grpc("/a.b/get"), (Protocol::Http, Class::DataWrite));
    assert_eq!(grpc("/a.b/Get/x"), (Protocol::Http, Class::DataWrite));
    assert_eq!(grpc("/a.b/Get?x=1"), (Protocol::Http, Class::DataWrite));
}

#[test]
fn operations_listed_in_a_document_count() {
    let of = |path: &str, kind: &str, body: &str| {
        only(&call("POST", "j.example", path, &[("content-type", kind)]), Body::Read(body.as_bytes())).0
    };
    let atomic = |op: &str| format!(r#"{{"atomic:operations":[{{"op":"add"}},{{"op":"{op}","ref":{{}}}}]}}"#);
    assert_eq!(of("/operations", "application/vnd.api+json", &atomic("update")), Class::DataWrite);
    assert_eq!(of("/operations", "application/vnd.api+json", &atomic("remove")), Class::DataDelete);
    let bulk = r#"{"Operations":[{"method":"DELETE","path":"/Users/7"}]}"#;
    assert_eq!(of("/x/Bulk", "application/scim+json", bulk), Class::DataDelete);
    assert_eq!(of("/scim/v2/Users/.search", "application/scim+json", "{}"), Class::ReadOnly);
}

#[test]
fn connect_and_twirp_call_the_methods_of_grpc_in_json() {
    for (kind, path, expected) in [
        ("application/json", "/acme.v1.Users/GetUser", Class::ReadOnly),
        ("application/json", "/acme.v1.Users/DeleteUser", Class::DataDelete),
        ("application/json", "/twirp/acme.v1.Users/ListUsers", Class::ReadOnly),
        ("application/proto", "/acme.v1.Users/GetUser", Class::ReadOnly),
        ("application/json", "/acme.v1.Users/GetUser?_method=DELETE", Class::DataDelete),
        ("application/json", "/acme.v1.Users/getUser/x", Class::DataWrite),
    ] {
        let call = call("POST", "g.example", path, &[("content-type", kind)]);
        assert_eq!(only(&call, Body::Read(b"{}")).0, expected, "{path}");
    }
}

#[test]
fn graphql_tells_queries_from_mutations() {
    let post = call("POST", "g.example", "/graphql", &[JSON]);
    let of = |body: &str| match decode(&post, Body::Read(body.as_bytes())) {
        Decoded::Known(members) => members.iter().map(|member| member.action.class).max(),
        Decoded::NeedsBody | Decoded::Undecodable(_) | Decoded::Contradiction(_) => None,
    };
    assert_eq!(of(r#"{"query":"query Q { a }","variables":{},"operationName":"Q"}"#), Some(Class::ReadOnly));
    assert_eq!(of(r#"{"query":"mutation { deleteUser(id:1) { id } }"}"#), Some(Class::DataDelete));
    assert_eq!(of(r#"{"query":"mutation { get }"}"#), Some(Class::DataWrite));
    assert_eq!(of(r#"{"query":"query A {a} mutation B {b}","operationName":"A"}"#), Some(Class::ReadOnly));
    assert_eq!(of(r#"{"query":"query A {a} mutation B {b}","operationName":"B"}"#), Some(Class::DataWrite));
    assert_eq!(of(r#"[{"query":"{ a }"},{"query":"mutation { b }"}]"#), Some(Class::DataWrite));
    for unclear in [
        r#"{"query":"query A {a} mutation B {b}"}"#,
        r#"{"query":"query A {a}","operationName":"C"}"#,
        r#"{"query":"query A {a"}"#,
        r#"{"extensions":{"persistedQuery":{"sha256Hash":"x"}}}"#,
        r#"{"query":"{ a }","id":"stored"}"#,
        r#"{"query":7}"#,
    ] {
        assert_eq!(of(unclear), None, "{unclear}");
    }
    let form = call("POST", "g.example", "/graphql", &[("content-type", "multipart/form-data; boundary=b")]);
    let upload = |query: &str| {
        let part = |name: &str, text: &str| {
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n")
        };
        let operations = format!(r#"{{"query":"{query}","variables":{{"f":null}}}}"#);
        let body =
            [part("operations", &operations), part("map", "{}"), part("0", "x"), "--b--\r\n".to_owned()];
        match decode(&form, Body::Read(body.concat().as_bytes())) {
            Decoded::Known(members) => members.iter().map(|member| member.action.class).max(),
            Decoded::NeedsBody | Decoded::Undecodable(_) | Decoded::Contradiction(_) => None,
        }
    };
    assert_eq!(upload("mutation { deleteUser(id:1) { id } }"), Some(Class::DataDelete));
    assert_eq!(upload("{ a }"), Some(Class::ReadOnly));
    assert_eq!(upload("{ a"), None);
    let twofold = call("POST", "g.example", "/graphql?query=mutation{x}", &[JSON]);
    assert_eq!(obscure(&twofold, r#"{"query":"{ a }"}"#), Some(Obscurity::Message));
}

#[test]
fn graphql_over_get_is_its_query_parameter() {
    let get = |path: &str| call("GET", "g.example", path, &[]);
    assert_eq!(only(&get("/graphql?query=query+%7B+a+%7D"), Body::Absent).0, Class::ReadOnly);
    assert_eq!(only(&get("/graphql"), Body::Absent).0, Class::ReadOnly);
    assert_eq!(only(&get("/graphql?query=%20mutation%7Bb%7D"), Body::Absent).0, Class::DataWrite);
    for unclear in ["/graphql?extensions=%7B%7D", "/graphql?query=%7Ba%7D&query=mutation%7Bb%7D"] {
        assert!(!Decoders::default().is_plain_read(&get(unclear), Body::Absent), "{unclear}");
        assert!(matches!(decode(&get(unclear), Body::Absent), Decoded::Undecodable(_)), "{unclear}");
    }
}

#[test]
fn strictness_has_an_order() {
    assert!(Class::ALL.windows(2).all(|pair| pair[0] < pair[1]));
    assert_eq!(Class::ALL.iter().max(), Some(&Class::PrivilegeChange));
    for class in Class::ALL {
        assert_eq!(serde_json::to_value(class).unwrap(), class.as_str());
    }
}

#[test]
fn a_debug_string_shows_no_argument() {
    let body = tool("get_x").replace("\"arguments\":{}", "\"arguments\":{\"password\":\"hush\"}");
    assert!(!format!("{:?}", mcp(&body)).contains("hush"));
}

#[cfg(not(target_arch = "wasm32"))]
mod arbitrary {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_body_makes_decoding_panic(bytes: Vec<u8>, kind in 0usize..6, path in "/(mcp|graphql|rpc|a\\.B/C|x)") {
            let kinds = ["application/json", "application/grpc", "application/graphql", "application/x-www-form-urlencoded", "", "text/plain"];
            let call = call("POST", "a.example", &path, &[("content-type", kinds[kind])]);
            if let Decoded::Known(members) = decode(&call, Body::Read(&bytes)) {
                prop_assert!(!members.is_empty());
            }
        }

        #[test]
        fn no_text_makes_graphql_panic(text in "[ {}()\\[\\]a-z:.\"#@$!,\\\\\n]{0,40}") {
            let body = serde_json::json!({"query": text}).to_string();
            let call = call("POST", "a.example", "/graphql", &[JSON]);
            drop(decode(&call, Body::Read(body.as_bytes())));
        }

        #[test]
        fn a_mutation_is_never_a_read(before in "(# x\n|query A \\{ a \\} |fragment F on T \\{ a \\} |, )?", name in "[a-z]{0,3}", field in "[a-z]{1,8}", arguments in "(\\(x: \"}\"\\)|\\(x: \\{y: 1\\}\\))?") {
            let text = format!("{before}mutation {name} {{ {field}{arguments} }}");
            let body = serde_json::json!({"query": text}).to_string();
            let call = call("POST", "a.example", "/graphql", &[JSON]);
            match decode(&call, Body::Read(body.as_bytes())) {
                Decoded::Known(members) => prop_assert!(members[0].action.class != Class::ReadOnly),
                Decoded::Undecodable(_) | Decoded::Contradiction(_) | Decoded::NeedsBody => {}
            }
        }
    }
}
