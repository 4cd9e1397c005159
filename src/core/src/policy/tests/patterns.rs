use super::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn host_patterns_match_by_label() {
    for (pattern, fits, fails) in [
        ("a.example", vec!["a.example"], vec!["b.a.example", "example", "xa.example"]),
        ("A.Example", vec!["a.example"], vec![]),
        ("*.example", vec!["a.example"], vec!["example", "a.b.example"]),
        ("**.example", vec!["a.example", "a.b.example"], vec!["example", "aexample"]),
        ("api-*.a.example", vec!["api-1.a.example"], vec!["api.a.example", "api-1.b.a.example"]),
        ("a.*.example", vec!["a.b.example"], vec!["a.example"]),
        ("**", vec!["a", "a.b", "[::1]"], vec![]),
        ("[0::1]", vec!["[::1]"], vec!["[::2]"]),
        ("localhost", vec!["localhost"], vec!["a.localhost"]),
    ] {
        let compiled = HostPattern::new(pattern).unwrap();
        for host in &fits {
            assert!(compiled.matches(host), "{pattern} {host}");
        }
        for host in &fails {
            assert!(!compiled.matches(host), "{pattern} {host}");
        }
    }
}

#[test]
fn a_bad_host_pattern_says_why() {
    for (pattern, why) in [
        ("", BadPattern::Empty),
        ("*", BadPattern::LoneStar),
        ("*.", BadPattern::EmptyLabel),
        ("a..b", BadPattern::EmptyLabel),
        (".a", BadPattern::EmptyLabel),
        ("a.**", BadPattern::MisplacedStars),
        ("a**.b", BadPattern::MisplacedStars),
        ("a.example:80", BadPattern::HostCharacter),
        ("https://a.example", BadPattern::HostCharacter),
        ("a b", BadPattern::HostCharacter),
        ("[::g]", BadPattern::HostCharacter),
    ] {
        assert_eq!(HostPattern::new(pattern), Err(why), "{pattern}");
    }
}

#[test]
fn path_templates_match_by_segment() {
    for (pattern, fits, fails) in [
        ("/", vec!["/"], vec!["/a"]),
        ("/a", vec!["/a"], vec!["/", "/a/b", "/ab"]),
        ("/v2/{c}/import", vec!["/v2/x/import"], vec!["/v2/import", "/v2/x/y/import", "/v2/x"]),
        ("/v2/*/import", vec!["/v2/x/import"], vec!["/v2/import"]),
        ("/v2/**", vec!["/v2", "/v2/", "/v2/a/b/c"], vec!["/v3", "/v22"]),
        ("/**/delete", vec!["/delete", "/a/b/delete"], vec!["/delete/a", "/a/deleted"]),
        ("/a/**/b/**/c", vec!["/a/b/c", "/a/x/b/y/z/c", "/a/b/b/c/c"], vec!["/a/c/b", "/a/b"]),
        ("/x-*", vec!["/x-1", "/x-"], vec!["/x", "/x-1/y"]),
        ("/i/{id}:purge", vec!["/i/7:purge"], vec!["/i/7:start", "/i/:x/7:purge"]),
        ("/**", vec!["/", "/a", "/a/"], vec![]),
    ] {
        let compiled = PathPattern::new(pattern).unwrap();
        for reading in [Reading::Guarding, Reading::Releasing] {
            for path in &fits {
                assert!(compiled.matches(path, reading), "{pattern} {path}");
            }
            for path in &fails {
                assert!(!compiled.matches(path, reading), "{pattern} {path}");
            }
        }
    }
}

#[test]
fn case_and_a_final_slash_matter_only_for_releasing() {
    let pattern = PathPattern::new("/V2/{c}/Import").unwrap();
    for path in ["/v2/x/import", "/V2/x/Import/"] {
        assert!(pattern.matches(path, Reading::Guarding), "{path}");
        assert!(!pattern.matches(path, Reading::Releasing), "{path}");
    }
    assert!(pattern.matches("/V2/x/Import", Reading::Releasing));
}

