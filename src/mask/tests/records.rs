//! Lists of settings and records of fixed places inside text.

use countersign_mask::text;

fn masked(input: &str) -> String {
    text(input).0.into_string()
}

#[test]
fn everything_in_a_kubernetes_secret_goes_and_in_a_config_map_nothing() {
    let secret = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: edge\ndata:\n  foo: YWJj\n  bar: |\n    a b\n    c\n  baz: \"x\"\ntype: Opaque\n";
    let hidden = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: edge\ndata:\n  foo: [secret]\n  bar: |\n    [secret]\n  baz: \"[secret]\"\ntype: Opaque\n";
    let map = "kind: ConfigMap\ndata:\n  foo: YWJj\n";
    assert_eq!(masked(&format!("{map}---\n{secret}")), format!("{map}---\n{hidden}"));
    assert_eq!(masked(&format!("{secret}---\n{map}")), format!("{hidden}---\n{map}"));
}

#[test]
fn a_value_is_told_by_the_names_above_it() {
    for (input, output) in [
        ("api:\n  key: abc123 # old\n  url: x\n", "api:\n  key: [secret] # old\n  url: x\n"),
        ("[api]\nkey = \"abc\"\n[ui]\nkey = \"def\"\n", "[api]\nkey = \"[secret]\"\n[ui]\nkey = \"def\"\n"),
        (
            "passwords:\n  - hunter2\n  - 'a b'\nnames:\n  - x\n",
            "passwords:\n  - [secret]\n  - '[secret]'\nnames:\n  - x\n",
        ),
        ("passwords:\n- hunter2\nnext: x\n", "passwords:\n- [secret]\nnext: x\n"),
        ("password: |\n  one\n  two\nnext: x\n", "password: |\n  [secret]\nnext: x\n"),
    ] {
        assert_eq!(masked(input), output);
    }
}

#[test]
fn names_above_that_do_not_tell_change_nothing() {
    for text in [
        "env:\n  - name: DB_PASSWORD\n    valueFrom:\n      secretKeyRef:\n        name: intake-db\n        key: password\n",
        "jobs:\n  build:\n    env:\n      NPM_TOKEN: ${{ secrets.NPM_TOKEN }}\n    steps:\n      - uses: actions/checkout@v3\n",
        "[tool.poetry]\nname = \"x\"\nversion = \"1.2.3\"\n",
        "sort:\n  key: name\n",
    ] {
        assert_eq!(masked(text), text);
    }
}

#[test]
fn places_of_persons_in_messages_go_and_the_others_stay() {
    for (input, output) in [
        (
            "MSH|^~\\&|LAB|HOSP\rPID|1||065^^^NAT||Lee^Ann||19480519|F|||1 High St^^Leeds^^LS1^UK||+1 555\rPV1|1|I",
            "MSH|^~\\&|LAB|HOSP\\u000dPID|1||[national_id]^^^NAT||[name]^[name]||[birth_date]|F|||[address]^^Leeds^^[address]^UK||[phone]\\u000dPV1|1|I",
        ),
        (
            "UNH+1+ORDERS:D:96A:UN'BGM+220+PO1+9'NAD+BY+++Ann O?'Lee+1 High St+Leeds'COM+123:TE'",
            "UNH+1+ORDERS:D:96A:UN'BGM+220+PO1+9'NAD+BY+++[name]+[address]+Leeds'COM+[phone]:TE'",
        ),
        (
            "NM1*IL*1*DOE*JOHN****MI*1234~N3*1 HIGH ST~N4*LEEDS*UK~DMG*D8*19800101*M~",
            "NM1*IL*1*[name]*[name]****MI*[national_id]~N3*[address]~N4*LEEDS*UK~DMG*D8*[birth_date]*M~",
        ),
        (
            "BEGIN:VCARD\nVERSION:4.0\nFN:Ann Lee\nN:Lee;Ann;;;\nitem1.TEL;TYPE=cell:+1\n 555\nADR:;;1 High St;Leeds;;LS1;UK\nORG:Acme\nEND:VCARD\nmore",
            "BEGIN:VCARD\nVERSION:4.0\nFN:[name]\nN:[name];[name];;;\nitem1.TEL;TYPE=cell:[phone]\nADR:;;[address];Leeds;;[address];UK\nORG:Acme\nEND:VCARD\nmore",
        ),
        (
            "ORGANIZER;CN=\"Lee; Ann\":mailto:a@b.example\nATTENDEE;CN=Bo;RSVP=TRUE:mailto:c@d.example\n",
            "ORGANIZER;CN=\"[name]\":mailto:[email]\nATTENDEE;CN=[name];RSVP=TRUE:mailto:[email]\n",
        ),
    ] {
        assert_eq!(masked(input), output);
    }
}

