//! Whether a value under a telling name is what the name says.
//!
//! A name alone masks nothing: `phone: true`, `email: "string"` and `birth_date: "required"` stay. What a kind's values
//! have in common in all countries is little (a telephone number has five digits or more and hardly a letter), so the rules
//! are coarse on purpose. Where the name itself may mean something else ([`Key::Maybe`]), they are narrow.

use crate::detect::{card, whole_token};
use crate::keys::Key;
use crate::kind::Kind;
use crate::looks::{self, Shape};

/// What to do with a value under a telling name: nothing, or mask it as what, seen by which detector.
pub(crate) fn judge(key: Key, value: &str) -> Option<(Kind, &'static str)> {
    let value = value.trim();
    let (kind, good) = match key {
        Key::Plain | Key::Authorization | Key::Cookie | Key::Name => return None,
        Key::Perhaps => (Kind::Secret, looks::random(value)),
        Key::Maybe(kind) => (kind, exactly(kind, value)),
        Key::Holds(kind) => (kind, fits(kind, value)),
    };
    (good && !looks::harmless(value)).then(|| (kind, detector(kind, value)))
}

fn detector(kind: Kind, value: &str) -> &'static str {
    match kind {
        Kind::Secret => whole_token(value).unwrap_or("secret_field"),
        Kind::Email => "email",
        Kind::Phone => "phone_field",
        Kind::Name => "name_field",
        Kind::Address => "address_field",
        Kind::Card => "payment_card",
        Kind::BankAccount => "account_field",
        Kind::NationalId => "id_field",
        Kind::BirthDate => "birth_date_field",
        Kind::IpAddress => "ip_address",
        Kind::Wallet => "wallet_field",
        Kind::Vehicle => "vehicle_field",
    }
}

/// Whether `value` may be of `kind`, as its name says.
fn fits(kind: Kind, value: &str) -> bool {
    let shape = Shape::of(value);
    let Shape { length, digits, lower, upper, wide, blanks, .. } = shape;
    let letters = lower + upper + wide;
    let only = |marks: &str| shape.only(value, marks);
    match kind {
        Kind::Secret => true,
        // They are found by their own shape, which also leaves what stands around them.
        Kind::Email | Kind::IpAddress => false,
        Kind::Phone => (5..=20).contains(&digits) && letters <= 5 && length <= 48 && only("+-()./ #,;:*"),
        Kind::Name => {
            letters > 0
                && digits < 2
                && length <= 100
                && blanks <= 8
                && only(" '-.,`()\u{2019}")
                && !looks::code(value)
        }
        Kind::Address => {
            let host = blanks == 0 && wide == 0 && (value.contains('.') || value.starts_with("0x"));
            let word = blanks + digits + upper + wide == 0;
            letters + digits > 0
                && length <= 300
                && !host
                && !word
                && only(" '-.,/()#:;&+\n\r\"\u{2019}\u{ba}\u{b0}")
        }
        Kind::Card => card::plausible(value) || looks::expiry(value),
        Kind::BankAccount => digits >= 5 && (5..=42).contains(&length) && lower <= 6 && only(" -./"),
        Kind::NationalId => {
            let fraction = letters == 0 && value.matches('.').count() == 1;
            let long = (5..=32).contains(&(digits + letters));
            digits >= 2
                && long
                && lower <= 4
                && blanks <= 6
                && !fraction
                && only(" -./'")
                && !looks::is_uuid(value)
        }
        Kind::BirthDate => (4..=20).contains(&digits) && letters <= 24 && length <= 48 && only(" -./,:'+"),
        Kind::Wallet => digits > 0 && blanks == 0 && length >= 20 && only(":"),
        Kind::Vehicle => {
            let long = (4..=17).contains(&(digits + letters));
            digits > 0 && long && lower <= 3 && only(" -.\u{b7}\u{2022}") && (letters > 0 || digits >= 4)
        }
    }
}

/// Whether `value` can hardly be anything but of `kind`, whose name may mean something else.
fn exactly(kind: Kind, value: &str) -> bool {
    match kind {
        Kind::Name => looks::person(value, 2),
        Kind::Address => looks::house(value) && fits(kind, value),
        Kind::Card => looks::expiry(value),
        Kind::NationalId => {
            let Shape { length, digits, upper, .. } = Shape::of(value);
            (digits >= 4 && (1..=6).contains(&upper) && digits + upper == length && length >= 8)
                || card::plausible(value)
        }
        // A code of digits, not the name of a chip's leg.
        Kind::Secret => {
            let Shape { length, digits, .. } = Shape::of(value);
            digits >= 3 && digits * 2 >= length
        }
        Kind::Email
        | Kind::Phone
        | Kind::BankAccount
        | Kind::BirthDate
        | Kind::IpAddress
        | Kind::Wallet
        | Kind::Vehicle => fits(kind, value),
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::keys::classify;

    #[test]
    fn a_value_that_is_what_its_name_says_goes() {
        for (name, value) in [
            ("phone", "+49 (0)30 1234-567 ext. 12"),
            ("phone", "4915112345678"),
            ("phone", "٠١٢٣٤٥٦٧٨"),
            ("first_name", "jane"),
            ("first_name", "ประสิทธิ์"),
            ("lastName", "O'Neill-de la Cruz Jr."),
            ("姓名", "何秀芳"),
            ("street", "Strada Popescu"),
            ("address_line_2", "Apt 4"),
            ("address", "837 Hunt River Apt. 893, Nixonville"),
            ("address", "東京都千代田区永田町1-7-1"),
            ("dob", "1948-03-23"),
            ("birthday", "12 mars 1980"),
            ("出生日期", "1990年1月1日"),
            ("date_of_birth", "631152000"),
            ("passport_number", "A43532552"),
            ("cpf", "123.456.789-00"),
            ("national_id", "46903019401216250X"),
            ("pan", "VSCPC3580B"),
            ("expiry", "06/29"),
            ("account_number", "12345678"),
            ("licensePlate", "B-XY 1234"),
            ("patient", "Jane van der Meer"),
            ("cardholder", "JANE DOE"),
            ("pin", "1234"),
        ] {
            assert!(judge(classify(name), value).is_some(), "{name}: {value}");
        }
    }

    #[test]
    fn a_value_that_is_not_what_its_name_says_stays() {
        for (name, value) in [
            ("phone", "true"),
            ("phone", "mobile"),
            ("phone", "required"),
            ("phone", "string"),
            ("first_name", "VARCHAR(255)"),
            ("first_name", "{{ first_name }}"),
            ("first_name", ":first_name"),
            ("first_name", "%s"),
            ("first_name", "<first name>"),
            ("last_name", "last_name"),
            ("street", "required"),
            ("address", "0x7ffe84ab1a28"),
            ("address", "10.0.0.1:8080"),
            ("address", "db.prod.example"),
            ("dob", "date"),
            ("ssn", "^\\d{3}-\\d{2}-\\d{4}$"),
            ("passport", "required"),
            ("national_id", "c3cf491e-d2c5-4536-b276-9286cb260ef7"),
            ("sin", "0.8414"),
            ("pan", "left"),
            ("expires", "2026-11-21T06:18:00Z"),
            ("exp", "1797193838"),
            ("patient", "active"),
            ("recipient", "Billing Team"),
            ("plate", "96-well"),
            ("pin", "[secret]"),
            ("pin", "GPIO75"),
            ("pin", "PA8"),
        ] {
            assert!(judge(classify(name), value).is_none(), "{name}: {value}");
        }
    }
}
