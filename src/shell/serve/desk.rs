//! Where the HTTP front and the engine's thread meet: a bounded queue of what is asked, and plain data for the answers.
//!
//! Whoever serves requests has a [`Desk`] and never waits for room: a full queue is [`Full`] at once. The engine's thread has the
//! [`Inbox`]. Answers go back by [`Reply`], which can be sent from a thread without a runtime.

mod health;

pub use health::{EventCounts, Health, HeldBy, Histogram, Newest, StoreHealth};

use super::crew::{Done, Opened};
use crate::orders::{Event, Refused};
use crate::shell::project::Project;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// What may wait for the engine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DeskLimits {
    /// The most requests.
    pub requests_max: usize,
    /// The most events in them, all in all. A request of more is taken where nothing else waits.
    pub events_max: usize,
}

/// Seats beyond those of requests, so that what is told of health, of files and of work that ended gets through a full queue.
const RESERVED: usize = 64;

/// What the engine is asked.
pub enum Asked {
    /// To take these events. Answered when they are on disk: a verdict for each, in their order.
    Events(Events),
    /// For what the stores should show, as `plan --format json` prints it, from what is resident.
    Plan {
        /// Which part of it.
        wanted: PlanWanted,
        /// The JSON.
        reply: Reply<Result<String, Unable>>,
    },
    /// How a number came to be, as `why --format json` prints it.
    Why {
        /// The merchant SKU.
        sku: String,
        /// Only this store.
        store: Option<String>,
        /// The JSON.
        reply: Reply<Result<String, Unable>>,
    },
    /// To let go what these guards hold.
    Allow {
        /// The plan that is held, by its id in [`HeldBy`].
        plan_id: String,
        /// The guards, by name; none is all that hold it.
        guards: Vec<String>,
        /// Who asks, for the records.
        actor: String,
        /// How many numbers were let go.
        reply: Reply<Result<u64, Unable>>,
    },
    /// To write nothing to a store or of a SKU, or to write again. It outlives a restart.
    Pause {
        /// What.
        what: Pausable,
        /// Whether it is paused from now on.
        paused: bool,
        /// When it is on disk.
        reply: Reply<Result<(), Unable>>,
    },
    /// How it is.
    Health {
        /// Everything that is watched.
        reply: Reply<Box<Health>>,
    },
    /// To go on by the project as it is on disk now.
    Reload(Reload),
    /// To hear how work at a store ended.
    Ended(Box<Done>),
    /// To work with stores that could not be opened before.
    Opened(Opened),
    /// To begin nothing more, to finish what is in flight, and to end.
    Stop {
        /// How long that may take; the rest stays in the outbox.
        within: Duration,
    },
}

/// Events that came together.
pub struct Events {
    /// At least one.
    pub events: Vec<Event>,
    /// Who told them, for the records: the name of a token, or `webhook`.
    pub actor: String,
    /// When their request was read: the latency of what they cause counts from here.
    pub arrived: Instant,
    /// A verdict for each.
    pub reply: Reply<Result<Vec<Verdict>, Unable>>,
}

/// What became of an event.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It is on disk.
    Taken,
    /// One with its id was taken before: it does nothing.
    Repeated,
    /// It cannot be taken, now or ever.
    Refused(Refused),
}

/// Which part of a plan is wanted. Names that nobody knows are [`UnableKind::Unknown`].
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PlanWanted {
    /// Only these stores; all where there is none.
    pub stores: Vec<String>,
    /// Only these merchant SKUs; all where there is none.
    pub skus: Vec<String>,
    /// Unchanged rows too.
    pub all: bool,
    /// At most so many rows; the summary counts all of them.
    pub rows_max: usize,
}

/// What can be paused.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Pausable {
    /// A store, by its name.
    Store(String),
    /// A merchant SKU.
    Sku(String),
}

/// What is on disk now.
pub enum Reload {
    /// A project that passed `lint`: it becomes the next activation.
    Sound(Box<Project>),
    /// What stands against it: what runs goes on.
    Unsound(Newest),
}

