//! The pack of payment providers.

use countersign_core::action::Class;

use super::super::rest::{From, Named, PLAIN, Vendor};
use super::{DIRECTORY, SQUARE, STRIPE};

pub(super) const VENDORS: &[Vendor] = &[
    Vendor {
        service: "api.stripe.com",
        hosts: &["api.stripe.com", "files.stripe.com"],
        package: STRIPE,
        under: "stripe/",
        from: From::Python,
        write: Class::Communication,
        areas: &[("/v1/account", Class::PrivilegeChange)],
        ..PLAIN
    },
    Vendor {
        service: "connect.squareup.com",
        thin: true,
        hosts: &["connect.squareup.com", "connect.squareupsandbox.com"],
        package: SQUARE,
        under: "square/",
        within: "/raw_client",
        from: From::Python,
        write: Class::Communication,
        ..PLAIN
    },
    Vendor {
        service: "plaid.com",
        hosts: &["production.plaid.com", "sandbox.plaid.com", "development.plaid.com"],
        package: DIRECTORY,
        under: "package/api/plaid.com.json",
        named: Named::Post,
        write: Class::Communication,
        ..PLAIN
    },
    Vendor {
        service: "adyen.com",
        thin: true,
        hosts: &["*.adyen.com", "*.adyenpayments.com"],
        package: DIRECTORY,
        under: "package/api/adyen.com/",
        write: Class::Communication,
        ..PLAIN
    },
];
