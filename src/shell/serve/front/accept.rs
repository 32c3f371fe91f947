//! Connections: so many at once, each with its head in time, and none held up by a peer that takes nothing.

use super::House;
use super::patient::Patient;
use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tracing::{debug, warn};

/// The most bytes of a head; of the rest so much is held at once.
const HEAD_BYTES_MAX: usize = 32 << 10;
/// How long nothing is accepted where the system has no room for a connection, in milliseconds.
const PAUSE_MS: u64 = 100;

/// Serves until it is told to stop, and then until the requests that were begun are answered.
pub(super) async fn accept(
    listener: TcpListener,
    router: Router,
    house: Arc<House>,
    mut stopped: watch::Receiver<bool>,
) {
    let seats = Arc::new(Semaphore::new(house.plot.limits.connections));
    let patience = house.plot.patience;
    let [head, stalled] = [patience.head_ms_max, patience.stalled_ms_max].map(Duration::from_millis);
    let graceful = GracefulShutdown::new();
    loop {
        let stream = tokio::select! {
            biased;
            _ = stopped.wait_for(|stopped| *stopped) => break,
            stream = next(&listener, &seats) => stream,
        };
        let Some((stream, seat)) = stream else { continue };
        let service = TowerToHyperService::new(router.clone());
        let io = TokioIo::new(Patient::new(stream, stalled));
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(head).max_buf_size(HEAD_BYTES_MAX);
        let connection = graceful.watch(http.serve_connection(io, service));
        let house = Arc::clone(&house);
        house.tally.connected();
        tokio::spawn(async move {
            if let Err(fault) = connection.await {
                debug!(%fault, "a connection ended");
            }
            house.tally.disconnected();
            drop(seat);
        });
    }
    drop(listener);
    graceful.shutdown().await;
}

type Seat = tokio::sync::OwnedSemaphorePermit;

/// The next connection, once there is a seat for it.
async fn next(listener: &TcpListener, seats: &Arc<Semaphore>) -> Option<(TcpStream, Seat)> {
    let seat = Arc::clone(seats).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => {
            // Answers are small, and somebody waits for them.
            let _ = stream.set_nodelay(true);
            Some((stream, seat))
        }
        Err(fault) => {
            warn!(%fault, "a connection could not be accepted");
            tokio::time::sleep(Duration::from_millis(PAUSE_MS)).await;
            None
        }
    }
}