/// Why something asked for cannot be had.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unable {
    /// What kind of thing stands in the way.
    pub kind: UnableKind,
    /// One line for a person.
    pub message: String,
    /// How to put it right, where that is known.
    pub help: Option<String>,
}

/// What kind of thing stands in the way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UnableKind {
    /// There is no store, SKU or plan of this name.
    Unknown,
    /// It is there and does not fit: a guard that holds nothing, a plan that was let go.
    Conflict,
    /// The state cannot be used at present.
    Unavailable,
}

impl Unable {
    /// A fault without a help.
    pub fn new(kind: UnableKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), help: None }
    }

    /// The same, with how to put it right.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Where an answer goes. Whoever asked may be gone: then it goes nowhere.
pub struct Reply<T>(oneshot::Sender<T>);

/// Where an answer comes from; it fails where the engine ended without one.
pub type Answer<T> = oneshot::Receiver<T>;

impl<T> Reply<T> {
    /// The two ends.
    pub fn pair() -> (Self, Answer<T>) {
        let (reply, answer) = oneshot::channel();
        (Self(reply), answer)
    }

    /// Answers.
    pub fn send(self, answer: T) {
        let _ = self.0.send(answer);
    }
}

/// Why nothing can be asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Full {
    /// Too much waits already.
    Waiting,
    /// The engine has ended.
    Ended,
}

/// Where the engine is asked. Copies are the same desk.
#[derive(Clone)]
pub struct Desk {
    queue: SyncSender<Letter>,
    depth: Arc<Depth>,
}

/// Where the engine finds what it is asked.
pub struct Inbox {
    queue: Receiver<Letter>,
}

/// A desk, and its other side.
pub fn open(limits: DeskLimits) -> (Desk, Inbox) {
    let (sender, queue) = sync_channel(limits.requests_max.saturating_add(RESERVED));
    let depth = Depth { limits, requests: AtomicUsize::new(0), events: AtomicUsize::new(0) };
    (Desk { queue: sender, depth: Arc::new(depth) }, Inbox { queue })
}

impl Desk {
    /// Asks, unless too much waits.
    ///
    /// # Errors
    /// There is no room, or nobody to answer. Nothing was asked then.
    pub fn ask(&self, asked: Asked) -> Result<(), Full> {
        let seat = if asked.is_request() {
            Some(self.depth.seat(asked.events()).ok_or(Full::Waiting)?)
        } else {
            None
        };
        self.queue.try_send(Letter { asked, _seat: seat }).map_err(|fault| match fault {
            TrySendError::Full(_) => Full::Waiting,
            TrySendError::Disconnected(_) => Full::Ended,
        })
    }

    /// Tells what must not be lost, from a thread that may wait until there is room: a reload, the end of work, the order to stop.
    ///
    /// # Errors
    /// The engine has ended.
    pub fn tell(&self, asked: Asked) -> Result<(), Full> {
        self.queue.send(Letter { asked, _seat: None }).map_err(|_| Full::Ended)
    }

    /// How many requests wait, and how many events are in them.
    pub fn depth(&self) -> (usize, usize) {
        (self.depth.requests.load(Ordering::Relaxed), self.depth.events.load(Ordering::Relaxed))
    }
}

impl Inbox {
    /// The next thing that is asked, waited for as long as this.
    ///
    /// # Errors
    /// Nothing came, or nobody is left to ask.
    pub fn wait(&self, at_most: Duration) -> Result<Asked, RecvTimeoutError> {
        self.queue.recv_timeout(at_most).map(|letter| letter.asked)
    }

    /// What waits already.
    pub fn waiting(&self) -> impl Iterator<Item = Asked> {
        self.queue.try_iter().map(|letter| letter.asked)
    }
}

impl Asked {
    /// Whether it comes from outside, where nobody can be trusted to stop.
    fn is_request(&self) -> bool {
        match self {
            Asked::Events(_)
            | Asked::Plan { .. }
            | Asked::Why { .. }
            | Asked::Allow { .. }
            | Asked::Pause { .. } => true,
            Asked::Health { .. }
            | Asked::Reload(_)
            | Asked::Ended(_)
            | Asked::Opened(_)
            | Asked::Stop { .. } => false,
        }
    }

