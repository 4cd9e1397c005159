//! Markup, messages, URLs and what is written in escapes: each value belongs to its name, and the rest stays.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use countersign_mask::{Understood, Why, payload, residual, text};

const LIMIT: usize = 65536;

/// Each text, and what becomes of it, also when it stands in a JSON string.
fn become_(cases: &[(&str, &str)]) {
    for (input, output) in cases {
        assert_eq!(text(input).0.as_str(), *output);
        assert!(residual(output).is_empty(), "{output}");
        let quoted = |text: &str| serde_json::json!({ "note": text }).to_string();
        assert_eq!(text(&quoted(input)).0.as_str(), quoted(output));
    }
}

#[test]
fn an_elements_text_and_an_attribute_go_by_their_names() {
    become_(&[
        (
            "<a><wsse:Password Type=\"x\">hunter2</wsse:Password><b>n</b></a>",
            "<a><wsse:Password Type=\"x\">[secret]</wsse:Password><b>n</b></a>",
        ),
        ("<user id='7' password='a&amp;b'/>", "<user id='7' password='[secret]'/>"),
        ("<input name=token value=abc>text", "<input name=token value=[secret]>text"),
        (
            "<p><![CDATA[x]]></p><cvv><![CDATA[1&2]]></cvv>",
            "<p><![CDATA[x]]></p><cvv><![CDATA[[secret]]]></cvv>",
        ),
        ("sent <r><pin>1234</pin></r> to <b>x</b>", "sent <r><pin>[secret]</pin></r> to <b>x</b>"),
    ]);
}

#[test]
fn a_name_beside_a_value_counts_as_its_name() {
    become_(&[
        ("<add key=\"password\" value=\"hunter2\"/>", "<add key=\"password\" value=\"[secret]\"/>"),
        ("<add value=\"hunter2\" key=\"password\"/>", "<add value=\"[secret]\" key=\"password\"/>"),
        ("<property name=\"password\">hunter2</property>", "<property name=\"password\">[secret]</property>"),
        (
            "<d><key>password</key><string>hunter2</string><key>TZ</key><string>UTC</string></d>",
            "<d><key>password</key><string>[secret]</string><key>TZ</key><string>UTC</string></d>",
        ),
        (
            "<Attribute Name=\"password\"><AttributeValue>hunter2</AttributeValue></Attribute>",
            "<Attribute Name=\"password\"><AttributeValue>[secret]</AttributeValue></Attribute>",
        ),
        ("<tr><th>Password</th><td>hunter2</td></tr>", "<tr><th>Password</th><td>[secret]</td></tr>"),
        ("<p><b>Password:</b> hunter2</p>", "<p><b>Password:</b> [secret]</p>"),
    ]);
}

#[test]
fn markup_is_followed_where_it_is_wrapped_or_declared() {
    become_(&[
        ("<a>&lt;pin&gt;1234&lt;/pin&gt;</a>", "<a>&lt;pin&gt;[secret]&lt;/pin&gt;</a>"),
        ("<a><![CDATA[<b><pin>1234</pin></b>]]></a>", "<a><![CDATA[<b><pin>[secret]</pin></b>]]></a>"),
        ("<a><!-- <pin>1234</pin> --></a>", "<a><!-- <pin>[secret]</pin> --></a>"),
        ("<a>{\"pin\":1234}</a>", "<a>{&quot;pin&quot;:&quot;[secret]&quot;}</a>"),
        (
            "<!DOCTYPE x [<!ENTITY pin \"1234\">]><x>&pin;</x>",
            "<!DOCTYPE x [<!ENTITY pin \"[secret]\">]><x>&pin;</x>",
        ),
        ("<a><pin>1234</pin><b>", "<a><pin>[secret]</pin><b>"),
    ]);
}

#[test]
fn what_is_no_value_in_markup_stays() {
    for input in [
        "<dependency><artifactId>token-x</artifactId><version>3.2.36</version></dependency>",
        "set <password> to the new value and <b>bold</b> it",
        "<p>Password: must be long</p><button id=\"password\">Change password</button>",
        "<password/><token></token>",
        "if a <b and c> d </ x",
        "Vec<Token> and Map<Key, Secret>",
    ] {
        assert_eq!(text(input).0.as_str(), input);
    }
}

