//! Runs a session of a plugin on a thread of its own, and gives it up when it does not come back.

use super::plugin::{Opened, Output, Session};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;
use stocksync_sdk::rows::Page;

/// A session behind a clock.
pub(super) struct Watched {
    calls: Option<SyncSender<Call>>,
    answers: Receiver<Result<Output, String>>,
    step_max: Duration,
}

struct Call {
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
        let (calls, inbox) = sync_channel::<Call>(1);
        let (outbox, answers) = sync_channel(1);
        let (opened, opening) = sync_channel(1);
        let plugin = plugin.clone();
        let work = move || {
            let mut session = match Session::open(&plugin, &config) {
                Ok((session, manifest)) => {
                    let _ = opened.send(Ok(manifest));
                    session
                }
                Err(what) => return drop(opened.send(Err(what))),
            };
            for call in inbox {
                if outbox.send(session.step(&call.event, &call.body, &call.rows)).is_err() {
                    break;
                }
            }
        };
        thread::Builder::new()
            .name("connector".to_owned())
            .stack_size(8 << 20)
            .spawn(work)
            .map_err(|error| format!("has no thread to run on: {error}"))?;
        let manifest = wait(&opening, step_max, "open")??;
        Ok((Self { calls: Some(calls), answers, step_max }, manifest))
    }

    pub(super) fn step(&mut self, event: Vec<u8>, body: Vec<u8>, rows: Page) -> Result<Output, String> {
        let Some(calls) = &self.calls else { return Err("was given up before".to_owned()) };
        if calls.send(Call { event, body, rows }).is_err() {
            return Err("ended on its own".to_owned());
        }
        let answer = wait(&self.answers, self.step_max, "step");
        if answer.is_err() {
            self.calls = None;
        }
        answer?
    }
}

impl Drop for Watched {
    /// Lets `close` run to its end, within the time of a step.
    fn drop(&mut self) {
        if self.calls.take().is_some() {
            let _ = self.answers.recv_timeout(self.step_max);
        }
    }
}

fn wait<T>(from: &Receiver<T>, step_max: Duration, call: &str) -> Result<T, String> {
    from.recv_timeout(step_max).map_err(|error| match error {
        RecvTimeoutError::Timeout => {
            format!("did not come back from `{call}` within {} ms and was given up", step_max.as_millis())
        }
        RecvTimeoutError::Disconnected => format!("ended in `{call}`"),
    })
}
