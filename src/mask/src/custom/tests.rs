//! Promises of what a policy adds.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;
use crate::strategy::{PseudonymKey, Strategy};
use crate::{Masker, residual};
use countersign_wire::digest::Secret;

fn detector(pattern: &str) -> Detector {
    Detector {
        name: "own".into(),
        kind: Kind::NationalId,
        pattern: Pattern::new(pattern).unwrap(),
        near: Vec::new(),
        check: Check::None,
        allow: Vec::new(),
        strategy: None,
    }
}

fn masker(detectors: Vec<Detector>) -> Masker {
    Masker::new(Custom::new(detectors, Vec::new(), []))
}

fn shown(masker: &Masker, text: &str) -> String {
    masker.text(text).0.into_string()
}

/// `text` with every match of `pattern` in brackets.
fn marked(pattern: &str, text: &str) -> String {
    let pattern = Pattern::new(pattern).unwrap();
    let mut covered = vec![false; text.len()];
    machine::each(&pattern, text, &mut |start, end| covered[start..end].fill(true));
    let mut out = String::new();
    let mut open = false;
    for (byte, covered) in text.bytes().zip(covered) {
        if covered != open {
            out.push(if covered { '<' } else { '>' });
            open = covered;
        }
        out.push(char::from(byte));
    }
    if open { out + ">" } else { out }
}

#[test]
fn the_little_language_means_what_it_means_elsewhere() {
    for (pattern, text, wanted) in [
        ("E-[0-9]{6}", "staff E-123456 left, E-12345", "staff <E-123456> left, E-12345"),
        ("a|bc|d+", "xabcdddx", "x<abcddd>x"),
        ("ab?c*", "a ab acc abccc b", "<a> <ab> <acc> <abccc> b"),
        ("(ab)+c", "ababc abc c", "<ababc> <abc> c"),
        ("(?:a|b){2,3}", "a ab aba abab", "a <ab> <aba> <abab>"),
        ("x{2,}", "x xx xxx", "x <xx> <xxx>"),
        ("x{0,2}y", "y xy xxy xxxy", "<y> <xy> <xxy> x<xxy>"),
        (r"\b\d{3}\b", "123 1234 x123 [123] 123", "<123> 1234 x123 [<123>] <123>"),
        (r"\Bx", "x ax", "x a<x>"),
        ("^a", "ab\na b a", "<a>b\n<a> b a"),
        ("a$", "a ba\na\r\na", "a b<a>\n<a>\r\n<a>"),
        ("(?i)no-[a-f]", "NO-A no-F No-g", "<NO-A> <no-F> No-g"),
        ("[^ab]c", "ac xc bc", "ac <xc> bc"),
        (r"[\d.]+%", "a 1.5% b", "a <1.5%> b"),
        (r"[]x]-[a\-z]", "]-a x-- y-z", "<]-a> <x--> y-z"),
        (r"\.\*\(\[", "a.*([b", "a<.*([>b"),
        ("(a|ab)(c|bcd)", "abcd", "<abcd>"),
        ("(a?b?)*c", "ababc", "<ababc>"),
        (r"(\b[a-z])+9", "a9 ba9", "<a9> ba9"),
    ] {
        assert_eq!(marked(pattern, text), wanted, "{pattern}");
    }
    let own = shown(&masker(vec![detector("gr(ü|ue)n+")]), "ein grünn und grue");
    assert_eq!(own, "ein [national_id] und grue");
}

#[test]
fn a_pattern_that_could_blow_up_is_refused_and_the_refusal_says_how_to_mend_it() {
    for (pattern, because) in [
        ("", "nothing at all"),
        ("a*", "nothing at all"),
        ("(a|b?)", "nothing at all"),
        (r"\b", "nothing at all"),
        (r"\b(x*)$", "nothing at all"),
        ("a{200}", "longer than 128"),
        ("((a{99}){99}){99}", "longer than 128"),
        ("((((((((){99}){99}){99}){99}){99}){99}){99})x", "longer than 128"),
        ("((a?){60})*b", "can be left out"),
        ("a**", "a repetition is repeated"),
        ("a+?", "a repetition is repeated"),
        ("a{2}{3}", "a repetition is repeated"),
        ("*a", "repeats nothing"),
        (r"\b+a", "a place"),
        ("a{", "counts nothing"),
        ("a{3,2}", "counts nothing"),
        ("a{0}b", "counts nothing"),
        ("(a", "never closed"),
        ("a)", "closes nothing"),
        ("[a", "never closed"),
        ("[z-a]", "no beginning and end"),
        (r"[a-\d]", "no beginning and end"),
        ("[ä]", "Unicode classes are not offered"),
        (r"\p{L}", "`\\p` is not offered"),
        (r"\1", "gives no meaning"),
        ("(?=a)b", "`(?` opens nothing"),
        ("(?P<n>a)", "`(?` opens nothing"),
        ("a\\", "it ends in"),
        (&"(".repeat(99), "nest more than 16"),
    ] {
        let said = Pattern::new(pattern).map_or_else(|bad| bad.to_string(), |_| String::new());
        assert!(said.contains(because), "{pattern}: {said}");
    }
}

