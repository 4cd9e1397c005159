use serde_json::json;

use crate::{
    action::{Action, Class, Decoded, Decoders},
    call::{Body, Call, sample::call},
};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded; charset=utf-8");
const AWS_JSON: (&str, &str) = ("content-type", "application/x-amz-json-1.0");

/// The one action of a call.
fn action(call: &Call, body: &str) -> Action {
    let body = if body.is_empty() { Body::Absent } else { Body::Read(body.as_bytes()) };
    match Decoders::default().decode(call, body) {
        Decoded::Known(mut members) if members.len() == 1 => members.remove(0).action,
        other => panic!("{other:?}"),
    }
}

fn class(call: &Call, body: &str) -> Class {
    let body = if body.is_empty() { Body::Absent } else { Body::Read(body.as_bytes()) };
    match Decoders::default().decode(call, body) {
        Decoded::Known(members) => members.iter().map(|member| member.action.class).max().unwrap(),
        Decoded::Undecodable(call) => call.action.class,
        other => panic!("{other:?}"),
    }
}

fn target(host: &str, name: &str) -> Call {
    call("POST", host, "/", &[AWS_JSON, ("x-amz-target", name)])
}

#[test]
fn a_read_by_post_is_a_read_and_a_write_by_get_is_a_write() {
    let dynamodb = "dynamodb.us-east-1.amazonaws.com";
    assert_eq!(class(&target(dynamodb, "DynamoDB_20120810.GetItem"), "{}"), Class::ReadOnly);
    assert_eq!(class(&target(dynamodb, "DynamoDB_20120810.DeleteItem"), "{}"), Class::DataDelete);
    let iam = "iam.amazonaws.com";
    assert_eq!(
        class(&call("POST", iam, "/", &[FORM]), "Action=ListUsers&Version=2010-05-08"),
        Class::ReadOnly
    );
    assert_eq!(
        class(&call("GET", iam, "/?Action=AttachUserPolicy&Version=2010-05-08", &[]), ""),
        Class::PrivilegeChange
    );
    assert_eq!(
        class(&call("POST", "lambda.eu-west-1.amazonaws.com", "/2015-03-31/functions", &[]), "{}"),
        Class::CodeChange
    );
}

#[test]
fn of_names_that_differ_the_strictest_counts() {
    let iam = "iam.amazonaws.com";
    let both = call("POST", iam, "/?Action=ListUsers", &[FORM]);
    assert_eq!(class(&both, "Action=ListUsers&%41ction=Create%41ccessKey"), Class::CredentialAccess);
    let headers = [AWS_JSON, ("x-amz-target", "T.ListSecrets"), ("x-amz-target", "T.GetSecretValue")];
    let two = call("POST", "secretsmanager.us-east-1.amazonaws.com", "/", &headers);
    assert_eq!(class(&two, "{}"), Class::CredentialAccess);
    let joined = target("secretsmanager.us-east-1.amazonaws.com", "T.ListSecrets, T.GetSecretValue");
    assert_eq!(class(&joined, "{}"), Class::CredentialAccess);
}

#[test]
fn a_name_makes_no_operation_milder_that_the_path_tells() {
    let lambda = "lambda.eu-west-1.amazonaws.com";
    let headers = [("x-amz-target", "AWSLambda.ListFunctions")];
    let delete = call("DELETE", lambda, "/2015-03-31/functions/f", &headers);
    assert_ne!(class(&delete, ""), Class::ReadOnly);
    let unknown =
        call("POST", lambda, "/2099-01-01/frobnicate", &[("x-amz-target", "AWSLambda.GetFunction")]);
    assert_ne!(class(&unknown, "{}"), Class::ReadOnly);
}

#[test]
fn an_operation_that_no_catalog_knows_reads_only_by_a_verb_that_reads() {
    let host = "newservice.us-east-1.amazonaws.com";
    assert_eq!(class(&target(host, "New.DescribeThings"), "{}"), Class::ReadOnly);
    assert_ne!(class(&target(host, "New.FrobnicateThings"), "{}"), Class::ReadOnly);
    assert_ne!(
        class(&call("POST", "iam.amazonaws.com", "/", &[FORM]), "Version=2010-05-08"),
        Class::ReadOnly
    );
}

