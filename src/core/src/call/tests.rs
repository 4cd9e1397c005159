use super::{sample::*, *};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn a_plain_call_is_read_as_written() {
    let call = call("POST", "API.Example.com:443", "/v2/import?x=%20", &[("X-A", "1"), ("x-a", "2")]);
    assert_eq!((call.method(), call.scheme()), ("POST", Scheme::Https));
    assert_eq!((call.authority(), call.host(), call.port()), ("api.example.com", "api.example.com", 443));
    assert_eq!((call.raw_path(), call.path(), call.query()), ("/v2/import", "/v2/import", "?x=%20"));
    assert_eq!(call.url(), "https://api.example.com/v2/import");
    assert_eq!(call.headers().joined("x-a"), Some(b"1, 2".to_vec()));
    assert_eq!(call.ambiguity(), None);
}

#[test]
fn an_authority_has_one_spelling() {
    for (spelled, authority, host, port) in [
        ("a.example", "a.example", "a.example", 443),
        ("A.EXAMPLE:443", "a.example", "a.example", 443),
        ("a.example:80", "a.example:80", "a.example", 80),
        ("a.example.", "a.example.", "a.example", 443),
        ("a.example.:8443", "a.example.:8443", "a.example", 8443),
        ("plain.example:80", "plain.example", "plain.example", 80),
        ("plain.example:443", "plain.example:443", "plain.example", 443),
        ("127.0.0.1:8080", "127.0.0.1:8080", "127.0.0.1", 8080),
        ("[0:0:0:0:0:0:0:1]:8080", "[::1]:8080", "[::1]", 8080),
        ("[2001:DB8::1]", "[2001:db8::1]", "[2001:db8::1]", 443),
        ("svc_a", "svc_a", "svc_a", 443),
    ] {
        let call = call("GET", spelled, "/", &[]);
        assert_eq!((call.authority(), call.host(), call.port()), (authority, host, port), "{spelled}");
        assert_eq!(call.ambiguity(), None, "{spelled}");
    }
}

#[test]
fn the_scheme_is_never_the_agents() {
    assert_eq!(call("GET", "plain.example", "/", &[]).scheme(), Scheme::Http);
    assert_eq!(call("GET", "PLAIN.example.:80", "/", &[]).scheme(), Scheme::Http);
    assert_eq!(call("GET", "other.example", "/", &[]).scheme(), Scheme::Https);
}

#[test]
fn every_ambiguous_authority_is_named() {
    for (spelled, ambiguity) in [
        ("user@a.example", Ambiguity::UserInfo),
        ("user:pass@a.example", Ambiguity::UserInfo),
        ("a.example:", Ambiguity::Port),
        ("a.example:0", Ambiguity::Port),
        ("a.example:080", Ambiguity::Port),
        ("a.example:65536", Ambiguity::Port),
        ("a.example:+443", Ambiguity::Port),
        ("a..example", Ambiguity::Host),
        (".a.example", Ambiguity::Host),
        ("a.example..", Ambiguity::Host),
        ("ａ.example", Ambiguity::Host),
        ("a%2eexample", Ambiguity::Host),
        ("a/b", Ambiguity::Host),
        ("0x7f.1", Ambiguity::Host),
        ("127.1", Ambiguity::Host),
        ("2130706433", Ambiguity::Host),
        ("127.0.0.01", Ambiguity::Host),
        ("a.example.0x10", Ambiguity::Host),
        ("[::g]", Ambiguity::Host),
        ("[::1", Ambiguity::Host),
        ("::1", Ambiguity::Host),
    ] {
        let found = call("GET", spelled, "/", &[]).ambiguity();
        assert!(found.is_some(), "{spelled}");
        if spelled != "::1" {
            assert_eq!(found, Some(ambiguity), "{spelled}");
        }
    }
}

#[test]
fn another_host_header_is_ambiguous_and_the_same_one_is_not() {
    let ambiguity = |host| call("GET", "a.example", "/", &[("host", host)]).ambiguity();
    assert_eq!(ambiguity("A.example:443"), None);
    assert_eq!(ambiguity("b.example"), Some(Ambiguity::TwoAuthorities));
    assert_eq!(ambiguity("a.example:444"), Some(Ambiguity::TwoAuthorities));
    assert_eq!(ambiguity("a.example."), None, "a final dot changes no name");
    for another in ["", "a.example@b.example", "a.example, b.example", "a.example:443:443"] {
        assert_eq!(ambiguity(another), Some(Ambiguity::TwoAuthorities), "{another}");
    }
    let twice = call("GET", "a.example", "/", &[("host", "a.example"), ("host", "b.example")]);
    assert_eq!(twice.ambiguity(), Some(Ambiguity::TwoAuthorities));
}

