//! The pack of work trackers, wikis, file stores and customer records.

use countersign_core::action::Class;

use super::super::rest::{From, PLAIN, Vendor};
use super::{ASANA, DIRECTORY, HUBSPOT};

pub(super) const VENDORS: &[Vendor] = &[
    Vendor {
        service: "atlassian.net",
        hosts: &["*.atlassian.net", "api.atlassian.com"],
        package: DIRECTORY,
        under: "package/api/atlassian.com/",
        base: "",
        ..PLAIN
    },
    Vendor {
        service: "api.bitbucket.org",
        thin: true,
        hosts: &["api.bitbucket.org"],
        package: DIRECTORY,
        under: "package/api/bitbucket.org.json",
        write: Class::CodeChange,
        ..PLAIN
    },
    Vendor {
        service: "api.trello.com",
        thin: true,
        hosts: &["api.trello.com", "trello.com"],
        package: DIRECTORY,
        under: "package/api/trello.com.json",
        base: "/1",
        ..PLAIN
    },
    Vendor {
        service: "api.box.com",
        thin: true,
        hosts: &["api.box.com"],
        package: DIRECTORY,
        under: "package/api/box.com.json",
        ..PLAIN
    },
    Vendor {
        service: "docusign.net",
        thin: true,
        hosts: &["*.docusign.net"],
        package: DIRECTORY,
        under: "package/api/docusign.net.json",
        write: Class::Communication,
        ..PLAIN
    },
    Vendor {
        service: "app.asana.com",
        thin: true,
        hosts: &["app.asana.com"],
        package: ASANA,
        under: "asana/api/",
        from: From::Python,
        base: "/api/1.0",
        ..PLAIN
    },
    Vendor {
        service: "api.hubapi.com",
        thin: true,
        hosts: &["api.hubapi.com"],
        package: HUBSPOT,
        under: "hubspot/",
        within: "/api/",
        from: From::Python,
        ..PLAIN
    },
];
