//! Asia and the Middle East.
//!
//! Sources: UIDAI (Aadhaar), India's income tax and GST offices, GB 11643 (China), the registries' own descriptions, and
//! the OECD's pages on tax identification numbers.

use super::{id, tax, vat};
use crate::detect::number::Needs::{Groups, Nothing, Words};
use crate::detect::number::Number;
use crate::detect::number::check::Check::{Date, Digits, Luhn, Sum, Varied, Verhoeff};
use crate::detect::number::check::Rule::{Letter, Rest, RestLast};
use crate::kind::Kind;

const INDIA: &str = id!("aadhaar|aadhar|uidai|uid|आधार|vid");
const KOREA: &str =
    id!("rrn|resident registration|주민|korean|주민등록|외국인등록|foreigner registration|frn|arc");
const CHINA: &str = id!("身份证|身份證|证件|公民|resident id|china|chinese");
const THAI: &str = id!("เลขประจำตัว|บัตรประชาชน|ประชาชน|thai|tnin|เลขที่บัตร|เลขบัตร");
const SINGAPORE: &str = id!("nric|fin|singapore");
const MALAYSIA: &str = id!("mykad|nric|kad pengenalan|no kp|ic|ic no|i c|malaysia");
const ISRAEL: &str = id!("תעודת זהות|ת ז|תז|זהות|teudat zehut|tz|israel");