#[test]
fn every_ambiguous_path_is_named() {
    for (path, ambiguity) in [
        ("/a/../b", Ambiguity::DotSegment),
        ("/a/.", Ambiguity::DotSegment),
        ("/a/%2e%2E/b", Ambiguity::DotSegment),
        ("/a/.%2e/b", Ambiguity::DotSegment),
        ("/a%2fb", Ambiguity::EscapedSlash),
        ("/a%2Fb", Ambiguity::EscapedSlash),
        ("/a%5cb", Ambiguity::Backslash),
        ("/a\\b", Ambiguity::Backslash),
        ("/a//b", Ambiguity::EmptySegment),
        ("//a", Ambiguity::EmptySegment),
        ("/a%00", Ambiguity::EscapedControl),
        ("/a%0d%0ab", Ambiguity::EscapedControl),
        ("/a%2561", Ambiguity::EscapedPercent),
        ("/a/%2E", Ambiguity::DotSegment),
        ("/a/..", Ambiguity::DotSegment),
        ("/a/b/%2e./c", Ambiguity::DotSegment),
        ("/..;/b", Ambiguity::PathParameter),
        ("/a/%2e%2e%2fb", Ambiguity::EscapedSlash),
        ("/a/%252e%252e/b", Ambiguity::EscapedPercent),
        ("/a%25%32%66b", Ambiguity::EscapedPercent),
        ("/a/%c0%ae%c0%ae/b", Ambiguity::EscapedBytes),
        ("/a%5C..%5Cb", Ambiguity::Backslash),
        ("/a/.%00/b", Ambiguity::EscapedControl),
        ("/a/%09", Ambiguity::EscapedControl),
        ("/a;b=c", Ambiguity::PathParameter),
        ("/a%", Ambiguity::BrokenEscape),
        ("/a%4", Ambiguity::BrokenEscape),
        ("/a%zz", Ambiguity::BrokenEscape),
        ("/a%ff", Ambiguity::EscapedBytes),
        ("/a#b", Ambiguity::Fragment),
        ("a/b", Ambiguity::NotAPath),
        ("http://b.example/", Ambiguity::NotAPath),
        ("", Ambiguity::NotAPath),
        ("?a", Ambiguity::NotAPath),
    ] {
        assert_eq!(call("GET", "a.example", path, &[]).ambiguity(), Some(ambiguity), "{path}");
    }
    for method in ["get", "Post", "DELETe"] {
        assert_eq!(call(method, "a.example", "/", &[]).ambiguity(), Some(Ambiguity::MethodCase), "{method}");
    }
}

#[test]
fn harmless_spellings_are_not_ambiguous() {
    for (path, decoded) in [
        ("/", "/"),
        ("/a/", "/a/"),
        ("/%61b", "/ab"),
        ("/caf%C3%A9", "/café"),
        ("/a.b/..c/...", "/a.b/..c/..."),
        ("/a%20b?c=../%2f//;", "/a b"),
        ("/.well-known/x", "/.well-known/x"),
        ("/a:b@c,d~e", "/a:b@c,d~e"),
    ] {
        let call = call("GET", "a.example", path, &[]);
        assert_eq!((call.ambiguity(), call.path()), (None, decoded), "{path}");
    }
    assert_eq!(call("OPTIONS", "a.example", "*", &[]).ambiguity(), None);
}

#[test]
fn the_path_for_matching_is_what_a_lenient_server_would_serve() {
    for (path, resolved) in [
        ("/a/../b", "/b"),
        ("/a/%2e%2e/b", "/b"),
        ("/../../b", "/b"),
        ("/a//b", "/a/b"),
        ("/a%2fb", "/a/b"),
        ("/a\\..\\b", "/b"),
        ("/a/b/..", "/a/"),
        ("/..", "/"),
    ] {
        assert_eq!(call("GET", "a.example", path, &[]).path(), resolved, "{path}");
    }
}

