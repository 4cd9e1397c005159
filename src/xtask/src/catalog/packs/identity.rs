//! The pack of identity providers: Okta, Auth0, Keycloak.

use countersign_core::action::Class;

use super::super::rest::{From, PLAIN, Vendor};
use super::{AUTH0, DIRECTORY, OKTA};

pub(super) const VENDORS: &[Vendor] = &[
    Vendor {
        service: "okta.com",
        hosts: &[
            "*.okta.com",
            "*.oktapreview.com",
            "*.okta-emea.com",
            "*.okta-gov.com",
            "*.okta.mil",
            "*.trexcloud.com",
        ],
        package: OKTA,
        under: "okta/api/",
        from: From::Python,
        write: Class::PrivilegeChange,
        areas: &[
            ("/devices", Class::InfraChange),
            ("/domains", Class::InfraChange),
            ("/email-domains", Class::InfraChange),
            ("/email-servers", Class::InfraChange),
            ("/eventHooks", Class::InfraChange),
            ("/inlineHooks", Class::InfraChange),
            ("/hook-keys", Class::InfraChange),
            ("/logStreams", Class::InfraChange),
            ("/brands", Class::InfraChange),
            ("/device-posture", Class::InfraChange),
            ("/realm-assign", Class::InfraChange),
            ("/templates", Class::InfraChange),
            ("/rate-limit", Class::InfraChange),
            ("/org", Class::InfraChange),
            ("/first-party", Class::InfraChange),
        ],
        ..PLAIN
    },
    Vendor {
        service: "auth0.com",
        hosts: &["*.auth0.com"],
        package: AUTH0,
        under: "auth0/management/",
        within: "raw_client",
        from: From::Python,
        base: "/api/v2",
        write: Class::PrivilegeChange,
        areas: &[
            ("/branding", Class::InfraChange),
            ("/prompts", Class::InfraChange),
            ("/email-templates", Class::InfraChange),
            ("/emails", Class::InfraChange),
            ("/log-streams", Class::InfraChange),
            ("/custom-domains", Class::InfraChange),
            ("/hooks", Class::InfraChange),
            ("/actions", Class::CodeChange),
            ("/rules", Class::CodeChange),
        ],
        ..PLAIN
    },
    Vendor {
        service: "keycloak",
        thin: true,
        hosts: &[],
        anywhere: true,
        base: "/admin/realms",
        package: DIRECTORY,
        under: "package/api/keycloak.local.json",
        write: Class::PrivilegeChange,
        ..PLAIN
    },
];
