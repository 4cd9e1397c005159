//! One port, two protocols: HTTP/1.1 and HTTP/2 without TLS, as Envoy's cluster and a browser speak them.
//!
//! Promises: a shutdown ends open long polls with an answer and lets what is under way finish; a peer that sends its
//! headers or its body slowly, says nothing, reads nothing, or opens streams or connections without end, is cut off, and
//! nobody else feels it. Every answer, also an error, says that it is not to be kept, framed or guessed at.

mod headers;
mod patience;
mod room;

use std::{net::SocketAddr, time::Duration};

use axum::{
    Router,
    extract::ConnectInfo,
    http::{Request, StatusCode},
    middleware::{from_fn_with_state, map_response},
    response::Response,
};
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt as _;
use tower_http::timeout::TimeoutLayer;

use headers::Reached;
use patience::{Limits, Patient};
use room::{Place, Room};

use crate::{
    access, approver,
    config::Mode,
    inbox, observe,
    service::{Service, StartError},
};

/// How long a peer may take for its headers.
const HEAD: Duration = Duration::from_secs(10);
/// How long a call may take until its answer begins: longer than any long poll.
const CALL: Duration = Duration::from_secs(30);
/// How long what is under way may take once the service shuts down.
const DRAIN: Duration = Duration::from_secs(10);
/// How long nothing may move on a connection: longer than any long poll, and than the pings of HTTP/2.
const IDLE: Duration = Duration::from_secs(75);
/// How many connections there may be at once, in all and from one address.
const CONNECTIONS: usize = 1_024;
const CONNECTIONS_EACH: usize = 512;
/// The largest head, in bytes.
const MAX_HEAD: usize = 32 * 1024;
/// The most headers.
const MAX_HEADERS: usize = 100;
/// A filter holds many calls over few connections.
const STREAMS: u32 = 4_096;

/// Everything that is served, for tests and for embedding; whoever serves it adds `ConnectInfo<SocketAddr>` to requests.
pub fn router(service: Service) -> Router {
    let reached = Reached::of(service.config());
    access::router(service.clone())
        .merge(approver::router(service.clone()))
        .merge(crate::slack::router(&service))
        .merge(crate::teams::router(service.clone()))
        .merge(inbox::router(service.clone()))
        .merge(observe::probes(service.clone()))
        .layer(from_fn_with_state(service, observe::count))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, CALL))
        .layer(map_response(move |answer: Response| std::future::ready(headers::guard(reached, answer))))
}

/// Serves until `shutdown` resolves; open long polls end then.
///
/// # Errors
/// A sentence, where the listener fails.
pub async fn serve(
    service: Service,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), StartError> {
    loopback_only(&service, &listener)?;
    let app = router(service.clone());
    crate::slack::listen(&service);
    let room = Room::new(CONNECTIONS, CONNECTIONS_EACH);
    let graceful = GracefulShutdown::new();
    // Whoever sends us work is told first, and has a moment to stop; what comes meanwhile is served.
    let draining = service.clone();
    let shutdown = async move {
        shutdown.await;
        draining.drain();
        tokio::time::sleep(draining.config().drain()).await;
    };
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut shutdown => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                if let Some(place) = room.enter(peer.ip()) {
                    connection(Entered { stream, peer, place }, app.clone(), &graceful);
                } else {
                    tracing::warn!(%peer, "a connection was turned away: there are too many");
                }
            }
            // Out of file descriptors, most likely: existing connections go on, and new ones may work soon.
            Err(error) => {
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    drop(listener);
    service.close().await;
    if tokio::time::timeout(DRAIN, graceful.shutdown()).await.is_err() {
        tracing::warn!("some connections did not end in time and were cut");
    }
    Ok(())
}

/// Serves what `observe:` asks for, for as long as it is polled.
///
/// # Errors
/// A sentence, where the listener fails.
pub async fn serve_observers(service: Service, listener: TcpListener) -> Result<(), StartError> {
    let app =
        observe::router(service).layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, HEAD));
    axum::serve(listener, app).await.map_err(|error| StartError(format!("`observe` ended: {error}")))
}

/// `--dev` lets anyone in who reaches it.
fn loopback_only(service: &Service, listener: &TcpListener) -> Result<(), StartError> {
    let address = listener.local_addr().map_err(|error| StartError(error.to_string()))?;
    match service.config().mode() {
        Mode::Dev if !address.ip().is_loopback() => Err(StartError(format!(
            "`--dev` lets anyone in who reaches it, so it listens on loopback only, not on `{address}`"
        ))),
        Mode::Dev | Mode::Production => Ok(()),
    }
}

/// A connection that got a place.
struct Entered {
    stream: TcpStream,
    peer: SocketAddr,
    place: Place,
}

fn connection(entered: Entered, app: Router, graceful: &GracefulShutdown) {
    let Entered { stream, peer, place } = entered;
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "no TCP_NODELAY");
    }
    let service = app.map_request(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        request.map(axum::body::Body::new)
    });
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(MAX_HEAD)
        .max_headers(MAX_HEADERS);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(u32::try_from(MAX_HEAD).unwrap_or(u32::MAX))
        .keep_alive_interval(Duration::from_secs(20))
        .keep_alive_timeout(Duration::from_secs(10));
    let stream = Patient::new(stream, Limits { first: HEAD, idle: IDLE });
    let serving =
        builder.serve_connection_with_upgrades(TokioIo::new(stream), TowerToHyperService::new(service));
    let serving = graceful.watch(serving.into_owned());
    tokio::spawn(async move {
        if let Err(error) = serving.await {
            tracing::debug!(%peer, %error, "a connection ended early");
        }
        drop(place);
    });
}
