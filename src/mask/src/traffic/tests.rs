#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use countersign_wire::digest::Secret;

use super::*;
use crate::detect::number::luhn;
use crate::strategy::{PseudonymKey, Strategy};

const JSON: Option<&str> = Some("application/json");
const FORM: Option<&str> = Some("application/x-www-form-urlencoded");
const CARD: &str = concat!("4111", "111111111111");

fn masker() -> Masker {
    Masker::plain().clone().with_key(PseudonymKey::derive(&Secret::new([7; 32]), "tests"))
}

fn kind(kind: Kind, strategy: Strategy) -> Field {
    Field { what: What::Kind, kind: Some(kind), strategy }
}

fn at(pointer: &str, strategy: Strategy) -> Field {
    let tokens = pointer.split('/').skip(1).map(str::to_owned).collect();
    Field { what: What::At(tokens), kind: None, strategy }
}

fn name(name: &str, strategy: Strategy) -> Field {
    Field { what: What::Name(name.to_owned()), kind: None, strategy }
}

fn rewrite(fields: &[Field], media_type: Option<&str>, body: &str) -> Result<String, Why> {
    let fields = Fields::new(fields.to_vec()).unwrap();
    let done = masker().rewrite(&fields, media_type, None, body.as_bytes())?;
    Ok(done.text.unwrap_or_else(|| body.to_owned()))
}

#[test]
fn only_what_is_named_is_changed_and_everything_else_stays_byte_for_byte() {
    let body = "{ \"to\" : \"a.person@corp.example\",\r\n \"pass\\u0077ord\":\"hunter2!x\", \"n\": 1.50, \"e\":\"\\u00e9\\/\" }";
    let done = rewrite(&[kind(Kind::Email, Strategy::Label)], JSON, body).unwrap();
    assert_eq!(done, body.replace("a.person@corp.example", "[email]"));
    assert_eq!(rewrite(&[kind(Kind::Phone, Strategy::Label)], JSON, body).unwrap(), body);
}

#[test]
fn an_address_under_a_secrets_name_is_found_when_secrets_may_stay() {
    for name in ["password", "cookie", "authorization", "token"] {
        let body = format!("{{\"{name}\":\"a.person@corp.example\"}}");
        let done = rewrite(&[kind(Kind::Email, Strategy::Label)], JSON, &body).unwrap();
        assert_eq!(done, format!("{{\"{name}\":\"[email]\"}}"));
    }
}

#[test]
fn the_same_value_gets_the_same_pseudonym_and_pseudonyms_keep_their_type() {
    let body = format!(
        r#"{{"a":"Ann <ann@corp.example>","b":"ANN@corp.example","c":"bob@corp.example","card":"{CARD}","n":{CARD}}}"#
    );
    let fields = [kind(Kind::Email, Strategy::Pseudonym), kind(Kind::Card, Strategy::Pseudonym)];
    let done = rewrite(&fields, JSON, &body).unwrap();
    assert_eq!(done, rewrite(&fields, JSON, &body).unwrap());
    let value: serde_json::Value = serde_json::from_str(&done).unwrap();
    let text = |name: &str| value[name].as_str().unwrap().to_owned();
    assert_eq!(text("a"), format!("Ann <{}>", text("b")));
    assert!(text("b").ends_with("@pseudonym.invalid") && text("c") != text("b"), "{done}");
    assert!(text("card").starts_with("000") && text("card").len() == 16, "{done}");
    let number = value["n"].as_u64().unwrap().to_string();
    assert!(number.starts_with("999") && number.len() == 16, "{done}");
    for digits in [text("card"), number] {
        assert!(!luhn(digits.as_bytes(), 0), "{done}");
    }
    // An answer that comes back as a question is not masked twice.
    assert_eq!(rewrite(&[kind(Kind::Email, Strategy::Pseudonym)], JSON, &done).unwrap(), done);
}