#[test]
fn keywords_check_digits_and_what_is_allowed_tell_a_value_from_what_looks_like_one() {
    let own = Detector {
        near: vec!["Staff".into()],
        check: Check::Luhn,
        allow: vec![Allowed::new("7992*").unwrap()],
        ..detector(r"\b[0-9]{11}\b")
    };
    let own = masker(vec![own]);
    for (text, wanted) in [
        ("staff 49927398716", "staff [national_id]"),
        ("order 49927398716", "order 49927398716"),
        ("staff 49927398717", "staff 49927398717"),
        ("staff 79927398713", "staff 79927398713"),
        (
            r#"{"staff_no":"49927398716","order":"49927398716"}"#,
            r#"{"staff_no":"[national_id]","order":"49927398716"}"#,
        ),
        (r#"{"staff":[49927398716]}"#, r#"{"staff":["[national_id]"]}"#),
        ("staff_no=49927398716&no=49927398716", "staff_no=[national_id]&no=49927398716"),
    ] {
        assert_eq!(shown(&own, text), wanted);
    }
    let far = format!("staff {}49927398716", "- ".repeat(24));
    assert_eq!(shown(&own, &far), far);
    let value: &[(&str, &[u8])] = &[("x-staff", b"49927398716"), ("x-other", b"49927398716")];
    let (headers, _) = own.headers(value.iter().copied());
    assert_eq!((headers[0].1.as_str(), headers[1].1.as_str()), ("[national_id]", "49927398716"));
}

#[test]
fn what_a_policy_finds_is_counted_under_its_kind_and_its_own_name() {
    let (_, report) = masker(vec![detector("E-[0-9]{6}")]).text(r#"{"a":"E-123456 E-123457","b":"E-1"}"#);
    assert_eq!(report.proof.counts, [(Kind::NationalId, 2)]);
    let finding = &report.findings[0];
    assert_eq!((finding.path.as_str(), &*finding.detector, finding.count), ("$.a", "own", 2));
}

#[test]
fn a_name_of_the_policy_says_what_its_field_holds() {
    let names = [
        ("employee_no".to_owned(), Some(Kind::NationalId)),
        ("token_symbol".to_owned(), None),
        ("token".to_owned(), None),
        ("note".to_owned(), None),
    ];
    let own = Masker::new(Custom::new(Vec::new(), Vec::new(), names));
    for (text, wanted) in [
        (
            r#"{"employeeNo":"7","xEmployeeNo":8123}"#,
            r#"{"employeeNo":"[national_id]","xEmployeeNo":"[national_id]"}"#,
        ),
        (r#"{"token":"USDC","access_token":"USDC"}"#, r#"{"token":"USDC","access_token":"[secret]"}"#),
        ("token=USDC&access_token=USDC", "token=USDC&access_token=[secret]"),
        ("token: USDC\nEMPLOYEE_NO=77x, rest", "token: USDC\nEMPLOYEE_NO=[national_id], rest"),
        (r#"[{"name":"employee_no","value":"x1"}]"#, r#"[{"name":"employee_no","value":"[national_id]"}]"#),
        (
            "employee_no,city\n77x,Paris\n78x,Rome\n",
            "employee_no,city\n[national_id],Paris\n[national_id],Rome\n",
        ),
        (
            "UPDATE t SET employee_no = 'x7', n = 2 WHERE employee_no = 771",
            "UPDATE t SET employee_no = '[national_id]', n = 2 WHERE employee_no = [national_id]",
        ),
        (
            r#"{"columns":["city","employee_no"],"rows":[["Rome","x7"]]}"#,
            r#"{"columns":["city","employee_no"],"rows":[["Rome","[national_id]"]]}"#,
        ),
        // A plain name opens nothing but itself: what its value looks like still counts.
        (r#"{"note":"mail bob@example.com"}"#, r#"{"note":"mail [email]"}"#),
        (r#"{"employee_no":null,"employee_no":"${NO}"}"#, r#"{"employee_no":null,"employee_no":"${NO}"}"#),
    ] {
        assert_eq!(shown(&own, text), wanted);
    }
}

#[test]
fn allowed_values_stay_and_only_whole() {
    let allow = vec![Allowed::new("bob@*").unwrap(), Allowed::new("*@test.example").unwrap()];
    let own = Masker::new(Custom::new(Vec::new(), allow, []));
    let text = r#"{"a":"bob@example.com","b":"to carol@example.com","c":["carol@test.example"]}"#;
    assert_eq!(shown(&own, text), text.replace("carol@example.com", "[email]"));
    assert_eq!(shown(&own, "user=bob@example.com"), "user=bob@example.com");
    assert!(Allowed::new("***").is_none() && Allowed::new("abc*").is_none());
    for (glob, yes, no) in [
        ("ab*cd", "abcd", "abc"),
        ("ab*b*cd", "abxbcd", "abcd"),
        ("*abcd*", "abcd", "abd"),
        ("abcd", "abcd", "abcde"),
    ] {
        let glob = Allowed::new(glob).unwrap();
        assert!(glob.is(yes) && !glob.is(no), "{glob:?}");
    }
}

#[test]
fn a_detector_has_its_own_strategy_and_a_rule_the_last_word() {
    let own = Detector { strategy: Some(Strategy::KeepLast(2)), ..detector("E-[0-9]{6}") };
    let base = masker(vec![own]).with(Kind::NationalId, Strategy::Remove);
    assert_eq!(shown(&base, "E-123456"), "[national_id \u{2026}6]");
    assert_eq!(shown(&base.clone().firmly(Kind::NationalId, Strategy::Label), "E-123456"), "[national_id]");
    let key = |policy: &str| PseudonymKey::derive(&Secret::new([7; 32]), policy);
    let named = |policy: &str| {
        let own = masker(vec![detector("E-[0-9]{6}")]).with(Kind::NationalId, Strategy::Pseudonym);
        shown(&own.with_key(key(policy)), "E-123456 E-123457 E-123456")
    };
    let shown = named("p");
    let parts: Vec<&str> = shown.split(' ').collect();
    assert!(parts[0] == parts[2] && parts[0] != parts[1] && named("q") != shown, "{shown}");
}

#[test]
fn what_stands_in_for_a_value_is_never_found_again() {
    for pattern in ["[a-z_]+", ".", r"[\w:]{4,}", "[^ ]+", "n.*d", r"\[", "cut"] {
        for strategy in [Strategy::Label, Strategy::Pseudonym, Strategy::KeepLast(4), Strategy::Remove] {
            let own = masker(vec![detector(pattern)])
                .with(Kind::NationalId, strategy)
                .with(Kind::Email, strategy)
                .with_key(PseudonymKey::derive(&Secret::new([7; 32]), "p"));
            for text in
                ["see bob@example.com, national and so on", r#"{"a":"b c","d":["abcdefgh",123456789]}"#]
            {
                let once = own.payload(None, None, text.as_bytes(), 4096).excerpt.into_string();
                assert!(residual(&once).is_empty(), "{pattern} {strategy:?} {once}");
                // A pattern that finds the number after a masked name finds the next one, too: then nothing is shown.
                if !once.starts_with("[not shown: ") {
                    let (twice, report) = own.text(&once);
                    assert_eq!(twice.as_str(), once, "{pattern} {strategy:?}");
                    assert!(report.is_empty(), "{pattern} {strategy:?} {once}");
                }
            }
        }
    }
}

#[test]
fn a_strategy_is_stricter_the_less_it_shows() {
    let order = [
        Strategy::Remove,
        Strategy::Label,
        Strategy::Pseudonym,
        Strategy::Generalise,
        Strategy::KeepLast(1),
        Strategy::KeepLast(4),
    ];
    for (place, strict) in order.iter().enumerate() {
        for loose in order.iter().skip(place) {
            assert_eq!((strict.stricter(*loose), loose.stricter(*strict)), (*strict, *strict));
        }
    }
}
