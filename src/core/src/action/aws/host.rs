//! Which service of AWS a host is, in which partition and region.
//!
//! Hosts follow the endpoint rules that the SDKs ship: `service.region.domain` with `fips` and `dualstack` marks, the
//! older forms with the region first or joined by a hyphen, private link (`vpce-...`), and the bucket of S3 in front. Hosts
//! that AWS gives to what its customers run (API Gateway, function URLs, clusters, databases, load balancers) are no API
//! of AWS: what they do is theirs.

use std::borrow::Cow;

/// A host of AWS, or of something that speaks its APIs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place<'a> {
    /// The labels that name the service: `dynamodb`, `api.ecr`, `data.iot`; `s3` without its bucket.
    pub(super) service: Cow<'a, str>,
    /// The bucket in front of a host of S3.
    pub(super) bucket: Option<&'a str>,
    /// The region, where the host says it.
    pub(super) region: Option<&'a str>,
    /// `aws`, `aws-cn`, `aws-us-gov` and so on.
    pub(super) partition: &'static str,
}

/// The domains of the partitions, and the partition of each.
const DOMAINS: [(&str, &str); 16] = [
    (".amazonaws.com", "aws"),
    (".amazonaws.com.cn", "aws-cn"),
    (".api.aws", "aws"),
    (".on.aws", "aws"),
    (".api.amazonwebservices.com.cn", "aws-cn"),
    (".amazonaws.eu", "aws-eusc"),
    (".api.amazonwebservices.eu", "aws-eusc"),
    (".c2s.ic.gov", "aws-iso"),
    (".api.aws.ic.gov", "aws-iso"),
    (".sc2s.sgov.gov", "aws-iso-b"),
    (".api.aws.scloud", "aws-iso-b"),
    (".cloud.adc-e.uk", "aws-iso-e"),
    (".csp.hci.ic.gov", "aws-iso-f"),
    (".signin.aws.amazon.com", "aws"),
    (".oauth.signin.aws", "aws"),
    // An emulator's own domain. Its hosts resolve to the machine itself.
    (".localhost.localstack.cloud", "aws"),
];

/// The domains of object stores that speak S3.
const STORES: [&str; 8] = [
    ".r2.cloudflarestorage.com",
    ".digitaloceanspaces.com",
    ".wasabisys.com",
    ".backblazeb2.com",
    ".linodeobjects.com",
    ".scw.cloud",
    ".storage.yandexcloud.net",
    ".vultrobjects.com",
];

/// An emulator's own host, which serves every service; its requests' signatures say which.
pub(super) const EMULATOR: &str = "localhost.localstack.cloud";

/// Labels of hosts that belong to what customers run.
const CUSTOMERS: [&str; 16] = [
    "execute-api",
    "lambda-url",
    "appsync-api",
    "appsync-realtime-api",
    "dkr",
    "elb",
    "compute",
    "compute-1",
    "elasticbeanstalk",
    "s3-website",
    "gateway",
    "aoss",
    "mq",
    "cache",
    "awsapprunner",
    "ecs",
];

/// Whether a host may be one of these.
pub(super) fn is_candidate(host: &str) -> bool {
    DOMAINS.iter().any(|(domain, _)| host.ends_with(domain)) || store(host).is_some()
}

/// What stands before the domain of an object store. Backblaze's native API is under the same domain as its S3.
fn store(host: &str) -> Option<&str> {
    let rest = STORES.iter().find_map(|domain| host.strip_suffix(domain))?;
    (!host.ends_with(".backblazeb2.com") || rest.split('.').any(|label| label == "s3")).then_some(rest)
}

