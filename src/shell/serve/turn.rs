//! The engine's thread: turn by turn, everything that waits is done in one transaction, then answered.

use super::alerts::Alerts;
use super::chores::Chores;
use super::crew::{Crew, Done, keep_addresses};
use super::desk::{Asked, Events, Inbox, Newest, Pausable, Reload, Reply, Unable, UnableKind, Verdict};
use super::engine::{Engine, Notice, Told, Work};
use super::{Ground, opening, shown};
use crate::shell::connect::Connected;
use crate::shell::exit::Stop;
use crate::shell::project::Project;
use crate::shell::state::{SqliteState, StateFault};
use jiff::Timestamp;
use std::sync::mpsc::RecvTimeoutError;
use std::thread;
use std::time::{Duration, Instant};
use tracing::{info, warn};

/// So much is done in one turn.
const TOGETHER_MAX: usize = 1_024;

/// So many events are taken in one turn, where more than one request brings them.
const EVENTS_MAX: usize = 4_000;

/// The longest that is waited without a look around, in milliseconds.
const LOOK_MS: u64 = 60_000;

/// So long what only ended at the stores may wait for the next transaction, in milliseconds: nothing leaves because of it, and a run that
/// dies meanwhile reads what is still in flight on disk.
const TOGETHER_MS: u64 = 5;

/// How long is waited before a state that failed is tried again, in milliseconds.
const FAULT_MS: u64 = 500;

/// Starts the engine and its thread.
///
/// # Errors
/// The state cannot be used, or no thread can be started.
pub fn start(ground: Ground) -> Result<(), Stop> {
    let Ground { mut project, state, inbox, desk, alerts, ended } = ground;
    let now = Timestamp::now();
    let Some((setup, stores)) = opening::open(&mut project) else {
        return Err(Stop::failed("the project has neither rules nor a catalog"));
    };
    say_faults(&stores);
    let mut engine = Engine::start(state, setup, now)?;
    let crew = Crew::hire(&project, stores, engine.state(), &desk).map_err(no_thread)?;
    let room = Room {
        engine,
        project,
        crew,
        inbox,
        alerts,
        newest: None,
        fault: None,
        stop: None,
        given_back: Vec::new(),
        since: None,
        chores: Chores::new(Instant::now()),
    };
    let run = move || {
        let _ = ended.send(room.run());
    };
    thread::Builder::new().name("engine".to_owned()).spawn(run).map_err(no_thread)?;
    Ok(())
}

fn no_thread(fault: std::io::Error) -> Stop {
    Stop::failed(format_args!("cannot start a thread: {}", crate::shell::fault::plainly(&fault)))
}

fn say_faults(stores: &[Connected]) {
    for store in stores {
        if let Connected::Faulty(fault) = store {
            warn!(store = fault.store, "{}", fault.what);
        }
    }
}

/// What the thread has.
pub(super) struct Room {
    pub(super) engine: Engine<SqliteState>,
    pub(super) project: Project,
    pub(super) crew: Crew,
    inbox: Inbox,
    alerts: Alerts,
    pub(super) newest: Option<Newest>,
    /// Why the state cannot be used at present.
    pub(super) fault: Option<String>,
    /// When it is to end, whatever is still in flight.
    stop: Option<Instant>,
    /// Work that nobody could do, to be told at the next turn.
    given_back: Vec<Done>,
    /// Since when something waits for the next transaction that nobody waits for.
    since: Option<Instant>,
    pub(super) chores: Chores,
}

/// What is answered once it is on disk.
type Answer = Box<dyn FnOnce(Result<(), &StateFault>)>;

impl Room {
    fn run(mut self) -> Result<(), String> {
        loop {
            let mut asked: Vec<Asked> = match self.inbox.wait(self.patience()) {
                Ok(first) => vec![first],
                Err(RecvTimeoutError::Timeout) => Vec::new(),
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            };
            let mut events = asked.first().map_or(0, count);
            if !asked.is_empty() {
                for one in self.inbox.waiting().take(TOGETHER_MAX) {
                    events += count(&one);
                    asked.push(one);
                    if events >= EVENTS_MAX {
                        break;
                    }
                }
            }
            self.turn(asked);
            if self.stop.is_some_and(|at| at <= Instant::now() || self.engine.under_way() == 0) {
                return Ok(());
            }
        }
    }