#[test]
fn what_cannot_be_read_is_no_call() {
    assert_eq!(read("", "a.example", "/", &[]).err(), Some(CallFault::Method));
    assert_eq!(read("G ET", "a.example", "/", &[]).err(), Some(CallFault::Method));
    assert_eq!(read("GET", "", "/", &[]).err(), Some(CallFault::Authority));
    assert_eq!(read("GET", "a\u{7f}", "/", &[]).err(), Some(CallFault::Authority));
    assert_eq!(read("GET", "a.example", "/a\nb", &[]).err(), Some(CallFault::Path));
    assert_eq!(read("GET", "a.example", "/", &[(":path", "/b")]).err(), Some(CallFault::Path));
    assert_eq!(read("GET", "a.example", "/", &[(":method", "POST")]).err(), Some(CallFault::Method));
    let no_path = HeaderMap::from_pairs([(":method", "GET"), (":authority", "a.example")]);
    assert_eq!(Call::read(no_path, &Destinations::default()).err(), Some(CallFault::Path));
    let bytes = HeaderMap::from_pairs([(":method", &b"GET"[..]), (":authority", b"a\xff"), (":path", b"/")]);
    assert_eq!(Call::read(bytes, &Destinations::default()).err(), Some(CallFault::Authority));
}

#[test]
fn connect_needs_no_path_and_a_host_header_serves_as_authority() {
    let head = HeaderMap::from_pairs([(":method", "CONNECT"), (":authority", "a.example:8443")]);
    let call = Call::read(head, &Destinations::default()).unwrap();
    assert_eq!((call.raw_path(), call.authority(), call.ambiguity()), ("", "a.example:8443", None));
    let head = HeaderMap::from_pairs([(":method", "GET"), ("host", "a.example"), (":path", "/")]);
    assert_eq!(Call::read(head, &Destinations::default()).unwrap().host(), "a.example");
}

#[test]
fn the_hosts_encoding_is_read_back() {
    let pairs = [(":method", "GET"), ("x", ""), ("x-y", "z")];
    let map = HeaderMap::from_abi(abi(&pairs)).unwrap();
    assert_eq!(map.iter().map(|(n, v)| (n, std::str::from_utf8(v).unwrap())).collect::<Vec<_>>(), pairs);
    assert_eq!(map.text("x-y"), Some("z"));
    assert!(HeaderMap::from_abi(Vec::new()).unwrap().is_empty());
}

#[test]
fn a_garbled_map_is_refused_at_every_cut() {
    let whole = abi(&[(":method", "GET"), ("x", "yz")]);
    for length in 1..whole.len() {
        assert_eq!(HeaderMap::from_abi(whole[..length].to_vec()).err(), Some(CallFault::Garbled), "{length}");
    }
    assert!(HeaderMap::from_abi(vec![0xff; 64]).is_err());
}

#[test]
fn a_debug_string_shows_no_header_value() {
    let call = call("GET", "a.example", "/", &[("authorization", "Bearer hush")]);
    assert!(!format!("{call:?}").contains("hush"));
}

#[test]
fn destinations_are_plain_hosts() {
    for bad in ["", "a.example:80", "a/b", "u@a", "*.example"] {
        assert!(Destinations::new(Scheme::Https, [bad]).is_err(), "{bad}");
    }
    let read = Destinations::new(Scheme::Http, ["A.example", "[::1]"]).unwrap();
    assert_eq!((read.scheme_of("a.example"), read.scheme_of("b.example")), (Scheme::Https, Scheme::Http));
}

#[test]
fn dropped_headers_are_gone() {
    let mut map = HeaderMap::from_pairs([("Countersign-X", "1"), ("b", "2")]);
    map.retain(|name| if name.starts_with("countersign-") { Keep::No } else { Keep::Yes });
    assert_eq!((map.len(), map.get("countersign-x")), (1, None));
}

#[cfg(not(target_arch = "wasm32"))]
proptest::proptest! {
    #[test]
    fn no_bytes_make_reading_panic(bytes: Vec<u8>) {
        if let Ok(map) = HeaderMap::from_abi(bytes) {
            drop(Call::read(map, &Destinations::default()));
        }
    }

    #[test]
    fn no_head_makes_reading_panic(method in "[A-Za-z ]{0,5}", authority in "[a-z0-9.:@%\\[\\]é]{0,12}", path in "[/.%\\\\;?#a2fF0é]{0,16}") {
        if let Ok(call) = read(&method, &authority, &path, &[]) {
            proptest::prop_assert!(!call.host().ends_with('.') || call.ambiguity().is_some());
            proptest::prop_assert!(!call.path().contains("/../"));
        }
    }
}
