//! The pack of hosting providers: machines, networks, sites.

use countersign_core::action::Class;

use super::super::rest::{From, PLAIN, Vendor};
use super::{CLOUDFLARE, DIRECTORY, FASTLY, NETLIFY, PYDO, SCALEWAY};

pub(super) const VENDORS: &[Vendor] = &[
    Vendor {
        service: "api.digitalocean.com",
        hosts: &["api.digitalocean.com"],
        package: PYDO,
        under: "pydo/operations/_operations",
        from: From::Python,
        write: Class::InfraChange,
        ..PLAIN
    },
    Vendor {
        service: "api.cloudflare.com",
        thin: true,
        hosts: &["api.cloudflare.com"],
        package: CLOUDFLARE,
        under: "cloudflare/resources/",
        from: From::Python,
        base: "/client/v4",
        write: Class::InfraChange,
        areas: &[("/workers", Class::CodeChange), ("/pages", Class::CodeChange)],
        ..PLAIN
    },
    Vendor {
        service: "api.linode.com",
        thin: true,
        hosts: &["api.linode.com"],
        package: DIRECTORY,
        under: "package/api/linode.com.json",
        base: "/v4",
        write: Class::InfraChange,
        ..PLAIN
    },
    Vendor {
        service: "api.hetzner.cloud",
        thin: true,
        hosts: &["api.hetzner.cloud"],
        package: DIRECTORY,
        under: "package/api/hetzner.cloud.json",
        write: Class::InfraChange,
        ..PLAIN
    },
    Vendor {
        service: "api.vercel.com",
        thin: true,
        hosts: &["api.vercel.com"],
        package: DIRECTORY,
        under: "package/api/vercel.com.json",
        write: Class::InfraChange,
        ..PLAIN
    },
    Vendor {
        service: "api.netlify.com",
        thin: true,
        hosts: &["api.netlify.com"],
        package: NETLIFY,
        under: "package/dist",
        write: Class::InfraChange,
        ..PLAIN
    },
    Vendor {
        service: "api.scaleway.com",
        thin: true,
        hosts: &["api.scaleway.com"],
        package: SCALEWAY,
        under: "scaleway/",
        within: "/api.py",
        from: From::Python,
        write: Class::InfraChange,
        ..PLAIN
    },
    Vendor {
        service: "api.fastly.com",
        thin: true,
        hosts: &["api.fastly.com"],
        package: FASTLY,
        under: "fastly/api/",
        from: From::Python,
        write: Class::InfraChange,
        ..PLAIN
    },
];
