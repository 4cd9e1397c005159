//! Tokens that are no grants, though each is as close to one as its forger could make it: the claims are the honest ones, and
//! most bear the service's own signature over exactly the forged header. Not one is redeemed, and nothing leaves.

use std::thread;

use anyhow::{Context, Result, ensure};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_tests::backend::{Grant, Step};
use countersign_tests::setting::host;
use countersign_wire::digest::{Secret, b64url};
use countersign_wire::grant::GrantClaims;
use countersign_wire::jws::Issuer;
use countersign_wire::names;
use serde_json::{Value, json};

use crate::shared::{A_WHILE, export, failed, shared, works};

type Forge = fn(&GrantClaims, &Issuer) -> String;

/// Nobody's key but the forger's.
fn stranger() -> Issuer {
    Issuer::from_seed(&[66; 32])
}

fn head(issuer: &Issuer) -> Value {
    json!({"alg": "Ed25519", "kid": issuer.kid(), "typ": names::GRANT_TYP})
}

/// The honest header with one member set.
fn with(issuer: &Issuer, name: &str, value: Value) -> String {
    let mut head = head(issuer);
    head[name] = value;
    head.to_string()
}

/// The honest header without one member.
fn without(issuer: &Issuer, name: &str) -> String {
    let mut head = head(issuer);
    if let Some(members) = head.as_object_mut() {
        members.remove(name);
    }
    head.to_string()
}

fn unsigned(head: &str, claims: &str) -> String {
    format!("{}.{}", b64url(head.as_bytes()), b64url(claims.as_bytes()))
}

/// A token of any header and claims, signed by any key.
fn signed(head: &str, claims: &str, by: &Issuer) -> String {
    let signed = unsigned(head, claims);
    format!("{signed}.{}", b64url(&by.sign_bytes(signed.as_bytes())))
}

fn text(claims: &GrantClaims) -> String {
    json!(claims).to_string()
}

/// A token of another header under the service's own signature.
fn headed(head: &str, claims: &GrantClaims, issuer: &Issuer) -> String {
    signed(head, &text(claims), issuer)
}

fn honest(claims: &GrantClaims, issuer: &Issuer) -> String {
    headed(&head(issuer).to_string(), claims, issuer)
}

/// A token whose MAC has this key: what a verifier accepts that lets the token choose between MAC and signature.
fn keyed(claims: &GrantClaims, issuer: &Issuer, key: [u8; 32]) -> String {
    let signed = unsigned(&with(issuer, "alg", json!("HS256")), &text(claims));
    format!("{signed}.{}", b64url(&Secret::new(key).hmac(&[signed.as_bytes()])))
}

fn public(issuer: &Issuer) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(issuer.jwk().x).unwrap_or_default()
}

/// The honest token with its signature changed.
fn resigned(claims: &GrantClaims, issuer: &Issuer, change: fn(&mut [u8; 64])) -> String {
    let signed = unsigned(&head(issuer).to_string(), &text(claims));
    let mut signature = issuer.sign_bytes(signed.as_bytes());
    change(&mut signature);
    format!("{signed}.{}", b64url(&signature))
}

/// The order of the group, little-endian (RFC 8032, section 5.1).
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// The same signature to a verifier that does not insist on the smallest S.
fn add_order(signature: &mut [u8; 64]) {
    let mut carry = 0u16;
    for (byte, more) in signature.iter_mut().skip(32).zip(ORDER) {
        carry += u16::from(*byte) + u16::from(more);
        *byte = carry.to_le_bytes()[0];
        carry >>= 8;
    }
}

