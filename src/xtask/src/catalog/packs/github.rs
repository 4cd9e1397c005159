//! The GitHub pack: the operations of its REST API, out of the OpenAPI document that GitHub publishes.

use countersign_core::action::Class;

use super::super::rest::{PLAIN, Vendor};
use super::OCTOKIT;

pub(super) const VENDORS: &[Vendor] = &[Vendor {
    service: "api.github.com",
    hosts: &["api.github.com"],
    package: OCTOKIT,
    under: "package/generated/api.github.com.json",
    areas: &[
        ("orgs/", Class::PrivilegeChange),
        ("apps/", Class::PrivilegeChange),
        ("enterprise-team", Class::PrivilegeChange),
        ("git/", Class::CodeChange),
        ("pulls/", Class::CodeChange),
        ("repos/", Class::CodeChange),
        ("actions/", Class::CodeChange),
        ("checks/", Class::CodeChange),
        ("packages/", Class::CodeChange),
        ("code-scanning/", Class::CodeChange),
    ],
    ..PLAIN
}];
