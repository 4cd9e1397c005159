//! What names say.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;

#[test]
fn the_last_words_of_a_name_decide() {
    for (name, key) in [
        ("password", Key::SECRET),
        ("dbPassword", Key::SECRET),
        ("DB_PASSWORD_2", Key::SECRET),
        ("X-Api-Key", Key::SECRET),
        ("APIKey", Key::SECRET),
        ("clientSecret", Key::SECRET),
        ("accesstoken", Key::SECRET),
        ("Proxy-Authorization", Key::Authorization),
        ("Set-Cookie", Key::Cookie),
        ("customer.ssn", Key::Holds(Kind::NationalId)),
        ("token_count", Key::Plain),
        ("max_tokens", Key::Plain),
        ("stop_token", Key::Plain),
        ("password_policy", Key::Plain),
        ("tokenizer", Key::Plain),
        ("secretKeyRef", Key::Plain),
        ("compass", Key::Plain),
        ("primary_key", Key::Plain),
        ("CONTRASEÑA", Key::SECRET),
        ("Пароль", Key::SECRET),
        ("", Key::Plain),
    ] {
        assert_eq!(classify(name), key, "{name}");
    }
}

#[test]
fn personal_fields_are_known_however_they_are_spelt() {
    for (name, kind) in [
        ("firstName", Kind::Name),
        ("first_name", Kind::Name),
        ("FirstName", Kind::Name),
        ("firstname", Kind::Name),
        ("billing.first-name", Kind::Name),
        ("user[last_name]", Kind::Name),
        ("customer_name", Kind::Name),
        ("Фамилия", Kind::Name),
        ("förnamn", Kind::Name),
        ("收件人姓名", Kind::Name),
        ("客户姓名", Kind::Name),
        ("billing_phone", Kind::Phone),
        ("phones", Kind::Phone),
        ("phoneNumbers", Kind::Phone),
        ("customerphonenumber", Kind::Phone),
        ("MobilePhone", Kind::Phone),
        ("sími", Kind::Phone),
        ("s%C3%ADmi", Kind::Phone),
        ("email2", Kind::Email),
        ("emailAddress2", Kind::Email),
        ("email.keyword", Kind::Email),
        ("address[line1]", Kind::Address),
        ("MailingStreet", Kind::Address),
        ("homeAddress", Kind::Address),
        ("customer_address", Kind::Address),
        ("PersonBirthdate", Kind::BirthDate),
        ("date_of_birth", Kind::BirthDate),
        ("出生日期", Kind::BirthDate),
        ("passport_no", Kind::NationalId),
        ("passportNumber", Kind::NationalId),
        ("주민등록번호", Kind::NationalId),
        ("aadhaar_number", Kind::NationalId),
        ("cardNumber", Kind::Card),
        ("source[number]", Kind::Card),
        ("IBAN", Kind::BankAccount),
    ] {
        let name = crate::structure::form::decode(name).unwrap_or_default();
        assert_eq!(classify(&name), Key::Holds(kind), "{name}");
    }
}

#[test]
fn names_that_only_begin_tellingly_say_nothing() {
    for name in [
        "phone_verified",
        "email_count",
        "phone_type",
        "address_count",
        "name_format",
        "birth_place_type",
        "microphone",
        "bucket_name",
        "host_name",
        "campaign_name",
        "ip_address",
        "listen_address",
        "status_code",
        "currency_code",
        "city",
        "country",
        "state",
        "username",
        "order_no",
        "token_no",
        "line_no",
        "order_number",
        "public_key",
        "filename",
    ] {
        assert_eq!(classify(name), Key::Plain, "{name}");
    }
}

#[test]
fn what_stands_around_a_name_tells_what_it_is() {
    for (parent, name, key) in [
        ("name", "first", Key::Holds(Kind::Name)),
        ("name", "family", Key::Holds(Kind::Name)),
        ("card", "number", Key::Holds(Kind::Card)),
        ("phoneNumbers", "value", Key::Holds(Kind::Phone)),
        ("password", "value", Key::SECRET),
        ("address", "street", Key::Holds(Kind::Address)),
        ("password", "minLength", Key::Plain),
        ("user", "name", Key::Name),
        ("token", "count", Key::Plain),
    ] {
        assert_eq!(inside(parent, name).key, key, "{parent}.{name}");
    }
    assert_eq!((noun("customers"), noun("company"), noun("rows")), (Noun::Person, Noun::Thing, Noun::Same));
}
