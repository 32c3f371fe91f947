//! Drives one operation of a connector: events in, actions carried out, to the end.

mod abreast;
mod actions;
mod course;
mod mail;

pub(super) use abreast::{Abreast, Job, Ran, Taking};
pub(super) use course::Course;
pub(super) use mail::{Mail, News};

use super::fault::clean;
use super::plugin::{Output, PAGE_ROWS_MAX};
use super::watchdog::Watched;
use crate::hex::hex;
use std::ops::Range;
use std::time::Duration;
use stocksync_sdk::message::{Actions, EventKind, FORMAT_VERSION};
use stocksync_sdk::rows::{Page, Rows};

/// What a session may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How long a step may take.
    pub step_ms_max: u64,
    /// Steps of one operation.
    pub steps_max: u64,
    /// Actions of one step.
    pub actions_max: usize,
    /// Rows of one operation's answer.
    pub rows_max: u64,
    /// Seconds that one operation may ask to wait, all in all.
    pub wait_seconds_max: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            step_ms_max: 10_000,
            steps_max: 1_000_000,
            actions_max: 10_000,
            rows_max: 100_000_000,
            wait_seconds_max: 3_600.0,
        }
    }
}

impl Limits {
    pub(super) fn step(&self) -> Duration {
        Duration::from_millis(self.step_ms_max)
    }
}

/// One operation, and what it is about.
pub(super) struct Operation<'a> {
    pub(super) name: &'static str,
    pub(super) idempotency_key: String,
    pub(super) items: usize,
    /// Makes the page of a range of items.
    pub(super) page: &'a dyn Fn(Range<usize>) -> Page,
    /// Takes a page of the answer; what it finds wrong ends the operation.
    pub(super) answer: &'a mut dyn FnMut(&Rows<'_>) -> Result<(), String>,
    /// What `orders` and `webhook` are about.
    pub(super) news: News<'a>,
}

/// How an operation ended.
#[derive(Debug, Default)]
pub(super) struct Ended {
    pub(super) error: Option<String>,
    pub(super) nothing_written: bool,
    /// Whether a webhook was not what it said to be.
    pub(super) refused: bool,
}

/// A session of one store, for one operation.
pub(super) struct Session {
    plugin: Watched,
    course: Course,
}

impl Session {
    pub(super) fn new(plugin: Watched, course: Course) -> Self {
        Self { plugin, course }
    }

    /// The orders that the operation told, and what the sender of a webhook is answered.
    pub(super) fn take_mail(&mut self) -> Mail {
        std::mem::take(&mut self.course.mail)
    }

    /// Whether something was done that may have changed the store; nothing more is done from now on.
    pub(super) fn touched(&self) -> bool {
        self.course.door().close()
    }

    /// Runs the operation. Whatever is still under way at its end is dropped.
    pub(super) fn run(&mut self, operation: &mut Operation<'_>) -> Result<Ended, String> {
        let mut output = self.start(operation)?;
        loop {
            if let Some(ended) = self.course.take(&output, operation.answer)? {
                return Ok(ended);
            }
            let (kind, body) = self.course.await_next()?;
            output = self.step(kind, false, body, Page::new())?;
        }
    }

    /// Tells what the operation is, page after page.
    fn start(&mut self, operation: &Operation<'_>) -> Result<Output, String> {
        self.course.mail = Mail::of(operation.news);
        let (since, request, mut body) = operation.news.start();
        let mut kind = EventKind::Start {
            operation: operation.name.to_owned(),
            entropy: entropy()?,
            idempotency_key: operation.idempotency_key.clone(),
            since,
            request,
        };
        let mut from = 0;
        loop {
            let to = operation.items.min(from + PAGE_ROWS_MAX);
            let more = to < operation.items;
            let page = if operation.items == 0 { Page::new() } else { (operation.page)(from..to) };
            let output = self.step(kind, more, std::mem::take(&mut body), page)?;
            if !more {
                return Ok(output);
            }
            check_waits(&output)?;
            kind = EventKind::More {};
            from = to;
        }
    }

    fn step(
        &mut self,
        kind: EventKind,
        more_rows: bool,
        body: Vec<u8>,
        rows: Page,
    ) -> Result<Output, String> {
        let event = self.course.event(kind, more_rows)?;
        self.plugin.step(event, body, rows)
    }
}

/// An answer to a page of rows that is not the last: there is nothing in it.
fn check_waits(output: &Output) -> Result<(), String> {
    if !parse(output)?.actions.is_empty() || output.has_rows() {
        return Err("answered before it had all rows".to_owned());
    }
    Ok(())
}

fn parse(output: &Output) -> Result<Actions, String> {
    if output.actions.is_empty() {
        return Ok(Actions::default());
    }
    let actions: Actions = serde_json::from_slice(&output.actions)
        .map_err(|error| format!("gave actions that cannot be read: {}", clean(&error.to_string())))?;
    match actions.format_version {
        0 | FORMAT_VERSION => Ok(actions),
        other => Err(format!("gave actions of format {other}, this program reads format {FORMAT_VERSION}")),
    }
}

fn entropy() -> Result<String, String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| format!("cannot start: no randomness: {error}"))?;
    Ok(hex(&bytes))
}
