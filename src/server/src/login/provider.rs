//! Talking to an identity provider: its metadata, its keys, a code for a token, groups at Microsoft Graph.
//!
//! Promises: the metadata must name the very issuer that is configured; every address in it is https, or on this machine;
//! a key that is not known is looked for once more, at most once a minute, so that a provider may rotate its keys and
//! nobody can make us hammer it. While the provider cannot be reached, what was read of it before goes on to count.
//!
//! Sources: OpenID Connect Discovery 1.0; RFC 6749, 4.1.3; RFC 7636; RFC 9207.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use countersign_wire::sealed::Plain;
use serde::Deserialize;
use ureq::http::{Request, request::Builder};

use super::claims::{self, Unfit};
use crate::{
    config::sign_in::{LogOut, Provider},
    jwt::{self, Believed, Keys, Unbelieved},
    outward::{self, Answer, Outward},
};

/// How long metadata and keys count before they are read again, milliseconds.
const FRESH_MS: i64 = 60 * 60 * 1000;
/// How often keys may be looked for out of turn, milliseconds.
const AGAIN_MS: i64 = 60 * 1000;

/// Everything known of the providers.
#[derive(Clone)]
pub(crate) struct Providers(Arc<Vec<Idp>>);

/// One identity provider.
pub(crate) struct Idp {
    pub(crate) settings: Provider,
    outward: Outward,
    known: Mutex<Option<Arc<Known>>>,
    /// When its keys were last looked for out of turn.
    looked: Mutex<i64>,
}

/// What was read of it.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) metadata: Metadata,
    pub(crate) keys: Keys,
    read_at: i64,
}

/// What a provider says of itself, as far as it matters here.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Metadata {
    pub(crate) issuer: String,
    pub(crate) authorization_endpoint: String,
    pub(crate) token_endpoint: String,
    pub(crate) jwks_uri: String,
    pub(crate) end_session_endpoint: Option<String>,
    #[serde(default)]
    pub(crate) code_challenge_methods_supported: Vec<String>,
    #[serde(default)]
    pub(crate) token_endpoint_auth_methods_supported: Vec<String>,
    #[serde(default)]
    pub(crate) id_token_signing_alg_values_supported: Vec<String>,
    #[serde(default)]
    pub(crate) authorization_response_iss_parameter_supported: bool,
    #[serde(default)]
    pub(crate) backchannel_logout_supported: bool,
}

/// What a code was good for.
pub(crate) struct Tokens {
    pub(crate) id_token: Plain,
    pub(crate) access_token: Option<Plain>,
}

#[derive(Deserialize)]
struct Given {
    id_token: Option<String>,
    access_token: Option<String>,
}

/// What Microsoft Graph answers.
#[derive(Deserialize)]
struct Members {
    value: Vec<String>,
}

impl Providers {
    /// Gets ready to talk to them; nobody is called yet.
    ///
    /// # Errors
    /// A sentence, where an authority's file does not read.
    pub(crate) fn new(settings: &[Provider]) -> Result<Self, String> {
        let idp = |settings: &Provider| Idp::new(settings.clone());
        Ok(Self(Arc::new(settings.iter().map(idp).collect::<Result<_, _>>()?)))
    }

    /// All of them, in the order of the document.
    pub(crate) fn all(&self) -> &[Idp] {
        &self.0
    }

    /// The one of this name.
    pub(crate) fn named(&self, name: &str) -> Option<&Idp> {
        self.0.iter().find(|idp| idp.settings.name == name)
    }

    /// The one of this issuer.
    pub(crate) fn of_issuer(&self, iss: &str) -> Option<&Idp> {
        self.0.iter().find(|idp| idp.settings.issuer == iss)
    }
}

fn request(builder: Builder, body: Vec<u8>) -> Result<Request<Vec<u8>>, Unfit> {
    builder.body(body).map_err(|error| Unfit(format!("an address of the provider is none: {error}")))
}

impl Idp {
    pub(crate) fn new(settings: Provider) -> Result<Self, String> {
        let outward = Outward::new(settings.timeout, settings.ca.as_deref())
            .map_err(|why| format!("`sign_in`: provider `{}`: {why}", settings.name))?;
        Ok(Self { settings, outward, known: Mutex::new(None), looked: Mutex::new(i64::MIN) })
    }

    /// Its metadata and keys, read if they are not known or old.
    pub(crate) async fn known(&self, now: i64) -> Result<Arc<Known>, Unfit> {
        let before = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(known) = before.as_ref().filter(|known| now < known.read_at.saturating_add(FRESH_MS)) {
            return Ok(known.clone());
        }
        match (self.read(now).await, before) {
            (Ok(known), _) => Ok(known),
            (Err(why), Some(before)) => {
                tracing::warn!(provider = %self.settings.name, %why, "the identity provider cannot be read anew");
                Ok(before)
            }
            (Err(why), None) => Err(why),
        }
    }

