//! The pack of model providers: OpenAI, Anthropic and others.

use countersign_core::action::Class;

use super::super::rest::{From, PLAIN, Vendor};
use super::{ANTHROPIC, DIRECTORY, OPENAI};

pub(super) const VENDORS: &[Vendor] = &[
    Vendor {
        service: "api.openai.com",
        hosts: &["api.openai.com", "eu.api.openai.com", "us.api.openai.com"],
        package: OPENAI,
        under: "openai/resources/",
        from: From::Python,
        base: "/v1",
        areas: &[("/organization", Class::PrivilegeChange), ("/fine_tuning", Class::ModelChange)],
        ..PLAIN
    },
    Vendor {
        service: "api.anthropic.com",
        hosts: &["api.anthropic.com"],
        package: ANTHROPIC,
        under: "anthropic/resources/",
        from: From::Python,
        areas: &[("/organizations", Class::PrivilegeChange)],
        ..PLAIN
    },
    Vendor {
        service: "api.elevenlabs.io",
        thin: true,
        hosts: &["api.elevenlabs.io"],
        package: DIRECTORY,
        under: "package/api/elevenlabs.io.json",
        ..PLAIN
    },
];
