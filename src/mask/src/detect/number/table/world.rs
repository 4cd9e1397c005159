//! What is alike in many states: passports, driving licences, insurance and patient numbers, bank accounts, plates,
//! vehicle identification numbers, postcodes.
//!
//! These rows are wide: their words decide. Sources: ICAO Doc 9303 (passports), ISO 3779 (VIN), 49 CFR 565 (its check
//! digit), Royal Mail's Programmers' Guide (postcodes), ABA, APCA, Banxico (CLABE), and what the banks publish.

use crate::detect::number::Needs::{Groups, Nothing, Words};
use crate::detect::number::Number;
use crate::detect::number::check::Check::{Begins, Digits, Luhn, Sum, Varied};
use crate::detect::number::check::Rule::{Only, Rest};
use crate::kind::Kind;

const PASSPORT: &str = "passport|reisepass|pass nr|passnummer|passeport|pasaporte|passaporto|passaporte|paspoort|paszport|\
    pasaport|pasport|paspor|passi|passnr|vegabref|utlevel|pasas|putovnica|pasos|паспорт|διαβατηρι|护照|護照|旅券|パスポート|여권|\
    पासपोर्ट|جواز|دركون|דרכון|หนังสือเดินทาง|hộ chiếu|ho chieu|travel document|visa no|visa number";
const LICENCE: &str = "driver s|drivers|driver lic|driver no|driver id|driving lic|licence no|licence number|license no|license number|my licen|licence|license is|\
    dl no|dl number|dl|fuhrerschein|fahrerlaubnis|permis de conduire|permis|carnet de conducir|\
    licencia de conduc|patente|carta de conducao|habilitacao|rijbewijs|prawo jazdy|korkort|forerkort|ajokortti|ridicsky|\
    vodicak|jogositvany|surucu|ehliyet|водительск|άδεια οδήγησης|驾驶证|駕照|免許|운전면허";
const HEALTH: &str = "mrn|medical record|patient no|patient number|health card|health insurance|insurance number|insurance no|\
    insurance id|member number|policy holder|versichert|assure|medicaid|medicare|\
    student no|student number|employee no|employee number|matrikel|personalnummer|badge number|inmate|alien number|\
    a number|uscis|green card|global entry|known traveler|ktn|redress|military id|dod id|voter id|voter registration";
const IDENTITY: &str = "national id|national insurance|id number|identity card|identity number|identification number|id card|\
    personal number|personal id|citizen id|citizenship|tax id|tax identification|taxpayer|tax number|tin|ssn|social security|\
    social insurance|personalausweis|ausweis|personennummer|dni|documento|cedula|numero de identidad|carte d identite|\
    carta d identita|codice fiscale|identiteitskaart|legitimatie|henkilotunnus|personnummer|personal code|dowod|obcansky|\
    szemelyi|kimlik|carnet|ktp|nik|身份|身分|証|주민|удостоверение|документ|ταυτοτητ|هوية|זהות|บัตรประชาชน|पहचान|fiscal number|nif|nie|nino";
const PLATE: &str = "plate|number plate|licence plate|license plate|registration no|registration number|registration mark|vehicle registration|reg no|reg number|vehicle|car|rego|vrn|vrm|kennzeichen|\
    kfz|fahrzeug|nummernschild|immatricul|plaque|matricula|placa|targa|kenteken|nummerplaat|rejestrac|tablica|registrering|\
    nummerplat|rekisteri|spz|rendszam|plaka|arac|госномер|номер авто|гос номер|автомоб|πινακίδα|车牌|車牌|ナンバー|차량|번호판|प्लेट|لوحة|biển số";
const UK_AREAS: &str = "AB AL B BA BB BD BF BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN EX FK FY G \
    GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE NG NN NP NR NW OL OX \
    PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC WD WF WN WR WS \
    WV YO ZE";

