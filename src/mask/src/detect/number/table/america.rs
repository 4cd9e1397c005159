//! The Americas.
//!
//! Sources: SSA, IRS, CMS (MBI, NPI), DEA, the Canada Revenue Agency, and what Latin America's tax offices and registries
//! publish; the OECD's pages on tax identification numbers.

use super::{id, tax, vat};
use crate::detect::number::Needs::{Groups, Nothing, Words};
use crate::detect::number::Number;
use crate::detect::number::check::Check::{Date, Luhn, Not, Sum, Varied};
use crate::detect::number::check::Rule::{Is, Rest};

const SSN: &str =
    "ssn|social security|social insurance|soc sec|ss no|ssns|seguro social|itin|tin|tax id|taxpayer";
const BRAZIL: &str = id!("cpf|cadastro de pessoa|cic|contribuinte");

pub(super) const ROWS: &[Number] = &[
    // United States. Areas 000, 666 and 9xx, group 00 and serial 0000 are never issued (SSA, "randomization", 2011).
    Number::new("us_ssn", Groups, "ddd=[1-9]d=dddd|ddd=0[1-9]=dddd", &[Not("000 666 9")], SSN),
    Number::new("us_itin", Groups, "9dd=[5-9]d=dddd", &[], SSN),
    Number::new("us_ssn", Words, "ddd-dd-dddd", &[Not("000 666"), Varied], SSN),
    Number::new(
        "us_mbi",
        Nothing,
        "[1-9][AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y]d-[AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y]d-[AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y]dd",
        &[],
        "mbi|medicare|beneficiary|patient",
    ),
    Number::new(
        "us_npi",
        Words,
        "[12]ddddddddd|[12]ddd-ddd-ddd",
        &[Luhn(24)],
        "npi|provider|national provider|physician",
    ),
    Number::new(
        "us_dea",
        Nothing,
        "[A-HJ-MPR-UX][A-Z9]ddddddd",
        &[Sum("00121212", 10, Is(11))],
        "dea|certificate|prescri|registration|drug enforcement",
    ),
    Number::new("us_ein", Words, "dd-ddddddd", &[], "ein|employer id|fein|tax id|federal tax"),
    // Canada
    Number::new(
        "ca_sin",
        Words,
        "[1-79]dd-ddd-ddd",
        &[Luhn(0), Varied],
        id!("sin|nas|social insurance|assurance sociale|numero d assurance"),
    ),
    Number::new(
        "ca_health_card",
        Words,
        "dddd-ddd-ddd-[A-Z][A-Z]|dddd-ddd-ddd|[A-Z][A-Z][A-Z][A-Z]-dddd-dddd",
        &[],
        "health card|ohip|ramq|carte soleil|health number|msp|assurance maladie",
    ),
    Number::new("ca_ramq", Nothing, "[A-Z][A-Z][A-Z][A-Z]=dd[0156]d=dddd", &[Date("____yyMMdd")], ""),
    // Brazil
    Number::new(
        "br_cpf",
        Groups,
        "ddd-ddd-ddd-dd|ddddddddd-dd",
        &[Sum("A98765432", 11, Rest(0)), Sum("BA98765432", 11, Rest(0)), Varied],
        BRAZIL,
    ),
    Number::new(
        "br_cnpj",
        Groups,
        "dd-ddd-ddd-dddd-dd",
        &[Sum("543298765432", 11, Rest(0)), Sum("6543298765432", 11, Rest(0)), Varied],
        vat!("cnpj"),
    ),
    Number::new("br_cnpj", Nothing, "xx=xxx=xxx=xxxx=dd", &[Varied], ""),
    Number::new(
        "br_rg",
        Words,
        "dd-ddd-ddd-[0-9X]|[A-Z][A-Z]-dd-ddd-ddd|d-ddd-ddd-d|d-ddd-ddd",
        &[],
        id!("rg|registro geral|carteira de identidade"),
    ),
    Number::new(
        "br_cnh",
        Words,
        "ddddddddddd",
        &[],
        "cnh|habilitacao|pis|pasep|nis|nit|titulo|cns|sus|cartao sus",
    ),
    Number::new("br_pis", Groups, "ddd=ddddd=dd=d", &[], "pis|pasep|nis|nit"),
    Number::new("br_voter", Words, "dddd-dddd-dddd", &[], "titulo de eleitor|titulo eleitoral"),
    Number::new("br_cns", Words, "[1-2789]dd-dddd-dddd-dddd", &[], "cns|cartao nacional|sus"),
    // Mexico
    Number::new(
        "mx_curp",
        Nothing,
        "[A-Z][AEIOUX][A-Z][A-Z]dddddd[HMX][A-Z][A-Z][A-Z][A-Z][A-Z][0-9A-Z]d",
        &[Date("____yymmdd")],
        "curp",
    ),
    Number::new("mx_rfc", Nothing, "[A-Z][A-Z][A-Z][A-Z]-dddddd-xx[0-9A]", &[Date("____yymmdd")], "rfc"),
    Number::new("mx_rfc", Words, "[A-Z][A-Z][A-Z]-dddddd-xx[0-9A]", &[Date("___yymmdd")], vat!("rfc")),
    Number::new("mx_nss", Words, "dd-dd-dd-dddd-d|ddddddddddd", &[], "nss|imss|seguro social"),
    Number::new("mx_ine", Words, "[A-Z][A-Z][A-Z][A-Z][A-Z][A-Z]dddddddd[HM]ddd", &[], "ine|ife|elector"),
    // Argentina, Chile, Uruguay, Paraguay
    Number::new(
        "ar_cuit",
        Groups,
        "[235]d-dddddddd-d",
        &[Sum("5432765432", 11, Rest(9))],
        id!("cuit|cuil|afip"),
    ),
    Number::new("ar_dni", Words, "dd-ddd-ddd|d-ddd-ddd", &[], id!("dni|documento|doc|libreta")),
    Number::new("cl_rut", Groups, "dd=ddd=ddd=[0-9K]", &[Sum("32765432", 11, Rest(10))], CHILE),
    Number::new("cl_rut", Groups, "d=ddd=ddd=[0-9K]", &[Sum("2765432", 11, Rest(10))], CHILE),
    Number::new("cl_rut", Words, "dd-ddd-ddd-[0-9K]", &[Sum("32765432", 11, Rest(10))], CHILE),
    Number::new("cl_rut", Words, "d-ddd-ddd-[0-9K]", &[Sum("2765432", 11, Rest(10))], CHILE),
    Number::new("uy_ci", Groups, "d=ddd=ddd=d", &[Sum("2987634", 10, Rest(0))], LATIN),
    Number::new("uy_rut", Words, "dddddddddddd", &[], vat!("rut|dgi")),
    Number::new(
        "py_ci",
        Words,
        "d-ddd-ddd|dddddd-d|ddddddd-d|dddddddd-d",
        &[],
        vat!("ruc|cedula|ci|paraguay"),
    ),
    // Andes
    Number::new("co_nit", Groups, "ddd=ddd=ddd=d", &[Sum("847186273", 11, Rest(1))], vat!("nit")),
    Number::new(
        "co_cedula",
        Words,
        "d-ddd-ddd-ddd|dd-ddd-ddd|ddd-ddd-ddd-d",
        &[],
        id!("cedula|cc|c c|nit|ciudadania|nuip|ti|documento"),
    ),
    Number::new(
        "ec_cedula",
        Words,
        "[0-3]ddddddddd-d|[0-3]ddddddddd|[0-3]dddddddd-d|[0-3]ddddddddd001",
        &[],
        id!("cedula|ruc|ci|ecuador"),
    ),
    Number::new("pe_ruc", Words, "[12]dddddddddd|dddddddd", &[], id!("ruc|dni|documento|sunat|carne")),
    Number::new("bo_ci", Words, "ddddddd|dddddddd", &[], id!("carnet|ci|cedula|bolivia")),
    Number::new(
        "ve_cedula",
        Words,
        "[VEJGP]-dd-ddd-ddd|[VEJGP]-d-ddd-ddd|[VEJGP]-dddddddd-d|[VE]-dddddddd",
        &[],
        id!("cedula|rif|ci|venezuela"),
    ),
    Number::new("ve_cedula", Groups, "[VE]=dd=ddd=ddd|[VEJGP]=dddddddd=d", &[], ""),
    // Central America and the Caribbean
    Number::new("do_cedula", Groups, "ddd-ddddddd-d", &[Luhn(0)], LATIN),
    Number::new("gt_dpi", Words, "dddd-ddddd-dddd", &[], id!("dpi|cui|guatemala")),
    Number::new("cr_cedula", Words, "[1-9]-dddd-dddd|dd-dddd-dddd", &[], LATIN),
    Number::new(
        "pa_cedula",
        Words,
        "[1-9]-ddd-dddd|[1-9]-dddd-ddddd|[1-9]-ddd-ddddd|dd-ddd-dddd",
        &[],
        LATIN,
    ),
    Number::new("sv_dui", Words, "dddddddd-d|dddd-dddddd-ddd-d", &[], id!("dui|nit|salvador")),
    Number::new("hn_id", Words, "dddd-dddd-ddddd", &[], LATIN),
    Number::new("ni_cedula", Nothing, "ddd-dddddd-dddd[A-Y]", &[Date("___ddmm")], ""),
    Number::new("cu_id", Words, "ddddddddddd", &[Date("yymmdd")], id!("carne de identidad|cuba|ci")),
    Number::new("jm_trn", Words, "ddd-ddd-ddd", &[], tax!("trn")),
];

const CHILE: &str = id!("rut|run|cedula|r u t");
const LATIN: &str = id!("cedula|ci|c i|documento|identidad|rtn|rnc");