#[test]
fn places_lead_through_arrays_and_take_everything_below() {
    let body = r#"{"customers":[{"name":"Ann","x":1},{"name":{"x9":"Bo","age":7,"vip":true,"no":null}}],"name":"stays"}"#;
    let done = rewrite(&[at("/customers/*/name", Strategy::Remove)], JSON, body).unwrap();
    assert_eq!(
        done,
        r#"{"customers":[{"name":"","x":1},{"name":{"x9":"","age":null,"vip":null,"no":null}}],"name":"stays"}"#
    );
    let second = rewrite(&[at("/customers/1/name/x9", Strategy::Label)], JSON, body).unwrap();
    assert_eq!(second, body.replace("\"Bo\"", "\"[secret]\""));
    assert_eq!(rewrite(&[at("/1", Strategy::Label)], JSON, r#"["a","b"]"#).unwrap(), r#"["a","[secret]"]"#);
    assert_eq!(
        rewrite(&[at("/*", Strategy::Label)], JSON, r#"["a",["b"]]"#).unwrap(),
        r#"["[secret]",["[secret]"]]"#
    );
}

#[test]
fn a_name_is_found_in_every_spelling_in_json_in_json_in_a_text_in_forms_and_in_queries() {
    let fields = [name("crm_ref", Strategy::Label)];
    let body = r#"{"crmRef":"x1","deep":[{"Crm-Ref":7}],"inner":"{\"crm_ref\":\"x2\"}","incrm_ref":"stays"}"#;
    assert_eq!(
        rewrite(&fields, JSON, body).unwrap(),
        r#"{"crmRef":"[secret]","deep":[{"Crm-Ref":null}],"inner":"{\"crm_ref\":\"[secret]\"}","incrm_ref":"stays"}"#
    );
    assert_eq!(
        rewrite(&fields, FORM, "a=%20b&crm%5Fref=x%261&c").unwrap(),
        "a=%20b&crm%5Fref=%5Bsecret%5D&c"
    );
    let fields = Fields::new(fields.to_vec()).unwrap();
    let done = masker().rewrite_query(&fields, "?x=1&crmRef=x1").unwrap();
    assert_eq!(done.text.as_deref(), Some("?x=1&crmRef=%5Bsecret%5D"));
    assert_eq!(done.report.findings[0].path, "$.query.crmRef");
}

#[test]
fn digits_keep_their_count_their_separators_and_at_most_a_quarter() {
    let fields = [name("ssn", Strategy::KeepLast(4)), name("id", Strategy::KeepLast(4))];
    let body = r#"{"ssn":"536-22-1234","id":12345678}"#;
    assert_eq!(rewrite(&fields, JSON, body).unwrap(), r#"{"ssn":"000-00-0034","id":99999978}"#);
    let long = "1".repeat(200);
    let done = rewrite(&[at("/n", Strategy::Pseudonym)], JSON, &format!("{{\"n\":\"{long}\"}}")).unwrap();
    assert!(!done.contains("11111") && done.len() == 208, "{done}");
    let fields =
        [at("/p", Strategy::Pseudonym), at("/q", Strategy::Pseudonym), at("/r", Strategy::Pseudonym)];
    let done = rewrite(&fields, JSON, r#"{"p":"+49 (30) 555-12345","q":12,"r":1e9}"#).unwrap();
    let value: serde_json::Value = serde_json::from_str(&done).unwrap();
    assert!(value["p"].as_str().unwrap().starts_with("+99 (9"), "{done}");
    assert!(value["q"].as_u64().unwrap() > 9 && value["r"].is_null(), "{done}");
}

#[test]
fn what_is_not_understood_whole_is_refused() {
    let fields = [kind(Kind::Email, Strategy::Label)];
    let deep = format!("{}1{}", "[".repeat(70), "]".repeat(70));
    for (media_type, body, why) in [
        (JSON, "{\"a\":", Why::Malformed),
        (JSON, "{\"a\":\"\u{1}\"}", Why::Malformed),
        (JSON, "\u{feff}{}", Why::NotUtf8),
        (JSON, deep.as_str(), Why::TooDeep),
        (Some("application/json; charset=utf-16"), "{}", Why::NotUtf8),
        (Some("multipart/form-data; boundary=x"), "--x\r\n\r\na\r\n--x--", Why::Format),
        (Some("application/grpc"), "\0\0\0\0\0", Why::Binary),
        (Some("application/octet-stream"), "a@b.example", Why::Format),
        (Some("text/event-stream"), "data: a@b.example\n\n", Why::Stream),
        (None, "plain words", Why::Format),
    ] {
        assert_eq!(rewrite(&fields, media_type, body), Err(why), "{media_type:?} {body}");
    }
    let json = Fields::new(fields.to_vec()).unwrap();
    assert_eq!(masker().rewrite(&json, JSON, Some("gzip"), b"{}"), Err(Why::Compressed));
    assert_eq!(rewrite(&[at("/a", Strategy::Label)], FORM, "a=b"), Err(Why::Format));
    assert_eq!(rewrite(&[name("a", Strategy::Label)], Some("text/plain"), "a=b c"), Err(Why::Format));
    let nested = format!("{{\"x\":{}}}", serde_json::to_string(&deep).unwrap());
    assert_eq!(rewrite(&fields, JSON, &nested), Err(Why::Part));
}

#[test]
fn a_form_value_that_is_no_text_is_refused() {
    assert_eq!(rewrite(&[kind(Kind::Email, Strategy::Label)], FORM, "a=%ff&b=a%40b.example"), Err(Why::Part));
}

#[test]
fn members_that_are_addresses_stay_apart() {
    let body = r#"{"ann@corp.example":1,"bob@corp.example":2}"#;
    for strategy in [Strategy::Label, Strategy::Pseudonym, Strategy::Remove] {
        let done = rewrite(&[kind(Kind::Email, strategy)], JSON, body).unwrap();
        let value: serde_json::Value = serde_json::from_str(&done).unwrap();
        assert_eq!(value.as_object().unwrap().len(), 2, "{done}");
        assert!(!done.contains("corp"), "{done}");
    }
}

#[test]
fn the_report_says_where_and_how_many_and_never_what() {
    let fields =
        Fields::new(vec![kind(Kind::Email, Strategy::Label), at("/rows/*/n", Strategy::Label)]).unwrap();
    let body = r#"{"rows":[{"e":"a@corp.example","n":"Ann"},{"e":"b@corp.example","n":"Bo"}]}"#;
    let done = masker().rewrite(&fields, JSON, None, body.as_bytes()).unwrap();
    let places: Vec<(&str, u64)> =
        done.report.findings.iter().map(|one| (one.path.as_str(), one.count)).collect();
    assert_eq!(places, [("$.rows[*].e", 2), ("$.rows[*].n", 2)]);
    assert_eq!(done.report.proof.seen, body.len() as u64);
    assert!(!format!("{done:?}").contains("corp"));
}

#[test]
fn a_column_is_a_name_and_a_table_stays_one() {
    let fields = [name("crm_ref", Strategy::Label), kind(Kind::Email, Strategy::Pseudonym)];
    let table = "Name,CRM ref,\"Mail\"\r\n\"O\"\"Neil, Ann\",7-1,ann@corp.example\r\nBo,\"7,2\",\r\n";
    let done = rewrite(&fields, Some("text/csv; charset=utf-8"), table).unwrap();
    let mail = done.split_once("[secret],").unwrap().1.split_once("\r\n").unwrap().0.to_owned();
    assert!(mail.ends_with("@pseudonym.invalid"), "{done}");
    let expected =
        table.replace("7-1", "[secret]").replace("7,2", "[secret]").replace("ann@corp.example", &mail);
    assert_eq!(done, expected);
    let semicolons = rewrite(&fields, Some("text/csv"), "a;crmRef\n1;2\n").unwrap();
    assert_eq!(semicolons, "a;crmRef\n1;[secret]\n");
    assert_eq!(rewrite(&fields, Some("text/csv"), "a,crmRef\n1,2,3\n"), Err(Why::Malformed));
    assert_eq!(rewrite(&[at("/0", Strategy::Label)], Some("text/csv"), table), Err(Why::Format));
}

#[test]
fn what_only_its_column_gives_away_goes_with_its_kind() {
    let table = "city,ssn\nLyon,536221234\nBergen,536221235\n";
    let done = rewrite(&[kind(Kind::NationalId, Strategy::Label)], Some("text/csv"), table).unwrap();
    assert_eq!(done, "city,ssn\nLyon,[national_id]\nBergen,[national_id]\n");
}

#[test]
fn what_nests_too_deeply_inside_a_text_inside_a_text_is_refused() {
    let deep = format!("{}1{}", "[".repeat(70), "]".repeat(70));
    let inner = format!("{{\"y\":{}}}", serde_json::to_string(&deep).unwrap());
    let outer = format!("{{\"x\":{}}}", serde_json::to_string(&inner).unwrap());
    assert_eq!(rewrite(&[kind(Kind::Email, Strategy::Label)], JSON, &outer), Err(Why::Part));
}

#[test]
fn what_is_wrapped_in_base64_goes_whole_when_a_wanted_kind_is_inside() {
    // `{"mail":"ann@corp.example"}`, and `password=hunter2!x`.
    let body = r#"{"a":"eyJtYWlsIjoiYW5uQGNvcnAuZXhhbXBsZSJ9","b":"cGFzc3dvcmQ9aHVudGVyMiF4"}"#;
    let done = rewrite(&[kind(Kind::Email, Strategy::Label)], JSON, body).unwrap();
    assert_eq!(done, r#"{"a":"[secret]","b":"cGFzc3dvcmQ9aHVudGVyMiF4"}"#);
}