    /// How long nothing needs to be done.
    fn patience(&self) -> Duration {
        if !self.given_back.is_empty() && self.fault.is_none() {
            return Duration::ZERO;
        }
        let now = Timestamp::now();
        let wake = self.engine.wake(now).map(|moment| moment.duration_since(now));
        let wake = wake.map_or(Duration::MAX, |wait| Duration::try_from(wait).unwrap_or(Duration::ZERO));
        let wake = if self.fault.is_some() { wake.max(Duration::from_millis(FAULT_MS)) } else { wake };
        let stop = self.stop.map_or(Duration::MAX, |at| at.saturating_duration_since(Instant::now()));
        // A timer that fires a little early would find nothing to do.
        let wake = wake.saturating_add(Duration::from_micros(500));
        if self.stop.is_some() {
            return stop;
        }
        let chores = if self.fault.is_some() { Duration::MAX } else { self.chores_wait() };
        wake.min(chores).min(self.together_wait()).min(Duration::from_millis(LOOK_MS))
    }

    /// How long what waits for the next transaction may wait for it.
    fn together_wait(&self) -> Duration {
        let left = |since: Instant| Duration::from_millis(TOGETHER_MS).saturating_sub(since.elapsed());
        self.since.map_or(Duration::MAX, left)
    }

    /// Does what was asked, and what is to be done: all of it is on disk before anything leaves.
    fn turn(&mut self, asked: Vec<Asked>) {
        let now = Timestamp::now();
        let mut answers: Vec<Answer> = Vec::new();
        let mut works = Vec::new();
        let only_ends = !asked.is_empty() && asked.iter().all(|one| matches!(one, Asked::Ended(_)));
        let done = self.work(asked, now, &mut answers, &mut works);
        if only_ends && done.is_ok() && works.is_empty() && self.stop.is_none() {
            self.since.get_or_insert_with(Instant::now);
            if !self.together_wait().is_zero() {
                return;
            }
        }
        self.since = None;
        let done = done.and_then(|()| self.engine.commit());
        for answer in answers {
            answer(done.as_ref().copied());
        }
        match &done {
            Ok(()) => {
                let crew = &self.crew;
                self.given_back.extend(works.into_iter().filter_map(|work| crew.give(work)));
                self.fault = None;
            }
            Err(fault) => {
                if self.fault.as_ref() != Some(&fault.message) {
                    warn!("{}", fault.message);
                }
                self.fault = Some(fault.message.clone());
            }
        }
        for notice in self.engine.notices() {
            tell(&self.alerts, notice);
        }
        if done.is_ok() && self.stop.is_none() {
            self.do_chores(now);
        }
    }

    fn work(
        &mut self,
        asked: Vec<Asked>,
        now: Timestamp,
        answers: &mut Vec<Answer>,
        works: &mut Vec<Work>,
    ) -> Result<(), StateFault> {
        let mut done = Ok(());
        for given_back in std::mem::take(&mut self.given_back) {
            done = done.and(self.ended(given_back, now));
        }
        let mut events = Vec::new();
        for one in asked {
            let worked = match one {
                Asked::Events(told) => {
                    events.push(told);
                    Ok(())
                }
                Asked::Ended(ended) => self.ended(*ended, now),
                other => self.other(other, now, answers),
            };
            // Whatever failed, the others are heard: each is answered.
            done = done.and(worked);
        }
        let taken = self.take(events, now, answers);
        done.and(taken)?;
        while self.stop.is_none() {
            match self.engine.poll(now)? {
                Some(work) => works.push(work),
                None => return Ok(()),
            }
        }
        Ok(())
    }

    /// Takes all events that came.
    fn take(
        &mut self,
        requests: Vec<Events>,
        now: Timestamp,
        answers: &mut Vec<Answer>,
    ) -> Result<(), StateFault> {
        if requests.is_empty() {
            return Ok(());
        }
        let (mut all, mut replies) = (Vec::new(), Vec::new());
        for Events { events, actor, arrived, reply } in requests {
            replies.push((events.len(), reply));
            let arrived = moment(arrived, now);
            let told = |event| Told { event, actor: actor.clone(), arrived };
            all.extend(events.into_iter().map(told));
        }
        let taken = self.engine.events(&all, now);
        let mut verdicts = taken.as_ref().map_or_else(|_| Vec::new(), Clone::clone).into_iter();
        for (count, reply) in replies {
            let own: Vec<Verdict> = verdicts.by_ref().take(count).collect();
            answers.push(answer(reply, own));
        }
        taken.map(drop)
    }

    fn ended(&mut self, done: Done, now: Timestamp) -> Result<(), StateFault> {
        let random = getrandom::u64().unwrap_or_default();
        self.engine.ended_at(done.id, done.ended, moment(done.at, now), now, random)?;
        keep_addresses(self.engine.state(), &done.addresses, now)
    }