const FORGERIES: [(&str, Forge); 43] = [
    ("alg none, unsigned", |c, i| format!("{}.", unsigned(&with(i, "alg", json!("none")), &text(c)))),
    ("alg none, signed", |c, i| headed(&with(i, "alg", json!("none")), c, i)),
    ("alg None, unsigned", |c, i| format!("{}.", unsigned(&with(i, "alg", json!("None")), &text(c)))),
    ("HS256 with the public key", |c, i| keyed(c, i, public(i).try_into().unwrap_or_default())),
    ("HS256 with zeros", |c, i| keyed(c, i, [0; 32])),
    ("alg EdDSA", |c, i| headed(&with(i, "alg", json!("EdDSA")), c, i)),
    ("alg ed25519", |c, i| headed(&with(i, "alg", json!("ed25519")), c, i)),
    ("alg Ed25519ph", |c, i| headed(&with(i, "alg", json!("Ed25519ph")), c, i)),
    ("alg Ed448", |c, i| headed(&with(i, "alg", json!("Ed448")), c, i)),
    ("alg ES256", |c, i| headed(&with(i, "alg", json!("ES256")), c, i)),
    ("alg as a list", |c, i| headed(&with(i, "alg", json!(["Ed25519"])), c, i)),
    ("alg null", |c, i| headed(&with(i, "alg", Value::Null), c, i)),
    ("no alg", |c, i| headed(&without(i, "alg"), c, i)),
    ("jku", |c, i| headed(&with(i, "jku", json!("https://evil.test/jwks")), c, i)),
    ("our own jwk embedded", |c, i| headed(&with(i, "jwk", json!(i.jwk())), c, i)),
    ("the forger's jwk embedded", |c, i| {
        let forger = stranger();
        headed(&with(i, "jwk", json!(forger.jwk())), c, &forger)
    }),
    ("x5u", |c, i| headed(&with(i, "x5u", json!("https://evil.test/cert")), c, i)),
    ("x5c", |c, i| headed(&with(i, "x5c", json!(["MIIB"])), c, i)),
    ("typ JWT", |c, i| headed(&with(i, "typ", json!("JWT")), c, i)),
    ("typ of a receipt", |c, i| headed(&with(i, "typ", json!(names::RECEIPT_TYP)), c, i)),
    ("typ in capitals", |c, i| headed(&with(i, "typ", json!(names::GRANT_TYP.to_ascii_uppercase())), c, i)),
    ("no typ", |c, i| headed(&without(i, "typ"), c, i)),
    ("crit", |c, i| headed(&with(i, "crit", json!(["exp"])), c, i)),
    ("b64 false", |c, i| headed(&with(i, "b64", json!(false)), c, i)),
    ("an unknown kid", |c, _| honest(c, &stranger())),
    ("our kid, the forger's signature", |c, i| headed(&head(i).to_string(), c, &stranger())),
    ("the forger's kid, our signature", |c, i| headed(&head(&stranger()).to_string(), c, i)),
    ("no kid", |c, i| headed(&without(i, "kid"), c, i)),
    ("kid as a path", |c, i| headed(&with(i, "kid", json!("../../../dev/null")), c, i)),
    ("alg twice", |c, i| headed(&head(i).to_string().replacen('{', "{\"alg\":\"none\",", 1), c, i)),
    ("a claim twice", |c, i| {
        let claims = text(c).replacen('{', "{\"decision\":\"denied\",", 1);
        signed(&head(i).to_string(), &claims, i)
    }),
    ("padding", |c, i| honest(c, i) + "=="),
    ("a space before", |c, i| format!(" {}", honest(c, i))),
    ("bits to spare", |c, i| {
        // The last character holds four bits that no byte needs; the honest one leaves them zero.
        let mut token = honest(c, i);
        let last = token.pop().map_or('B', |last| char::from(u8::try_from(last).unwrap_or(b'A') + 1));
        token.push(last);
        token
    }),
    ("over 8 KiB", |c, i| {
        let claims = text(c).replacen('{', &format!("{{\"pad\":\"{}\",", "x".repeat(8192)), 1);
        signed(&head(i).to_string(), &claims, i)
    }),
    ("four parts", |c, i| honest(c, i) + ".e30"),
    ("two parts", |c, i| unsigned(&head(i).to_string(), &text(c))),
    ("the JSON form", |c, i| {
        let token = honest(c, i);
        let parts: Vec<&str> = token.split('.').collect();
        json!({"protected": parts[0], "payload": parts[1], "signature": parts[2]}).to_string()
    }),
    ("claims that are a list", |c, i| signed(&head(i).to_string(), &format!("[{}]", text(c)), i)),
    ("another claim after signing", |c, i| {
        let token = honest(c, i);
        let signature = token.rsplit('.').next().unwrap_or_default();
        let mut other = c.clone();
        other.exp += 1;
        format!("{}.{signature}", unsigned(&head(i).to_string(), &text(&other)))
    }),
    ("a signature of zeros", |c, i| resigned(c, i, |signature| *signature = [0; 64])),
    ("S over the order", |c, i| resigned(c, i, add_order)),
    ("a commitment of small order", |c, i| {
        resigned(c, i, |signature| {
            *signature = [0; 64];
            signature[0] = 1;
        })
    }),
];

#[test]
fn no_forged_token_moves_a_byte_and_each_is_recorded() -> Result<()> {
    let setting = shared()?;
    let mut held = Vec::new();
    for (name, forge) in FORGERIES {
        let host = host("held.test");
        let exchange = setting.agent().http1(&export(&host))?;
        let task = setting.backend.task(&host)?;
        setting.backend.grant(&task, Grant::forged(forge))?;
        held.push((name, host, task, exchange));
    }
    let mut at_fault = Vec::new();
    for (name, host, task, exchange) in held {
        let answer = exchange.answer().context(name)?;
        let code = failed(&setting, &task.id).context(name)?;
        let redeemed = setting.backend.asked(&host, Step::Redeem).len();
        if answer.status != 403 || code != "grant_token" || redeemed != 0 {
            at_fault.push(format!("{name}: told {}, recorded `{code}`, {redeemed} redeems", answer.status));
        }
        thread::sleep(A_WHILE / 20);
        if setting.upstream.count(&host) != 0 {
            at_fault.push(format!("{name}: it left"));
        }
    }
    ensure!(at_fault.is_empty(), "{at_fault:#?}");
    Ok(())
}

/// The forgeries are made of something that is good: or none of them would show anything.
#[test]
fn the_token_that_is_forged_is_a_grant() -> Result<()> {
    let setting = shared()?;
    let host = host("held.test");
    let exchange = setting.agent().http1(&export(&host))?;
    let task = setting.backend.task(&host)?;
    setting.backend.grant(&task, Grant::forged(honest))?;
    let answer = exchange.answer()?;
    ensure!(
        answer.status == 200 && setting.upstream.count(&host) == 1,
        "{} {}",
        answer.status,
        answer.text()
    );
    works(&setting, &countersign_tests::setting::host("held.test"))
}
