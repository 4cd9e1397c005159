//! Central and eastern Europe, Turkey, and the states of the former Soviet Union.
//!
//! Sources: the OECD's pages on tax identification numbers, the European Commission's TIN algorithms, and the registries'
//! own descriptions.

use super::{id, tax, vat};
use crate::detect::number::Needs::{Groups, Nothing, Words};
use crate::detect::number::Number;
use crate::detect::number::check::Check::{Date, Digits, Iso1110, Sum, Varied};
use crate::detect::number::check::Rule::{Is, Only, Rest};

pub(super) const ROWS: &[Number] = &[
    // Poland
    Number::new(
        "pl_pesel",
        Words,
        "ddddddddddd",
        &[Sum("13791379131", 10, Only(0)), Date("yyMMdd")],
        id!("pesel|ewidencyjny"),
    ),
    Number::new(
        "pl_nip",
        Groups,
        "ddd-ddd-dd-dd|ddd-dd-dd-ddd|dddddddddd",
        &[Sum("657234567", 11, Is(11)), Varied],
        vat!("nip|podatkow|regon"),
    ),
    Number::new(
        "pl_regon",
        Words,
        "dddddddddddddd|ddd-ddd-ddd",
        &[Sum("89234567", 11, Is(0))],
        vat!("regon"),
    ),
    Number::new(
        "pl_identity_card",
        Words,
        "[A-Z][A-Z][A-Z]-dddddd|[A-Z][A-Z]-ddddddd",
        &[],
        id!("dowod|paszport|passport|seria i numer"),
    ),
    // Czechia, Slovakia, Hungary
    Number::new(
        "cz_rodne_cislo",
        Groups,
        "dddddd=dddd",
        &[Sum("A1A1A1A1A1", 11, Only(0)), Date("yyMMdd")],
        CZECH,
    ),
    Number::new("cz_rodne_cislo", Words, "dddddd-dddd|dddddd-ddd", &[Date("yyMMdd")], CZECH),
    Number::new(
        "cz_identity_card",
        Words,
        "ddddddddd|[A-Z][A-Z]dddddd",
        &[],
        id!("obcansky prukaz|op|cestovni pas|preukaz|cislo op"),
    ),
    Number::new("cz_ico", Words, "dddddddd", &[Sum("8765432", 11, Rest(0))], vat!("ico|ic|dic")),
    Number::new(
        "hu_personal",
        Groups,
        "[1-8]-dddddd-dddd",
        &[Date("_yymmdd")],
        id!("szemelyi|szemelyi szam"),
    ),
    Number::new(
        "hu_taj",
        Words,
        "ddd-ddd-ddd",
        &[Sum("37373737", 10, Is(0))],
        "taj|tarsadalombiztosit|social security",
    ),
    Number::new(
        "hu_tax_id",
        Words,
        "8ddd-ddd-ddd|8ddddddddd",
        &[Sum("123456789", 11, Is(11))],
        tax!("adoazonosito|ado"),
    ),
    Number::new("hu_vat", Groups, "dddddddd-[1-5]-dd", &[Sum("9731973", 10, Rest(0))], vat!("adoszam")),
    Number::new(
        "hu_identity_card",
        Words,
        "dddddd[A-Z][A-Z]|[A-Z][A-Z]dddddd",
        &[],
        id!("szemelyi|igazolvany|utlevel"),
    ),
    // Romania, Bulgaria
    Number::new(
        "ro_cnp",
        Words,
        "[1-9]dddddddddddd",
        &[Sum("279146358279", 11, Is(1)), Date("_yymmdd")],
        id!("cnp|cod numeric"),
    ),
    Number::new("ro_cui", Words, "RO-dddddddd|dddddddd|ddddddd", &[], vat!("cui|cif|cod fiscal")),
    Number::new(
        "ro_identity_card",
        Words,
        "[A-Z][A-Z]-dddddd",
        &[],
        id!("seria|buletin|carte de identitate"),
    ),
    Number::new(
        "bg_egn",
        Words,
        "dddddddddd",
        &[Sum("2485A9736", 11, Is(0)), Date("yyMMdd")],
        id!("егн|egn|лнч"),
    ),
    Number::new("bg_eik", Words, "ddddddddd|ddddddddddddd", &[], vat!("еик|eik|булстат|bulstat|ддс")),
    // The states of former Yugoslavia, Albania
    Number::new("hr_oib", Words, "ddddddddddd", &[Iso1110(0)], tax!("oib|osobni identifikacijski|osobni")),
    Number::new(
        "emso",
        Words,
        "ddddddddddddd",
        &[Date("ddmm"), Sum("765432765432", 11, Rest(0))],
        id!("emso|jmbg|jmb|матични број|јмбг|ембг|embg|maticni"),
    ),
    Number::new(
        "si_tax_id",
        Words,
        "SI-dddddddd|dddddddd",
        &[Sum("8765432", 11, Rest(0))],
        tax!("davcna|ddv"),
    ),
    Number::new("rs_pib", Words, "ddddddddd", &[Iso1110(0)], vat!("pib|пиб|pdv")),
    Number::new("al_nid", Words, "[A-T]dddddddd[A-W]", &[], id!("nid|nipt|leternjoftim|albania")),
    // Turkey
    Number::new(
        "tr_tckn",
        Words,
        "[1-9]dddddddddd|[1-9]dd-ddd-ddd-dd",
        &[Sum("797979797", 10, Is(11)), Sum("1111111111", 10, Is(11))],
        id!("tc|t c|tckn|kimlik|vatandas|turkish id"),
    ),
    Number::new("tr_vkn", Words, "ddd-ddd-dddd", &[], vat!("vkn|vergi")),
    Number::new("tr_passport", Words, "[A-Z]-dddddddd|[A-Z]-ddddddd", &[], "pasaport|passport"),
    // Ukraine, Russia, Belarus, Kazakhstan, Moldova, Georgia, Armenia
    Number::new(
        "ua_rnokpp",
        Words,
        "dddddddddd",
        &[Sum("A57946A57", 11, Is(0))],
        tax!("рнокпп|іпн|інн|ідентифікаційн|податков|rnokpp|ипн"),
    ),
    Number::new(
        "ua_passport",
        Words,
        "ddddddddd|dddddddd-ddddd|[A-Z][A-Z]-dddddd",
        &[],
        id!("паспорт|унзр|id картк|passport"),
    ),
    Number::new("ua_edrpou", Words, "dddddddd", &[], vat!("єдрпоу|едрпоу|edrpou")),
    Number::new("ru_inn", Words, "dddddddddd", &[Sum("24A359468", 11, Is(0))], RUSSIA_TAX),
    Number::new(
        "ru_inn",
        Words,
        "dddddddddddd",
        &[Sum("724A359468", 11, Is(0)), Sum("3724A359468", 11, Is(0))],
        RUSSIA_TAX,
    ),
    Number::new("ru_snils", Nothing, "ddd=ddd=ddd=dd", &[Varied], ""),
    Number::new("ru_snils", Words, "ddd-ddd-ddd-dd", &[], "снилс|snils|страхов|пенсион"),
    Number::new(
        "ru_passport",
        Words,
        "dd-dd-dddddd|dddd-dddddd|dd-ddddddd",
        &[],
        id!("паспорт|passport|серия|водительск|ву|загран|pasport"),
    ),
    Number::new("ru_ogrn", Words, "ddddddddddddddd|ddddddddddddd", &[], "огрн|ogrn"),
    Number::new("ru_oms", Words, "dddd-dddd-dddd-dddd", &[], "омс|полис"),
    Number::new(
        "by_id",
        Nothing,
        "[1-6]dddddd[ABCHKEM]ddd[A-Z][A-Z]d",
        &[Date("_ddmm")],
        id!("паспорт|belarus"),
    ),
    Number::new("kz_iin", Words, "dddddddddddd", &[Date("yymmdd")], id!("иин|iin|жсн|бин|bin|kazakh")),
    Number::new("md_idnp", Words, "[02]dddddddddddd", &[], id!("idnp|cod personal|moldova")),
    Number::new("ge_personal", Words, "ddddddddddd", &[], id!("პირადი|georgia|personal number")),
    Number::new("am_psn", Words, "dddddddddd", &[], id!("armenia|psn|հանրային")),
    Number::new("uz_pinfl", Words, "[3-6]ddddddddddddd", &[Date("_ddmm")], id!("pinfl|пинфл|jshshir|uzbek")),
    Number::new("az_fin", Words, "xxxxxxx", &[Digits(2)], id!("fin|azerba")),
];

const CZECH: &str = id!("rodne cislo|rodne c|birth number|czech|slovak");
const RUSSIA_TAX: &str = tax!("инн|inn|налогоплательщик");
