//! The commands over policies, run as people run them.
//!
//! Golden files are regenerated with `UPDATE_GOLDEN=1 cargo test -p countersign-cli --test policy` and read by eye.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn countersign(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_countersign")).args(arguments).current_dir(root()).output().unwrap()
}

/// What a command printed on both streams, and its exit code.
fn told(arguments: &[&str]) -> String {
    let Output { status, stdout, stderr } = countersign(arguments);
    let (stdout, stderr) = (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
    format!("{stdout}{stderr}exit {}\n", status.code().unwrap())
}

/// Compares with `tests/golden/NAME`.
fn golden(name: &str, found: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, found).unwrap();
    }
    let wanted = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(found, wanted, "{name} differs: UPDATE_GOLDEN=1 writes it anew");
}

fn examples() -> Vec<PathBuf> {
    let folders = fs::read_dir(root().join("examples")).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<PathBuf> = folders.filter(|folder| folder.join("cases.yaml").exists()).collect();
    folders.sort();
    assert!(folders.len() >= 2, "{folders:?}");
    folders
}

#[test]
fn every_example_is_a_policy_and_its_cases_hold() {
    for folder in examples() {
        let policy = folder.join("policy.yaml");
        let checked = countersign(&["check", policy.to_str().unwrap()]);
        assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
        let tested = countersign(&["test", folder.join("cases.yaml").to_str().unwrap()]);
        assert!(tested.status.success(), "{}", String::from_utf8_lossy(&tested.stdout));
    }
}

#[test]
fn every_bad_policy_is_shown_with_its_place_and_a_caret() {
    let mut files: Vec<PathBuf> = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let mut all = String::new();
    for file in files {
        let relative = file.strip_prefix(root()).unwrap_or(&file).to_str().unwrap();
        let told = told(&["check", relative]);
        assert!(told.ends_with("exit 3\n"), "{told}");
        all.push_str(&told);
        all.push('\n');
    }
    golden("check.txt", &all);
}

