//! The network between Envoy and the approval service, which can be cut, fall silent, slow down or close one way.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Result;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::{block_on, spawn};

/// What the network does to bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weather {
    /// It carries them.
    Fair,
    /// Connections break at once, open ones and new ones.
    Cut,
    /// Nothing arrives any more, and nobody is told; what was sent meanwhile arrives when the weather changes.
    Silent,
    /// Everything arrives so much later.
    Slow(Duration),
    /// What the service says is cut off with an end of stream; what is said to it still arrives.
    HalfClosed,
}

/// Which way bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    ToService,
    FromService,
}

/// A TCP relay with weather.
pub struct Link {
    address: SocketAddr,
    weather: watch::Sender<Weather>,
    opened: Arc<AtomicU64>,
    listening: JoinHandle<()>,
}

impl Link {
    /// Listens on a free port and relays to `service`, in fair weather.
    ///
    /// # Errors
    /// When there is no port.
    pub fn to(service: SocketAddr) -> Result<Self> {
        let listener = block_on(async { Ok(TcpListener::bind("127.0.0.1:0").await?) })?;
        let address = listener.local_addr()?;
        let (weather, seen) = watch::channel(Weather::Fair);
        let opened = Arc::<AtomicU64>::default();
        let listening = spawn(listen(listener, service, seen, Arc::clone(&opened)))?;
        Ok(Self { address, weather, opened, listening })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Changes the weather, for open connections too.
    pub fn weather(&self, weather: Weather) {
        self.weather.send_replace(weather);
    }

    /// How many connections were ever opened to it, in any weather.
    pub fn opened(&self) -> u64 {
        self.opened.load(Ordering::SeqCst)
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn listen(
    listener: TcpListener,
    service: SocketAddr,
    weather: watch::Receiver<Weather>,
    opened: Arc<AtomicU64>,
) {
    while let Ok((stream, _)) = listener.accept().await {
        opened.fetch_add(1, Ordering::SeqCst);
        let weather = weather.clone();
        // A connection that fails is what this is for.
        tokio::spawn(async move { relay(stream, service, weather).await.ok() });
    }
}

async fn relay(near: TcpStream, service: SocketAddr, weather: watch::Receiver<Weather>) -> Result<()> {
    if *weather.borrow() == Weather::Cut {
        return Ok(());
    }
    let far = TcpStream::connect(service).await?;
    near.set_nodelay(true)?;
    far.set_nodelay(true)?;
    let ((near_read, near_write), (far_read, far_write)) = (near.into_split(), far.into_split());
    let mut sky = weather.clone();
    let there = carry(near_read, far_write, weather.clone(), Way::ToService);
    let back = carry(far_read, near_write, weather, Way::FromService);
    tokio::select! {
        _ = sky.wait_for(|weather| *weather == Weather::Cut) => {}
        _ = async { tokio::join!(there, back) } => {}
    }
    Ok(())
}

/// Carries bytes one way until an end, or until the weather ends it.
async fn carry(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut weather: watch::Receiver<Weather>,
    way: Way,
) -> Result<()> {
    let mut buffer = vec![0; 65_536];
    loop {
        if ends(*weather.borrow_and_update(), way) {
            return Ok(to.shutdown().await?);
        }
        let count = tokio::select! {
            count = from.read(&mut buffer) => count?,
            changed = weather.changed() => {
                changed?;
                continue;
            }
        };
        if count == 0 {
            return Ok(to.shutdown().await?);
        }
        loop {
            let now = *weather.borrow_and_update();
            match now {
                Weather::Silent => weather.changed().await?,
                Weather::Slow(delay) => {
                    tokio::time::sleep(delay).await;
                    break;
                }
                Weather::Fair | Weather::Cut | Weather::HalfClosed => break,
            }
        }
        if ends(*weather.borrow(), way) {
            return Ok(to.shutdown().await?);
        }
        to.write_all(buffer.get(..count).unwrap_or_default()).await?;
    }
}

/// Whether this weather ends that way of a connection.
fn ends(weather: Weather, way: Way) -> bool {
    match weather {
        Weather::Cut => true,
        Weather::HalfClosed => way == Way::FromService,
        Weather::Fair | Weather::Silent | Weather::Slow(_) => false,
    }
}
