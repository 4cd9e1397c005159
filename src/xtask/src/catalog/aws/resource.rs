//! What a reviewer of an operation needs: the ARN it works on, and the members of its input that say to whom, from where
//! and with which rights.

use super::{
    access::Action,
    model::{Member, Operation},
};

/// The template of an operation's ARN. The decoder fills in partition and region, which the host tells, and leaves `*`
/// where a request does not say more, such as the account.
pub(super) fn template(action: Option<Action<'_>>, operation: &Operation<'_>) -> Option<String> {
    let members: Vec<Member<'_>> =
        operation.members().filter(|member| member.scalar || is_list_of_ids(member)).collect();
    let own_arn = members
        .iter()
        .filter(|member| member.name.to_ascii_lowercase().ends_with("arn"))
        .find(|member| member.required && !is_beside(member.name));
    if let Some(member) = own_arn {
        return Some(format!("{{{}}}", member.wire));
    }
    // The one of which the request says most, the first of equals.
    let filled = action?
        .arns()
        .filter_map(|arn| filled(arn, &members))
        .reduce(|a, b| if b.1 > a.1 { b } else { a })?;
    (filled.1.said > 0).then_some(filled.0)
}

/// How much of an ARN a request says; the order prefers the one that leaves less open.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Measure {
    open: std::cmp::Reverse<usize>,
    said: usize,
}

/// An ARN with the members that it takes its variables from.
fn filled(arn: &str, members: &[Member<'_>]) -> Option<(String, Measure)> {
    let mut out = String::new();
    let mut rest = arn;
    let (mut said, mut open) = (0, 0);
    while let Some((before, after)) = rest.split_once("${") {
        out.push_str(before);
        let (variable, after) = after.split_once('}')?;
        match (variable, member_of(variable, members)) {
            ("Partition", _) => out.push_str("aws"),
            ("Region" | "Account", _) => out.push('*'),
            (_, None) => {
                open += 1;
                out.push('*');
            }
            (_, Some(member)) => {
                said += 1;
                out.push('{');
                out.push_str(&member.wire);
                out.push('}');
            }
        }
        rest = after;
    }
    out.push_str(rest);
    Some((out, Measure { open: std::cmp::Reverse(open), said }))
}

/// The member that a variable of an ARN means: the one of the same name, or whose name is part of it or the reverse.
fn member_of<'m, 'a>(variable: &str, members: &'m [Member<'a>]) -> Option<&'m Member<'a>> {
    let plain = |name: &str| name.to_ascii_lowercase().replace(['-', '_'], "");
    let wanted = plain(variable).replace("withpath", "");
    let same = |name: &str| plain(name) == wanted;
    let known = |name: &str| match wanted.as_str() {
        "bucketname" => name == "Bucket",
        "objectname" => name == "Key",
        "queuename" => name == "QueueUrl",
        "topicname" => name == "TopicArn",
        "keyid" => name == "KeyId",
        "id" | "resourceid" => name.ends_with("Id"),
        _ => false,
    };
    let near = |name: &str| {
        let name = plain(name);
        name.len() > 3 && (wanted.ends_with(&name) || name.ends_with(&wanted)) && wanted.len() > 3
            || singular(&name) == wanted
            || wanted
                .strip_suffix("name")
                .is_some_and(|thing| thing.len() > 2 && name == format!("{thing}id"))
            || wanted
                .strip_suffix("id")
                .is_some_and(|thing| thing.len() > 2 && name == format!("{thing}name"))
    };
    let by = |test: &dyn Fn(&str) -> bool| {
        members
            .iter()
            .find(|member| test(member.name) && member.required)
            .or_else(|| members.iter().find(|member| test(member.name)))
    };
    by(&same).or_else(|| by(&known)).or_else(|| by(&near))
}

fn singular(name: &str) -> &str {
    name.strip_suffix('s').unwrap_or(name)
}

/// `InstanceIds`: the first of them stands for all.
fn is_list_of_ids(member: &Member<'_>) -> bool {
    member.required && (member.name.ends_with("Ids") || member.name.ends_with("Names"))
}

/// ARNs that are not what the operation works on.
fn is_beside(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with("source")
        || ["role", "kms", "policy", "principal", "certificate", "notification", "lambda"]
            .iter()
            .any(|word| name.contains(word))
}

/// Words of members that say to whom, from where and with which rights, most telling first.
const TELLING: [&str; 34] = [
    "policydocument",
    "policyarn",
    "policy",
    "principal",
    "permission",
    "grant",
    "acl",
    "assumerole",
    "rolearn",
    "role",
    "destination",
    "bucket",
    "recipient",
    "toaddress",
    "phonenumber",
    "targetarn",
    "endpoint",
    "account",
    "username",
    "groupname",
    "secretid",
    "keyid",
    "cidr",
    "ippermission",
    "public",
    "querystring",
    "sql",
    "statement",
    "imageid",
    "instancetype",
    "database",
    "snapshot",
    "functionname",
    "force",
];

/// The names of the members that a reviewer needs beside the resource.
pub(super) fn arguments(operation: &Operation<'_>, resource: Option<&str>, most: usize) -> Vec<String> {
    let in_resource = |wire: &str| resource.is_some_and(|resource| resource.contains(&format!("{{{wire}}}")));
    let mut found: Vec<(usize, String)> = operation
        .members()
        .filter(|member| !member.location.starts_with("header") && !in_resource(&member.wire))
        .filter_map(|member| {
            let name = member.name.to_ascii_lowercase();
            let place = TELLING.iter().position(|word| name.contains(word))?;
            Some((place, member.wire))
        })
        .collect();
    found.sort();
    found.dedup_by(|a, b| a.1 == b.1);
    found.into_iter().take(most).map(|(_, wire)| wire).collect()
}