/// What a host is; `None` where it is no API of AWS.
pub(super) fn of(host: &str) -> Option<Place<'_>> {
    if let Some(rest) = store(host) {
        return Some(Place {
            service: "s3".into(),
            bucket: bucket_of_store(rest),
            region: None,
            partition: "aws",
        });
    }
    let (rest, partition) =
        DOMAINS.iter().find_map(|(domain, partition)| Some((host.strip_suffix(domain)?, *partition)))?;
    if host.ends_with(".signin.aws.amazon.com") || host.ends_with(".oauth.signin.aws") {
        return Some(Place { service: "signin".into(), bucket: None, region: Some(rest), partition });
    }
    let rest = rest.strip_suffix(".vpce").unwrap_or(rest);
    let (labels, region) = split_region(rest)?;
    let partition = match region {
        Some(region) if region.starts_with("us-gov") => "aws-us-gov",
        Some(_) | None => partition,
    };
    if let Some((bucket, region_of_label)) = s3(labels) {
        return Some(Place { service: "s3".into(), bucket, region: region.or(region_of_label), partition });
    }
    let customers = |label: &str| CUSTOMERS.contains(&label) || label.starts_with("s3-website");
    // Servers of MCP are read as such.
    if labels.ends_with("-mcp") {
        return None;
    }
    let (before, last) = labels.rsplit_once('.').unwrap_or(("", labels));
    if customers(last) && !before.is_empty() || before.split('.').any(customers) {
        return None;
    }
    let service = if last == "queue" || last.ends_with("-queue") { "sqs" } else { labels };
    let service = if service.contains("fips") {
        Cow::Owned(service.replace("-fips", "").replace("fips-", "").replace("fips.", ""))
    } else {
        Cow::Borrowed(service)
    };
    Some(Place { service, bucket: None, region, partition })
}

/// Takes the region off the labels, wherever AWS has put it. `None` where labels stand on both sides of it: such a host
/// belongs to a customer's cluster, database or domain.
fn split_region(rest: &str) -> Option<(&str, Option<&str>)> {
    let (before, last) = rest.rsplit_once('.').unwrap_or(("", rest));
    if is_region(last) {
        let before = before.strip_suffix(".dualstack").unwrap_or(before);
        return (!before.is_empty()).then_some((before, Some(last)));
    }
    if matches!(last, "global" | "us-gov") && !before.is_empty() {
        return Some((before, None));
    }
    if let Some((first, after)) = rest.split_once('.').filter(|(first, _)| is_region(first)) {
        return Some((after, Some(first)));
    }
    let inside = before.split('.').skip(1).any(is_region);
    (!inside || is_s3_label(last)).then_some((rest, None))
}

/// `us-east-1`, `us-gov-west-1`, `cn-north-1`.
fn is_region(label: &str) -> bool {
    let mut parts = label.split('-');
    let area = parts
        .next()
        .is_some_and(|area| (2..=4).contains(&area.len()) && area.bytes().all(|b| b.is_ascii_lowercase()));
    let digits = label
        .rsplit('-')
        .next()
        .is_some_and(|last| !last.is_empty() && last.bytes().all(|b| b.is_ascii_digit()));
    area && digits
        && (3..=4).contains(&label.split('-').count())
        && parts.next().is_some_and(|part| part.len() >= 3)
}

/// Whether these labels are S3, which bucket is in front, and the region that its label may hold.
fn s3(labels: &str) -> Option<(Option<&str>, Option<&str>)> {
    let labels = labels.strip_suffix(".dualstack").unwrap_or(labels);
    let (before, last) =
        labels.rsplit_once('.').map_or((None, labels), |(before, last)| (Some(before), last));
    if !is_s3_label(last) {
        return None;
    }
    let region = last.strip_prefix("s3-").filter(|region| is_region(region));
    // Private link has the form of the address between bucket and service.
    let bucket = before.and_then(|before| match before.rsplit_once('.') {
        _ if before.starts_with("vpce-") => None,
        Some((bucket, link)) if link.starts_with("vpce-") => {
            bucket.strip_suffix(".bucket").or(bucket.strip_suffix(".accesspoint"))
        }
        Some(_) | None => Some(before),
    });
    Some((bucket, region))
}

fn is_s3_label(label: &str) -> bool {
    matches!(
        label,
        "s3" | "s3-fips"
            | "s3-accelerate"
            | "s3-accesspoint"
            | "s3-accesspoint-fips"
            | "s3-object-lambda"
            | "s3-outposts"
            | "s3-external-1"
            | "s3express-control"
    ) || label.strip_prefix("s3-").is_some_and(is_region)
        || label.starts_with("s3express-") && !label.starts_with("s3express-control")
}

