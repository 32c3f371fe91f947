//! The network: one client with its connections and one thread, for all stores and sessions of a run.

mod client;
mod lane;
mod tape;

pub(super) use lane::Going;
pub use lane::{Lane, Turns};
pub(super) use tape::{Asked, Came, Tape};

use crate::config::Network;
use crate::dispatch::{CallLimits, CircuitLimits, RetryLimits};
use reqwest::Client;
use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use tape::{Player, Recorder};
use tokio::runtime::{Builder, Handle};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::task::AbortHandle;

/// How the network is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetSettings {
    /// How long a connection may take, in milliseconds.
    pub connect_ms: u64,
    /// How long the head of a response may take once the connection stands, the sending of the request with it, in milliseconds.
    pub head_ms: u64,
    /// How long the body may take from there, in milliseconds.
    pub body_ms: u64,
    /// The most bytes of a response's body.
    pub body_bytes_max: usize,
    /// The proxy of every request that leaves the machine; without it, what the environment names.
    pub proxy: Option<String>,
    /// A file of certificates (PEM) of authorities that are trusted beside the system's.
    pub ca_file: Option<PathBuf>,
    /// How often a request is sent again.
    pub retry: RetryLimits,
    /// When a store is left alone.
    pub circuit: CircuitLimits,
}

impl Default for NetSettings {
    fn default() -> Self {
        Self {
            connect_ms: 10_000,
            head_ms: 60_000,
            body_ms: 60_000,
            body_bytes_max: 64 << 20,
            proxy: None,
            ca_file: None,
            retry: RetryLimits::default(),
            circuit: CircuitLimits::default(),
        }
    }
}

/// The network of a run. It costs nothing until something is sent; copies are the same network.
#[derive(Clone, Debug, Default)]
pub struct Net(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    settings: NetSettings,
    running: OnceLock<Result<Running, String>>,
    lanes: Mutex<BTreeMap<String, Arc<Lane>>>,
    turns: Mutex<BTreeMap<String, Arc<Turns>>>,
    tape: Option<Arc<Tape>>,
}

/// What must not be given up half-way, one seat each.
const FINISHING_MAX: u32 = 4_096;
/// How long the end of a run waits for it, beyond the time that a request may take.
const FINISHING_MS_MAX: u64 = 10_000;

struct Running {
    client: Client,
    handle: Handle,
    finishing: Arc<Semaphore>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running").finish_non_exhaustive()
    }
}

impl NetSettings {
    /// As a project in this folder wants them.
    pub fn of(network: &Network, project: &Path) -> Self {
        let ca_file = network.ca_file.as_ref().map(|path| project.join(path));
        Self { proxy: network.proxy.clone(), ca_file, ..Self::default() }
    }
}

impl Net {
    /// A network with settings of its own.
    pub fn new(settings: NetSettings) -> Self {
        Self(Arc::new(Shared { settings, ..Shared::default() }))
    }

    /// The same, with a transcript of everything in one folder, or answered from the transcript in another, so that nothing is sent.
    #[must_use]
    pub fn taped(&self, record: Option<&Path>, replay: Option<&Path>) -> Self {
        let record = record.map(|folder| Tape::Record(Recorder::new(folder)));
        let tape = replay.map(|folder| Tape::Replay(Player::new(folder))).or(record);
        Self(Arc::new(Shared {
            settings: self.0.settings.clone(),
            tape: tape.map(Arc::new),
            ..Shared::default()
        }))
    }

    /// Whether everything is written down.
    pub(super) fn records(&self) -> bool {
        matches!(self.0.tape.as_deref(), Some(Tape::Record(_)))
    }

    /// The transcript of a store, if there is one.
    pub(super) fn tape(&self, store: &str) -> Result<Option<Arc<Tape>>, String> {
        if let Some(tape) = &self.0.tape {
            tape.open(store)?;
        }
        Ok(self.0.tape.clone())
    }

    /// How it is reached.
    pub fn settings(&self) -> &NetSettings {
        &self.0.settings
    }

    /// The lane of this name: whoever asks for it again shares it.
    pub(super) fn lane(&self, name: &str, make: impl FnOnce() -> Lane) -> Arc<Lane> {
        let mut lanes = self.0.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(lanes.entry(name.to_owned()).or_insert_with(|| Arc::new(make())))
    }

    /// The pace of this name, shared by who asks for it again; the lowest limits that anybody named count.
    pub(super) fn turns(&self, name: &str, limits: CallLimits, points_per_second: f64) -> Arc<Turns> {
        let mut turns = self.0.turns.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turns) = turns.get(name) {
            turns.tighten(limits);
            return Arc::clone(turns);
        }
        let made = Arc::new(Turns::new(limits, points_per_second));
        turns.insert(name.to_owned(), Arc::clone(&made));
        made
    }

    pub(super) fn client(&self) -> Result<Client, String> {
        self.running().map(|running| running.client.clone())
    }

    /// Lets work run on the network's thread.
    pub(super) fn spawn(
        &self,
        work: impl Future<Output = ()> + Send + 'static,
    ) -> Result<AbortHandle, String> {
        Ok(self.running()?.handle.spawn(work).abort_handle())
    }

    /// What keeps the end of the run waiting as long as somebody has it.
    pub(super) fn finishing(&self) -> Result<Finishing, String> {
        Ok(Finishing(Arc::clone(&self.running()?.finishing)))
    }

    fn running(&self) -> Result<&Running, String> {
        let started = self.0.running.get_or_init(|| Running::start(&self.0.settings));
        started.as_ref().map_err(Clone::clone)
    }
}

/// Work that must not be given up half-way.
#[derive(Clone, Debug)]
pub(super) struct Finishing(Arc<Semaphore>);

impl Finishing {
    /// Takes a seat, to be kept to the end of the work.
    pub(super) async fn seat(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.0).acquire_owned().await.ok()
    }
}

impl Running {
    fn start(settings: &NetSettings) -> Result<Self, String> {
        let client = client::make(settings)?;
        let no_thread =
            |error: std::io::Error| format!("the system gives no thread for the network: {error}");
        let runtime = Builder::new_current_thread().enable_all().build().map_err(no_thread)?;
        let handle = runtime.handle().clone();
        let finishing = Arc::new(Semaphore::new(FINISHING_MAX as usize));
        let (stop, stopped) = oneshot::channel::<()>();
        let all = Arc::clone(&finishing);
        let patience = settings.connect_ms + settings.head_ms + settings.body_ms + FINISHING_MS_MAX;
        let work = move || {
            runtime.block_on(async {
                // Its end is the end of the last copy of the network.
                let _ = stopped.await;
                let rest = all.acquire_many(FINISHING_MAX);
                let _ = tokio::time::timeout(Duration::from_millis(patience), rest).await;
            });
        };
        let thread = thread::Builder::new().name("network".to_owned()).spawn(work).map_err(no_thread)?;
        Ok(Self { client, handle, finishing, stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests;
