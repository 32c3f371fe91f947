//! Runs a session of a plugin on a thread apart, and gives it up when it does not come back: its thread is lost, or its process killed.

mod clock;
mod hands;

pub(super) use clock::{Call, Clock};
pub(super) use hands::Hands;

use super::isolate::{self, Killer};
use super::plugin::{Opened, Output, Session};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;
use stocksync_sdk::rows::Page;

/// A session behind a clock.
pub(super) struct Watched {
    calls: Option<SyncSender<Given>>,
    answers: Receiver<Result<Output, String>>,
    step_max: Duration,
    /// Where it is in a process of its own, what ends that.
    killer: Option<Killer>,
}

/// A session here or in a process of its own.
enum Place {
    Here(Box<Opened>),
    Apart(isolate::Session),
}

impl Place {
    fn of(plugin: &Opened) -> Result<Self, String> {
        plugin.apart().map_or_else(
            || Ok(Self::Here(Box::new(plugin.clone()))),
            |library| isolate::Session::start(library).map(Self::Apart),
        )
    }

    fn open(self, config: &[u8]) -> Result<(Open, Vec<u8>), String> {
        match self {
            Self::Here(plugin) => {
                let (session, manifest) = Session::open(&plugin, config)?;
                Ok((Open::Here(session), manifest))
            }
            Self::Apart(mut session) => {
                session.manifest()?;
                let manifest = session.open(config)?;
                Ok((Open::Apart(session), manifest))
            }
        }
    }
}

enum Open {
    Here(Session),
    Apart(isolate::Session),
}

impl Open {
    fn step(&mut self, call: &Given) -> Result<Output, String> {
        match self {
            Self::Here(session) => session.step(&call.event, &call.body, &call.rows),
            Self::Apart(session) => session.step(&call.event, &call.body, &call.rows),
        }
    }
}

struct Given {
    event: Vec<u8>,
    body: Vec<u8>,
    rows: Page,
}

impl Watched {
    /// Opens a session; with it the effective manifest, empty where the static one holds.
    pub(super) fn open(
        plugin: &Opened,
        config: Vec<u8>,
        step_max: Duration,
    ) -> Result<(Self, Vec<u8>), String> {
        let (calls, inbox) = sync_channel::<Given>(1);
        let (outbox, answers) = sync_channel(1);
        let (opened, opening) = sync_channel(1);
        let place = Place::of(plugin)?;
        let killer = match &place {
            Place::Here(_) => None,
            Place::Apart(session) => Some(session.killer()),
        };
        let work = move || -> Box<dyn Send> {
            let mut session = match place.open(&config) {
                Ok((session, manifest)) => {
                    let _ = opened.send(Ok(manifest));
                    session
                }
                Err(what) => {
                    let _ = opened.send(Err(what));
                    return Box::new(outbox);
                }
            };
            for call in inbox {
                if outbox.send(session.step(&call)).is_err() {
                    break;
                }
            }
            drop(session);
            // Its end is what tells that the session is closed.
            Box::new(outbox)
        };
        plugin.hands().give(Box::new(work))?;
        // Made before the wait, so that one that hangs in `open` is killed too.
        let mut watched = Self { calls: Some(calls), answers, step_max, killer };
        match wait(&opening, step_max, "open") {
            Ok(opened) => Ok((watched, opened?)),
            Err(what) => {
                watched.give_up();
                Err(what)
            }
        }
    }

    pub(super) fn step(&mut self, event: Vec<u8>, body: Vec<u8>, rows: Page) -> Result<Output, String> {
        let Some(calls) = &self.calls else { return Err("was given up before".to_owned()) };
        if calls.send(Given { event, body, rows }).is_err() {
            return Err("ended on its own".to_owned());
        }
        let answer = wait(&self.answers, self.step_max, "step");
        if answer.is_err() {
            self.give_up();
        }
        answer?
    }

    fn give_up(&mut self) {
        self.calls = None;
        if let Some(killer) = &self.killer {
            killer.kill();
        }
    }
}

impl Drop for Watched {
    /// Lets `close` run to its end, within the time of a step.
    fn drop(&mut self) {
        if self.calls.take().is_some()
            && let Err(RecvTimeoutError::Timeout) = self.answers.recv_timeout(self.step_max)
        {
            self.give_up();
        }
    }
}

/// What is said of a call that took too long.
pub(super) fn late(call: &str, step_max: Duration) -> String {
    format!("did not come back from `{call}` within {} ms and was given up", step_max.as_millis())
}

fn wait<T>(from: &Receiver<T>, step_max: Duration, call: &str) -> Result<T, String> {
    from.recv_timeout(step_max).map_err(|error| match error {
        RecvTimeoutError::Timeout => late(call, step_max),
        RecvTimeoutError::Disconnected => format!("ended in `{call}`"),
    })
}