/// What stands before `s3` or, where a store has no such label, before the last one.
fn bucket_of_store(rest: &str) -> Option<&str> {
    let marked = rest.split('.').any(|label| label.starts_with("s3"));
    if !marked {
        return rest.split_once('.').map(|(bucket, _)| bucket);
    }
    rest.find(".s3").and_then(|end| rest.get(..end))
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn every_form_of_host_names_its_service_and_region() {
        for (host, service, region, partition) in [
            ("dynamodb.us-east-1.amazonaws.com", "dynamodb", Some("us-east-1"), "aws"),
            ("iam.amazonaws.com", "iam", None, "aws"),
            ("iam.us-gov.amazonaws.com", "iam", None, "aws"),
            ("sts.us-gov-west-1.amazonaws.com", "sts", Some("us-gov-west-1"), "aws-us-gov"),
            ("ec2.cn-north-1.amazonaws.com.cn", "ec2", Some("cn-north-1"), "aws-cn"),
            ("api.ecr.eu-west-1.amazonaws.com", "api.ecr", Some("eu-west-1"), "aws"),
            ("lambda.eu-west-1.api.aws", "lambda", Some("eu-west-1"), "aws"),
            ("kms-fips.us-east-1.amazonaws.com", "kms", Some("us-east-1"), "aws"),
            ("runtime-fips.sagemaker.us-east-1.amazonaws.com", "runtime.sagemaker", Some("us-east-1"), "aws"),
            ("us-east-1.queue.amazonaws.com", "sqs", Some("us-east-1"), "aws"),
            ("monitoring.us-iso-east-1.c2s.ic.gov", "monitoring", Some("us-iso-east-1"), "aws-iso"),
            ("vpce-1a-2b.ec2.us-east-1.vpce.amazonaws.com", "vpce-1a-2b.ec2", Some("us-east-1"), "aws"),
            ("sqs.us-east-1.localhost.localstack.cloud", "sqs", Some("us-east-1"), "aws"),
        ] {
            let place = of(host).unwrap();
            assert_eq!(
                (&*place.service, place.region, place.partition, place.bucket),
                (service, region, partition, None),
                "{host}"
            );
        }
    }

    #[test]
    fn the_bucket_in_front_of_s3_is_told_from_the_service() {
        for (host, bucket, region) in [
            ("s3.amazonaws.com", None, None),
            ("s3.eu-west-1.amazonaws.com", None, Some("eu-west-1")),
            ("s3-us-west-2.amazonaws.com", None, Some("us-west-2")),
            ("my.own.bucket.s3.amazonaws.com", Some("my.own.bucket"), None),
            ("b.s3.dualstack.eu-west-1.amazonaws.com", Some("b"), Some("eu-west-1")),
            ("b.s3-fips.us-east-1.amazonaws.com", Some("b"), Some("us-east-1")),
            ("b.s3-accelerate.amazonaws.com", Some("b"), None),
            ("p-123.s3-accesspoint.us-east-1.amazonaws.com", Some("p-123"), Some("us-east-1")),
            (
                "b--use1-az4--x-s3.s3express-use1-az4.us-east-1.amazonaws.com",
                Some("b--use1-az4--x-s3"),
                Some("us-east-1"),
            ),
            ("b.bucket.vpce-1.s3.us-east-1.vpce.amazonaws.com", Some("b"), Some("us-east-1")),
            ("bucket.vpce-1.s3.us-east-1.vpce.amazonaws.com", None, Some("us-east-1")),
            ("b.acct.r2.cloudflarestorage.com", Some("b"), None),
            ("b.s3.us-west-1.wasabisys.com", Some("b"), None),
            ("s3.us-west-1.wasabisys.com", None, None),
        ] {
            let place = of(host).unwrap();
            assert_eq!((&*place.service, place.bucket, place.region), ("s3", bucket, region), "{host}");
        }
    }

    #[test]
    fn what_customers_run_is_no_api_of_aws() {
        for host in [
            "a1b2.execute-api.us-east-1.amazonaws.com",
            "abc.lambda-url.us-east-1.on.aws",
            "ABC.gr7.us-east-1.eks.amazonaws.com",
            "search-x-1.us-east-1.es.amazonaws.com",
            "1234.dkr.ecr.us-east-1.amazonaws.com",
            "db.c1.us-east-1.rds.amazonaws.com",
            "x-1.eu-west-1.elb.amazonaws.com",
            "b.s3-website-us-east-1.amazonaws.com",
            "amazonaws.com",
            "iam.amazonaws.com.evil.example",
            "example.com",
            "knowledge-mcp.global.api.aws",
            "gw.gateway.bedrock-agentcore.us-east-1.amazonaws.com",
        ] {
            assert_eq!(of(host), None, "{host}");
        }
    }
}