#[test]
fn an_explanation_reads_as_promised() {
    let (policy, personal) = ("examples/exports/policy.yaml", "examples/personal-data/policy.yaml");
    let json = "content-type: application/json";
    let url = "https://api.thirdparty.example/v2/customers/import";
    let mut all = String::new();
    for (policy, arguments) in [
        (policy, vec!["-H", json, "-d", r#"{"rows": 12}"#, url]),
        (policy, vec!["-H", json, "-d", r#"{"rows": 12, "rows": 50000}"#, url]),
        (policy, vec!["https://api.thirdparty.example/v2/customers?page=2"]),
        (policy, vec!["https://api.thirdparty.example/v2/customers/..%2fadmin"]),
        (policy, vec!["-X", "CONNECT", "https://api.thirdparty.example"]),
        (policy, vec!["--http", "src/cli/tests/requests/delete.http"]),
        (policy, vec!["--har", "src/cli/tests/requests/browser.har", "--entry", "1", "--all"]),
        (policy, vec!["--har", "src/cli/tests/requests/browser.har", "--entry", "7"]),
        (policy, vec!["ftp://a.example"]),
        (policy, vec![]),
        (personal, vec!["-X", "DELETE", "https://api.payroll.example/v1/contracts/7"]),
    ] {
        let whole = [&["explain", "--policy", policy], arguments.as_slice()].concat();
        all.push_str(&["$ countersign ", &whole.join(" "), "\n", &told(&whole), "\n"].concat());
    }
    golden("explain.txt", &all);
}

#[test]
fn an_explanation_is_json_for_programs() {
    let arguments =
        ["explain", "-p", "examples/exports/policy.yaml", "--json", "-X", "DELETE", "https://a.example/x"];
    let found: serde_json::Value = serde_json::from_slice(&countersign(&arguments).stdout).unwrap();
    assert_eq!(found["judgement"]["effect"], "hold");
    assert_eq!(found["judgement"]["rule"], "default");
    assert_eq!(found["actions"][0]["class"], "data_delete");
    assert_eq!(found["rules"].as_array().unwrap().len(), 4);
}

#[test]
fn exit_codes_are_api() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let policy = root().join("examples/exports/policy.yaml");
    let case = |effect: &str| {
        format!(
            "policy: {}\ncases:\n- name: one\n  request: {{url: \"https://a.example/\"}}\n  expect: {{effect: {effect}}}\n",
            policy.display()
        )
    };
    let code = |arguments: &[&str]| countersign(arguments).status.code().unwrap();
    assert_eq!(code(&["test", &write("good.yaml", &case("pass"))]), 0);
    assert_eq!(code(&["test", &write("fails.yaml", &case("deny"))]), 1);
    assert_eq!(code(&["test", &write("none.yaml", "cases: []\n")]), 2);
    assert_eq!(code(&["test", &write("odd.yaml", &case("pass").replace("expect", "expcet"))]), 2);
    assert_eq!(code(&["test", "no/such/file"]), 2);
    assert_eq!(code(&["check", "no/such/file"]), 2);
    assert_eq!(code(&["check"]), 2);
    let bad = write("bad.yaml", "name: p\n");
    assert_eq!(code(&["check", &bad]), 3);
    assert_eq!(
        code(&["test", &write("of-bad.yaml", &case("pass").replace(policy.to_str().unwrap(), &bad))]),
        3
    );
    assert_eq!(code(&["explain", "--policy", &bad, "https://a.example"]), 3);
    assert_eq!(code(&["policy", "bundle", &bad]), 3);
}

#[test]
fn a_failed_case_says_what_differs() {
    let folder = tempfile::tempdir().unwrap();
    let cases = folder.path().join("cases.yaml");
    let policy = root().join("examples/exports/policy.yaml");
    let text = format!(
        "policy: {}\ncases:\n- name: one\n  request: {{method: DELETE, url: \"https://a.example/\"}}\n  expect: {{effect: pass, rule: x, class: read_only, quorum: 3}}\n",
        policy.display()
    );
    fs::write(&cases, text).unwrap();
    golden("test.txt", &told(&["test", cases.to_str().unwrap()]));
}

#[test]
fn classify_answers_every_row_in_order_and_survives_all_of_them() {
    let rows = "{\"id\":1,\"request\":{\"method\":\"GET\",\"authority\":\"a.example\",\"path\":\"/x\"}}\nnonsense\n\n\
                {\"id\":3,\"request\":{\"method\":\"DELETE\",\"authority\":\"a.example\",\"path\":\"/x\"}}";
    let mut child = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .arg("classify")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(rows.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let lines: Vec<serde_json::Value> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let short: Vec<_> =
        lines.iter().map(|line| (line["id"].clone(), line["privileged"].as_bool().unwrap())).collect();
    assert_eq!(short, [(1.into(), false), (serde_json::Value::Null, true), (3.into(), true)]);
    let members: Vec<&str> = lines[0].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(members, ["basis", "class", "id", "operation", "privileged", "resource", "service"]);
}

#[test]
fn a_bundle_is_stamped_with_the_commit_it_comes_from_and_with_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("policy.yaml");
    fs::copy(root().join("examples/exports/policy.yaml"), &path).unwrap();
    let file = path.to_str().unwrap();
    let git = |arguments: &[&str]| {
        let identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"];
        let output =
            Command::new("git").arg("-C").arg(folder.path()).args(identity).args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    let bundle = |more: &[&str]| countersign(&[&["policy", "bundle", file], more].concat());
    let read = |output: &Output| serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap();

    let without_git = bundle(&[]);
    assert!(without_git.status.success());
    assert_eq!(read(&without_git).get("revision"), None);

    git(&["init", "-q"]);
    assert_eq!(bundle(&[]).status.code(), Some(2), "a file that is in no commit");
    git(&["add", "policy.yaml"]);
    git(&["commit", "-q", "-m", "policy"]);
    let clean = bundle(&[]);
    assert_eq!(read(&clean)["revision"], git(&["rev-parse", "HEAD"]));
    // What the filter loads is canonical: the same policy gives the same bytes.
    assert_eq!(clean.stdout, bundle(&[]).stdout);

    fs::write(folder.path().join("other"), "x").unwrap();
    assert!(bundle(&[]).status.success(), "another file's change is not this one's");
    fs::write(&path, fs::read_to_string(&path).unwrap() + "# changed\n").unwrap();
    let dirty = bundle(&[]);
    assert_eq!(dirty.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&dirty.stderr).contains("has uncommitted changes"));
    assert_eq!(read(&bundle(&["--allow-dirty"])).get("revision"), None);

    let out = folder.path().join("out.json");
    assert!(bundle(&["--allow-dirty", "-o", out.to_str().unwrap()]).status.success());
    assert!(countersign(&["check", out.to_str().unwrap()]).status.success());
}

/// A policy whose only rule has these reviewers and more.
fn of_reviewers(rule: &str) -> String {
    format!(
        "apiVersion: countersign.dev/v1\nname: p\ngroups: {{security: {{}}, platform: {{}}, legal: {{}}, on-call: {{}}}}\n\
         defaults: {{reviewers: {{groups: [security]}}}}\nrules:\n- {{name: r, match: {{host: a.example}}, effect: hold, {rule}}}\n"
    )
}

#[test]
fn a_bundle_names_the_author_of_its_commit_where_a_rule_keeps_authors_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("policy.yaml");
    let git = |author: &str, arguments: &[&str]| {
        let (name, email) = ("user.name=t", format!("user.email={author}"));
        let identity = ["-c", name, "-c", &email, "-c", "commit.gpgsign=false"];
        let output =
            Command::new("git").arg("-C").arg(folder.path()).args(identity).args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    };
    let authors = || {
        let output = countersign(&["policy", "bundle", path.to_str().unwrap()]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap()["authors"].clone()
    };
    git("x@example.com", &["init", "-q"]);
    fs::write(&path, of_reviewers("reviewers: {groups: [legal]}")).unwrap();
    git("x@example.com", &["add", "policy.yaml"]);
    git("wanda@example.com", &["commit", "-q", "-m", "first"]);
    assert_eq!(authors(), serde_json::Value::Null, "no rule wants to know, so nobody's address is handed on");

    let text = of_reviewers("reviewers: {groups: [legal], separation: [policy_author]}");
    fs::write(&path, format!("authors: [the policy team]\n{text}")).unwrap();
    let told = "second\n\nCo-authored-by: Olga <olga@example.com>";
    git("wanda@example.com", &["commit", "-q", "-a", "-m", told]);
    fs::write(folder.path().join("other"), "x").unwrap();
    git("x@example.com", &["add", "other"]);
    git("x@example.com", &["commit", "-q", "-m", "another file's author is not this one's"]);
    assert_eq!(authors(), serde_json::json!(["olga@example.com", "the policy team", "wanda@example.com"]));
}

#[test]
fn explain_says_who_reviews_who_does_not_and_who_may_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("policy.yaml");
    let rule = "reviewers: {groups: [{any: [security, platform]}, {group: legal, at_least: 2}], quorum: 4, \
                separation: [last_approver, policy_author]}, break_glass: {groups: [on-call]}";
    fs::write(&path, format!("authors: [wanda]\n{}", of_reviewers(rule))).unwrap();
    let said = told(&["explain", "--policy", path.to_str().unwrap(), "-X", "DELETE", "https://a.example/x"]);
    for line in [
        "4 reviewers of 1 of platform or security + 2 of legal; one denial decides",
        "whoever wrote the policy may not review",
        "whoever approved the last request of this requester under this rule may not review",
        "in an emergency one person of on-call may decide alone, and a second one looks at it",
    ] {
        assert!(said.contains(line), "`{line}` is not in:\n{said}");
    }
    let unknown = [
        "explain",
        "--policy",
        path.to_str().unwrap(),
        "--human",
        "none",
        "-X",
        "DELETE",
        "https://a.example/x",
    ];
    let said = told(&unknown);
    assert!(said.contains("4 reviewers of") && !said.contains("decide alone"), "{said}");
}

#[test]
fn the_schema_and_the_program_agree() {
    let schema = fs::read_to_string(root().join("src/core/schema/policy.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let loads = |document: &serde_json::Value| {
        let path = folder.path().join("p.json");
        fs::write(&path, document.to_string()).unwrap();
        countersign(&["check", path.to_str().unwrap()]).status.success()
    };
    for example in examples() {
        let file = example.join("policy.yaml");
        let bundled = countersign(&["policy", "bundle", "--allow-dirty", file.to_str().unwrap()]);
        let document: serde_json::Value = serde_json::from_slice(&bundled.stdout).unwrap();
        let errors: Vec<String> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
        assert!(errors.is_empty() && loads(&document), "{}: {errors:?}", file.display());
        // An unknown key, at every object that is no map of names, fails both.
        let mut places = Vec::new();
        objects(&document, "", &mut places);
        for place in places.iter().filter(|place| !place.ends_with("/groups") && !place.ends_with("/headers"))
        {
            let mut odd = document.clone();
            odd.pointer_mut(place).unwrap()["surprise"] = serde_json::json!(1);
            assert!(!validator.is_valid(&odd), "the schema takes a surprise at `{place}`");
            assert!(!loads(&odd), "the program takes a surprise at `{place}`");
        }
    }
    for (place, value) in [
        ("/apiVersion", serde_json::json!("v2")),
        ("/rules/0/effect", serde_json::json!("hodl")),
        ("/rules/0/name", serde_json::json!("a b")),
        ("/rules/0/match/path", serde_json::json!("v1")),
        ("/defaults/write", serde_json::json!("pass")),
        ("/defaults/hold", serde_json::json!("45")),
        ("/defaults/reviewers/groups", serde_json::json!([])),
    ] {
        let file = root().join("examples/exports/policy.yaml");
        let bundled = countersign(&["policy", "bundle", "--allow-dirty", file.to_str().unwrap()]);
        let mut odd: serde_json::Value = serde_json::from_slice(&bundled.stdout).unwrap();
        *odd.pointer_mut(place).unwrap_or_else(|| panic!("{place}")) = value;
        assert!(!validator.is_valid(&odd) && !loads(&odd), "{place}");
    }
}

fn objects(value: &serde_json::Value, at: &str, places: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(members) => {
            places.push(at.to_owned());
            for (name, member) in members {
                let name = name.replace('~', "~0").replace('/', "~1");
                objects(member, &format!("{at}/{name}"), places);
            }
        }
        serde_json::Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                objects(item, &format!("{at}/{place}"), places);
            }
        }
        _ => {}
    }
}
