//! Many operations of one store side by side on one thread: no step is handed to another thread and back, and a session is used again
//! for the next operation.
//!
//! Only connectors that say so ([`Manifest::reusable`](stocksync_sdk::message::Manifest)) are worked with like this. Nobody waits for the thread itself: where a call does not
//! come back in its time, all that is under way on the thread is given up with it.

use super::{Course, Ended, check_waits, entropy};
use crate::shell::plugin::{Opened, Session};
use crate::shell::transport::{Door, Landed, Landing};
use crate::shell::watchdog::{Call, Clock, late};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};
use stocksync_sdk::message::EventKind;
use stocksync_sdk::rows::{Page, Rows};

/// How long one that has ended waits for others, to be told together with them.
const LINGER: Duration = Duration::from_millis(1);

/// Who takes the rows of an operation's answer.
pub(in crate::shell) trait Taking: Send + 'static {
    /// Takes a page; what it finds wrong ends the operation.
    fn take(&mut self, rows: &Rows<'_>) -> Result<(), String>;
}

/// One `write`.
pub(in crate::shell) struct Job<T> {
    /// Names it.
    pub(in crate::shell) id: u64,
    /// What a session is opened with; one that was opened with the very same is used again.
    pub(in crate::shell) config: Arc<Vec<u8>>,
    pub(in crate::shell) key: String,
    pub(in crate::shell) pages: Vec<Page>,
    pub(in crate::shell) course: Course,
    pub(in crate::shell) taking: T,
}

/// One that has ended.
pub(in crate::shell) struct Ran<T> {
    pub(in crate::shell) id: u64,
    pub(in crate::shell) ended: Result<Ended, String>,
    /// Whether something was done that may have changed the store.
    pub(in crate::shell) touched: bool,
    /// Lost with the thread where that was given up.
    pub(in crate::shell) taking: Option<T>,
}

/// Operations under way, seen by who gives them.
pub(in crate::shell) struct Abreast<T> {
    inbox: Option<Sender<Came<T>>>,
    told: Receiver<Vec<Ran<T>>>,
    clock: Arc<Clock>,
    step_max: Duration,
    under_way: HashMap<u64, Arc<Door>>,
    /// Those that nobody was there for.
    lost: Vec<Ran<T>>,
}

enum Came<T> {
    Job(Box<Job<T>>),
    Landed(u64, Landed),
    Over,
}

impl<T: Taking> Abreast<T> {
    /// Starts the thread. So many that have ended are told at once, if that does not take long.
    pub(in crate::shell) fn start(
        plugin: &Opened,
        step_max: Duration,
        together: usize,
    ) -> Result<Self, String> {
        let ((inbox, came), (outbox, told)) = (channel(), channel());
        let clock = Arc::new(Clock::new());
        let driver = Driver {
            plugin: plugin.clone(),
            clock: Arc::clone(&clock),
            outbox,
            together,
            free: Vec::new(),
            running: HashMap::new(),
            ran: Vec::new(),
            since: Instant::now(),
        };
        let work = move || -> Box<dyn Send> { Box::new(driver.drive(&came)) };
        plugin.hands().give(Box::new(work))?;
        let (under_way, lost) = (HashMap::new(), Vec::new());
        Ok(Self { inbox: Some(inbox), told, clock, step_max, under_way, lost })
    }

    /// Where it is told what comes of the actions of an operation.
    pub(in crate::shell) fn landing(&self, id: u64) -> Landing {
        let inbox = self.inbox.clone();
        Arc::new(move |landed| {
            // Nobody waits for it any more where the thread has ended.
            if let Some(inbox) = &inbox {
                let _ = inbox.send(Came::Landed(id, landed));
            }
        })
    }

    /// Begins an operation.
    pub(in crate::shell) fn give(&mut self, job: Job<T>) {
        let (id, door) = (job.id, Arc::clone(job.course.door()));
        let given = self.inbox.as_ref().is_some_and(|inbox| inbox.send(Came::Job(Box::new(job))).is_ok());
        if given {
            self.under_way.insert(id, door);
        } else {
            let ended = Err("was given up before".to_owned());
            self.lost.push(Ran { id, ended, touched: false, taking: None });
        }
    }

    /// Waits for some to end; none where none is under way.
    pub(in crate::shell) fn ended(&mut self) -> Vec<Ran<T>> {
        while self.lost.is_empty() && !self.under_way.is_empty() {
            let overdue = self.clock.overdue(self.step_max);
            let told = match overdue {
                Ok(call) => {
                    // It may have come back at the last moment.
                    self.told.try_recv().map_err(|_| late(call, self.step_max))
                }
                Err(left) => match self.told.recv_timeout(left) {
                    Err(RecvTimeoutError::Timeout) => continue,
                    told => told.map_err(|_| "ended in `step`".to_owned()),
                },
            };
            match told {
                Ok(ran) => {
                    for one in &ran {
                        self.under_way.remove(&one.id);
                    }
                    return ran;
                }
                Err(what) => self.give_up(&what),
            }
        }
        std::mem::take(&mut self.lost)
    }

    /// Nothing of what is under way leaves any more, if it has not.
    fn give_up(&mut self, what: &str) {
        self.inbox = None;
        let lost = |(id, door): (u64, Arc<Door>)| {
            let touched = door.close();
            Ran { id, ended: Err(what.to_owned()), touched, taking: None }
        };
        self.lost.extend(self.under_way.drain().map(lost));
    }
}

impl<T> Drop for Abreast<T> {
    /// Lets every `close` run to its end, within the time of a step.
    fn drop(&mut self) {
        let Some(inbox) = self.inbox.take() else { return };
        let _ = inbox.send(Came::Over);
        while let Err(left) = self.clock.overdue(self.step_max) {
            if let Err(RecvTimeoutError::Disconnected) = self.told.recv_timeout(left) {
                return;
            }
        }
    }
}

