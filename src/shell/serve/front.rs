//! Everything HTTP: who may ask, what, how much of it and how often. It knows nothing of stores but their webhooks; the engine is asked
//! by way of the desk.

mod accept;
mod body;
mod callers;
mod events;
mod fault;
mod gate;
mod health;
mod hooks;
mod metrics;
mod openapi;
mod patient;
mod plans;
mod query;
mod records;
mod routes;
mod tally;
mod told;

pub use callers::Callers;
pub use hooks::Hooks;

use super::alerts::AlertCounts;
use super::desk::{Answer, Asked, Desk, Health, Reply};
use crate::config::ServeLimits;
use crate::shell::exit::Stop;
use crate::shell::fault::plainly;
use crate::shell::project::Project;
use fault::Fault;
use jiff::tz::TimeZone;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};
use tally::Tally;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;

/// Threads that speak HTTP; what takes long goes to others.
const THREADS: usize = 2;
/// Threads for what takes long: large bodies, records, webhooks.
const BLOCKING_THREADS_MAX: usize = 16;
/// How long the engine may take to say how it is.
const HEALTH_MS_MAX: u64 = 2_000;
/// How long that counts.
const HEALTH_FRESH_MS: u64 = 500;

/// What every request may need.
pub struct House {
    plot: Plot,
    current: RwLock<Arc<Current>>,
    bodies: Semaphore,
    tally: Tally,
    stopping: AtomicBool,
    health: Mutex<Option<(Instant, Arc<Health>)>>,
    /// Whether only this machine can reach it.
    is_local: bool,
}

/// How long slow clients are borne with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Patience {
    /// How long the head of a request may take, the wait for the next one included, in milliseconds.
    pub head_ms_max: u64,
    /// How long a client may take nothing of its answer, in milliseconds.
    pub stalled_ms_max: u64,
}

impl Default for Patience {
    fn default() -> Self {
        Self { head_ms_max: 10_000, stalled_ms_max: 10_000 }
    }
}

/// What a house is made of.
pub struct Plot {
    /// Where the engine is asked.
    pub desk: Desk,
    /// What is refused as too much.
    pub limits: ServeLimits,
    /// How long slow clients are borne with.
    pub patience: Patience,
    /// Where records are read.
    pub state: PathBuf,
    /// What became of alerts.
    pub alerts: AlertCounts,
    /// Where it listens.
    pub address: SocketAddr,
}

/// What follows the project on disk.
pub struct Current {
    /// For moments without an offset.
    pub zone: TimeZone,
    /// Who may ask.
    pub callers: Callers,
    /// Who may tell.
    pub hooks: Hooks,
    /// How the daemon is called from outside.
    pub public_url: Option<String>,
}

/// The daemon's front: it serves until it is stopped.
pub struct Front {
    runtime: Runtime,
    stop: watch::Sender<bool>,
    accepting: Option<JoinHandle<()>>,
    house: Arc<House>,
}

impl House {
    /// A house that begins with this configuration.
    pub fn new(plot: Plot, current: Current) -> Arc<Self> {
        let room = body::BODIES_KIB_MAX.max(plot.limits.body_kib);
        Arc::new(Self {
            is_local: plot.address.ip().is_loopback(),
            plot,
            current: RwLock::new(Arc::new(current)),
            bodies: Semaphore::new(room),
            tally: Tally::default(),
            stopping: AtomicBool::new(false),
            health: Mutex::new(None),
        })
    }

    /// Goes on by another configuration.
    pub fn replace(&self, current: Current) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(current);
    }

    fn current(&self) -> Arc<Current> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// Asks the engine, and waits for the answer as long as a request may take.
    async fn ask<T>(&self, asked: Asked, answer: Answer<T>) -> Result<T, Fault> {
        self.plot.desk.ask(asked)?;
        let seconds = self.plot.limits.request_seconds;
        match tokio::time::timeout(Duration::from_secs(seconds), answer).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(_)) => Err(Fault::unavailable("the daemon is stopping")),
            Err(_) => Err(Fault::unavailable(format!("there was no answer within {seconds} s")).with_help(
                "it may have been done: what is sent again under the same ids does nothing the second time",
            )),
        }
    }

    /// How the engine is; `None` where it does not say so in time.
    async fn health(&self) -> Option<Arc<Health>> {
        let fresh = Duration::from_millis(HEALTH_FRESH_MS);
        if let Some((_, health)) = self.known_health().filter(|(at, _)| at.elapsed() < fresh) {
            return Some(health);
        }
        let (reply, answer) = Reply::pair();
        self.plot.desk.ask(Asked::Health { reply }).ok()?;
        let answer = tokio::time::timeout(Duration::from_millis(HEALTH_MS_MAX), answer).await;
        let health: Arc<Health> = Arc::from(answer.ok()?.ok()?);
        *self.health.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((Instant::now(), Arc::clone(&health)));
        Some(health)
    }

    fn known_health(&self) -> Option<(Instant, Arc<Health>)> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Current {
    /// As a project has it.
    ///
    /// # Errors
    /// A line for each token that cannot be used.
    pub fn of(project: &Project) -> Result<Self, Vec<String>> {
        let serve = &project.config.serve;
        Ok(Self {
            zone: project.config.timezone.clone(),
            callers: Callers::read(&project.root, &serve.tokens, serve.limits.requests_per_second)?,
            hooks: Hooks::of(project),
            public_url: serve.public_url.clone(),
        })
    }
}

impl Front {
    /// Begins to serve.
    ///
    /// # Errors
    /// The system gives no thread, or not this listener.
    pub fn start(listener: TcpListener, house: &Arc<House>) -> Result<Self, Stop> {
        let cannot = |error: std::io::Error| Stop::failed(format_args!("cannot serve: {}", plainly(&error)));
        let mut builder = Builder::new_multi_thread();
        builder
            .worker_threads(THREADS)
            .max_blocking_threads(BLOCKING_THREADS_MAX)
            .thread_name("front")
            .enable_all();
        let runtime = builder.build().map_err(cannot)?;
        listener.set_nonblocking(true).map_err(cannot)?;
        let listener = {
            let _inside = runtime.enter();
            tokio::net::TcpListener::from_std(listener).map_err(cannot)?
        };
        let (stop, stopped) = watch::channel(false);
        let work = accept::accept(listener, routes::router(house), Arc::clone(house), stopped);
        let accepting = Some(runtime.spawn(work));
        Ok(Self { runtime, stop, accepting, house: Arc::clone(house) })
    }

    /// Waits on its threads for something else to happen.
    pub fn wait_for<T>(&self, event: impl Future<Output = T>) -> T {
        self.runtime.block_on(event)
    }

    /// Says that it will stop: `/readyz` tells, and nothing new is accepted.
    pub fn begin_stop(&self) {
        self.house.stopping.store(true, Ordering::Relaxed);
        let _ = self.stop.send(true);
    }

    /// Ends when the requests that were begun are answered.
    pub fn drained(&mut self) -> impl Future<Output = ()> + use<> {
        let accepting = self.accepting.take();
        async move {
            if let Some(accepting) = accepting {
                // One that broke has ended too.
                let _ = accepting.await;
            }
        }
    }

    /// Waits for that, and no longer than this.
    pub fn drain(&mut self, within: Duration) {
        let drained = self.drained();
        // What takes longer is cut off by the end.
        let _ = self.wait_for(async move { tokio::time::timeout(within, drained).await });
    }

    /// Ends. What is not finished is cut off.
    pub fn end(self) {
        self.runtime.shutdown_timeout(Duration::from_millis(100));
    }
}