#[test]
fn a_name_before_an_address_goes_without_the_words_before_it() {
    for (input, output) in [
        (
            "To: \"Lee, Ann\" <a@b.example>, Bo van Li <c@d.example>",
            "To: \"[name]\" <[email]>, [name] <[email]>",
        ),
        ("reviewed by Ann Lee <a@b.example>", "reviewed by [name] <[email]>"),
        (r#"{"author":"\"Ann Lee\" <a@b.example>"}"#, r#"{"author":"\"[name]\" <[email]>"}"#),
        ("see <a@b.example>", "see <[email]>"),
    ] {
        assert_eq!(masked(input), output);
    }
}

#[test]
fn a_value_after_its_name_and_a_blank_goes_where_it_looks_like_one() {
    for (input, output) in [
        ("ENV API_TOKEN abc\nENV PORT 80\n", "ENV API_TOKEN [secret]\nENV PORT 80\n"),
        (
            "machine a.example\n  login ci\n  password a1b2c3\n",
            "machine a.example\n  login ci\n  password [secret]\n",
        ),
        ("const KEY_TOKEN: &str = \"abc\";", "const KEY_TOKEN: &str = \"[secret]\";"),
        ("{:api-token \"abc\" :b \"c\"}", "{:api-token \"[secret]\" :b \"c\"}"),
        ("token expired\npassword required\n", "token expired\npassword required\n"),
    ] {
        assert_eq!(masked(input), output);
    }
}

#[test]
fn a_value_of_several_words_goes_whole_and_what_follows_stays() {
    for (input, output) in [
        ("Social security number: 536 22 8841 thanks", "Social security number: [national_id] thanks"),
        ("ssn=536 22 8841 src=host msg=x", "ssn=[national_id] src=host msg=x"),
        ("iban: DE93 0818 1297 4442 6216 57, plan: pro", "iban: [bank_account], plan: pro"),
    ] {
        assert_eq!(masked(input), output);
    }
}

#[test]
fn a_name_is_a_persons_where_the_lines_or_the_fields_beside_it_are() {
    for (input, output) in [
        (
            "customer:\n  name: Ann Lee\nservice:\n  name: billing-api\n",
            "customer:\n  name: [name]\nservice:\n  name: billing-api\n",
        ),
        (
            "- name: Ann Lee\n  email: a@b.example\n- name: nightly\n",
            "- name: [name]\n  email: [email]\n- name: nightly\n",
        ),
        (
            "Phone: +44 20 7946 0854\nName: Ann Lee\n\nName: Production\n",
            "Phone: [phone]\nName: [name]\n\nName: Production\n",
        ),
        ("name=Ann+Lee&email=a%40b.example", "name=[name]&email=[email]"),
        ("name=nightly&plan=pro", "name=nightly&plan=pro"),
    ] {
        assert_eq!(masked(input), output);
    }
}

#[test]
fn arguments_and_numbers_of_fields_of_programs_stay() {
    for text in ["message L {\n  string password = 2;\n}\n", "client.login(password=password, x=1)"] {
        assert_eq!(masked(text), text);
    }
}
