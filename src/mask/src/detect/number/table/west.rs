//! Western and southern Europe: what each state, its tax office and its health insurers give out.
//!
//! Sources: the OECD's pages on tax identification numbers by jurisdiction, the European Commission's TIN and VAT (VIES)
//! algorithms, and the registries' own pages.

use super::{id, tax, vat};
use crate::detect::number::Needs::{Groups, Nothing, Words};
use crate::detect::number::Number;
use crate::detect::number::check::Check::{Date, Digits, Iso1110, Luhn, Not, Rest97, Sum, Varied};
use crate::detect::number::check::Rule::{Is, Letter, Only, Rest};

const SPAIN: &str = "TRWAGMYFPDXBNJZSQVHLCKE";

pub(super) static ROWS: &[Number] = &[
    // United Kingdom and Ireland
    Number::new(
        "uk_nino",
        Nothing,
        "[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]-dd-dd-dd-[A-D]",
        &[Not("BG GB NK KN TN NT ZZ")],
        id!("nino|national insurance|ni number|ni no"),
    ),
    Number::new(
        "uk_nhs",
        Words,
        "ddd-ddd-dddd",
        &[Sum("A98765432", 11, Rest(11)), Varied],
        "nhs|health service|patient|health number|chi",
    ),
    Number::new(
        "uk_driving_licence",
        Nothing,
        "[A-Z][A-Z9][A-Z9][A-Z9][A-Z9]-d[0156]d[0-3]dd-[A-Z9][A-Z9]-xll",
        &[],
        "",
    ),
    Number::new("uk_utr", Words, "ddddd-ddddd", &[], "utr|unique taxpayer|self assessment|hmrc"),
    Number::new("uk_crn", Words, "[A-Z][A-Z]dddddd|dddddddd", &[], "company number|companies house|crn"),
    Number::new(
        "ie_pps",
        Groups,
        "ddddddd-[A-W]-[A-IW]|ddddddd-[A-W]",
        &[Sum("8765432", 23, Letter("WABCDEFGHIJKLMNOPQRSTUV"))],
        id!("pps|ppsn|personal public"),
    ),
    // Germany, Austria, Switzerland
    Number::new(
        "de_tax_id",
        Words,
        "[1-9]d-ddd-ddd-ddd",
        &[Iso1110(0)],
        tax!("steuer|idnr|id nr|identifikationsnummer|stid"),
    ),
    Number::new(
        "de_tax_number",
        Words,
        "ddddddddddddd|ddd-dddd-dddd|dd-ddd-ddddd|ddd-ddd-ddddd|ddd-ddd-dddd|dd-dddd-dddd",
        &[],
        tax!("steuer|st nr|finanzamt"),
    ),
    Number::new("de_social_security", Nothing, "dd-dddddd-[A-Z]-ddd", &[Date("__Ddmm")], ""),
    Number::new(
        "de_health_insurance",
        Words,
        "[A-Z]-ddd-ddd-ddd|[A-Z]ddddddddd",
        &[],
        "kvnr|versichert|krankenvers|krankenkasse|gesundheitskarte|egk|health insurance|insurance number|patient",
    ),
    Number::new(
        "de_id_card",
        Words,
        "[CFGHJKLMNPRTVWXYZ0-9]xxxxxxxxD|[CFGHJKLMNPRTVWXYZ0-9]xxxxxxxxx|[CFGHJKLMNPRTVWXYZ]xxxxxxxx",
        &[Digits(1)],
        id!("ausweis|personalausweis|reisepass|pass nr|passnummer|passport|dokumentennummer"),
    ),
    Number::new(
        "de_driving_licence",
        Words,
        "[A-Z][A-Z]dddddddd[A-Z]|[A-Z]dddxxxxxxx|[A-Z]dddxxxxxx",
        &[Digits(4)],
        "fuhrerschein|fahrerlaubnis|driving licen|driver",
    ),
    Number::new(
        "de_vat_id",
        Nothing,
        "DE-ddd-ddd-ddd",
        &[Iso1110(2)],
        vat!("ust|umsatzsteuer|steuer|rechnung|mwst"),
    ),
    Number::new("de_bsnr", Words, "ddddddddd", &[], "bsnr|lanr|betriebsstatten|arztnummer|praxis"),
    Number::new(
        "at_social_security",
        Words,
        "dddd-dddddd",
        &[Sum("379A584216", 11, Only(0)), Date("____ddmm")],
        id!("svnr|sv nr|sv nummer|sozialvers|versicherungsnummer|social security|svn"),
    ),
    Number::new("at_vat_id", Nothing, "ATU-dddddddd", &[], ""),
    Number::new("ch_ahv", Nothing, "756-dddd-dddd-dd", &[Sum("131313131313", 10, Rest(0))], ""),
    Number::new("ch_uid", Nothing, "CHE-ddd-ddd-ddd", &[Sum("00054327654", 11, Rest(11))], ""),
    // France, Belgium, Netherlands, Luxembourg
    Number::new("fr_nir", Nothing, "[1-478]-dd-dd-dd-ddd-ddd-dd", &[Rest97], ""),
    Number::new(
        "fr_nir",
        Words,
        "[1-478]-dd-dd-dx-ddd-ddd-dd|[1-478]-dd-dd-dx-ddd-ddd",
        &[],
        "nir|insee|securite sociale|secu|carte vitale|social security|n ss",
    ),
    Number::new("fr_spi", Words, "[0-3]d-dd-ddd-ddd-ddd", &[], tax!("numero fiscal|spi|impots|fiscal")),
    Number::new(
        "fr_id_card",
        Words,
        "dddddddddddd|[A-Z0-9]xxxxxxxx",
        &[Digits(5)],
        "carte d identite|carte nationale|cni|piece d identite|passeport",
    ),
    Number::new("fr_siret", Words, "ddd-ddd-ddd-ddddd|ddd-ddd-ddd", &[Luhn(0)], "siren|siret|rcs"),
    Number::new("fr_vat_id", Nothing, "FR-[A-Z0-9][A-Z0-9]-ddd-ddd-ddd", &[], ""),
    Number::new("be_national_number", Nothing, "dd-dd-dd-ddd-dd", &[Rest97, Date("yymmdd")], ""),
    Number::new("be_enterprise", Nothing, "BE-[01]ddd-ddd-ddd", &[], ""),
    Number::new(
        "be_enterprise",
        Words,
        "[01]ddd-ddd-ddd",
        &[Rest97],
        vat!("kbo|bce|btw|tva|ondernemingsnummer|enterprise"),
    ),
    Number::new(
        "nl_bsn",
        Words,
        "dddd-dd-ddd|ddd-ddd-ddd|ddd-dd-dddd|ddddddddd",
        &[Sum("98765432A", 11, Only(0)), Varied],
        id!("bsn|burgerservice|sofi|rsin|burger"),
    ),
    Number::new("nl_vat_id", Nothing, "NL-ddd-ddd-ddd-B-dd", &[], ""),
    Number::new(
        "lu_matricule",
        Nothing,
        "[12]ddd-dd-dd-ddd-dd",
        &[Date("yyyymmdd"), Sum("2121212121200", 10, Is(0))],
        "",
    ),
    Number::new(
        "lu_matricule",
        Words,
        "[12]ddd-dd-dd-ddd-dd",
        &[Date("yyyymmdd")],
        id!("matricule|cns|luxemb"),
    ),
    // Spain, Portugal, Italy, Greece, Malta, Cyprus
    Number::new(
        "es_nif",
        Nothing,
        "dddddddd-[A-Z]|dd-ddd-ddd-[A-Z]",
        &[Sum("E6JIB8A1", 23, Letter(SPAIN))],
        id!("nif|dni"),
    ),
    Number::new(
        "es_nie",
        Nothing,
        "[XYZ]-ddddddd-[A-Z]",
        &[Sum("E6JIB8A1", 23, Letter("KETRWAGMYFPDXBNJZSQVHLC"))],
        id!("nie|nif|extranjero"),
    ),
    Number::new("es_cif", Words, "[A-HJNP-SUVW]-ddddddd-[0-9A-J]", &[], vat!("cif|nif|empresa|iva")),
    Number::new(
        "es_social_security",
        Words,
        "dd-dddddddd-dd|dd-dddddddddd",
        &[],
        "seguridad social|nuss|nss|afiliacion|naf|social security",
    ),
    Number::new(
        "es_passport",
        Words,
        "[A-Z][A-Z][A-Z]-dddddd|[A-Z][A-Z][A-Z]dddddd[A-Z]",
        &[],
        "pasaporte|passport",
    ),
    Number::new(
        "pt_nif",
        Words,
        "[1-35-9]dd-ddd-ddd",
        &[Sum("98765432", 11, Rest(0))],
        tax!("nif|nipc|contribuinte|niss|utente"),
    ),
    Number::new(
        "pt_citizen_card",
        Groups,
        "dddddddd-d-[A-Z][A-Z]d",
        &[],
        id!("cartao de cidadao|cc|bi|cidadao"),
    ),
    Number::new(
        "pt_social_security",
        Words,
        "[12]dddddddddd|ddddddddd",
        &[],
        "niss|seguranca social|utente|sns",
    ),
    Number::new(
        "it_fiscal_code",
        Nothing,
        "lll-lll-[0-9LMNP-V][0-9LMNP-V][ABCDEHLMPRST][0-9LMNP-V][0-9LMNP-V]-l[0-9LMNP-V][0-9LMNP-V][0-9LMNP-V]l",
        &[],
        "codice fiscale|cod fisc|cf|c f|fiscal",
    ),
    Number::new(
        "it_vat_code",
        Words,
        "ddddddddddd",
        &[Luhn(0), Varied],
        vat!("partita iva|p iva|iva|piva|codice fiscale"),
    ),
    Number::new("it_vat_code", Nothing, "IT-ddddddddddd", &[], ""),
    Number::new(
        "it_driver_license",
        Nothing,
        "[A-Z][A-Z]ddddddd[A-Z]|U1[A-Z0-9]xxxxxx[A-Z]",
        &[Digits(3)],
        "patente|licen",
    ),
    Number::new(
        "it_identity_card",
        Words,
        "[A-Z][A-Z]-ddddddd|ddddddd-[A-Z][A-Z]|[A-Z][A-Z]-ddddd-[A-Z][A-Z]",
        &[],
        id!("carta d identita|carta di identita|cie|documento|passaporto|passport"),
    ),
    Number::new("it_identity_card", Nothing, "C[A-Z]-ddddd-[A-Z][A-Z]", &[], ""),
    Number::new(
        "gr_amka",
        Words,
        "dddddd-ddddd",
        &[Luhn(0), Date("ddmm")],
        id!("amka|αμκα|κοινωνικης ασφαλισης"),
    ),
    Number::new(
        "gr_afm",
        Words,
        "ddd-ddd-ddd",
        &[Sum("379A5842", 11, Is(0))],
        tax!("afm|αφμ|α φ μ|φορολογικ"),
    ),
    Number::new("gr_id_card", Words, "[A-Z][A-Z]-dddddd|[A-Z]-dddddd", &[], id!("ταυτοτητ|tautotita|αδτ")),
    Number::new("mt_id_card", Words, "[0-9]dddddd-[MGAPLHBZ]", &[], id!("malta|identity card")),
    Number::new("cy_tin", Words, "[069]ddddddd-[A-Z]", &[], tax!("φορολογικ|afm|cyprus")),
];
