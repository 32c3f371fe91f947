//! `stocksync sync`: plan and apply in one.

use super::Run;
use super::args::Sync;
use super::carry_out::{Done, Order, carry_out};
use super::connect::Connected;
use super::exit::{Exit, Stop};
use super::output::Output;
use super::plan::{Ask, Planning, Source, scope};
use super::project::{self, Project};
use super::state::{Holder, SqliteState, State};
use crate::diff::{Live, Shown};
use crate::plan::{GuardMet, Head, Keep, Rows};
use crate::record::Trigger;
use crate::report::{PLAN_FORMATS, PlanReport};
use crate::rules::StoreId;
use jiff::Timestamp;
use std::io::{BufRead, Write};

pub(super) fn run(args: &Sync, run: &Run, output: &mut Output) -> Result<Exit, Stop> {
    let root = project::find(run.folder.as_deref())?;
    output.progress("reading the project");
    let (project, at) = project::load(root, project::Depth::Catalog, |_| Ok(run.now))?;
    output.end_progress();
    let sound = project.sound(output)?;
    let scope = scope(&project, sound.catalog, &args.part, Keep::Changes)?;
    let mut state = open_state(&project, "sync", run.now)?;
    let ask = Ask { at, now: run.now, scope, source: Source::Stores };
    output.progress("reading the stores");
    let mut planning = Planning::make(&project, sound, ask, &mut state)?;
    output.end_progress();
    recover(&planning, &mut state, run.now)?;
    let head = planning.head()?;
    show(&planning, &head, output)?;
    refuse_guarded(&head.guards, &args.allow)?;
    let changes = planning.rows().len();
    if changes > 0 && !confirm(args.yes || !project.config.inventory_features, changes, output)? {
        return Ok(Exit::Findings);
    }
    let mut stores = std::mem::take(&mut planning.stores);
    let order = Order {
        project: &project,
        plan_id: &head.plan_id,
        trigger: Trigger::SyncNow,
        now: run.now,
        version: &head.rules_version,
        canonical: sound.rules.canonical(),
    };
    let rows = planning.rows();
    let mut all = (0..rows.len()).map(|index| (rows.row(index), None));
    observe(&planning, &stores, &mut state, run.now)?;
    let done = carry_out(&order, &mut all, &mut stores, &mut state, output)?;
    remember(&planning, &mut state)?;
    let unreadable = stores.iter().any(|store| matches!(store, Connected::Faulty(_)));
    summary(&project, done, changes, output)?;
    Ok(done.exit().or(if unreadable { Exit::Partial } else { Exit::Done }))
}

/// Opens the state for writing: one at a time.
pub(super) fn open_state(project: &Project, command: &str, now: Timestamp) -> Result<SqliteState, Stop> {
    let holder = Holder { pid: std::process::id(), command: command.to_owned(), since: now };
    Ok(SqliteState::open(&super::state_path(project)?, &holder)?)
}

/// Ends the writes of a run that died, by what the stores show now.
pub(super) fn recover(planning: &Planning<'_>, state: &mut SqliteState, now: Timestamp) -> Result<(), Stop> {
    for (at, store) in planning.stores.iter().enumerate() {
        let Connected::Open(store) = store else { continue };
        let id = StoreId(at as u16);
        let left = state.unresolved(store.name(), usize::MAX)?;
        let live: Vec<_> =
            left.iter().map(|item| shown(planning, &planning.live, id, &item.store_sku)).collect();
        if !left.is_empty() {
            state.resolve(store.name(), &left, &live, now)?;
        }
    }
    Ok(())
}

fn shown(planning: &Planning<'_>, live: &Live, store: StoreId, store_sku: &str) -> Option<i64> {
    match live.get(planning.sound.catalog.find_listing(store, store_sku)?) {
        Shown::Number(number) => Some(number),
        Shown::Missing | Shown::Unknown | Shown::Unread => None,
    }
}

