//! Logging out: by the person, and by the identity provider behind their back (OpenID Connect Back-Channel Logout 1.0).
//!
//! Promises: a session that was logged out is over at once, here and wherever its token is kept; a logout token counts once,
//! only from the provider whose sessions it ends, and nothing else it signs is one.

use axum::{
    Form,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::{Acting, Shown, Transport, claims::logout_token, page, token};
use crate::{approver::problem::Trouble, service::Service, store::sign_in::Kept};

/// The form that ends a session.
#[derive(Debug, Deserialize)]
pub(crate) struct Leave {
    #[serde(default)]
    csrf: String,
}

/// `POST /logout`
pub(crate) async fn close_session(
    State(service): State<Service>,
    Acting(reviewer): Acting,
    headers: HeaderMap,
    Form(leave): Form<Leave>,
) -> Result<Response, Trouble> {
    if reviewer.shown == Shown::Cookie {
        reviewer.check_token(&leave.csrf)?;
    }
    let mut away = None;
    if let Some((token, _)) = token(&service, &headers) {
        let told = service.told(token).await?.unwrap_or_default();
        service.close_session(token).await?;
        let idp = told.iss.as_deref().and_then(|iss| service.providers().of_issuer(iss));
        if let (Some(idp), Shown::Cookie) = (idp, reviewer.shown) {
            let back = format!("{}/login", service.config().issuer());
            away = idp.leave(told.id_token.as_deref(), &back, service.now_ms()).await;
        }
    }
    match reviewer.shown {
        Shown::Bearer => Ok(StatusCode::NO_CONTENT.into_response()),
        Shown::Cookie => {
            let cookie = HeaderValue::try_from(Transport::of(service.config()).clear());
            let cookie = cookie.map_err(|fault| Trouble::Failed(fault.to_string()))?;
            // A form of ours may lead to ourselves only, redirects included, so a page leads on to the provider.
            let answer =
                away.map_or_else(|| Redirect::to("/login").into_response(), |away| page::leaving(&away));
            Ok(([(header::SET_COOKIE, cookie)], answer).into_response())
        }
    }
}

/// What a provider sends.
#[derive(Debug, Deserialize)]
pub(crate) struct Sent {
    logout_token: String,
}

/// `POST /login/logout/{provider}`: the provider says that somebody is logged out.
pub(crate) async fn by_provider(
    State(service): State<Service>,
    Path(name): Path<String>,
    Form(sent): Form<Sent>,
) -> Result<Response, Trouble> {
    let refused = |why: String| {
        tracing::warn!(provider = %crate::approver::text::inert_short(&name, 32), %why, "a logout token was refused");
        let body = serde_json::json!({"error": "invalid_request", "error_description": why});
        (StatusCode::BAD_REQUEST, axum::Json(body)).into_response()
    };
    let Some(idp) = service.providers().named(&name) else {
        return Ok(refused("there is no identity provider of this name here".to_owned()));
    };
    let now = service.now_ms();
    let whose = match idp.believe(&sent.logout_token, now).await {
        Ok(believed) => logout_token(&idp.settings, &believed, now / 1000),
        Err(unfit) => Err(unfit),
    };
    let whose = match whose {
        Ok(whose) => whose,
        Err(unfit) => return Ok(refused(unfit.to_string())),
    };
    match service.log_out(&idp.settings.issuer, whose).await? {
        Kept::Yes => Ok(StatusCode::OK.into_response()),
        Kept::No => Ok(refused("this logout token came before".to_owned())),
    }
}
