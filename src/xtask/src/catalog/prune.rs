//! What need not be in a pack: reads that the filter knows for reads without it.
//!
//! The pack of AWS is the largest by far, and a pack is paid for in every worker of every proxy. An operation that reads,
//! that the grammar of its protocol already takes for a read, and whose place no stricter operation of the pack would take,
//! tells the filter nothing. The services whose reads people write rules about keep all of theirs ([`KEPT`]).

use anyhow::Result;
use countersign_core::{
    action::{Class, Decoded, Decoders},
    call::{Body, Call, Destinations, HeaderMap},
    catalog::{Catalog, CatalogDoc, ServiceDoc},
};

/// Services of which reads are named in rules: what holds data, secrets, identities, code and keys.
const KEPT: [&str; 16] = [
    "s3.amazonaws.com",
    "dynamodb.amazonaws.com",
    "kinesis.amazonaws.com",
    "sqs.amazonaws.com",
    "lambda.amazonaws.com",
    "iam.amazonaws.com",
    "sts.amazonaws.com",
    "ssm.amazonaws.com",
    "secretsmanager.amazonaws.com",
    "kms.amazonaws.com",
    "ecr.amazonaws.com",
    "athena.amazonaws.com",
    "glue.amazonaws.com",
    "logs.amazonaws.com",
    "organizations.amazonaws.com",
    "bedrock.amazonaws.com",
];

/// How often what was left out is looked at again: each time puts back what would be taken for something else.
const ROUNDS: usize = 4;

/// The documents without what tells the filter nothing.
pub(super) fn pruned(whole: &[ServiceDoc]) -> Result<Vec<ServiceDoc>> {
    let grammar = decoders(&[])?;
    let mut kept: Vec<Vec<bool>> = whole
        .iter()
        .map(|service| {
            let tells =
                |on: &str, class| class != Class::ReadOnly || class_of(&grammar, service, on) != Some(class);
            let always = KEPT.contains(&service.service.as_str());
            service
                .operations
                .iter()
                .map(|operation| always || tells(&operation.on, operation.class))
                .collect()
        })
        .collect();
    for _ in 0..ROUNDS {
        let rest = decoders(&left(whole, &kept))?;
        let mut put_back = false;
        for (service, kept) in whole.iter().zip(&mut kept) {
            for (operation, kept) in service.operations.iter().zip(kept) {
                if !*kept && class_of(&rest, service, &operation.on) != Some(Class::ReadOnly) {
                    *kept = true;
                    put_back = true;
                }
            }
        }
        if !put_back {
            break;
        }
    }
    Ok(left(whole, &kept))
}

fn left(whole: &[ServiceDoc], kept: &[Vec<bool>]) -> Vec<ServiceDoc> {
    let service = |(service, kept): (&ServiceDoc, &Vec<bool>)| {
        let operations = service.operations.iter().zip(kept).filter(|(_, kept)| **kept);
        ServiceDoc {
            operations: operations.map(|(operation, _)| operation.clone()).collect(),
            ..ServiceDoc { operations: Vec::new(), ..service.clone() }
        }
    };
    whole.iter().zip(kept).map(service).filter(|service| !service.operations.is_empty()).collect()
}

fn decoders(services: &[ServiceDoc]) -> Result<Decoders> {
    let document = CatalogDoc { packs: Some(Vec::new()), services: services.to_vec() };
    Ok(Decoders::new(Vec::new(), Catalog::new(&document)?))
}

/// What a call that an operation answers to is taken for, with nothing but its head; `None` where that does not tell.
fn class_of(decoders: &Decoders, service: &ServiceDoc, on: &str) -> Option<Class> {
    let host = service.hosts.first().map_or("a.test".to_owned(), |host| sample_host(host));
    let (methods, target) = on.split_once(' ')?;
    let method = if methods == "*" {
        "POST"
    } else {
        methods.split(',').find(|method| *method != "GET").unwrap_or("GET")
    };
    let path = sample(target);
    let pairs = if methods == "call" {
        let target = format!("Service.{target}");
        if host.ends_with(".amazonaws.com") {
            vec![(":method", "POST".to_owned()), (":path", "/".to_owned()), ("x-amz-target", target)]
        } else {
            let json = "application/grpc".to_owned();
            vec![(":method", "POST".to_owned()), (":path", format!("/{path}")), ("content-type", json)]
        }
    } else {
        vec![(":method", method.to_owned()), (":path", path)]
    };
    let pairs = pairs.into_iter().chain([(":authority", host)]);
    let call = Call::read(HeaderMap::from_pairs(pairs), &Destinations::default()).ok()?;
    match decoders.decode(&call, Body::Absent) {
        Decoded::Known(members) => members.into_iter().map(|member| member.action.class).max(),
        Decoded::NeedsBody | Decoded::Undecodable(_) | Decoded::Contradiction(_) => None,
    }
}

fn sample_host(host: &str) -> String {
    match (host.strip_prefix("aws:"), host.strip_prefix("*.")) {
        (Some(prefix), _) => format!("{prefix}.us-east-1.amazonaws.com"),
        (None, Some(suffix)) => format!("a.{suffix}"),
        (None, None) => host.to_owned(),
    }
}

/// A template with something in the place of each parameter.
fn sample(template: &str) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        out.push_str("x1");
        rest = after.split_once('}').map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_reads_that_are_known_without_it_are_left_out() {
        let whole: Vec<ServiceDoc> = serde_json::from_value(serde_json::json!([
            {"service": "a", "hosts": ["a.example"], "operations": [
                {"on": "GET /things", "name": "list", "class": "read_only"},
                {"on": "POST /things/scan", "name": "scan", "class": "read_only"},
                {"on": "POST /frobs/ask", "name": "ask", "class": "read_only"},
                {"on": "POST /things", "name": "make", "class": "data_write"},
                {"on": "GET /keys/{id}", "name": "key", "class": "credential_access"},
                {"on": "GET /keys/names", "name": "names", "class": "read_only"}]}]))
        .unwrap();
        let left = pruned(&whole).unwrap();
        let names: Vec<&str> = left.iter().flat_map(|s| &s.operations).map(|o| o.name.as_str()).collect();
        // `names` would be taken for a key.
        assert!(!names.contains(&"list") && names.contains(&"names") && names.contains(&"key"), "{names:?}");
        assert!(names.contains(&"ask") && names.contains(&"make"), "{names:?}");
    }
}
