//! What fields are by their names, and by what stands around them.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use countersign_mask::{payload, query, residual, text};

/// Each becomes the other, and nothing is found in that.
fn become_(pairs: &[(&str, &str)]) {
    for (raw, shown) in pairs {
        let (masked, _) = text(raw);
        assert_eq!(masked.as_str(), *shown);
        assert!(residual(masked.as_str()).is_empty(), "{masked:?}");
    }
}

#[test]
fn a_plain_name_is_a_persons_where_its_object_or_its_siblings_say_so() {
    become_(&[
        (
            r#"{"name":"Ann Lee","plan":"x","email":"ann@corp.example"}"#,
            r#"{"name":"[name]","plan":"x","email":"[email]"}"#,
        ),
        (r#"{"customers":[{"name":"Ann Lee"}]}"#, r#"{"customers":[{"name":"[name]"}]}"#),
        (r#"{"user":{"profile":{"name":"Ann"}}}"#, r#"{"user":{"profile":{"name":"[name]"}}}"#),
        (r#"{"resourceType":"Patient","name":"Ann Lee"}"#, r#"{"resourceType":"Patient","name":"[name]"}"#),
        (
            r#"{"names":["Ann Lee","Bo Chen"],"birthDate":"1980-02-03"}"#,
            r#"{"names":["[name]","[name]"],"birthDate":"[birth_date]"}"#,
        ),
        (r#"{"name":{"first":"ann","last":"lee"}}"#, r#"{"name":{"first":"[name]","last":"[name]"}}"#),
        (r#"{"patient":"Ann van der Lee"}"#, r#"{"patient":"[name]"}"#),
    ]);
}

#[test]
fn names_of_things_stay() {
    for raw in [
        r#"{"name":"Nightly Export","table":"users"}"#,
        r#"{"service":{"name":"Ann Lee","email":null}}"#,
        r#"{"company":{"name":"Lee Chen","phone":null}}"#,
        r#"{"campaign_name":"Spring Sale","email":true}"#,
        r#"{"name":"Billing Service","email":null}"#,
        r#"{"user":{"name":"admin"}}"#,
        r#"{"jobs":[{"name":"Build And Deploy"}]}"#,
        r#"{"properties":{"email":{"type":"string"},"name":{"type":"string"}},"required":["email","phone"]}"#,
        r#"{"phone_verified":true,"email_count":3,"address_type":"home","first_name":"string"}"#,
        r#"{"address":"10.0.0.1:8080","pin":"GPIO75","expires":"2026-11-21T06:18:00Z","city":"Graz","country":"AT"}"#,
    ] {
        let shown = payload(Some("application/json"), None, raw.as_bytes(), 4096);
        assert_eq!(shown.excerpt.as_str(), raw);
    }
}

#[test]
fn a_sibling_says_what_a_value_is_before_or_after_it() {
    become_(&[
        (r#"[{"type":"phone","value":"0171 2345678"}]"#, r#"[{"type":"phone","value":"[phone]"}]"#),
        (r#"[{"value":"hunter2","name":"DB_PASSWORD"}]"#, r#"[{"value":"[secret]","name":"DB_PASSWORD"}]"#),
        (
            r#"{"field":"last_name","old":"Lee","new":"Chen"}"#,
            r#"{"field":"last_name","old":"[name]","new":"[name]"}"#,
        ),
        (
            r#"{"op":"replace","path":"/customer/birth_date","value":"1980-02-03"}"#,
            r#"{"op":"replace","path":"/customer/birth_date","value":"[birth_date]"}"#,
        ),
        (
            r#"{"phoneNumbers":[{"type":"work","value":"0171 2345678"}]}"#,
            r#"{"phoneNumbers":[{"type":"work","value":"[phone]"}]}"#,
        ),
        (
            r#"{"type":"color","value":"0171","name":"accent"}"#,
            r#"{"type":"color","value":"0171","name":"accent"}"#,
        ),
    ]);
}

#[test]
fn what_stands_under_a_telling_name_goes_also_in_lists_objects_and_numbers() {
    become_(&[
        (r#"{"phones":["0171 2345678",491712345678]}"#, r#"{"phones":["[phone]","[phone]"]}"#),
        (r#"{"password":{"old":"a1","new":"b2"}}"#, r#"{"password":{"old":"[secret]","new":"[secret]"}}"#),
        (
            r#"{"card":{"number":"4111 1111 1111 1111","brand":"visa"}}"#,
            r#"{"card":{"number":"[card]","brand":"visa"}}"#,
        ),
        (
            r#"{"address":{"line1":"Hauptstr. 5","city":"Graz","country":"AT"}}"#,
            r#"{"address":{"line1":"[address]","city":"Graz","country":"AT"}}"#,
        ),
        (r#"{"kty":"EC","x":"abc","d":"x-Y_z1"}"#, r#"{"kty":"EC","x":"abc","d":"[secret]"}"#),
    ]);
}

#[test]
fn forms_and_lines_are_read_the_same_way() {
    let (masked, _) = query("?name=Ann+Lee&user[phone]=0171-2345678&page=2");
    assert_eq!(masked.as_str(), "?name=[name]&user[phone]=[phone]&page=2");
    become_(&[
        ("Name: Ann Lee\nPhone: 0171 2345678\nPlan: gold", "Name: [name]\nPhone: [phone]\nPlan: gold"),
        ("Date of birth: 3 Feb 1980, plan: gold", "Date of birth: [birth_date], plan: gold"),
        ("first_name=ann status=ok", "first_name=[name] status=ok"),
        ("name: Build And Deploy\non: push", "name: Build And Deploy\non: push"),
        ("string password = 2;", "string password = 2;"),
        ("login(password=password)", "login(password=password)"),
    ]);
}