pub(super) const ROWS: &[Number] = &[
    // India
    Number::new("in_aadhaar", Groups, "[2-9]ddd-dddd-dddd", &[Verhoeff, Varied], INDIA),
    Number::new("in_aadhaar", Words, "dddd-dddd-dddd-dddd", &[Verhoeff], INDIA),
    Number::new(
        "in_pan",
        Nothing,
        "[A-Z][A-Z][A-Z][ABCFGHJLPTK][A-Z]-dddd-[A-Z]",
        &[],
        tax!("pan|permanent account|पैन"),
    ),
    Number::new(
        "in_gstin",
        Nothing,
        "[0-9]d-[A-Z][A-Z][A-Z][ABCFGHJLPTK][A-Z]-dddd[A-Z]-[1-9A-Z]Z[0-9A-Z]",
        &[],
        vat!("gst"),
    ),
    Number::new("in_voter", Words, "[A-Z][A-Z][A-Z]-ddddddd", &[], id!("voter|epic|election|मतदाता")),
    Number::new("in_passport", Words, "[A-PR-WY]-ddddddd", &[], "passport|पासपोर्ट"),
    Number::new(
        "in_driving_licence",
        Words,
        "[A-Z][A-Z]-dd-dddd-ddddddd|[A-Z][A-Z]-dddddddddddddd",
        &[],
        "driving|driver|licen|dl",
    ),
    Number::new(
        "in_vehicle_registration",
        Words,
        "[A-Z][A-Z]-dd-[A-Z][A-Z]-dddd|[A-Z][A-Z]-dd-[A-Z]-dddd|[A-Z][A-Z]-d-[A-Z][A-Z]-dddd|dd-BH-dddd-[A-Z][A-Z]",
        &[],
        "vehicle|registration|reg no|plate|car|bike|rto|number plate",
    )
    .of(Kind::Vehicle),
    Number::new("in_uan", Words, "dddd-dddd-dddd", &[], "uan|epfo|provident|pf|esic"),
    Number::new("in_abha", Words, "dd-dddd-dddd-dddd", &[], "abha|health id|ayushman"),
    // Pakistan, Bangladesh, Sri Lanka, Nepal
    Number::new("pk_cnic", Groups, "ddddd=ddddddd=d", &[], id!("cnic|nadra|شناختی")),
    Number::new("pk_cnic", Words, "ddddd-ddddddd-d", &[], id!("cnic|nadra|شناختی|pakistan")),
    Number::new("pk_ntn", Words, "ddddddd-d", &[], tax!("ntn|strn")),
    Number::new("bd_nid", Words, "ddddddddddddddddd|ddddddddddddd|dddddddddd|ddd-ddd-dddd", &[], id!("nid|পরিচয়|bangladesh|voter")),
    Number::new("lk_nic", Nothing, "dd[0-8]dddddd[V]", &[], id!("nic")),
    Number::new("lk_nic", Words, "[12]ddddddddddd|ddddddddd[VX]", &[], id!("nic|sri lanka")),
    Number::new("np_citizenship", Words, "dd-dd-dd-ddddd", &[], id!("nagarikta|नागरिकता|nepal")),
    // China, Taiwan, Hong Kong, Macao
    Number::new(
        "cn_resident_id",
        Nothing,
        "dddddd-dddddddd-ddd[0-9X]",
        &[Date("______yyyymmdd"), Sum("79A584216379A5842", 11, Letter("10X98765432"))],
        CHINA,
    ),
    Number::new("cn_resident_id", Words, "dddddd-dddddddd-ddd[0-9X]", &[Date("______yyyymmdd")], CHINA),
    Number::new("cn_passport", Words, "[EGDPSHK]-dddddddd|[EGDPSHK][A-Z]ddddddd", &[], "护照|護照|passport|通行证|通行證"),
    Number::new("cn_uscc", Words, "[1-9A-Z]dddddddxxxxxxxxxx", &[], "统一社会信用|信用代码|uscc|social credit"),
    Number::new("tw_national_id", Words, "[A-Z]-[1289]dddddddd|[A-Z][A-D]dddddddd", &[], id!("身分證|身份證|統一編號|統編|居留證|taiwan|arc")),
    Number::new("tw_ubn", Words, "dddddddd", &[], vat!("統一編號|統編|ubn")),
    Number::new("hk_hkid", Groups, "[A-Z]dddddd=[0-9A]", &[Sum("87654321", 11, Rest(10))], HONG_KONG),
    Number::new("hk_hkid", Words, "[A-Z][A-Z]-dddddd-[0-9A]|[A-Z]-dddddd-[0-9A]", &[], HONG_KONG),
    Number::new("mo_bir", Words, "[1578]-dddddd-d", &[], id!("bir|身份證|macau|澳門")),
    // Japan, Korea
    Number::new(
        "jp_my_number",
        Words,
        "dddd-dddd-dddd",
        &[Sum("65432765432", 11, Rest(0))],
        id!("マイナンバー|個人番号|my number|mynumber|individual number"),
    ),
    Number::new("jp_corporate_number", Words, "[1-9]-dddd-dddd-dddd", &[], "法人番号|corporate number"),
    Number::new("jp_driving_licence", Words, "dddd-dddd-dddd|dddddddddddd", &[], "免許|licen"),
    Number::new("jp_passport", Words, "[A-Z][A-Z]-ddddddd", &[], "旅券|パスポート|passport"),
    Number::new("jp_residence_card", Words, "[A-Z][A-Z]-dddddddd-[A-Z][A-Z]", &[], "在留|residence card"),
    Number::new("jp_health_insurance", Words, "dddd-dddd|dddddddd", &[], "保険者番号|被保険者|健康保険|基礎年金"),
    Number::new("kr_rrn", Groups, "dddddd=[0-9]dddddd", &[Date("yymmdd")], KOREA),
    Number::new("kr_rrn", Words, "dddddd-[0-9]dddddd", &[Date("yymmdd")], KOREA),
    Number::new("kr_brn", Words, "ddd-dd-ddddd", &[], "brn|사업자|business registration|korea"),
    Number::new("kr_driver_license", Groups, "[12]d=dd=dddddd=dd", &[], ""),
    Number::new("kr_driver_license", Words, "[12]d-dd-dddddd-dd", &[], "운전면허|면허|driver s|driver lic|licen"),
    Number::new("kr_passport", Words, "[MSRODG]-ddd[0-9A-Z]dddd", &[], "여권|passport"),
    // South East Asia
    Number::new("id_nik", Words, "dddddd-dddddd-dddd", &[Date("______Ddmm")], id!("nik|ktp|ktp el|kependudukan|kk|no kk|indonesia")),
    Number::new("id_npwp", Groups, "dd=ddd=ddd=d=ddd=ddd", &[], tax!("npwp")),
    Number::new("id_npwp", Words, "dd-ddd-ddd-d-ddd-ddd", &[], tax!("npwp")),
    Number::new("id_bpjs", Words, "000ddddddddddd|ddddddddddddd|[A-Z]ddddddd", &[], "bpjs|sim|paspor|passport"),
    Number::new("my_nric", Groups, "dddddd=dd=dddd", &[Date("yymmdd")], MALAYSIA),
    Number::new("my_nric", Words, "dddddd-dd-dddd", &[Date("yymmdd")], MALAYSIA),
    Number::new("my_passport", Words, "[AHK]-dddddddd", &[], "passport|pasport"),
    Number::new(
        "sg_nric",
        Nothing,
        "[ST]ddddddd[A-JZ]",
        &[],
        SINGAPORE,
    ),
    Number::new("sg_nric", Nothing, "[FGM]ddddddd[KLMNP-RTUWX]", &[], SINGAPORE),
    Number::new("sg_nric", Words, "[STFGM]-ddddddd-[A-Z]", &[], SINGAPORE),
    Number::new("sg_uen", Nothing, "[TSR]dd[A-Z][A-Z0-9]dddd[A-Z]", &[], ""),
    Number::new("sg_uen", Words, "dddddddd[A-Z]|ddddddddd[A-Z]|[TSR]dd[A-Z][A-Z0-9]dddd[A-Z]", &[], vat!("uen|singapore|acra")),
    Number::new(
        "th_tnin",
        Groups,
        "[1-8]-dddd-ddddd-dd-d",
        &[Sum("DCBA98765432", 11, RestLast)],
        THAI,
    ),
    Number::new("th_passport", Words, "[A-Z][A-Z]ddddddd", &[], "หนังสือเดินทาง|passport"),
    Number::new("vn_cccd", Words, "0ddddddddddd|ddd-ddd-ddd-ddd|ddddddddd", &[], id!("cccd|cmnd|căn cước|can cuoc|chứng minh|chung minh|vietnam")),
    Number::new("vn_mst", Words, "dddddddddd-ddd|dddddddddd", &[], tax!("mst|mã số thuế|ma so thue")),
    Number::new("ph_tin", Groups, "ddd=ddd=ddd=ddd|ddd=ddd=ddd=ddddd", &[Sum("98765432", 11, Rest(11))], PHILIPPINES),
    Number::new("ph_tin", Words, "ddd-ddd-ddd-ddddd|ddd-ddd-ddd-ddd|ddd-ddd-ddd", &[], PHILIPPINES),
    Number::new("ph_umid", Groups, "dddd=ddddddd=d", &[], "umid|crn|sss|gsis"),
    Number::new("ph_sss", Words, "dd-ddddddd-d|dddd-ddddddd-d", &[], "sss|gsis|umid|crn|philhealth|pag ibig|social security"),
    Number::new("ph_philhealth", Words, "dd-ddddddddd-d|dddd-dddd-dddd-dddd|dddd-dddd-dddd", &[], id!("philhealth|pag ibig|hdmf|philsys|pcn|psn|philid")),
    Number::new("ph_passport", Words, "[A-Z]-ddddddd-[A-Z]|[A-Z][A-Z]-ddddddd", &[], "passport|pasaporte"),
    Number::new("mm_nrc", Words, "dd-dddddd|dddddd", &[], "nrc|myanmar"),
    // Middle East and central Asia
    Number::new("il_id", Words, "ddddddddd|dddddddd-d|d-dddd-dddd|d-dddddddd", &[Luhn(0), Varied], ISRAEL),
    Number::new("ae_emirates_id", Nothing, "784-dddd-ddddddd-d", &[], ""),
    Number::new("sa_national_id", Words, "[12]ddddddddd", &[Luhn(0)], id!("هوية|الهوية|اقامة|إقامة|iqama|saudi|السجل المدني")),
    Number::new("kw_civil_id", Words, "[23]ddddddddddd", &[], id!("civil id|المدنية|kuwait|cpr|qid|qatar")),
    Number::new("ir_national_code", Words, "ddd-dddddd-d", &[Varied], id!("کد ملی|شماره ملی|melli|iran")),
    Number::new("iq_id", Words, "dddddddddddd", &[], id!("iraq|البطاقة")),
    Number::new("ae_any", Words, "[A-Z]dddddddd|dddddddddddd|dddddddddd", &[Digits(8)], "جواز|گذرنامه|passport no|passport number|הדרכון|דרכון"),
];

const HONG_KONG: &str = id!("hkid|身份證|身份证|香港|hong kong");
const PHILIPPINES: &str = tax!("bir|philippine");
