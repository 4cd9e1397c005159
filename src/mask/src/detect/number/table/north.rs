//! Nordic and Baltic countries.
//!
//! Sources: the population registries' and tax offices' own descriptions; the European Commission's TIN algorithms.

use super::{id, vat};
use crate::detect::number::Needs::{Groups, Nothing, Words};
use crate::detect::number::Number;
use crate::detect::number::check::Check::{Begins, Date, Digits, Luhn, Sum};
use crate::detect::number::check::Rule::{Letter, Rest};

const SWEDEN: &str = id!("personnummer|personnr|pnr|person nr|samordning|svensk|swedish|sweden");
const FINLAND: &str = "0123456789ABCDEFHJKLMNPRSTUVWXY";

pub(super) const ROWS: &[Number] = &[
    // The century's two digits are not part of the sum.
    Number::new(
        "se_personnummer",
        Groups,
        "[12]ddddddd=dddd",
        &[Date("yyyymmDD"), Begins("19"), Luhn(9)],
        SWEDEN,
    ),
    Number::new(
        "se_personnummer",
        Groups,
        "[12]ddddddd=dddd",
        &[Date("yyyymmDD"), Begins("20"), Luhn(6)],
        SWEDEN,
    ),
    Number::new("se_personnummer", Words, "[12]ddddddd-dddd", &[Date("yyyymmDD")], SWEDEN),
    Number::new("se_personnummer", Groups, "dddddd-dddd", &[Date("yymmDD"), Luhn(0)], SWEDEN),
    Number::new(
        "se_organisationsnummer",
        Words,
        "[125-9]d[2-9]ddd-dddd",
        &[Luhn(0)],
        vat!("organisationsnummer|orgnr|org nr|org no|foretag"),
    ),
    Number::new("se_vat_id", Nothing, "SE-dddddd-dddd-01", &[], ""),
    Number::new(
        "no_fodselsnummer",
        Nothing,
        "dddddd-ddddd",
        &[Date("DDMM"), Sum("376189452", 11, Rest(11)), Sum("5432765432", 11, Rest(11))],
        "",
    ),
    Number::new(
        "no_orgnr",
        Words,
        "[89]dd-ddd-ddd",
        &[Sum("32765432", 11, Rest(11))],
        vat!("organisasjonsnummer|orgnr|org nr|mva"),
    ),
    Number::new(
        "dk_cpr",
        Groups,
        "dddddd-dddd",
        &[Date("ddmm")],
        id!("cpr|personnummer|cpr nr|danish|dansk"),
    ),
    Number::new("dk_cvr", Words, "dd-dd-dd-dd|dddddddd", &[], vat!("cvr|se nr|moms")),
    Number::new("is_kennitala", Words, "dddddd-dddd", &[], id!("kennitala|kt|iceland")),
    Number::new(
        "fi_hetu",
        Nothing,
        "dddddd=ddd[0-9A-Y]",
        &[Date("ddmm"), Sum("EK2PI87A1", 31, Letter(FINLAND))],
        "",
    ),
    Number::new(
        "fi_hetu",
        Nothing,
        "dddddd[A-FU-Y]ddd[0-9A-Y]",
        &[Date("ddmm"), Sum("EK2PI807A1", 31, Letter(FINLAND))],
        "",
    ),
    Number::new(
        "fi_y_tunnus",
        Words,
        "ddddddd-d",
        &[Sum("79A5842", 11, Rest(11))],
        vat!("y tunnus|ytunnus|alv|business id"),
    ),
    Number::new(
        "ee_isikukood",
        Words,
        "[1-8]dddddd-dddd|[1-8]dddddddddd",
        &[Date("_yymmdd")],
        id!("isikukood|ik|asmens kodas|asmens|estonia|lithuania|eesti"),
    ),
    Number::new("lv_personas_kods", Groups, "dddddd-ddddd", &[Date("ddmm")], id!("personas kods|pk|latvia")),
    Number::new("lv_personas_kods", Words, "32dddd-ddddd", &[], id!("personas kods|pk|latvia")),
    Number::new(
        "eu_vat_id",
        Words,
        "[A-Z][A-Z]-xxxxxxxxxxxx|[A-Z][A-Z]-xxxxxxxxxxx|[A-Z][A-Z]-xxxxxxxxxx|[A-Z][A-Z]-xxxxxxxxx|[A-Z][A-Z]-xxxxxxxx",
        &[Digits(7)],
        "vat|tva|iva|btw|moms|mva|ust|mwst|nip|dph|dic|afa|alv|kmkr|pvn|pvm|ddv|pdv|eori",
    ),
];
