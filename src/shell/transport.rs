//! Carries the requests and waits of one session, side by side, on the network that all share.

mod door;
mod exchange;
mod inert;
mod refresh;
mod taping;
mod target;
mod trouble;
mod way;

pub use door::Door;
pub(super) use inert::inert;
pub(super) use trouble::reason;
pub use way::Way;

use super::fault::clean;
use super::secrets::Keyring;
use exchange::Line;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use stocksync_sdk::message::{EventKind, Http};
use tokio::task::AbortHandle;

/// The longest single wait.
pub const WAIT_SECONDS_MAX: f64 = 60.0;

/// What came of an action.
#[derive(Clone, Debug, PartialEq)]
pub struct Landed {
    /// The action.
    pub id: u32,
    /// What the connector is told.
    pub event: EventKind,
    /// The body beside it.
    pub body: Vec<u8>,
}

/// Who is told what came of an action.
pub(super) type Landing = Arc<dyn Fn(Landed) + Send + Sync>;

/// The requests and waits of one session.
pub struct Transport {
    way: Arc<Way>,
    keys: Keyring,
    door: Arc<Door>,
    line: Option<Arc<Line>>,
    landing: Landing,
    /// Where what came is taken from, unless somebody else is told.
    landed: Option<Receiver<Landed>>,
    under_way: usize,
    // Those that have landed leave when there are many.
    tasks: VecDeque<AbortHandle>,
}

impl Transport {
    /// Requests this way, with these secrets. Nothing is opened before it is needed.
    pub fn new(way: &Arc<Way>, keys: Keyring) -> Self {
        let (sender, landed) = channel();
        let landing = Arc::new(move |landed| {
            // Nobody waits for it any more where the session has ended.
            let _ = sender.send(landed);
        });
        let mut own = Self::telling(way, keys, landing);
        own.landed = Some(landed);
        own
    }

    /// The same, where what came is told to somebody who hears of many sessions: he says here of each that it [came](Self::came).
    pub(super) fn telling(way: &Arc<Way>, keys: Keyring, landing: Landing) -> Self {
        let door = Arc::default();
        let (way, tasks) = (Arc::clone(way), VecDeque::new());
        Self { way, keys, door, line: None, landing, landed: None, under_way: 0, tasks }
    }

    /// Sends a request, as soon as others of the store leave room.
    ///
    /// # Errors
    /// The system gives no network.
    pub fn send(&mut self, http: Http, body: Vec<u8>) -> Result<(), String> {
        let line = self.line()?;
        self.spawn(http.id, async move { line.carry(http, body).await })
    }

    /// Starts a wait.
    ///
    /// # Errors
    /// The system gives no network.
    pub fn wait(&mut self, id: u32, seconds: f64) -> Result<(), String> {
        let seconds = if seconds.is_finite() { seconds.clamp(0.0, WAIT_SECONDS_MAX) } else { 0.0 };
        self.spawn(id, async move {
            tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
            Landed { id, event: EventKind::Timer { id }, body: Vec::new() }
        })
    }

    /// What the store says of its bucket of cost points.
    pub fn budget(&self, available: f64, maximum: f64, per_second: f64) {
        self.way.lane().turns().budget(available, maximum, per_second);
    }

    /// What comes next of all that is under way; `None` where nothing is.
    pub fn landed(&mut self) -> Option<Landed> {
        self.under_way = self.under_way.checked_sub(1)?;
        // It cannot end before everything has landed: this side holds the other end too.
        self.landed.as_ref()?.recv().ok()
    }

    /// One of those that are under way came.
    pub(super) fn came(&mut self) {
        self.under_way = self.under_way.saturating_sub(1);
    }

    /// Whether anything is under way.
    pub(super) fn is_under_way(&self) -> bool {
        self.under_way > 0
    }

    /// Where requests leave that may change something.
    pub(super) fn door(&self) -> &Arc<Door> {
        &self.door
    }

    /// Lets nothing leave any more that may change something, and says whether anything of that kind has left.
    pub fn close(&mut self) -> bool {
        self.door.close()
    }

    fn spawn(&mut self, id: u32, work: impl Future<Output = Landed> + Send + 'static) -> Result<(), String> {
        let mut slip = Slip { id, landing: Some(Arc::clone(&self.landing)) };
        let task = self.way.net().spawn(async move {
            let landed = work.await;
            slip.hand_in(landed);
        })?;
        self.under_way += 1;
        if self.tasks.len() > 2 * self.under_way {
            self.tasks.retain(|task| !task.is_finished());
        }
        self.tasks.push_back(task);
        Ok(())
    }

    fn line(&mut self) -> Result<Arc<Line>, String> {
        if let Some(line) = &self.line {
            return Ok(Arc::clone(line));
        }
        let ground = self.way.ground(self.keys.vault().store())?;
        let line = Arc::new(Line { ground, keys: self.keys.clone(), door: Arc::clone(&self.door) });
        self.line = Some(Arc::clone(&line));
        Ok(line)
    }
}

impl Drop for Transport {
    /// What is still under way is dropped, but for a refresh of secrets, which runs to its end.
    fn drop(&mut self) {
        self.tasks.iter().for_each(AbortHandle::abort);
    }
}

/// Sees to it that every action lands, even one whose task breaks.
struct Slip {
    id: u32,
    landing: Option<Landing>,
}

impl Slip {
    fn hand_in(&mut self, landed: Landed) {
        if let Some(landing) = self.landing.take() {
            landing(landed);
        }
    }
}

impl Drop for Slip {
    fn drop(&mut self) {
        self.hand_in(failed(self.id, "io", "lost a request"));
    }
}

fn failed(id: u32, kind: &str, message: &str) -> Landed {
    let event = EventKind::Failed { id, kind: kind.to_owned(), message: clean(message) };
    Landed { id, event, body: Vec::new() }
}

#[cfg(test)]
pub(super) use tests::server;
#[cfg(test)]
mod tests;
