//! The schema of the filter's configuration, the filter itself, and the page about it agree.

use std::fs;

use anyhow::{Context, Result, ensure};
use countersign_core::config::Config;
use countersign_tests::place;
use jsonschema::Validator;
use serde_json::{Value, json};

use crate::page;

fn json_file(path: &str) -> Result<Value> {
    let text =
        fs::read_to_string(place::root().join(path)).with_context(|| format!("cannot read `{path}`"))?;
    serde_json::from_str(&text).with_context(|| format!("`{path}` is no JSON"))
}

/// The schema, with the policy's inside, so that nothing is fetched.
fn schema() -> Result<Validator> {
    let mut schema = json_file("src/core/schema/config.schema.json")?;
    schema["$defs"]["policy"] = json_file("src/core/schema/policy.schema.json")?;
    jsonschema::validator_for(&schema).map_err(|error| anyhow::anyhow!("{error}"))
}

/// The configuration in `envoy/countersign.yaml`, as it stands.
fn reference() -> Result<Value> {
    let text = fs::read_to_string(place::root().join("envoy/countersign.yaml"))?;
    let bootstrap: Value = serde_saphyr::from_str(&text)?;
    let plugin = "/static_resources/listeners/0/filter_chains/0/filters/0/typed_config/http_filters/0/typed_config/config";
    let value = bootstrap.pointer(plugin).context("no plugin")?["configuration"]["value"].as_str();
    serde_json::from_str(value.context("no configuration")?).context("the configuration is no JSON")
}

/// The same with the public keys of a service, as its comment asks for.
fn completed() -> Result<Value> {
    let mut configuration = reference()?;
    configuration["approval"]["jwks"] = json_file("src/wire/vectors/jwks.json")?;
    Ok(configuration)
}

/// What the filter says of a configuration, in an environment with both keys.
fn load(configuration: &Value) -> Result<(), String> {
    let environment = |name: &str| match name {
        "COUNTERSIGN_PEP_KEY" => Some("ab".repeat(32)),
        "COUNTERSIGN_BINDING_KEY" => Some("cd".repeat(32)),
        _ => None,
    };
    let loaded = Config::load(configuration.to_string().as_bytes(), &environment);
    loaded.map(drop).map_err(|error| error.to_string())
}

/// Both take it.
fn taken(schema: &Validator, configuration: &Value, what: &str) -> Result<()> {
    let errors: Vec<String> = schema.iter_errors(configuration).map(|error| error.to_string()).collect();
    ensure!(errors.is_empty(), "the schema refuses {what}: {errors:?}");
    load(configuration).map_err(|error| anyhow::anyhow!("the filter refuses {what}: {error}"))
}

/// Neither takes it.
fn refused(schema: &Validator, configuration: &Value, what: &str) -> Result<()> {
    ensure!(!schema.is_valid(configuration), "the schema takes {what}");
    ensure!(load(configuration).is_err(), "the filter takes {what}");
    Ok(())
}

#[test]
fn the_reference_configuration_is_of_the_schema_and_loads() -> Result<()> {
    let schema = schema()?;
    taken(&schema, &completed()?, "`envoy/countersign.yaml`")?;
    refused(&schema, &reference()?, "a configuration that trusts no key")
}