    fn events(&self) -> usize {
        if let Asked::Events(events) = self { events.events.len() } else { 0 }
    }
}

impl fmt::Display for Full {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Full::Waiting => "too much waits already",
            Full::Ended => "the engine has ended",
        })
    }
}

/// Something asked, with its seat until it is taken out.
struct Letter {
    asked: Asked,
    _seat: Option<Seat>,
}

/// How much waits.
struct Depth {
    limits: DeskLimits,
    requests: AtomicUsize,
    events: AtomicUsize,
}

impl Depth {
    /// A seat for a request with so many events, if there is room.
    fn seat(self: &Arc<Self>, events: usize) -> Option<Seat> {
        let requests = self.requests.fetch_add(1, Ordering::Relaxed);
        let waiting = self.events.fetch_add(events, Ordering::Relaxed);
        let seat = Seat { depth: Arc::clone(self), events };
        let fits = waiting == 0 || waiting.saturating_add(events) <= self.limits.events_max;
        // Where it does not fit, the seat is given back right here.
        (requests < self.limits.requests_max && fits).then_some(seat)
    }
}

/// Counts as long as it lives.
struct Seat {
    depth: Arc<Depth>,
    events: usize,
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.depth.requests.fetch_sub(1, Ordering::Relaxed);
        self.depth.events.fetch_sub(self.events, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::orders::{StockChange, StockEvent, What};

    fn events(count: usize) -> (Asked, Answer<Result<Vec<Verdict>, Unable>>) {
        let event = |id: usize| Event {
            id: id.to_string(),
            at: None,
            what: What::Stock(StockEvent {
                sku: "A".to_owned(),
                warehouse: "jakarta".to_owned(),
                change: StockChange::Adjust { by: 1 },
                cause: None,
            }),
        };
        let (reply, answer) = Reply::pair();
        let events = (0..count).map(event).collect();
        let asked = Events { events, actor: "test".to_owned(), arrived: Instant::now(), reply };
        (Asked::Events(asked), answer)
    }

    fn health() -> Asked {
        Asked::Health { reply: Reply::pair().0 }
    }

    #[test]
    fn a_full_queue_is_full_at_once_and_lets_the_house_through() {
        let (desk, inbox) = open(DeskLimits { requests_max: 2, events_max: 10 });
        assert_eq!(desk.ask(events(3).0), Ok(()));
        assert_eq!(desk.ask(events(8).0), Err(Full::Waiting), "too many events");
        assert_eq!(desk.depth(), (1, 3));
        assert_eq!(desk.ask(events(7).0), Ok(()));
        assert_eq!(desk.ask(events(0).0), Err(Full::Waiting), "too many requests");
        assert_eq!(desk.ask(health()), Ok(()));
        assert_eq!(desk.depth(), (2, 10));
        assert_eq!(inbox.waiting().count(), 3);
        assert_eq!(desk.depth(), (0, 0));
        assert_eq!(desk.ask(events(11).0), Ok(()), "alone, whatever its size");
    }

    #[test]
    fn an_answer_comes_back_and_the_end_is_told() {
        let (desk, inbox) = open(DeskLimits { requests_max: 2, events_max: 10 });
        let (asked, answer) = events(1);
        assert_eq!(desk.ask(asked), Ok(()));
        match inbox.wait(Duration::ZERO) {
            Ok(Asked::Events(asked)) => asked.reply.send(Ok(vec![Verdict::Taken])),
            _ => panic!("events were asked"),
        }
        assert_eq!(answer.blocking_recv(), Ok(Ok(vec![Verdict::Taken])));
        assert!(matches!(inbox.wait(Duration::ZERO), Err(RecvTimeoutError::Timeout)));
        drop(inbox);
        assert_eq!(desk.ask(events(1).0), Err(Full::Ended));
        assert_eq!(desk.depth(), (0, 0));
        assert_eq!(desk.tell(Asked::Stop { within: Duration::ZERO }), Err(Full::Ended));
    }
}