    async fn read(&self, now: i64) -> Result<Arc<Known>, Unfit> {
        let metadata = self.metadata().await?;
        let keys = self.keys(&metadata).await?;
        let known = Arc::new(Known { metadata, keys, read_at: now });
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(known.clone());
        Ok(known)
    }

    /// Reads its metadata.
    pub(crate) async fn metadata(&self) -> Result<Metadata, Unfit> {
        let issuer = &self.settings.issuer;
        let place = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let answer = self.get(&place).await?;
        let metadata: Metadata = serde_json::from_slice(&answer.body)
            .map_err(|error| Unfit(format!("`{place}` is no OpenID Connect metadata: {error}")))?;
        if metadata.issuer != *issuer {
            return Err(Unfit(format!(
                "`{place}` says that the issuer is `{}`, not `{issuer}`; configure it exactly as it says",
                crate::approver::text::inert_short(&metadata.issuer, 200)
            )));
        }
        let endpoints = [&metadata.authorization_endpoint, &metadata.token_endpoint, &metadata.jwks_uri];
        for endpoint in endpoints.into_iter().chain(&metadata.end_session_endpoint) {
            outward::safe(endpoint).map_err(|why| Unfit(format!("`{place}`: {why}")))?;
        }
        Ok(metadata)
    }

    /// What time it is there, Unix seconds, by the `Date` of its answers; `None` where they have none.
    pub(crate) async fn time(&self) -> Option<i64> {
        let place =
            format!("{}/.well-known/openid-configuration", self.settings.issuer.trim_end_matches('/'));
        let answer = self.get(&place).await.ok()?;
        http_date(answer.headers.get("date")?.to_str().ok()?)
    }

    /// Reads its keys.
    pub(crate) async fn keys(&self, metadata: &Metadata) -> Result<Keys, Unfit> {
        let answer = self.get(&metadata.jwks_uri).await?;
        let read = Keys::read(&answer.body).map_err(|why| Unfit(format!("the provider's keys: {why}")))?;
        if read.len() == 0 {
            return Err(Unfit("the provider publishes no key that is understood".to_owned()));
        }
        Ok(read)
    }

    async fn get(&self, place: &str) -> Result<Answer, Unfit> {
        let request = request(Request::get(place).header("accept", "application/json"), Vec::new())?;
        let answer = self.outward.call(request).await.map_err(|error| Unfit(error.to_string()))?;
        match answer.status {
            200 => Ok(answer),
            status => Err(Unfit(format!("`{place}` answers with status {status}"))),
        }
    }

    /// Verifies a token's signature; where its key is not known, keys are read once more.
    pub(crate) async fn believe(&self, token: &str, now: i64) -> Result<Believed, Unfit> {
        let known = self.known(now).await?;
        let allowed = &self.settings.algorithms;
        match jwt::verify(token, &known.keys, allowed) {
            Err(Unbelieved::Key) if self.may_look(now) => {
                let known = self.read(now).await?;
                jwt::verify(token, &known.keys, allowed)
            }
            other => other,
        }
        .map_err(|why| Unfit(format!("the provider's token is not believed: {why}")))
    }

    fn may_look(&self, now: i64) -> bool {
        let mut looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        let may = now >= looked.saturating_add(AGAIN_MS);
        if may {
            *looked = now;
        }
        may
    }

