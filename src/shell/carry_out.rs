//! Writes a plan: the outbox first, then all stores side by side, batch by batch, each outcome on disk as it comes.

mod desk;
mod poll;
mod send;

pub(super) use poll::poll_earlier;
pub(super) use send::{Items, body_hash, outcome};

use super::connect::Connected;
use super::exit::{Exit, Stop};
use super::held::held;
use super::output::Output;
use super::project::Project;
use super::state::{Covers, NewRun, SqliteState, State, Version, Write};
use super::stores;
use crate::dispatch::Outcome;
use crate::plan::Row;
use crate::record::{Skip, Trigger};
use desk::Desk;
use jiff::Timestamp;
use std::path::Path;
use std::process::{Command, Stdio};

/// What is carried out, but for its rows.
pub(super) struct Order<'a> {
    pub(super) project: &'a Project,
    pub(super) plan_id: &'a str,
    pub(super) trigger: Trigger,
    pub(super) now: Timestamp,
    pub(super) version: &'a str,
    pub(super) canonical: &'a str,
    pub(super) covers: Covers<'a>,
}

/// What became of it.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(super) struct Done {
    pub(super) sent: u64,
    pub(super) accepted: u64,
    pub(super) failed: u64,
    pub(super) conflicts: u64,
    pub(super) unknown: u64,
    /// Left out for a reason of the run's; not what is paused or switched off.
    pub(super) skipped: u64,
}

impl Done {
    pub(super) fn exit(self) -> Exit {
        if self.failed + self.conflicts + self.unknown + self.skipped > 0 {
            Exit::Partial
        } else {
            Exit::Done
        }
    }

    fn count(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Sent => self.sent += 1,
            Outcome::Failed(_) => self.failed += 1,
            Outcome::Conflict => self.conflicts += 1,
            Outcome::Accepted(_) => self.accepted += 1,
            Outcome::Unknown(_) => self.unknown += 1,
            Outcome::Skipped(_) => self.skipped += 1,
        }
    }
}

/// Puts `rows` into the outbox and sends them. A row with a `Skip` is recorded and not sent.
pub(super) fn carry_out<'r>(
    order: &Order<'_>,
    rows: &mut dyn Iterator<Item = (Row<'r>, Option<Skip>)>,
    stores: &mut [Connected],
    state: &mut SqliteState,
    output: &mut Output,
) -> Result<Done, Stop> {
    let mut done = Done::default();
    let open: Vec<String> = stores.iter().filter_map(open_name).collect();
    let names: Vec<&str> = open.iter().map(String::as_str).collect();
    let commit = commit(&order.project.root);
    let writes = order.project.config.inventory_features;
    let run = NewRun {
        plan_id: Some(order.plan_id),
        trigger: order.trigger,
        actor: &actor(),
        order_id: None,
        now: order.now,
        version: Version { version: order.version, rules: order.canonical, commit: commit.as_deref() },
        activate: writes,
        replaces: &names,
        pinned: None,
        covers: order.covers,
    };
    let mut skipped = 0;
    let mut writes = rows.map(|(row, skip)| {
        skipped += u64::from(skip.is_some());
        let skip = skip.or_else(|| held(order.project, row.store));
        Write {
            store: row.store,
            store_sku: row.store_sku,
            sku: row.sku,
            before: row.current,
            after: row.planned,
            rule: Some(row.rule).filter(|rule| !rule.is_empty()),
            skip,
        }
    });
    state.begin(&run, &mut writes)?;
    done.skipped = skipped;
    let desk = Desk::new(state, output, done);
    stores::side_by_side(stores, |store| {
        if let Connected::Open(store) = store {
            desk.keep(send::send(order, store, &desk));
        }
    });
    desk.close()
}

fn open_name(store: &Connected) -> Option<String> {
    match store {
        Connected::Open(store) => Some(store.name().to_owned()),
        Connected::Aside | Connected::Faulty(_) => None,
    }
}

/// Who runs it, for the records.
fn actor() -> String {
    ["USER", "LOGNAME", "USERNAME"]
        .iter()
        .find_map(|name| std::env::var(name).ok())
        .unwrap_or_else(|| "unknown".into())
}

/// The commit that is checked out, where the project is in git; by git's own command line.
pub(super) fn commit(root: &Path) -> Option<String> {
    let asked = Command::new("git")
        .arg("-C")
        .arg(root)
        .args(["rev-parse", "--verify", "--quiet", "HEAD"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8(asked.stdout).ok()?;
    let commit = text.trim();
    (asked.status.success() && !commit.is_empty()).then(|| commit.to_owned())
}