#[test]
fn a_form_is_read_before_anything_is_said_of_it() {
    let post = call("POST", "iam.amazonaws.com", "/", &[FORM]);
    assert!(matches!(Decoders::default().decode(&post, Body::Unread), Decoded::NeedsBody));
    let put = call("PUT", "b.s3.amazonaws.com", "/k", &[("content-type", "text/plain")]);
    assert!(matches!(Decoders::default().decode(&put, Body::Unread), Decoded::Known(_)));
}

#[test]
fn the_subresources_of_s3_are_operations_of_their_own_in_both_styles() {
    for (method, path, expected) in [
        ("GET", "?list-type=2", Class::ReadOnly),
        ("GET", "/k?acl", Class::ReadOnly),
        ("PUT", "/k", Class::DataWrite),
        ("PUT", "/k?acl", Class::PrivilegeChange),
        ("PUT", "/k?%61cl=", Class::PrivilegeChange),
        ("PUT", "/k?acl&partNumber=1&uploadId=x", Class::PrivilegeChange),
        ("PUT", "?policy", Class::PrivilegeChange),
        ("POST", "?delete", Class::DataDelete),
        ("DELETE", "/a/b/c", Class::DataDelete),
        ("POST", "/k?select&select-type=2", Class::ReadOnly),
        ("POST", "/k?uploads", Class::DataWrite),
    ] {
        let slash = if path.starts_with('/') { "" } else { "/" };
        let host = call(method, "b.s3.eu-west-1.amazonaws.com", &format!("{slash}{path}"), &[]);
        let style = call(method, "s3.eu-west-1.amazonaws.com", &format!("/b{path}"), &[]);
        let store = call(method, "b.acct.r2.cloudflarestorage.com", &format!("{slash}{path}"), &[]);
        for call in [host, style, store] {
            assert_eq!(class(&call, ""), expected, "{method} {} {path}", call.host());
        }
    }
}

#[test]
fn an_object_that_is_opened_while_it_is_written_is_a_change_of_privileges() {
    let put = call("PUT", "b.s3.amazonaws.com", "/k", &[("x-amz-acl", "public-read")]);
    assert_eq!(class(&put, ""), Class::PrivilegeChange);
    let put = call("PUT", "b.s3.amazonaws.com", "/k", &[("x-amz-acl", "private")]);
    assert_eq!(class(&put, ""), Class::DataWrite);
}

#[test]
fn a_signature_alone_makes_nothing_milder() {
    let signed = "AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=x";
    let headers = [AWS_JSON, ("authorization", signed), ("x-amz-target", "DynamoDB_20120810.GetItem")];
    assert_ne!(class(&call("POST", "db.example", "/", &headers), "{}"), Class::ReadOnly);
    let headers = [AWS_JSON, ("authorization", signed), ("x-amz-target", "DynamoDB_20120810.DeleteTable")];
    assert!(class(&call("POST", "db.example", "/", &headers), "{}") > Class::DataWrite);
    let s3 = signed.replace("dynamodb", "s3");
    let delete = call("POST", "minio.example", "/b?delete", &[("authorization", &s3)]);
    assert_eq!(class(&delete, ""), Class::DataDelete);
}

#[test]
fn an_overriding_method_still_counts() {
    let get = call("GET", "b.s3.amazonaws.com", "/k", &[("x-http-method-override", "DELETE")]);
    assert_eq!(class(&get, ""), Class::DataDelete);
}