    /// Exchanges a code for tokens.
    pub(crate) async fn exchange(
        &self,
        metadata: &Metadata,
        code: &str,
        verifier: &str,
        redirect_uri: &str,
    ) -> Result<Tokens, Unfit> {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri),
            ("code_verifier", verifier),
        ];
        let answer = self.post(metadata, &fields).await?;
        if answer.status != 200 {
            return Err(Unfit(format!("the provider does not take the code: {}", said(&answer))));
        }
        let given: Given = serde_json::from_slice(&answer.body)
            .map_err(|_| Unfit("the provider's answer to the code is not understood".to_owned()))?;
        let id_token = given.id_token.ok_or_else(|| Unfit("the provider gives no ID token".to_owned()))?;
        Ok(Tokens { id_token: Plain::from(id_token), access_token: given.access_token.map(Plain::from) })
    }

    /// Calls the token endpoint as ourselves.
    pub(crate) async fn post(&self, metadata: &Metadata, fields: &[(&str, &str)]) -> Result<Answer, Unfit> {
        let (id, secret) = (self.settings.client_id.as_str(), self.settings.client_secret.expose());
        let methods = &metadata.token_endpoint_auth_methods_supported;
        let offers = |method: &str| methods.iter().any(|one| one == method);
        let mut fields = fields.to_vec();
        let mut request = Request::post(&metadata.token_endpoint)
            .header("accept", "application/json")
            .header("content-type", "application/x-www-form-urlencoded");
        // What the specification takes for granted where nothing is said.
        if methods.is_empty() || offers("client_secret_basic") {
            let both = Plain::joined(&[&escaped(id), ":", &escaped(secret)]);
            request = request.header("authorization", format!("Basic {}", STANDARD.encode(both.expose())));
        } else if offers("client_secret_post") {
            fields.extend([("client_id", id), ("client_secret", secret)]);
        } else {
            return Err(Unfit("the provider takes no client secret, neither as `client_secret_basic` nor as `client_secret_post`".to_owned()));
        }
        let request = self::request(request, form(&fields).into_bytes())?;
        self.outward.call(request).await.map_err(|error| Unfit(error.to_string()))
    }

    /// The groups that Microsoft Graph says the bearer of `token` is in.
    pub(crate) async fn ask_graph(&self, graph: &str, token: Option<&Plain>) -> Result<Vec<String>, Unfit> {
        let failed = |why: String| {
            Unfit(format!(
                "you are in more groups than fit into a token, and Microsoft Graph does not tell them: {why}; the application \
                 needs the delegated permissions `User.Read` and `GroupMember.Read.All`, with consent of an administrator"
            ))
        };
        let token = token.ok_or_else(|| failed("there is no access token".to_owned()))?;
        let place = format!("{}/v1.0/me/getMemberObjects", graph.trim_end_matches('/'));
        let request = Request::post(&place)
            .header("accept", "application/json")
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {}", token.expose()));
        let body = br#"{"securityEnabledOnly":true}"#.to_vec();
        let answer = self.outward.call(self::request(request, body)?).await;
        let answer = answer.map_err(|error| failed(error.to_string()))?;
        match (answer.status, serde_json::from_slice::<Members>(&answer.body)) {
            (200, Ok(members)) => {
                claims::named(&self.settings, members.value.iter().map(String::as_str).collect())
            }
            (status, _) => Err(failed(format!("it answers with status {status}"))),
        }
    }

    /// Where a browser goes to end its session at the provider, too.
    pub(crate) async fn leave(&self, id_token: Option<&str>, back: &str, now: i64) -> Option<String> {
        match self.settings.log_out {
            LogOut::Here => return None,
            LogOut::Provider => {}
        }
        let known = self.known(now).await.ok()?;
        let place = known.metadata.end_session_endpoint.as_ref()?;
        let mut fields =
            vec![("client_id", self.settings.client_id.as_str()), ("post_logout_redirect_uri", back)];
        fields.extend(id_token.map(|token| ("id_token_hint", token)));
        Some(with_query(place, &fields))
    }
}

/// What a provider said went wrong: its code and words, and nothing that it was sent.
pub(crate) fn said(answer: &Answer) -> String {
    #[derive(Default, Deserialize)]
    struct Error {
        error: Option<String>,
        error_description: Option<String>,
    }
    let error: Error = serde_json::from_slice(&answer.body).unwrap_or_default();
    let words: Vec<String> = [error.error, error.error_description].into_iter().flatten().collect();
    match words.join(": ") {
        none if none.is_empty() => format!("status {}", answer.status),
        words => crate::approver::text::inert_short(&words, 200).to_string(),
    }
}

/// `application/x-www-form-urlencoded`
pub(crate) fn form(fields: &[(&str, &str)]) -> String {
    let pairs: Vec<String> =
        fields.iter().map(|(name, value)| format!("{}={}", escaped(name), escaped(value))).collect();
    pairs.join("&")
}

/// An address with these fields added to its query.
pub(crate) fn with_query(place: &str, fields: &[(&str, &str)]) -> String {
    let joint = if place.contains('?') { '&' } else { '?' };
    format!("{place}{joint}{}", form(fields))
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`, the one form of dates that may be sent (RFC 9110, 5.6.7).
fn http_date(text: &str) -> Option<i64> {
    let form = time::macros::format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    time::PrimitiveDateTime::parse(text, form).ok().map(|when| when.assume_utc().unix_timestamp())
}

fn escaped(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::with_capacity(text.len()), |mut all, b| {
        match b {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => all.push(char::from(b)),
            b => write!(all, "%{b:02X}").unwrap_or_default(),
        }
        all
    })
}

/// How long a sign-in may take at most.
pub(crate) const SIGN_IN: Duration = Duration::from_mins(10);

#[cfg(test)]
mod tests {
    use super::{form, http_date, with_query};

    #[test]
    fn a_date_of_http_is_read() {
        assert_eq!(http_date("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
        assert_eq!(http_date("yesterday"), None);
    }

    #[test]
    fn what_is_sent_cannot_become_another_field() {
        assert_eq!(form(&[("a b", "c&d=é")]), "a%20b=c%26d%3D%C3%A9");
        assert_eq!(with_query("https://i/a?p=1", &[("x", "y")]), "https://i/a?p=1&x=y");
        assert_eq!(with_query("https://i/a", &[("x", "y")]), "https://i/a?x=y");
    }
}
