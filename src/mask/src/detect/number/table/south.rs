//! Africa and Oceania.
//!
//! Sources: the tax offices' and registries' own descriptions (ATO, ABR, Services Australia, IRD, Home Affairs in South
//! Africa, NIMC in Nigeria), and the OECD's pages on tax identification numbers.

use super::{id, tax, vat};
use crate::detect::number::Needs::{Groups, Nothing, Words};
use crate::detect::number::Number;
use crate::detect::number::check::Check::{Date, Luhn, Sum, Varied};
use crate::detect::number::check::Rule::{Is, Only, Rest};
use crate::kind::Kind;

pub(super) const ROWS: &[Number] = &[
    // Australia, New Zealand
    Number::new(
        "au_tfn",
        Words,
        "ddd-ddd-ddd",
        &[Sum("14375869A", 11, Only(0)), Varied],
        tax!("tfn|ato|australian"),
    ),
    Number::new("au_tfn", Words, "ddd-ddd-dd", &[], tax!("tfn")),
    // One is taken from the first digit before it is weighed by ten.
    Number::new(
        "au_abn",
        Words,
        "dd-ddd-ddd-ddd",
        &[Sum("A13579BDFHJ", 89, Only(10))],
        vat!("abn|business number|gst"),
    ),
    Number::new("au_acn", Words, "ddd-ddd-ddd", &[Sum("87654321", 10, Rest(0))], vat!("acn|arbn|company")),
    Number::new(
        "au_medicare",
        Words,
        "[2-6]ddd-ddddd-d-d|[2-6]ddd-ddddd-d",
        &[Sum("13791379", 10, Is(11))],
        "medicare|irn|health|patient",
    ),
    Number::new("au_medicare", Words, "[2-6]ddd-ddddd-d", &[], "medicare"),
    Number::new("au_passport", Words, "[A-Z]-ddddddd|[A-Z][A-Z]-ddddddd", &[], "passport"),
    Number::new(
        "au_driver_licence",
        Words,
        "ddd-ddd-ddd|dddddddd|dddddddddd",
        &[],
        "driver s|driver lic|licence|license|rego",
    ),
    Number::new(
        "au_crn",
        Words,
        "ddd-ddd-ddd-[A-Z]|ddddddddd[A-Z]",
        &[],
        "centrelink|crn|customer reference",
    ),
    Number::new("nz_ird", Words, "ddd-ddd-ddd|dd-ddd-ddd", &[], tax!("ird|inland revenue")),
    Number::new(
        "nz_nhi",
        Words,
        "[A-HJ-NP-Z][A-HJ-NP-Z][A-HJ-NP-Z]-dddd|[A-HJ-NP-Z][A-HJ-NP-Z][A-HJ-NP-Z]dd[A-Z][A-Z]",
        &[],
        "nhi|national health|patient",
    ),
    // Southern and eastern Africa
    Number::new("za_id_number", Groups, "dddddd=dddd=[012][0-9]d", &[Date("yymmdd"), Luhn(0)], SOUTH_AFRICA),
    Number::new(
        "za_id_number",
        Words,
        "dddddd-dddd-[012]-[0-9]-d|dddddd-dddd-ddd",
        &[Date("yymmdd")],
        SOUTH_AFRICA,
    ),
    Number::new("za_tax", Words, "[01239]ddd-ddd-ddd|[01239]ddddddddd", &[], tax!("sars|vat")),
    Number::new(
        "ke_national_id",
        Words,
        "dddddddd|ddddddd",
        &[],
        id!("kenya|huduma|kitambulisho|nssf|nhif|sha"),
    ),
    Number::new("ke_kra_pin", Nothing, "[AP]ddddddddd[A-Z]", &[], "kra|pin"),
    Number::new(
        "tz_nida",
        Words,
        "dddddddd-ddddd-ddddd-dd|dddddddd-dddd-ddddd-dd",
        &[],
        id!("nida|tanzania"),
    ),
    Number::new("ug_nin", Nothing, "C[MF]dddddddxxxx[A-Z]|P[MF]dddddddxxxx[A-Z]", &[], id!("nin|uganda")),
    Number::new("rw_nid", Words, "1-dddd-[78]-ddddddd-d-dd", &[], id!("indangamuntu|rwanda")),
    Number::new("zm_nrc", Groups, "dddddd=dd=[123]", &[], id!("nrc|zambia")),
    Number::new(
        "zw_id",
        Nothing,
        "dd=ddddddd[A-Z]dd|dd=dddddd[A-Z]dd|dd=ddddddd=[A-Z]=dd|dd=dddddd=[A-Z]=dd",
        &[],
        "",
    ),
    Number::new("bw_omang", Words, "dddd[12]dddd", &[], id!("omang|botswana")),
    Number::new("mu_nid", Nothing, "[A-Z]ddddddddddddx", &[Date("_ddmm")], ""),
    // Western and northern Africa
    Number::new(
        "ng_nin",
        Words,
        "ddd-dddd-dddd|ddd-dddd-dddd|ddddddddddd|dddd-ddd-dddd",
        &[],
        id!("nin|nimc|bvn|bank verification|nigeria"),
    ),
    Number::new("ng_tin", Words, "dddddddd-dddd|dddddddddd", &[], tax!("firs|jtb")),
    Number::new(
        "ng_vehicle_registration",
        Groups,
        "[A-Z][A-Z][A-Z]=ddd[A-Z][A-Z]",
        &[],
        "plate|vehicle|registration",
    )
    .of(Kind::Vehicle),
    Number::new("ng_passport", Words, "[AB]-dddddddd", &[], "passport"),
    Number::new("gh_card", Nothing, "GHA-ddddddddd-d", &[], ""),
    Number::new("gh_tin", Words, "[PCGQV]00dddddddd|[PCGQV]00ddddddd[0-9X]", &[], tax!("ghana|gra")),
    Number::new(
        "eg_national_id",
        Words,
        "[23]ddddddddddddd",
        &[Date("_yymmdd")],
        id!("الرقم القومي|القومي|بطاقة|egypt"),
    ),
    Number::new(
        "ma_cin",
        Words,
        "[A-Z][A-Z]-dddddd|[A-Z]-dddddd|[A-Z][A-Z]-ddddd|[A-Z]-ddddd",
        &[],
        id!("cin|cnie|carte nationale|البطاقة الوطنية|maroc|morocco"),
    ),
    Number::new("tn_cin", Words, "[01]ddddddd", &[], id!("cin|carte d identite|بطاقة التعريف|tunisi")),
    Number::new("dz_nin", Words, "[12]ddddddddddddddddd", &[], id!("nin|algeri")),
    Number::new("sn_nin", Words, "[12]-ddd-dddd-ddddd|[12]dddddddddddd", &[], id!("cni|nin|senegal|cedeao")),
    Number::new(
        "et_fan",
        Words,
        "dddd-dddd-dddd-dddd|dddd-dddd-dddd",
        &[],
        id!("fayda|fan|fcn|ethiopia|kebele"),
    ),
];

const SOUTH_AFRICA: &str =
    id!("rsa|south africa|sa id|said|said no|id nommer|identiteit|permanent resident|refugee|home affairs");