#[test]
fn a_bad_path_pattern_says_why() {
    for (pattern, why) in [
        ("", BadPattern::Empty),
        ("a", BadPattern::NotAPath),
        ("/a//b", BadPattern::BadSegment),
        ("/a/../b", BadPattern::BadSegment),
        ("/a**", BadPattern::MisplacedStars),
        ("/a?b", BadPattern::PathCharacter),
        ("/a%20b", BadPattern::PathCharacter),
        ("/{", BadPattern::BadParameter),
        ("/{}", BadPattern::BadParameter),
        ("/a}", BadPattern::BadParameter),
        ("/{a}{b}", BadPattern::BadParameter),
    ] {
        assert_eq!(PathPattern::new(pattern), Err(why), "{pattern}");
    }
}

#[test]
fn globs_cross_slashes_only_with_two_stars() {
    for (pattern, fits, fails) in [
        ("a", vec!["a"], vec!["", "aa"]),
        ("a*", vec!["a", "ab"], vec!["a/b", "ba"]),
        ("a**", vec!["a", "a/b/c"], vec!["b"]),
        ("*b", vec!["b", "abb"], vec!["a/b", "ba"]),
        ("a*c*e", vec!["ace", "abcde"], vec!["ac/e", "abde"]),
        ("**/x*", vec!["a/b/x1", "/x"], vec!["x", "a/x/y"]),
        ("*a**b*c", vec!["ab/bc", "xaybzc"], vec!["ab/c"]),
        ("***", vec!["", "a/b"], vec![]),
    ] {
        let glob = Glob::new(pattern).unwrap();
        for text in &fits {
            assert!(glob.matches(text, Reading::Releasing), "{pattern} {text}");
        }
        for text in &fails {
            assert!(!glob.matches(text, Reading::Releasing), "{pattern} {text}");
        }
    }
    assert!(Glob::new("").is_err());
    assert!(Glob::new("GET").unwrap().matches("get", Reading::Guarding));
}

#[cfg(not(target_arch = "wasm32"))]
mod arbitrary {
    use super::*;
    use crate::policy::index::Mask;
    use proptest::prelude::*;

    /// What a glob means, said the slow way.
    fn slow(pattern: &[u8], text: &[u8]) -> bool {
        match pattern {
            [] => text.is_empty(),
            [b'*', b'*', rest @ ..] => (0..=text.len()).any(|skip| slow(rest, &text[skip..])),
            [b'*', rest @ ..] => {
                let free = text.iter().position(|byte| *byte == b'/').unwrap_or(text.len());
                (0..=free).any(|skip| slow(rest, &text[skip..]))
            }
            [first, rest @ ..] => text.first() == Some(first) && slow(rest, &text[1..]),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn globs_mean_what_they_say(pattern in "[ab/*]{1,8}", text in "[ab/]{0,8}") {
            let simple = pattern.replace("***", "**").replace("***", "**").replace("***", "**");
            prop_assert_eq!(Glob::new(&pattern).unwrap().matches(&text, Reading::Releasing), slow(simple.as_bytes(), text.as_bytes()));
        }

        /// The index leaves no rule out: what a rule's patterns match, the index names.
        #[test]
        fn the_index_never_leaves_out_a_rule_that_matches(
            host in "(\\*\\*\\.)?([ab]|\\*|a\\*)(\\.([ab]|\\*)){0,2}", path in "(/([ab]|\\{x\\}|\\*\\*|a\\*)){1,3}/?",
            called in "[ab](\\.[ab]){0,3}", target in "(/[abAB]{1,2}){0,3}/?",
        ) {
            let (Ok(pattern), Ok(template)) = (HostPattern::new(&host), PathPattern::new(&path)) else { return Ok(()) };
            let target = if target.is_empty() { "/".to_owned() } else { target };
            let matches = pattern.matches(&called) && template.matches(&target, Reading::Guarding);
            let policy = policy(json!([{"name": "d", "match": {"host": host, "path": path}, "effect": "deny"}]));
            let mut found = false;
            policy.index.each(&called, &target, Mask::ANY, |_| found = true);
            prop_assert!(found || !matches);
            let denied = verdict(&policy, "GET", &called, &target) == "deny:d";
            prop_assert_eq!(denied, matches);
        }
    }
}
