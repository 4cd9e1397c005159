//! Where a service is reached, as the keys of catalogs have it: `aws:` and the labels of its hosts before the region.
//!
//! They are the endpoint prefix, what the service's endpoint rules add to it (other names of dual-stack hosts, account
//! endpoints), and what operations put before it with a hyphen. A label before the prefix with a dot needs no key:
//! a lookup drops it.

use serde_json::Value;

use super::model::{Model, object};

/// The keys of a service, the first is its prefix.
pub(super) fn keys(model: &Model, rules: &[Value]) -> Vec<String> {
    let mut labels = vec![model.prefix().to_owned()];
    for operation in model.operations() {
        let before = operation.host_prefix();
        if before.ends_with('-') {
            labels.push(format!("{before}{}", model.prefix()));
        }
    }
    let mut urls = Vec::new();
    for rules in rules {
        urls_of(rules, &mut urls);
    }
    labels.extend(urls.iter().filter_map(|url| labels_of(url)));
    if model.prefix() == "kinesis" {
        labels.extend(["control-kinesis".to_owned(), "data-kinesis".to_owned()]);
    }
    if model.id == "iot-data" {
        labels.extend(["iot".to_owned(), "data.iot".to_owned(), "ats.iot".to_owned()]);
    }
    labels.retain(|label| !label.is_empty() && label != "iot" || model.id.starts_with("iot"));
    labels.into_iter().map(|label| format!("aws:{label}")).collect()
}

/// The name under which CloudTrail records its calls.
pub(super) fn event_source(model: &Model) -> String {
    format!("{}.amazonaws.com", model.signing_name())
}

fn urls_of<'r>(rules: &'r Value, urls: &mut Vec<&'r str>) {
    match rules {
        Value::Object(_) => {
            for (name, value) in object(rules) {
                match value.as_str() {
                    Some(url) if name == "url" => urls.push(url),
                    _ => urls_of(value, urls),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| urls_of(item, urls)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The labels of a host before its region or domain, without those of its caller and the marks of FIPS and dual-stack.
fn labels_of(url: &str) -> Option<String> {
    let host = url.strip_prefix("https://")?;
    let mut labels: Vec<String> = Vec::new();
    for label in host.split('.') {
        if label.contains("{Region}")
            || label.contains("PartitionResult")
            || is_region(label)
            || !labels.is_empty() && is_domain(label)
        {
            break;
        }
        let label = label.strip_suffix("-fips").unwrap_or(label);
        if matches!(label, "dualstack" | "fips") {
            continue;
        }
        // What a caller puts before it says nothing about the service.
        if label.contains('{') || label.contains('#') {
            labels.clear();
            continue;
        }
        labels.push(label.to_owned());
    }
    let whole = labels.join(".");
    let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    (!whole.is_empty() && whole.chars().all(word)).then_some(whole)
}

fn is_region(label: &str) -> bool {
    let mut parts = label.split('-');
    let known = matches!(
        parts.next(),
        Some("us" | "eu" | "ap" | "sa" | "ca" | "me" | "af" | "il" | "cn" | "mx" | "eusc")
    );
    known && parts.next().is_some() || matches!(label, "global" | "us-gov")
}

fn is_domain(label: &str) -> bool {
    matches!(label, "amazonaws" | "api" | "aws" | "on" | "c2s" | "sc2s" | "csp" | "cloud" | "localhost:8000")
}
