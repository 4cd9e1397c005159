//! The pack of message senders: chat, mail, telephony.

use countersign_core::action::Class;

use super::super::rest::{Named, PLAIN, Vendor};
use super::DIRECTORY;

pub(super) const VENDORS: &[Vendor] = &[
    Vendor {
        service: "slack.com",
        hosts: &["slack.com", "*.slack.com"],
        package: DIRECTORY,
        under: "package/api/slack.com",
        base: "/api",
        named: Named::Call,
        write: Class::Communication,
        areas: &[
            ("admin.", Class::PrivilegeChange),
            ("usergroups.", Class::PrivilegeChange),
            ("conversations.", Class::DataWrite),
            ("chat.", Class::Communication),
            ("files.", Class::DataWrite),
            ("users.", Class::DataWrite),
            ("reminders.", Class::DataWrite),
            ("stars.", Class::DataWrite),
            ("pins.", Class::DataWrite),
            ("reactions.", Class::DataWrite),
            ("dnd.", Class::DataWrite),
            ("views.", Class::DataWrite),
            ("workflows.", Class::DataWrite),
            ("team.", Class::DataWrite),
        ],
        ..PLAIN
    },
    Vendor {
        service: "twilio.com",
        hosts: &["*.twilio.com"],
        package: DIRECTORY,
        under: "package/api/twilio.com/",
        areas: &[
            ("/Calls", Class::Communication),
            ("/Messages", Class::Communication),
            ("/Payments", Class::Communication),
            ("/Verifications", Class::Communication),
            ("/Faxes", Class::Communication),
            ("/Executions", Class::Communication),
            ("/Participants", Class::Communication),
        ],
        ..PLAIN
    },
    Vendor {
        service: "api.telegram.org",
        hosts: &["api.telegram.org"],
        package: DIRECTORY,
        under: "package/api/telegram.org",
        base: "/{bot}",
        named: Named::Call,
        write: Class::Communication,
        ..PLAIN
    },
    Vendor {
        service: "api.sendgrid.com",
        thin: true,
        hosts: &["api.sendgrid.com", "api.eu.sendgrid.com"],
        package: DIRECTORY,
        under: "package/api/sendgrid.com",
        base: "/v3",
        ..PLAIN
    },
    Vendor {
        service: "mandrillapp.com",
        hosts: &["mandrillapp.com"],
        package: DIRECTORY,
        under: "package/api/mandrillapp.com",
        base: "/api/1.0",
        named: Named::Call,
        ..PLAIN
    },
    Vendor {
        service: "api.mailchimp.com",
        thin: true,
        hosts: &["*.api.mailchimp.com"],
        package: DIRECTORY,
        under: "package/api/mailchimp.com",
        base: "/3.0",
        ..PLAIN
    },
    Vendor {
        service: "api.postmarkapp.com",
        thin: true,
        hosts: &["api.postmarkapp.com"],
        package: DIRECTORY,
        under: "package/api/postmarkapp.com/",
        base: "",
        ..PLAIN
    },
    Vendor {
        service: "api.zoom.us",
        thin: true,
        hosts: &["api.zoom.us"],
        package: DIRECTORY,
        under: "package/api/zoom.us",
        base: "/v2",
        ..PLAIN
    },
];
