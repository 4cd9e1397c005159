//! A client that signs itself in: the token endpoint of OAuth 2.0 (RFC 6749 section 3.2) and the device authorization
//! endpoint (RFC 8628 section 3.1).
//!
//! Every tool does this before it does anything, with credentials it has already: it obtains its own session and changes
//! nothing, so it wakes nobody. That holds for the grants `client_credentials`, `refresh_token`, `authorization_code`,
//! device code and JWT bearer (RFC 7523), at a path that ends in `token` (or what GitHub and older servers call it) below
//! a segment that names OAuth or OpenID Connect. Any other grant there is an access to credentials: `password` uses
//! somebody's password, a token exchange (RFC 8693) makes one token into another's. It cannot know whose credentials the
//! client holds.

use serde_json::Value;

use super::{Class, Document};
use crate::call::Call;

/// Grants by which a client obtains its own session.
const OWN: [&str; 5] = [
    "client_credentials",
    "refresh_token",
    "authorization_code",
    "urn:ietf:params:oauth:grant-type:device_code",
    "urn:ietf:params:oauth:grant-type:jwt-bearer",
];

/// What a POST to such an endpoint does, where nothing else in its path acts; `None` where the path is no such endpoint, or asks for no grant.
pub(super) fn class(call: &Call, document: &Document) -> Option<Class> {
    let endpoint = endpoint(call)?;
    let Document::Read(Value::Object(members)) = document else { return None };
    match (endpoint, members.get("grant_type")) {
        (Endpoint::Token, Some(Value::String(grant))) if OWN.contains(&grant.as_str()) => {
            Some(Class::ReadOnly)
        }
        (Endpoint::Token, Some(_)) => Some(Class::CredentialAccess),
        // GitHub's exchange of a code has no grant.
        (Endpoint::Token, None) if members.contains_key("code") && members.contains_key("client_id") => {
            Some(Class::ReadOnly)
        }
        (Endpoint::Device, None) if members.contains_key("client_id") => Some(Class::ReadOnly),
        (Endpoint::Token | Endpoint::Device, _) => None,
    }
}

enum Endpoint {
    Token,
    Device,
}

fn endpoint(call: &Call) -> Option<Endpoint> {
    let mut segments = call.segments().rev().filter(|segment| !segment.is_empty());
    let last = segments.next()?;
    let endpoint = match last {
        "token" | "access_token" => Endpoint::Token,
        "devicecode" | "device_authorization" | "device" => Endpoint::Device,
        "code" if call.path().trim_end_matches('/').ends_with("/device/code") => Endpoint::Device,
        _ => return None,
    };
    let below = ["oauth", "oauth2", "openid-connect", "connect", "oidc", "login", "idp"];
    let named = segments.any(|segment| below.contains(&segment));
    // Hosts that are nothing else.
    let host = ["oauth2.", "oauth.", "login.", "auth."].iter().any(|label| call.host().starts_with(label));
    (named || host).then_some(endpoint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        action::{Decoded, Decoders},
        call::{Body, sample::call},
    };

    fn class_of(path: &str, body: &str) -> Class {
        let form = [("content-type", "application/x-www-form-urlencoded")];
        match Decoders::default().decode(&call("POST", "a.example", path, &form), Body::Read(body.as_bytes()))
        {
            Decoded::Known(members) => members[0].action.class,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_client_that_signs_itself_in_wakes_nobody() {
        for (path, body) in [
            ("/oauth/token", "grant_type=client_credentials&client_id=a"),
            ("/oauth2/v2.0/token", "grant_type=refresh_token&refresh_token=x"),
            ("/realms/r/protocol/openid-connect/token", "grant_type=authorization_code&code=x"),
            (
                "/connect/token/",
                "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&device_code=x",
            ),
            ("/login/oauth/access_token", "client_id=a&client_secret=b&code=c"),
            ("/oauth2/v2.0/devicecode", "client_id=a&scope=b"),
            ("/login/device/code", "client_id=a"),
        ] {
            assert_eq!(class_of(path, body), Class::ReadOnly, "{path}");
        }
    }

    #[test]
    fn other_grants_and_other_paths_are_no_sign_in() {
        for (path, body) in [
            ("/oauth/token", "grant_type=password&username=a&password=b"),
            ("/oauth/token", "grant_type=urn:ietf:params:oauth:grant-type:token-exchange"),
            ("/oauth/token", "grant_type=refresh_token&grant_type=password"),
            ("/oauth/token", "grant_type=client_credentials&_method=DELETE"),
            ("/oauth/token", "a=b"),
            ("/users/7/token", "grant_type=client_credentials"),
            ("/oauth/delete/token", "grant_type=client_credentials"),
            ("/oauth/tokens", "grant_type=client_credentials"),
            ("/oauth/token?action=delete", "grant_type=client_credentials"),
        ] {
            assert_ne!(class_of(path, body), Class::ReadOnly, "{path} {body}");
        }
    }
}