#[test]
fn a_reviewer_sees_the_arn_and_the_data() {
    let put = target("dynamodb.cn-north-1.amazonaws.com.cn", "DynamoDB_20120810.PutItem");
    let put = action(&put, r#"{"TableName":"Orders","Item":{}}"#);
    assert_eq!((put.service.as_str(), put.operation.as_str()), ("dynamodb.amazonaws.com", "PutItem"));
    assert_eq!(put.resource.id, "arn:aws-cn:dynamodb:cn-north-1:*:table/Orders");
    assert_eq!(
        json!(put.writes),
        json!([{"namespace": "arn:aws-cn:dynamodb:cn-north-1:*", "name": "table/Orders"}])
    );
    let batch = target("dynamodb.eu-west-1.amazonaws.com", "DynamoDB_20120810.BatchGetItem");
    let batch = action(&batch, r#"{"RequestItems":{"A":{},"B":{}}}"#);
    assert_eq!(batch.reads.iter().map(|set| set.name.as_str()).collect::<Vec<_>>(), ["table/A", "table/B"]);
    let copy = call("PUT", "b.s3.amazonaws.com", "/x/y", &[("x-amz-copy-source", "/from/a%20b")]);
    let copy = action(&copy, "");
    assert_eq!(copy.resource.id, "arn:aws:s3:::b/x/y");
    assert_eq!(json!(copy.reads), json!([{"namespace": "s3://from", "name": "a b"}]));
    assert_eq!(json!(copy.writes), json!([{"namespace": "s3://b", "name": "x/y"}]));
    let attach = call("POST", "iam.amazonaws.com", "/", &[FORM]);
    let attach = action(
        &attach,
        "Action=AttachRolePolicy&RoleName=r&PolicyArn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2FAdministratorAccess",
    );
    assert_eq!(attach.resource.id, "arn:aws:iam::*:role/r");
    assert_eq!(attach.arguments, json!({"PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}));
    let stop = call("POST", "ec2.us-east-1.amazonaws.com", "/", &[FORM]);
    let stop = action(&stop, "Action=TerminateInstances&InstanceId.1=i-1&InstanceId.2=i-2");
    assert_eq!(stop.resource.id, "arn:aws:ec2:us-east-1:*:instance/i-1");
}

#[test]
fn what_a_customer_runs_on_aws_is_read_as_what_it_is() {
    let own = call("POST", "a1.execute-api.us-east-1.amazonaws.com", "/prod/x?Action=ListUsers", &[]);
    assert_eq!(class(&own, ""), Class::DataWrite);
}

#[test]
fn a_secret_parameter_in_plain_text_is_a_secret_that_was_read() {
    let ssm = target("ssm.us-east-1.amazonaws.com", "AmazonSSM.GetParameter");
    assert_eq!(class(&ssm, r#"{"Name":"n"}"#), Class::ReadOnly);
    assert_eq!(class(&ssm, r#"{"Name":"n","WithDecryption":false}"#), Class::ReadOnly);
    assert_eq!(class(&ssm, r#"{"Name":"n","With\u0044ecryption":true}"#), Class::CredentialAccess);
    assert!(matches!(Decoders::default().decode(&ssm, Body::Unread), Decoded::NeedsBody));
}

#[test]
fn a_statement_counts_for_what_it_does() {
    let athena = target("athena.us-east-1.amazonaws.com", "AmazonAthena.StartQueryExecution");
    assert_eq!(class(&athena, r#"{"QueryString":"SELECT 1"}"#), Class::ReadOnly);
    assert_eq!(class(&athena, r#"{"QueryString":"DELETE FROM t"}"#), Class::DataDelete);
    assert!(matches!(Decoders::default().decode(&athena, Body::Unread), Decoded::NeedsBody));
}

#[test]
fn credentials_of_the_machine_are_secrets() {
    let role = call("GET", "169.254.169.254", "/latest/meta-data/iam/security-credentials/role", &[]);
    assert_eq!(class(&role, ""), Class::CredentialAccess);
    assert!(!Decoders::default().is_plain_read(&role, Body::Absent));
    assert_eq!(
        class(&call("GET", "169.254.169.254", "/latest/meta-data/placement/region", &[]), ""),
        Class::ReadOnly
    );
    assert_eq!(class(&call("PUT", "169.254.169.254", "/latest/api/token", &[]), ""), Class::ReadOnly);
    let iot = call("GET", "c1.credentials.iot.us-east-1.amazonaws.com", "/role-aliases/a/credentials", &[]);
    assert_eq!(class(&iot, ""), Class::CredentialAccess);
}