#[test]
fn parts_of_a_multipart_body_go_by_their_names_types_and_encodings() {
    become_(&[
        (
            "--x\r\nContent-Disposition: form-data; name=\"pin\"\r\n\r\n1234\r\n--x\r\nContent-Disposition: form-data; name=\"plan\"\r\n\r\npro\r\n--x--\r\n",
            "--x\r\nContent-Disposition: form-data; name=\"pin\"\r\n\r\n[secret]\r\n--x\r\nContent-Disposition: form-data; name=\"plan\"\r\n\r\npro\r\n--x--\r\n",
        ),
        (
            "--x\nContent-Type: application/json\n\n{\"pin\":[1234]}\n--x--\n",
            "--x\nContent-Type: application/json\n\n{\"pin\":[\"[secret]\"]}\n--x--\n",
        ),
        (
            "--x\nContent-Disposition: form-data; name=\"f\"; filename=\"a.csv\"\n\nid,password\n1,abc\n--x--\n",
            "--x\nContent-Disposition: form-data; name=\"f\"; filename=\"a.csv\"\n\nid,password\n1,[secret]\n--x--\n",
        ),
        (
            "--x\nContent-Transfer-Encoding: base64\n\ncGFzc3dvcmQ9\naHVudGVyMg==\n--x--\n",
            "--x\nContent-Transfer-Encoding: base64\n\n[secret]\n--x--\n",
        ),
        (
            "--x\nContent-Transfer-Encoding: quoted-printable\n\nto bob=40corp.example pass=\nword=3Dabc\n--x--\n",
            "--x\nContent-Transfer-Encoding: quoted-printable\n\nto [email] password=3D[secret]\n--x--\n",
        ),
        (
            "--x\nContent-Type: multipart/mixed; boundary=y\n\n--y\nContent-Transfer-Encoding: base64\n\niVBORw0KGgoAAAANSUhEUv8inGM4\n--y--\n--x--\n",
            "--x\nContent-Type: multipart/mixed; boundary=y\n\n--y\nContent-Transfer-Encoding: base64\n\n[binary 21 bytes]\n--y--\n--x--\n",
        ),
    ]);
}

#[test]
fn a_message_in_a_text_goes_by_its_headers_and_its_body_by_its_type() {
    become_(&[
        (
            "POST /x HTTP/1.1\r\nX-Session: abc\r\nContent-Type: application/json\r\n\r\n{\"pin\":[1234]}",
            "POST /x HTTP/1.1\r\nX-Session: [secret]\r\nContent-Type: application/json\r\n\r\n{\"pin\":[\"[secret]\"]}",
        ),
        ("HTTP/1.1 200 OK\nX-Key: a\n b\nAge: 5\n", "HTTP/1.1 200 OK\nX-Key: [secret]\nAge: 5\n"),
        (
            ":method: GET\n:path: /x?pin=1234\nx-key: abc\n",
            ":method: GET\n:path: /x?pin=[secret]\nx-key: [secret]\n",
        ),
        (
            "--b\nContent-Type: application/http\n\nPOST /x HTTP/1.1\nX-Key: abc\nContent-Type: application/x-www-form-urlencoded\n\npin=12%2634&n=1\n--b--\n",
            "--b\nContent-Type: application/http\n\nPOST /x HTTP/1.1\nX-Key: [secret]\nContent-Type: application/x-www-form-urlencoded\n\npin=[secret]&n=1\n--b--\n",
        ),
        ("Host: x\nAuthorization: Basic dXNlcjpwYXNz\n", "Host: x\nAuthorization: Basic [secret]\n"),
        (
            "Host: x\nX-User-Name: Ann Lee\nX-Customer-Name: Ann%20Lee\nUser-Agent: Acme Client\n",
            "Host: x\nX-User-Name: [name]\nX-Customer-Name: [name]\nUser-Agent: Acme Client\n",
        ),
        (
            "Date: x\nFrom: =?UTF-8?Q?J=C3=B6rg?= <j@b.example>\nMIME-Version: 1.0\n",
            "Date: x\nFrom: [name] <[email]>\nMIME-Version: 1.0\n",
        ),
    ]);
}

#[test]
fn parameters_go_by_their_names_in_any_url() {
    become_(&[
        (
            "see https://x.example/a?page=2&password=a%26b#access_token=abc, then",
            "see https://x.example/a?page=2&password=[secret]#access_token=[secret], then",
        ),
        (
            "https://x.example/cb?next=https%3A%2F%2Fy.example%2F%3Ftoken%3Dabc%26p%3D2&n=1",
            "https://x.example/cb?next=https://y.example/?token%3D[secret]%26p%3D2&n=1",
        ),
        ("GET /a?token=abc HTTP/1.1", "GET /a?token=[secret] HTTP/1.1"),
        (
            "https://x.example/reset-password/nVLWkM6YCrELqocD2Eo4C0/now",
            "https://x.example/reset-password/[secret]/now",
        ),
        (
            "https://x.example/a?version=1.2&tab=password-reset&ref=side#step-2.",
            "https://x.example/a?version=1.2&tab=password-reset&ref=side#step-2.",
        ),
    ]);
}

#[test]
fn json_in_a_text_is_read_as_json() {
    for (input, output) in [
        ("data: {\"pin\":[1234],\"n\":1}\n", "data: {\"pin\":[\"[secret]\"],\"n\":1}\n"),
        (
            "curl -d '{\"env\":[{\"name\":\"DB_PASSWORD\",\"value\":\"x\"}]}' https://x",
            "curl -d '{\"env\":[{\"name\":\"DB_PASSWORD\",\"value\":\"[secret]\"}]}' https://x",
        ),
        ("x {\"n\": 1, {\"pin\": 1234", "x {\"n\": 1, {\"pin\": [secret]"),
    ] {
        assert_eq!(text(input).0.as_str(), output);
    }
}

