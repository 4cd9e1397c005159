//! What the tables promise, number by number. The numbers are made up; their check digits are right.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::kind::Kind;
use crate::text;

/// The text with every stand-in as `*`.
fn masked(shown: &str) -> String {
    let masked = text(shown).0.as_str().to_owned();
    Kind::ALL.into_iter().fold(masked, |text, kind| text.replace(kind.label(), "*"))
}

#[test]
fn numbers_with_a_shape_or_check_of_their_own_go_without_words() {
    for number in [
        "536-22-8841",
        "QQ123456C".replace("QQ", "AB").as_str(),
        "1EG4-TE5-MK73",
        "65 170839 J 008",
        "756.1234.5678.97",
        "1 84 12 76 451 089 46",
        "12345678Z",
        "X1234567L",
        "RSSMRA85T10A562S",
        "85.07.30-033.28",
        "710319/2745",
        "811228-9874",
        "131052-308T",
        "2234 5678 9124".replace("2234 5678 9124", "2341 2341 2346").as_str(),
        "ABCPE1234F",
        "35202-1234567-1",
        "11010519491231002X",
        "960121-1234567",
        "S1234567D",
        "529.982.247-25",
        "11.222.333/0001-81",
        "20-12345678-6",
        "12.345.678-5",
        "784-1980-1234567-1",
    ] {
        assert_eq!(masked(&format!("for {number}, please")), "for *, please", "{number}");
    }
}

#[test]
fn bare_digits_go_only_where_words_say_what_they_are() {
    for (words, number) in [
        ("SSN", "536228841"),
        ("NHS number", "9434765919"),
        ("mon NAS :", "130 692 544"),
        ("TFN", "123 456 782"),
        ("Steuer-ID:", "86095742719"),
        ("BSN", "111222333"),
        ("PESEL", "44051401458"),
        ("CNP", "1630615123457"),
        ("ЕГН", "7523169263"),
        ("TC Kimlik No", "10000000146"),
        ("OIB", "69435151530"),
        ("ИНН", "500100732259"),
        ("ת.ז.", "039337423"),
        ("South African ID", "8001015009087"),
        ("마이 passport", "M12345678"),
        ("เลขประจำตัวประชาชน", "1234567890121"),
        ("マイナンバー", "123456789018"),
        ("身份证号码", "110105491231002"),
        ("driver's license", "C8185045"),
        ("Reisepass Nr.", "C01X00T47"),
        ("routing number", "021000021"),
        ("account number", "000123456789"),
        ("NPI", "1234567893"),
    ] {
        assert_eq!(masked(&format!("his {words} {number} ok")), format!("his {words} * ok"), "{words}");
        assert_eq!(masked(&format!("batch {number} ok")), format!("batch {number} ok"), "{number}");
    }
}

#[test]
fn a_name_with_a_colon_speaks_only_for_its_own_number() {
    assert_eq!(masked("ssn: 536228841, order: 536228842"), "ssn: *, order: 536228842");
    assert_eq!(masked("id=536228842; tax_id=536228841"), "id=536228842; tax_id=*");
}

#[test]
fn telephone_numbers_go_in_every_spelling() {
    for number in [
        "+49 (0)89 1234567",
        "+12125550147",
        "+44 20 7946 0164",
        "0049 89 1234567",
        "(212) 555-0147",
        "212-555-0147 ext. 12",
        "(999)657-1391x771",
        "020 7946 0164",
        "01 23 45 67 89",
        "0171/2345678",
        "0 532 123 45 67",
        "8 (495) 123-45-67",
        "010-5911-4055",
        "%2B44%2020%207946%200164",
        "%28212%29%20555-0147",
    ] {
        assert_eq!(masked(&format!("to {number} now")), "to * now", "{number}");
    }
    for shown in [
        "call me at 555 0147",
        "Tel.: 5321234567",
        "телефон 495 1234567",
        "電話 03 1234 5678",
        "fax: 98765432",
    ] {
        assert!(masked(shown).contains('*'), "{shown}");
    }
    assert_eq!(masked("first +61 479 994 834, second 6424-3220"), "first *, second *");
}

#[test]
fn dates_versions_counts_and_ids_are_no_numbers_of_people() {
    for shown in [
        "2026-11-12 10:00:00, 12.11.2026 12:30, 12/11/26 and 2023-2026",
        "2026-11-12T10:00:00.123456+02:00",
        "1 234 567 890 rows, 12.345.678 bytes, 130 692 544 hits",
        "ORD-2026-123456, INV 2026/11/000123, order 123456789, ticket #1234567",
        "epoch 1764583200, 1764583200123 ms",
        "ISBN 978-3-16-148410-0 and 0-306-40615-2, EAN 4006381333931",
        "build 20261112.1, v1.2.3-rc.4, 10.4.2",
        "at (404) for 12345 and (2026) 12345678",
        "48.137154, 11.576124 and -122.419416",
        "+0200, UTC+01:00, +5, C++98/11/14/17",
        "01 02 03 04 05 06 07 08",
        "phone_verified at 2026-11-12, call count 12",
        "alloc_cell(100000)",
        "Boston, MA 02110-1301",
        "c.a.ParserService - pid=74369 took 5706ms heap=535818292 port 14658 rc=139",
        "AVX-512 BW, RTX 4090, ISO 27001:2022, RFC 9110",
        "us-east-1a, i-0123456789abcdef0, 123456789012.dkr.ecr",
    ] {
        assert_eq!(masked(shown), shown);
    }
}

#[test]
fn what_stands_in_for_a_number_is_no_word_for_the_next() {
    let shown = "[national_id] 536228841, [phone] 12345678, [bank_account] 123456789";
    assert_eq!(text(shown).0.as_str(), shown);
}

#[test]
fn what_fits_a_shape_is_never_left_out_before_it_is_tried() {
    // Every shape written out, with each separator and without, as it is or with one sign of another sort.
    let written = |shape: &str, gap: &str| {
        let (mut text, mut signs) = (String::new(), shape.chars());
        while let Some(sign) = signs.next() {
            match sign {
                '[' => {
                    text.extend(signs.next());
                    signs.by_ref().find(|c| *c == ']').unwrap();
                }
                '-' => text.push_str(gap),
                '=' => text.push(' '),
                'd' => text.push('7'),
                'l' | 'x' => text.push('K'),
                other => text.push(other),
            }
        }
        text
    };
    let (mut fitted, mut tried) = (0, 0);
    for mould in &super::table::MOULDS {
        let number = super::table::at(mould.place).unwrap();
        for shape in number.shape.split('|') {
            for gap in ["", " ", "-", "."] {
                let text = written(shape, gap);
                for text in [text.replacen('7', "K", 1), text.replacen('K', "7", 1), text] {
                    let run = super::Run::read(&text, 0);
                    tried += 1;
                    if mould.fit(number.shape, &run).is_some() {
                        fitted += 1;
                        assert!(mould.admits(&super::Kinds::of(&run)), "{}: {text}", number.detector);
                    }
                }
            }
        }
    }
    assert!(fitted * 20 > tried, "{fitted} of {tried}");
}