/// Every object of a document, by its pointer.
fn objects(value: &Value, at: &str, places: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            places.push(at.to_owned());
            for (name, member) in members {
                objects(member, &format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")), places);
            }
        }
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                objects(item, &format!("{at}/{place}"), places);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn an_unknown_key_anywhere_fails_both() -> Result<()> {
    let (schema, mut good) = (schema()?, completed()?);
    good["limits"] = json!({"body_bytes": 1});
    good["answers"] = json!({"pending_status": 503});
    taken(&schema, &good, "the configuration to spoil")?;
    let mut places = Vec::new();
    objects(&good, "", &mut places);
    // A JWK may have members that nobody here knows (RFC 7517 section 4), and groups are named freely.
    places.retain(|place| !place.starts_with("/approval/jwks") && !place.ends_with("/groups"));
    ensure!(places.len() >= 10, "{places:?}");
    for place in places {
        let mut odd = good.clone();
        odd.pointer_mut(&place).context("no such place")?["surprise"] = json!({});
        refused(&schema, &odd, &format!("a surprise at `{place}`"))?;
    }
    Ok(())
}

/// What a bound allows, and what lies beyond it: the place of a member, its parent made where it is missing.
fn with(good: &Value, parent: &str, member: &str, value: Value) -> Value {
    let mut changed = good.clone();
    match parent {
        "" => changed[member] = value,
        parent => changed[parent][member] = value,
    }
    changed
}

#[test]
fn bounds_are_the_same_in_the_schema_and_in_the_filter() -> Result<()> {
    let (schema, good) = (schema()?, completed()?);
    let longest = "x".repeat(253);
    for (parent, member, value) in [
        ("", "client_id", json!(longest)),
        ("approval", "poll", json!("batch")),
        ("binding_key", "kid", json!("a.B_9-")),
        ("destinations", "http", json!(["plain.example", "10.0.0.1", "[::1]"])),
        ("limits", "body_bytes", json!(67_108_864)),
        ("limits", "body_ms", json!(600_000)),
        ("limits", "held", json!(100_000)),
        ("limits", "held_bytes", json!(2_147_483_647)),
        ("limits", "headers", json!(16)),
        ("limits", "header_bytes", json!(8_388_608)),
        ("answers", "pending_status", json!(503)),
        ("answers", "pending_grpc_status", json!(14)),
        ("answers", "jsonrpc_denial_code", json!(-32001)),
    ] {
        taken(&schema, &with(&good, parent, member, value), &format!("`{parent}.{member}`"))?;
    }
    let mut none = json_file("src/wire/vectors/jwks.json")?;
    none["keys"][0]["kty"] = json!("RSA");
    for (parent, member, value) in [
        ("", "client_id", json!("")),
        ("", "client_id", json!(format!("{longest}x"))),
        ("", "client_id", json!("two words")),
        ("", "client_id", json!("quoted\"")),
        ("", "client_id", json!("back\\slash")),
        ("", "client_id", json!("ümlaut")),
        ("", "signing_key", json!({"keyid": "k"})),
        ("", "policy", json!({})),
        ("approval", "poll", json!("never")),
        ("approval", "jwks", none),
        ("binding_key", "kid", json!("a:b")),
        ("destinations", "https", json!(["secure.example"])),
        ("destinations", "http", json!(["user@plain.example"])),
        ("destinations", "default_scheme", json!("ftp")),
        ("limits", "body_bytes", json!(0)),
        ("limits", "body_bytes", json!(67_108_865)),
        ("limits", "body_ms", json!(99)),
        ("limits", "body_ms", json!(600_001)),
        ("limits", "held", json!(0)),
        ("limits", "held", json!(100_001)),
        ("limits", "held_bytes", json!(1_048_575)),
        ("limits", "held_bytes", json!(2_147_483_648_u64)),
        ("limits", "headers", json!(15)),
        ("limits", "headers", json!(10_001)),
        ("limits", "header_bytes", json!(1023)),
        ("limits", "header_bytes", json!(8_388_609)),
        ("answers", "pending_status", json!(200)),
        ("answers", "pending_grpc_status", json!(0)),
        ("answers", "jsonrpc_denial_code", json!(-32600)),
    ] {
        let what = format!("{value} as `{parent}.{member}`");
        refused(&schema, &with(&good, parent, member, value), &what)?;
    }
    for member in ["client_id", "approval", "signing_key", "binding_key", "policy"] {
        let mut lacking = good.clone();
        lacking.as_object_mut().context("no object")?.remove(member);
        refused(&schema, &lacking, &format!("a configuration without `{member}`"))?;
    }
    Ok(())
}

/// The members that a schema names, as `approval.jwks`.
fn members(schema: &Value, under: &str, found: &mut Vec<String>) {
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        let name = if under.is_empty() { name.clone() } else { format!("{under}.{name}") };
        members(member, &name, found);
        found.push(name);
    }
}

#[test]
fn the_page_explains_every_key() -> Result<()> {
    let text = page::text("envoy/README.md")?;
    let mut keys = Vec::new();
    members(&json_file("src/core/schema/config.schema.json")?, "", &mut keys);
    ensure!(keys.len() >= 20, "{keys:?}");
    // A key with members is explained by them.
    let leaf = |key: &&String| !keys.iter().any(|other| other.starts_with(&format!("{key}.")));
    for key in keys.iter().filter(leaf).filter(|key| !key.starts_with("approval.jwks.")) {
        ensure!(text.contains(&format!("| `{key}` |")), "`envoy/README.md` does not explain `{key}`");
    }
    ensure!(text.contains("| `approval.jwks` |"), "`envoy/README.md` does not explain `approval.jwks`");
    Ok(())
}

#[test]
fn the_policy_page_names_every_key_of_a_policy() -> Result<()> {
    let text = page::text("examples/README.md")?;
    let schema = json_file("src/core/schema/policy.schema.json")?;
    let mut keys = Vec::new();
    members(&schema, "", &mut keys);
    for part in schema["$defs"].as_object().context("no `$defs`")?.values() {
        members(part, "", &mut keys);
    }
    keys.sort();
    keys.dedup();
    for key in &keys {
        let last = key.rsplit('.').next().unwrap_or(key);
        ensure!(
            text.contains(&format!("`{last}`")),
            "`examples/README.md` does not name `{last}` (of `{key}`)"
        );
    }
    ensure!(keys.len() >= 30, "{keys:?}");
    Ok(())
}