/// The thread itself.
struct Driver<T> {
    plugin: Opened,
    clock: Arc<Clock>,
    outbox: Sender<Vec<Ran<T>>>,
    together: usize,
    free: Vec<(Arc<Vec<u8>>, Session)>,
    running: HashMap<u64, Running<T>>,
    /// Those that are to be told, the first of them since then.
    ran: Vec<Ran<T>>,
    since: Instant,
}

impl<T: Taking> Driver<T> {
    /// Goes on until it is told that it is over. What it gives back is dropped when everything else of it is.
    fn drive(mut self, came: &Receiver<Came<T>>) -> Sender<Vec<Ran<T>>> {
        while let Some(next) = self.next(came) {
            match next {
                Came::Job(job) => self.begin(*job),
                Came::Landed(id, landed) => self.go_on(id, landed),
                Came::Over => break,
            }
        }
        let running = self.running.drain().map(|(_, running)| running.session);
        for session in running.chain(self.free.drain(..).map(|(_, session)| session)) {
            self.clock.during(Call::Close, || drop(session));
        }
        self.outbox
    }

    /// What comes next; before it waits for long it tells of those that have ended.
    fn next(&mut self, came: &Receiver<Came<T>>) -> Option<Came<T>> {
        if !self.ran.is_empty() {
            let left = LINGER.saturating_sub(self.since.elapsed());
            let waits = self.ran.len() < self.together && !self.running.is_empty() && !left.is_zero();
            if waits && let Ok(next) = came.recv_timeout(left) {
                return Some(next);
            }
            self.outbox.send(std::mem::take(&mut self.ran)).ok()?;
        }
        came.recv().ok()
    }

    fn begin(&mut self, job: Job<T>) {
        let Job { id, config, key, pages, course, taking } = job;
        match self.session(&config) {
            Ok(session) => {
                let mut running = Running { session, config, course, taking };
                let ended = running.start(key, pages, &self.clock);
                self.settle(id, running, ended);
            }
            Err(what) => self.tell(Ran { id, ended: Err(what), touched: false, taking: Some(taking) }),
        }
    }

    fn go_on(&mut self, id: u64, landed: Landed) {
        // What comes for one that has ended is not waited for.
        let Some(mut running) = self.running.remove(&id) else { return };
        let (kind, body) = running.course.came(landed);
        let ended = running.go_on(kind, body, &self.clock);
        self.settle(id, running, ended);
    }

    fn session(&mut self, config: &Arc<Vec<u8>>) -> Result<Session, String> {
        while let Some((of, session)) = self.free.pop() {
            if Arc::ptr_eq(&of, config) {
                return Ok(session);
            }
            self.clock.during(Call::Close, || drop(session));
        }
        let opened = self.clock.during(Call::Open, || Session::open(&self.plugin, config));
        opened.map(|(session, _)| session)
    }

    fn settle(&mut self, id: u64, running: Running<T>, ended: Result<Option<Ended>, String>) {
        let ended = match ended {
            Ok(None) => return drop(self.running.insert(id, running)),
            Ok(Some(ended)) => Ok(ended),
            Err(what) => Err(what),
        };
        let Running { session, config, course, taking } = running;
        if ended.is_ok() {
            self.free.push((config, session));
        } else {
            self.clock.during(Call::Close, || drop(session));
        }
        self.tell(Ran { id, ended, touched: course.door().close(), taking: Some(taking) });
    }

    fn tell(&mut self, ran: Ran<T>) {
        if self.ran.is_empty() {
            self.since = Instant::now();
        }
        self.ran.push(ran);
    }
}

/// One operation.
struct Running<T> {
    session: Session,
    config: Arc<Vec<u8>>,
    course: Course,
    taking: T,
}

impl<T: Taking> Running<T> {
    /// Tells what the operation is, page after page; its end, if it is there already.
    fn start(&mut self, key: String, pages: Vec<Page>, clock: &Clock) -> Result<Option<Ended>, String> {
        let mut kind = EventKind::Start {
            operation: "write".to_owned(),
            entropy: entropy()?,
            idempotency_key: key,
            since: None,
            request: None,
        };
        let mut pages = pages.into_iter().peekable();
        while let Some(page) = pages.next() {
            let more = pages.peek().is_some();
            let event = self.course.event(kind, more)?;
            let output = clock.during(Call::Step, || self.session.step(&event, &[], &page))?;
            if !more {
                let ended = self.course.take(&output, &mut |rows| self.taking.take(rows))?;
                return if ended.is_some() { Ok(ended) } else { self.rest(clock) };
            }
            check_waits(&output)?;
            kind = EventKind::More {};
        }
        Err("was given nothing".to_owned())
    }

    /// Tells what came, and all that comes of it at once.
    fn go_on(&mut self, kind: EventKind, body: Vec<u8>, clock: &Clock) -> Result<Option<Ended>, String> {
        match self.step(kind, &body, clock)? {
            None => self.rest(clock),
            ended => Ok(ended),
        }
    }

    fn rest(&mut self, clock: &Clock) -> Result<Option<Ended>, String> {
        while let Some((kind, body)) = self.course.next()? {
            if let Some(ended) = self.step(kind, &body, clock)? {
                return Ok(Some(ended));
            }
        }
        Ok(None)
    }

    fn step(&mut self, kind: EventKind, body: &[u8], clock: &Clock) -> Result<Option<Ended>, String> {
        let event = self.course.event(kind, false)?;
        let output = clock.during(Call::Step, || self.session.step(&event, body, &Page::new()))?;
        self.course.take(&output, &mut |rows| self.taking.take(rows))
    }
}
