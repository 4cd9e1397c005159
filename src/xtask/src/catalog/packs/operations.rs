//! The pack of monitoring, incident and feature-flag services.

use countersign_core::action::Class;

use super::super::rest::{From, PLAIN, Vendor};
use super::{DATADOG, DIRECTORY, LAUNCHDARKLY};

pub(super) const VENDORS: &[Vendor] = &[
    Vendor {
        service: "datadoghq.com",
        thin: true,
        hosts: &["*.datadoghq.com", "*.datadoghq.eu", "*.ddog-gov.com"],
        package: DATADOG,
        under: "datadog_api_client/v",
        from: From::Python,
        write: Class::InfraChange,
        ..PLAIN
    },
    Vendor {
        service: "app.launchdarkly.com",
        thin: true,
        hosts: &["app.launchdarkly.com"],
        package: LAUNCHDARKLY,
        under: "launchdarkly_api/api/",
        from: From::Python,
        write: Class::InfraChange,
        ..PLAIN
    },
    Vendor {
        service: "api.snyk.io",
        thin: true,
        hosts: &["api.snyk.io", "snyk.io"],
        package: DIRECTORY,
        under: "package/api/snyk.io.json",
        ..PLAIN
    },
    Vendor {
        service: "hub.docker.com",
        hosts: &["hub.docker.com"],
        package: DIRECTORY,
        under: "package/api/docker.com/hub.json",
        write: Class::CodeChange,
        ..PLAIN
    },
];
