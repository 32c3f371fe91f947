//! Where an operation stands: what has been asked and what came, whoever calls the connector.

use super::{Ended, Limits, Mail, parse};
use crate::shell::fault::clean;
use crate::shell::files::Files;
use crate::shell::plugin::Output;
use crate::shell::transport::{Door, Landed, Transport};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::SystemTime;
use stocksync_sdk::message::{Event, EventKind, FORMAT_VERSION};
use stocksync_sdk::rows::Rows;

/// Of one operation.
pub(in crate::shell) struct Course {
    pub(super) files: Files,
    pub(super) transport: Transport,
    pub(super) limits: Limits,
    pub(super) inbox: VecDeque<(EventKind, Vec<u8>)>,
    pub(super) waited_seconds: f64,
    pub(super) mail: Mail,
    steps: u64,
    rows: u64,
}

impl Course {
    pub(in crate::shell) fn new(files: Files, transport: Transport, limits: Limits) -> Self {
        let (inbox, mail) = (VecDeque::new(), Mail::default());
        Self { files, transport, limits, inbox, waited_seconds: 0.0, mail, steps: 0, rows: 0 }
    }

    /// Where everything leaves that may change the store.
    pub(super) fn door(&self) -> &Arc<Door> {
        self.transport.door()
    }

    /// The next event, as the connector is told it.
    pub(super) fn event(&mut self, kind: EventKind, more_rows: bool) -> Result<Vec<u8>, String> {
        self.steps += 1;
        if self.steps > self.limits.steps_max {
            return Err(format!("came to no end within {} steps", self.limits.steps_max));
        }
        let event = Event { format_version: FORMAT_VERSION, now: now(), kind, more_rows };
        serde_json::to_vec(&event).map_err(|error| format!("cannot be told an event: {error}"))
    }

    /// Takes what a step answered; the end of the operation, if that is among it.
    pub(super) fn take(
        &mut self,
        output: &Output,
        answer: &mut dyn FnMut(&Rows<'_>) -> Result<(), String>,
    ) -> Result<Option<Ended>, String> {
        let actions = parse(output)?;
        self.take_rows(output, answer)?;
        self.carry_out(actions, &output.bodies)
    }

    fn take_rows(
        &mut self,
        output: &Output,
        answer: &mut dyn FnMut(&Rows<'_>) -> Result<(), String>,
    ) -> Result<(), String> {
        let rows = output
            .rows()
            .map_err(|bad| format!("gave rows that cannot be read: {}", clean(&bad.to_string())))?;
        if rows.is_empty() {
            return Ok(());
        }
        self.rows += rows.len() as u64;
        if self.rows > self.limits.rows_max {
            return Err(format!("gave more than {} rows", self.limits.rows_max));
        }
        answer(&rows)
    }

    /// What the connector is told next, once it is there.
    pub(super) fn await_next(&mut self) -> Result<(EventKind, Vec<u8>), String> {
        if let Some(event) = self.inbox.pop_front() {
            return Ok(event);
        }
        match self.transport.landed() {
            Some(landed) => Ok((landed.event, landed.body)),
            None => Err(NOTHING_UNDER_WAY.to_owned()),
        }
    }

    /// The same without waiting: nothing where it comes later.
    pub(super) fn next(&mut self) -> Result<Option<(EventKind, Vec<u8>)>, String> {
        match self.inbox.pop_front() {
            None if !self.transport.is_under_way() => Err(NOTHING_UNDER_WAY.to_owned()),
            next => Ok(next),
        }
    }

    /// What came of an action, for an operation that does not wait for it.
    pub(super) fn came(&mut self, landed: Landed) -> (EventKind, Vec<u8>) {
        self.transport.came();
        (landed.event, landed.body)
    }
}

const NOTHING_UNDER_WAY: &str = "stopped before it was done: nothing is under way";

fn now() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
