//! Signing in with an identity provider: away to it, and back (authorization code with PKCE).
//!
//! Promises: state, nonce and verifier are new for each sign-in, count once, for ten minutes, and only at the browser that
//! began it; an answer that another provider gave is refused (RFC 9207); nobody is led anywhere but to our own pages; a
//! session is new at each sign-in, so that one that was planted is never kept. What goes wrong is a page with one sentence.

use axum::{
    extract::{Path, Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use countersign_wire::digest::{b64url, tagged};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::{
    Reviewer, Shown, Transport,
    claims::{Again, Groups, Unfit, Wanted, id_token},
    page,
    provider::{Idp, Metadata, SIGN_IN, with_query},
    token,
};
use crate::{
    approver::{find, problem::Trouble, text::inert_short},
    ids, inbox,
    service::{Person, Service, SignedIn},
    store::{
        session::Told,
        sign_in::{Begun, Kept},
    },
};

/// The page a sign-in leads to: that of a request, or the one that lets a command line in. Anything else is the inbox.
pub(super) fn next(path: &str) -> Option<&str> {
    let request = path.strip_prefix("/r/").is_some_and(countersign_wire::names::is_task_id);
    let device = path.strip_prefix("/login/device?user_code=").is_some_and(super::device::is_user_code);
    (request || device).then_some(path)
}

fn browser_digest(cookie: &str) -> String {
    tagged("countersign-sign-in-browser-v1\0", cookie.as_bytes())
}

/// Why a sign-in came to nothing.
pub(super) enum Failed {
    /// A sentence for the person.
    Unfit(Unfit),
    /// The service failed.
    Trouble(Trouble),
}

impl From<Unfit> for Failed {
    fn from(unfit: Unfit) -> Self {
        Self::Unfit(unfit)
    }
}

impl<T: Into<Trouble>> From<T> for Failed {
    fn from(trouble: T) -> Self {
        Self::Trouble(trouble.into())
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        match self {
            Self::Trouble(trouble) => inbox::Shown(trouble).into_response(),
            Self::Unfit(Unfit(why)) => {
                tracing::warn!(%why, "a sign-in was refused");
                page::refused(StatusCode::FORBIDDEN, &why)
            }
        }
    }
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Where {
    next: Option<String>,
    #[serde(default)]
    again: Option<String>,
}

/// `GET /login/to/{provider}`: away. It makes a row that lasts ten minutes, and changes nothing else.
pub(super) async fn begin(
    State(service): State<Service>,
    Path(name): Path<String>,
    Query(to): Query<Where>,
    headers: HeaderMap,
) -> Result<Response, Failed> {
    let idp = service.providers().named(&name).ok_or_else(unknown)?;
    let next = to.next.as_deref().and_then(next).unwrap_or("/inbox").to_owned();
    let again = match to.again {
        None => None,
        Some(_) => Some(repeat(&service, &headers, &next).await?),
    };
    let now = service.now_ms();
    let known = idp.known(now).await?;
    // Several sign-ins of one browser, in several tabs, have the same cookie.
    let browser = match Transport::of(service.config()).browser(&headers) {
        Some(cookie) if cookie.len() == 43 => cookie.to_owned(),
        Some(_) | None => ids::token()?,
    };
    let (state, nonce, verifier) = (ids::token()?, ids::token()?, ids::token()?);
    let place = away(&service, idp, &known.metadata, again.as_ref(), [&state, &nonce, &verifier]);
    let begun = Begun {
        browser: browser_digest(&browser),
        provider: name,
        nonce,
        verifier,
        next,
        again: again.map(|again| serde_json::to_string(&again).unwrap_or_default()),
        expires_at: now.saturating_add(i64::try_from(SIGN_IN.as_millis()).unwrap_or(i64::MAX)),
    };
    match service.begin_sign_in(&state, begun).await? {
        Kept::Yes => {}
        Kept::No => {
            return Err(
                Unfit("too many people sign in at once; try again in a few minutes".to_owned()).into()
            );
        }
    }
    let seconds = i64::try_from(SIGN_IN.as_secs()).unwrap_or_default();
    let mut answer = Redirect::to(&place).into_response();
    set(&mut answer, &Transport::of(service.config()).sign_in(&browser, seconds))?;
    Ok(answer)
}

fn unknown() -> Unfit {
    Unfit("there is no identity provider of this name here".to_owned())
}

fn set(answer: &mut Response, cookie: &str) -> Result<(), Failed> {
    let cookie = HeaderValue::try_from(cookie).map_err(|fault| Trouble::Failed(fault.to_string()))?;
    answer.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(())
}

/// The address at the provider.
fn away(
    service: &Service,
    idp: &Idp,
    metadata: &Metadata,
    again: Option<&Again>,
    [state, nonce, verifier]: [&str; 3],
) -> String {
    let settings = &idp.settings;
    let redirect_uri = settings.redirect_uri(service.config().issuer());
    let challenge = b64url(&Sha256::digest(verifier));
    let scopes = settings.scopes.join(" ");
    let mut fields = vec![
        ("response_type", "code"),
        ("client_id", settings.client_id.as_str()),
        ("redirect_uri", redirect_uri.as_str()),
        ("scope", scopes.as_str()),
        ("state", state),
        ("nonce", nonce),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
    ];
    fields.extend(settings.hosted_domain.as_deref().map(|domain| ("hd", domain)));
    let (mut age, mut acr) = (String::new(), String::new());
    if let Some(again) = again {
        age.push_str(&again.max_age_s.to_string());
        acr.push_str(&again.acr.join(" "));
        fields.extend([("prompt", "login"), ("max_age", age.as_str())]);
    }
    if acr.is_empty() && !settings.human.acr.is_empty() {
        acr = settings.human.acr.iter().cloned().collect::<Vec<_>>().join(" ");
    }
    if !acr.is_empty() {
        fields.push(("acr_values", acr.as_str()));
    }
    with_query(&metadata.authorization_endpoint, &fields)
}

/// What signing in again must bring, for the request it leads back to.
async fn repeat(service: &Service, headers: &HeaderMap, next: &str) -> Result<Again, Failed> {
    let reviewer = Reviewer::find(service, headers).await?.ok_or(Trouble::NotLoggedIn)?;
    let id = next.strip_prefix("/r/").unwrap_or_default();
    let task = find(service, id).await?;
    let again = service.step_up(&task, &reviewer.person);
    Ok(again.ok_or_else(|| Unfit("this request needs no fresh sign-in".to_owned()))?)
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Back {
    code: Option<String>,
    state: Option<String>,
    iss: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

/// `GET /login/callback/{provider}`: back.
pub(super) async fn back(
    State(service): State<Service>,
    Path(name): Path<String>,
    Query(back): Query<Back>,
    headers: HeaderMap,
) -> Result<Response, Failed> {
    let idp = service.providers().named(&name).ok_or_else(unknown)?;
    let over = || Unfit("this sign-in is over, or was begun in another browser; begin again".to_owned());
    let begun = match &back.state {
        Some(state) => service.take_sign_in(state).await?.ok_or_else(over)?,
        None => return Err(over().into()),
    };
    let transport = Transport::of(service.config());
    let browser = transport.browser(&headers).map(browser_digest);
    if browser.as_ref() != Some(&begun.browser) || begun.provider != name {
        return Err(over().into());
    }
    let now = service.now_ms();
    let known = idp.known(now).await?;
    match &back.iss {
        Some(iss) if *iss == idp.settings.issuer => {}
        None if !known.metadata.authorization_response_iss_parameter_supported => {}
        Some(_) | None => {
            return Err(Unfit("the answer is not from the provider that was asked (`iss`)".to_owned()).into());
        }
    }
    if let Some(error) = &back.error {
        let words = [Some(error.as_str()), back.error_description.as_deref()];
        let words: Vec<&str> = words.into_iter().flatten().collect();
        return Err(Unfit(format!("the provider says: {}", inert_short(&words.join(": "), 300))).into());
    }
    let code = back.code.as_deref().ok_or_else(|| Unfit("the provider's answer has no code".to_owned()))?;
    let (signed_in, next) = learn(&service, idp, &known.metadata, &begun, code, &headers).await?;
    let opened = service.signed_in(signed_in).await?;
    let mut answer = Redirect::to(next).into_response();
    set(&mut answer, &transport.set(&opened.token))?;
    set(&mut answer, &transport.sign_in("", 0))?;
    Ok(answer)
}

/// Who it is that comes back.
async fn learn<'b>(
    service: &Service,
    idp: &Idp,
    metadata: &Metadata,
    begun: &'b Begun,
    code: &str,
    headers: &HeaderMap,
) -> Result<(SignedIn, &'b str), Failed> {
    let settings = &idp.settings;
    let now = service.now_ms();
    let redirect_uri = settings.redirect_uri(service.config().issuer());
    let tokens = idp.exchange(metadata, code, &begun.verifier, &redirect_uri).await?;
    let believed = idp.believe(tokens.id_token.expose(), now).await?;
    let again: Option<Again> = match &begun.again {
        None => None,
        Some(kept) => {
            Some(serde_json::from_str(kept).map_err(|_| Trouble::Failed("a repeated sign-in".to_owned()))?)
        }
    };
    let wanted = Wanted { nonce: &begun.nonce, again: again.as_ref() };
    let told = id_token(settings, &believed, &wanted, now / 1000)?;
    let groups = match told.groups {
        Groups::These(groups) => groups,
        Groups::AtGraph(graph) => idp.ask_graph(&graph, tokens.access_token.as_ref()).await?,
    };
    let person = Person {
        iss: settings.issuer.clone(),
        sub: told.sub.clone(),
        email: told.email,
        name: told.name,
        groups,
    };
    let kept = match settings.log_out {
        crate::config::sign_in::LogOut::Here => None,
        crate::config::sign_in::LogOut::Provider => Some(tokens.id_token.expose().to_owned()),
    };
    let signed_in = SignedIn {
        told: Told {
            iss: Some(person.iss.clone()),
            sub: Some(told.sub),
            sid: told.sid,
            auth_time: told.auth_time,
            acr: told.acr,
            id_token: kept,
        },
        person,
        entra: told.entra,
        instead_of: token(service, headers)
            .filter(|(_, shown)| *shown == Shown::Cookie)
            .map(|(token, _)| token.to_owned()),
    };
    Ok((signed_in, &begun.next))
}

#[cfg(test)]
mod tests {
    use super::next;

    #[test]
    fn a_sign_in_leads_to_our_own_pages_and_nowhere_else() {
        for good in ["/r/arq_1", "/login/device?user_code=BCDF-GHJK"] {
            assert_eq!(next(good), Some(good));
        }
        for bad in [
            "//evil.example",
            "https://evil.example/r/arq_1",
            "/r/../logout",
            "/r/arq_1?x=//evil",
            "/login/device?user_code=BCDF-GHJK&x=y",
            "/login/device?user_code=//evil.example",
            "/logout",
            "",
        ] {
            assert_eq!(next(bad), None, "{bad}");
        }
    }
}