pub(super) const ROWS: &[Number] = &[
    // Banks
    Number::new("aba_routing", Groups, "dddd=dddd=d", &[Sum("371371371", 10, Only(0)), Begins(ABA)], ROUTING).of(Kind::BankAccount),
    Number::new("aba_routing", Words, "ddddddddd", &[Sum("371371371", 10, Only(0)), Varied], ROUTING).of(Kind::BankAccount),
    Number::new("uk_sort_code", Words, "dd-dd-dd", &[], "sort code|sortcode|sort").of(Kind::BankAccount),
    Number::new("au_bsb", Words, "ddd-ddd", &[], "bsb").of(Kind::BankAccount),
    Number::new("mx_clabe", Nothing, "ddd-ddd-ddddddddddd-d", &[Sum("37137137137137137", 10, Rest(0)), Begins("002 012 014 021 030 036 044 058 072 127 137 638 646 722 706 728")], "clabe|cuenta|banc")
        .of(Kind::BankAccount),
    Number::new("br_pix", Words, "dddd-d|dddd", &[], "agencia").of(Kind::BankAccount),
    Number::new("in_ifsc", Words, "[A-Z][A-Z][A-Z][A-Z]0xxxxxx", &[Digits(3)], "ifsc|rtgs|neft|branch").of(Kind::BankAccount),
    Number::new(
        "bank_account",
        Words,
        "dddddddddddddddddddddd|ddddddddddddddddddddd|dddddddddddddddddddd|ddddddddddddddddddd|dddddddddddddddddd|ddddddddddddddddd|\
         ddddddddddddddd-d|ddddddddddddddd|dddd-dddd-dddddd|ddddddddddddd|dddd-dddd-dddd|ddddddddddd|dddddddddd|ddddddddd|\
         dddd-dddd|ddddddd|dddddd",
        &[],
        ACCOUNT_NUMBER,
    )
    .of(Kind::BankAccount),
    // Papers
    Number::new(
        "passport",
        Words,
        "lldddddddd|ll-ddddddd|l-dddddddd|dddddddddd|l-ddddddd|ll-dddddd|lll-dddddd|ddlldddddd|ddddddddd|dd-ddddddd|dddddddd|ddlldddd|xxxxxxxxx",
        &[Digits(4)],
        PASSPORT,
    ),
    Number::new(
        "driver_license",
        Words,
        "lxxxxxxxxxxxxxxxxx|lxxxxxxxxxxxxxxxx|lxxxxxxxxxxxxxxx|lxxxxxxxxxxxxxx|lddd-dddd-dddd-dd|lddd-ddd-dd-ddd-d|l-dddd-ddddd-ddddd|lxxxxxxxxxxxxx|\
         dddd-dddd-dddd|lxxxxxxxxxxx|lddd-ddd-dd-ddd|lddd-dddd-dddd|lxxxxxxxxxx|xxxxxxxxxx|ddd-dd-dddd|ddd-ddd-ddd|xxxxxxxxx|xxxxxxxx|ldddddd|ddddddd",
        &[Digits(4)],
        LICENCE,
    ),
    Number::new(
        "member_number",
        Words,
        "lll-ddd-ddd-ddd|xxxxxxxxxxxx|lll-ddd-ddd|lll-dddddddd|lll-ddddddd|lll-dddddd|lldddddddd|ll-ddddddd|ll-dddddd|l-ddd-ddd-ddd|l-dddddddd|l-ddddddd|\
         l-dddddd|dddd-ddd-ddd|dddddddddd|ddddddddd|dddddddd|ddddddd|dddddd|lxxxxx",
        &[Digits(5)],
        HEALTH,
    ),
    Number::new(
        "national_id",
        Words,
        "xxxxxxxxxxxxxxxxxx|xxxxxxxxxxxxxxx|xxxxxxxxxxxxxx|dddddd-dddd-ddd|dddd-ddddd-dddd|xxxxxxxxxxxxx|dddd-dddd-dddd|ddd-ddd-ddd-ddd|xxxxxxxxxxxx|\
         dd-ddd-ddd-ddd|ddd-dddd-dddd|xxxxxxxxxxx|d-ddd-ddd-ddd|dddddd-dddd|ddd-ddd-dddd|xxxxxxxxxx|ddd-ddd-ddd|ddd-dd-dddd|xxxxxxxxx|dd-ddd-ddd|xxxxxxxx",
        &[Digits(6), Varied],
        IDENTITY,
    ),
    Number::new("imei", Words, "dd-dddddd-dddddd-d", &[Luhn(0)], "imei|device"),
    // Vehicles
    Number::new("vin", Words, "[1-9A-HJ-NPR-Z][0-9A-HJ-NPR-Z]xxxxxxxxxxx[0-9A-Z]ddd", &[Digits(5)], "vin|chassis|vehicle|fahrgestell|fin|chasis|telaio|bastidor|car|vehicule|fahrzeug|identificacion vehicular")
        .of(Kind::Vehicle),
    Number::new(
        "license_plate",
        Words,
        "lll-ll-dddd|ll-dd-ll-dddd|ll-dd-l-dddd|dd-lll-dddd|lll-ll-ddd|lll-l-dddd|ll-ll-dddd|lldd-lll|dd-lll-ddd|ll-l-dddd|ll-ll-ddd|ll-ddd-ll|\
         l-ll-dddd|dd-ll-dddd|dd-l-dddd|dd-ll-ddd|dd-lll-dd|lll-dddd|llld-xdd|lll-ll-dd|dd-l-ddd|ddd-lll|lll-ddd|dddd-lll|l-ddd-ll-dd|l-ddd-ll-ddd|ldddll-dd|ldddll-ddd|\
         l-ll-ddd|l-l-dddd|ll-ll-d|ll-l-ddd|l-l-ddd|dd-ll-ll|ll-dd-ll|dd-lll-d|d-lll-ddd|d-lll-dd|ll-dddd|ll-ddddd|l-ll-dd|dddd-ll|l-dddd|lldddll|ddlll-d|lll-dd-d|dddlll",
        &[Digits(2)],
        PLATE,
    )
    .of(Kind::Vehicle),
    // Postcodes
    Number::new(
        "uk_postcode",
        Groups,
        "[A-Z][A-Z]d[0-9A-Z]=d[ABD-HJLNP-UW-Z][ABD-HJLNP-UW-Z]|[A-Z]d[0-9A-Z]=d[ABD-HJLNP-UW-Z][ABD-HJLNP-UW-Z]|\
         [A-Z][A-Z]d=d[ABD-HJLNP-UW-Z][ABD-HJLNP-UW-Z]|[A-Z]d=d[ABD-HJLNP-UW-Z][ABD-HJLNP-UW-Z]|GIR=0AA",
        &[Begins(UK_AREAS)],
        "",
    )
    .of(Kind::Address),
    Number::new(
        "uk_postcode",
        Words,
        "[A-Z][A-Z]d[0-9A-Z]-dll|[A-Z]d[0-9A-Z]-dll|[A-Z][A-Z]d-dll|[A-Z]d-dll",
        &[Begins(UK_AREAS)],
        "postcode|post code|postal code|zip|address|london",
    )
    .of(Kind::Address),
    Number::new(
        "ca_postal_code",
        Groups,
        "[ABCEGHJ-NPRSTVXY]d[ABCEGHJ-NPRSTV-Z]=d[ABCEGHJ-NPRSTV-Z]d",
        &[],
        "postal|zip|address|code postal|adresse",
    )
    .of(Kind::Address),
];

const ROUTING: &str = "routing|aba|rtn|aba number|transit number|wire|bank";
const ABA: &str = "0 1 2 3 6 7 8";
const ACCOUNT_NUMBER: &str = "account number|account no|account nr|acct|a c no|a c number|bank account|checking account|savings account|\
    konto nr|kontonummer|kontonr|numero de compte|compte bancaire|numero de cuenta|cuenta bancaria|cuenta corriente|\
    conto corrente|numero di conto|conta corrente|conta bancaria|rekeningnummer|numer rachunku|nr rachunku|rachunek|cislo uctu|\
    szamlaszam|hesap no|hesap numara|номер счета|номер счёта|расчетный счет|р с|口座番号|账号|賬號|帐号|帳號|银行账户|계좌|beneficiary account|\
    nuban|clabe|cbu|cvu|sort code|bsb|iban|rib";