#[test]
fn whose_a_name_is_what_stands_beside_it_says() {
    become_(&[
        (
            "<x><name>Ann Lee</name><email>a@b.example</email></x>",
            "<x><name>[name]</name><email>[email]</email></x>",
        ),
        ("<user name=\"Ann Lee\" role=\"x\"/>", "<user name=\"[name]\" role=\"x\"/>"),
        ("<product><name>Blue Lamp</name></product>", "<product><name>Blue Lamp</name></product>"),
        ("name=Ann+Lee&email=a%40b.example", "name=[name]&email=[email]"),
        ("customer[name]=Ann+Lee&n=1", "customer[name]=[name]&n=1"),
        ("product[name]=Blue+Lamp&email=a%40b.example", "product[name]=Blue+Lamp&email=[email]"),
    ]);
}

#[test]
fn literals_in_a_graphql_document_go_and_names_types_and_variables_stay() {
    become_(&[
        (
            "query Q($password: String = \"x\", $pin: Int = 1234) { me(token: $token) { password } }",
            "query Q($password: String = \"[secret]\", $pin: Int = [secret]) { me(token: $token) { password } }",
        ),
        (
            "mutation { a(passwords: [\"x\", \"y\"], pin: 1234, token: \"\"\"x \"y\" z\"\"\", role: ADMIN) { id } }",
            "mutation { a(passwords: [\"[secret]\", \"[secret]\"], pin: [secret], token: \"\"\"[secret]\"\"\", role: ADMIN) { id } }",
        ),
    ]);
}

#[test]
fn a_long_segment_goes_to_its_end() {
    let (shown, _) = text(&format!("/token/{}/x", "aB3dE5gH7jK9".repeat(100)));
    assert_eq!(shown.as_str(), "/token/[secret]/x");
}

#[test]
fn what_is_written_in_escapes_is_read() {
    become_(&[
        ("to bob&#64;corp.example or bob&#x40;corp.example", "to [email] or [email]"),
        ("to bob%2540corp.example", "to [email]"),
        ("%70assword%3Dhunter2", "%70assword%3D[secret]"),
        (r#"x = "\x70in": 1234"#, r#"x = "\x70in": [secret]"#),
        ("mail bob=40corp.example now", "mail [email] now"),
        ("hex 70617373776f72643d68756e74657232 end", "hex [secret] end"),
    ]);
}

#[test]
fn large_base64_that_is_no_text_is_shown_by_its_size_and_a_short_picture_stays() {
    let picture =
        |length: usize| format!("data:image/png;base64,iVBORw0KGgoAAAANSUhEUv8{}", "inGM4wJX".repeat(length));
    let (shown, found) = text(&picture(1000));
    assert_eq!((shown.as_str(), found.proof.not_understood), ("data:image/png;base64,[binary 5 kB]", 6015));
    assert!(residual(shown.as_str()).is_empty());
    assert_eq!(text(&picture(20)).0.as_str(), picture(20));
}

#[test]
fn a_part_that_is_no_text_is_shown_by_its_headers_and_its_size() {
    let mut body = b"--x\r\nContent-Disposition: form-data; name=\"pin\"\r\n\r\n1234\r\n--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n".to_vec();
    body.extend_from_slice(b"\x89PNG\r\n\x1a\n\0\0\xff password=hunter2\r\n--x--\r\n");
    let shown = payload(Some("multipart/form-data; boundary=x"), None, &body, LIMIT);
    assert_eq!(
        shown.excerpt.as_str(),
        "--x\r\nContent-Disposition: form-data; name=\"pin\"\r\n\r\n[secret]\r\n--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n[binary 30 bytes]\r\n--x--\r\n"
    );
    assert_eq!((shown.understood, shown.report.proof.not_understood), (Understood::Cut, 30));
}

#[test]
fn a_charset_that_is_named_or_marked_is_read() {
    let utf16 = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    let marked = [vec![0xff, 0xfe], utf16("{\"pin\":1234}")].concat();
    for (media_type, body) in [
        ("application/json", marked),
        ("application/json; charset=utf-16le", utf16("{\"pin\":1234}")),
        ("application/json; charset=ISO-8859-1", b"{\"pin\":1234}".to_vec()),
        ("application/json; charset=\"utf-8\"", b"\xef\xbb\xbf{\"pin\":1234}".to_vec()),
    ] {
        let shown = payload(Some(media_type), None, &body, LIMIT);
        assert_eq!((shown.excerpt.as_str(), shown.understood), ("{\"pin\":\"[secret]\"}", Understood::Whole));
    }
    let shown = payload(Some("text/plain; charset=ISO-8859-1"), None, b"caf\xe9 pin=1234", LIMIT);
    assert_eq!(shown.excerpt.as_str(), "caf\u{e9} pin=[secret]");
    let large = payload(None, None, &vec![b'a'; (16 << 20) + 1], LIMIT);
    assert_eq!(large.understood, Understood::NotUnderstood { why: Why::TooLarge });
}