    fn other(&mut self, asked: Asked, now: Timestamp, answers: &mut Vec<Answer>) -> Result<(), StateFault> {
        match asked {
            Asked::Plan { wanted, reply } => reply.send(shown::plan(self, &wanted, now)),
            Asked::Why { sku, store, reply } => reply.send(shown::why(self, &sku, store.as_deref(), now)),
            Asked::Health { reply } => reply.send(Box::new(shown::health(self))),
            Asked::Allow { plan_id, guards, actor, reply } => {
                let allowed = self.engine.allow(&plan_id, &guards, &actor, now);
                return answer_done(reply, allowed, answers);
            }
            Asked::Pause { what, paused, reply } => {
                let paused = self.pause(what, paused, now);
                return answer_done(reply, paused, answers);
            }
            Asked::Opened(opened) => self.opened(opened, now)?,
            Asked::Reload(Reload::Unsound(newest)) => self.newest = Some(newest),
            Asked::Reload(Reload::Sound(project)) => self.reload(*project, now)?,
            Asked::Stop { within } => {
                info!(in_flight = self.engine.under_way(), "nothing more is begun");
                self.stop = Instant::now().checked_add(within);
            }
            Asked::Events(_) | Asked::Ended(_) => {}
        }
        Ok(())
    }

    fn pause(
        &mut self,
        what: Pausable,
        paused: bool,
        now: Timestamp,
    ) -> Result<Result<(), Unable>, StateFault> {
        let unknown = match &what {
            Pausable::Store(name) => {
                let known = self.project.declared.stores.contains(name);
                (!known).then(|| format!("no store `{name}` in `stocksync.yaml`"))
            }
            Pausable::Sku(name) => {
                let known = self.engine.columns().catalog.find_sku(name).is_some();
                (!known).then(|| format!("no SKU `{name}` in the catalog"))
            }
        };
        match unknown {
            Some(message) => Ok(Err(Unable::new(UnableKind::Unknown, message))),
            None => self.engine.pause(&what, paused, now).map(Ok),
        }
    }

    /// Goes on by another project. What is under way at the stores ends as it would have.
    fn reload(&mut self, mut project: Project, now: Timestamp) -> Result<(), StateFault> {
        let Some((setup, stores)) = opening::open(&mut project) else { return Ok(()) };
        say_faults(&stores);
        self.engine.reload(setup, now)?;
        match Crew::hire(&project, stores, self.engine.state(), self.crew.desk()) {
            Ok(crew) => self.crew = crew,
            Err(fault) => return Err(StateFault::unusable(format!("no thread can be started: {fault}"))),
        }
        self.project = project;
        self.newest = None;
        Ok(())
    }
}

/// What the clock showed at an instant that is past.
fn moment(at: Instant, now: Timestamp) -> Timestamp {
    now.checked_sub(at.elapsed()).unwrap_or(now)
}

fn count(asked: &Asked) -> usize {
    if let Asked::Events(events) = asked { events.events.len() } else { 0 }
}

/// What is answered where it is on disk; where it is not, that.
fn answer<T: Send + 'static>(reply: Reply<Result<T, Unable>>, good: T) -> Answer {
    Box::new(move |done| {
        reply.send(match done {
            Ok(()) => Ok(good),
            Err(fault) => Err(unavailable(fault)),
        });
    })
}

/// Answers what was asked once it is on disk; where the state failed, that, whatever else happens.
fn answer_done<T: Send + 'static>(
    reply: Reply<Result<T, Unable>>,
    done: Result<Result<T, Unable>, StateFault>,
    answers: &mut Vec<Answer>,
) -> Result<(), StateFault> {
    match done {
        Ok(Ok(good)) => answers.push(answer(reply, good)),
        Ok(Err(unable)) => reply.send(Err(unable)),
        Err(fault) => {
            reply.send(Err(unavailable(&fault)));
            return Err(fault);
        }
    }
    Ok(())
}

fn unavailable(StateFault { message, help, .. }: &StateFault) -> Unable {
    Unable { help: help.clone(), ..Unable::new(UnableKind::Unavailable, message.clone()) }
}

/// Tells people what they should know.
fn tell(alerts: &Alerts, notice: Notice) {
    match notice {
        // Whoever tells it logs it.
        Notice::Alert(alert) => alerts.push(alert),
        Notice::Unmapped { store, store_sku } => {
            warn!(store, store_sku, "an order line that no mapping knows: kept until one does");
        }
        Notice::CircuitClosed { store } => info!(store, "answers again"),
        Notice::Trouble { store, why } => warn!(store, "{why}"),
    }
}