/// Shows the plan that is about to be carried out.
pub(super) fn show(planning: &Planning<'_>, head: &Head, output: &mut Output) -> Result<(), Stop> {
    planning.say_faults(output);
    if output.quiet {
        return Ok(());
    }
    let rows = planning.rows();
    let report = PlanReport { head, rows: &rows, color: output.out_color, width: output.width };
    if let Some(table) = PLAN_FORMATS.first() {
        (table.render)(&report, &mut output.out)?;
    }
    output.out.flush()?;
    Ok(())
}

/// Ends the run where a guard that was not allowed is met.
pub(super) fn refuse_guarded(met: &[GuardMet], allowed: &[String]) -> Result<(), Stop> {
    let held: Vec<_> = met.iter().filter(|guard| !allowed.iter().any(|name| name == guard.name)).collect();
    if held.is_empty() {
        return Ok(());
    }
    let say = |guard: &&GuardMet| {
        let store = guard.store.as_ref().map_or_else(String::new, |store| format!(" of store `{store}`"));
        format!("guard `{}`{store}: {} is above {}", guard.name, guard.would_be, guard.limit)
    };
    let lines: Vec<_> = held.iter().map(say).collect();
    let mut names: Vec<_> = held.iter().map(|guard| format!("--allow {}", guard.name)).collect();
    names.dedup();
    Err(Stop::failed(format_args!("nothing is written: {}", lines.join("; ")))
        .with_exit(Exit::Guarded)
        .with_help(format!("look at the plan; if it is meant, repeat with {}", names.join(" "))))
}

/// Asks a person, where there is one.
pub(super) fn confirm(yes: bool, changes: usize, output: &mut Output) -> Result<bool, Stop> {
    if yes {
        return Ok(true);
    }
    if !output.interactive {
        return Err(Stop::failed("nobody is there to be asked").with_help("`--yes` writes without asking"));
    }
    write!(output.err, "write {changes} numbers? [y/N] ")?;
    output.err.flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// Remembers what the next run compares with: the numbers that were read, the rows of stock.
pub(super) fn remember(planning: &Planning<'_>, state: &mut SqliteState) -> Result<(), Stop> {
    if planning.project.config.guards.missing_stock.is_some() {
        state.remember_stock(&mut planning.sound.catalog.stock_keys())?;
    }
    Ok(())
}

/// Numbers that were read and need no write are last known ones too.
pub(super) fn observe(
    planning: &Planning<'_>,
    stores: &[Connected],
    state: &mut SqliteState,
    now: Timestamp,
) -> Result<(), Stop> {
    let catalog = planning.sound.catalog;
    for (at, store) in stores.iter().enumerate() {
        let Connected::Open(store) = store else { continue };
        let listings = catalog.listings_of_store(StoreId(at as u16)).map(crate::catalog::ListingId);
        let mut numbers = listings.filter_map(|listing| match planning.live.get(listing) {
            Shown::Number(number) => Some((catalog.store_sku(listing), number)),
            Shown::Missing | Shown::Unknown | Shown::Unread => None,
        });
        state.observe(store.name(), &mut numbers, now)?;
    }
    Ok(())
}

pub(super) fn summary(
    project: &Project,
    done: Done,
    changes: usize,
    output: &mut Output,
) -> Result<(), Stop> {
    if !project.config.inventory_features {
        let line = format!("switched off: `inventory_features: false`, {changes} numbers are not written");
        writeln!(output.out, "{line}")?;
        return Ok(());
    }
    if changes == 0 {
        return Ok(());
    }
    let Done { sent, failed, conflicts, unsettled, skipped } = done;
    let parts = [
        (sent, "sent"),
        (failed, "failed"),
        (conflicts, "changed meanwhile"),
        (unsettled, "unknown"),
        (skipped, "left out"),
    ];
    let said: Vec<String> = parts
        .iter()
        .filter(|(count, what)| *count > 0 || *what == "sent")
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    writeln!(output.out, "{}", said.join(", "))?;
    if done.exit() != Exit::Done {
        output.say("what became of each: stocksync records");
    }
    Ok(())
}
