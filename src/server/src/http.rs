//! One port, two protocols: HTTP/1.1 and HTTP/2 without TLS, as Envoy's cluster and a browser speak them.
//!
//! Promises: a shutdown ends open long polls with an answer and lets what is under way finish; a peer that sends its
//! headers slowly, or opens streams without end, is cut off.

use std::{net::SocketAddr, time::Duration};

use axum::{
    Router,
    extract::ConnectInfo,
    http::{HeaderValue, Request, StatusCode, header},
};
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt as _;
use tower_http::{set_header::SetResponseHeaderLayer, timeout::TimeoutLayer};

use crate::{
    access, approver, inbox,
    service::{Service, StartError},
};

/// How long a peer may take for its headers.
const HEAD: Duration = Duration::from_secs(10);
/// How long a call may take until its answer begins: longer than any long poll.
const CALL: Duration = Duration::from_secs(30);
/// How long what is under way may take once the service shuts down.
const DRAIN: Duration = Duration::from_secs(10);
/// A filter holds many calls over few connections.
const STREAMS: u32 = 4_096;

/// Everything that is served, for tests and for embedding; whoever serves it adds `ConnectInfo<SocketAddr>` to requests.
pub fn router(service: Service) -> Router {
    let no_store =
        SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    access::router(service.clone())
        .merge(approver::router(service.clone()))
        .merge(inbox::router(service))
        .layer(no_store)
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, CALL))
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
    let app = router(service.clone());
    let graceful = GracefulShutdown::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut shutdown => break,
        };
        match accepted {
            Ok((stream, peer)) => connection(stream, peer, app.clone(), &graceful),
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

fn connection(stream: TcpStream, peer: SocketAddr, app: Router, graceful: &GracefulShutdown) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "no TCP_NODELAY");
    }
    let service = app.map_request(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        request.map(axum::body::Body::new)
    });
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(32 * 1024)
        .keep_alive_interval(Duration::from_secs(20))
        .keep_alive_timeout(Duration::from_secs(10));
    let serving =
        builder.serve_connection_with_upgrades(TokioIo::new(stream), TowerToHyperService::new(service));
    let serving = graceful.watch(serving.into_owned());
    tokio::spawn(async move {
        if let Err(error) = serving.await {
            tracing::debug!(%peer, %error, "a connection ended early");
        }
    });
}
