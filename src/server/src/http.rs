//! One port, two protocols: HTTP/1.1 and HTTP/2 without TLS.

use crate::service::{Service, StartError};

/// Serves until `shutdown` resolves; open long polls end then.
pub async fn serve(
    _service: Service,
    _listener: tokio::net::TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), StartError> {
    shutdown.await;
    Ok(())
}
