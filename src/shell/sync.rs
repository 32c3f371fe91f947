//! `stocksync sync`: plan and apply in one.

use super::Run;
use super::args::{Part, Sync};
use super::ask::ask;
use super::carry_out::{Done, Order, carry_out};
use super::connect::Connected;
use super::exit::{Exit, Stop};
use super::held::{HeldCount, held};
use super::output::Output;
use super::plan::{Ask, Planning, Source, scope};
use super::project::{self, Project};
use super::state::{Covers, Holder, SqliteState, State};
use super::{forget, retry, taken, threads};
use crate::diff::{Live, Shown};
use crate::dispatch::Outcome;
use crate::plan::{GuardMet, Head, Keep, Rows};
use crate::record::Trigger;
use crate::report::{PLAN_FORMATS, PlanReport};
use crate::rules::StoreId;
use jiff::Timestamp;
use std::io::Write;
use std::path::Path;

/// What is asked of a run that plans and writes.
pub(super) struct Asked<'a> {
    pub(super) part: &'a Part,
    /// Guards that may pass.
    pub(super) allow: &'a [String],
    /// Nobody is asked.
    pub(super) yes: bool,
    pub(super) trigger: Trigger,
    /// The folder of a transcript, if one is kept.
    pub(super) record: Option<&'a Path>,
}

pub(super) fn run(args: &Sync, run: &Run, output: &mut Output) -> Result<Exit, Stop> {
    let (part, allow) = (&args.part, args.allow.as_slice());
    let record = args.record.as_deref();
    carry(&Asked { part, allow, yes: args.yes, trigger: Trigger::SyncNow, record }, run, output)
}

/// Plans and writes a part of the project.
pub(super) fn carry(asked: &Asked<'_>, run: &Run, output: &mut Output) -> Result<Exit, Stop> {
    let root = project::find(run.folder.as_deref())?;
    output.progress("reading the project");
    let (mut project, at) = project::load(root, project::Depth::Catalog, |_| Ok(run.now))?;
    project.net = project.net.taped(asked.record, None);
    output.end_progress();
    project.sound(output)?;
    let mut state = open_state(&project, "sync", run.now)?;
    taken::keep_mapped(&project, &mut state, run.now)?;
    let goods: Vec<u64> = project.sound(output)?.catalog.goods_keys().collect();
    let orders_taken = taken::take_off(&mut project, &mut state, run.now)?.orders;
    let sound = project.sound(output)?;
    let left = match asked.trigger {
        Trigger::Retry => match retry::left(asked.part, sound.catalog, &mut state)? {
            None => {
                output.say("nothing to retry");
                return Ok(Exit::Done);
            }
            left => left,
        },
        _ => None,
    };
    let part = left.as_ref().unwrap_or(asked.part);
    let scope = scope(&project, sound.catalog, part, Keep::Changes)?;
    let covered: Vec<&str> = part.skus.iter().map(String::as_str).collect();
    let ask = Ask { at, now: run.now, scope, source: Source::Stores, orders_taken, writes: true };
    output.progress("reading the stores");
    let mut planning = Planning::make(&project, sound, ask, &mut state)?;
    output.end_progress();
    recover(&planning, &mut state, run.now)?;
    let head = planning.head()?;
    show(&planning, &head, output)?;
    refuse_guarded(&project, &head.guards, asked.allow)?;
    let changes = planning.rows();
    let count = HeldCount::of(&project, (0..changes.len()).map(|index| changes.row(index).store));
    if !confirm(asked.yes, count.written, output)? {
        return Ok(Exit::Findings);
    }
    let mut stores = std::mem::take(&mut planning.stores);
    let order = Order {
        project: &project,
        plan_id: &head.plan_id,
        trigger: asked.trigger,
        now: run.now,
        version: &head.rules_version,
        canonical: sound.rules.canonical(),
        covers: if covered.is_empty() { Covers::All } else { Covers::Skus(&covered) },
    };
    let rows = planning.rows();
    let mut all = (0..rows.len()).map(|index| (rows.row(index), None));
    observe(&planning, &stores, &mut state, run.now)?;
    let done = carry_out(&order, &mut all, &mut stores, &mut state, output)?;
    remember(&planning, &mut state)?;
    if planning.ask.scope.is_whole() {
        state.remember_goods(&mut goods.into_iter())?;
    }
    forget::old_records(&project, &mut state, run.now)?;
    let unreadable = stores.iter().any(|store| matches!(store, Connected::Faulty(_)));
    count.say(&project, output)?;
    summary(done, output)?;
    Ok(done.exit().or(if unreadable { Exit::Partial } else { Exit::Done }))
}

/// Opens the state for writing: one at a time.
pub(super) fn open_state(project: &Project, command: &str, now: Timestamp) -> Result<SqliteState, Stop> {
    let holder = Holder { pid: std::process::id(), command: command.to_owned(), since: now };
    Ok(SqliteState::open(&super::state_path(project)?, &holder)?)
}

/// Ends the writes of a run that died, and those that a store had only accepted, by what the stores show now.
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
        let mut there = state.accepted(store.name(), usize::MAX)?;
        there.retain(|(item, _)| {
            shown(planning, &planning.live, id, &item.store_sku).map(i128::from) == Some(item.after.into())
        });
        let there: Vec<_> = there.into_iter().map(|(item, _)| item).collect();
        if !there.is_empty() {
            state.settle_batch(store.name(), &there, &vec![Outcome::Sent; there.len()], now)?;
        }
    }
    Ok(())
}

fn shown(planning: &Planning<'_>, live: &Live, store: StoreId, store_sku: &str) -> Option<i64> {
    match live.get(planning.sound.catalog.find_listing(store, store_sku)?) {
        Shown::Number(number) => Some(number),
        Shown::Missing | Shown::Twice | Shown::Unknown | Shown::Unread => None,
    }
}

/// Shows the plan that is about to be carried out.
pub(super) fn show(planning: &Planning<'_>, head: &Head, output: &mut Output) -> Result<(), Stop> {
    planning.say_faults(output);
    if output.quiet {
        return Ok(());
    }
    let rows = planning.rows();
    let report =
        PlanReport { head, rows: &rows, color: output.out_color, width: output.width, threads: threads() };
    if let Some(table) = PLAN_FORMATS.first() {
        (table.render)(&report, &mut output.out)?;
    }
    output.out.flush()?;
    Ok(())
}

/// Ends the run where a guard that was not allowed is met.
pub(super) fn refuse_guarded(project: &Project, met: &[GuardMet], allowed: &[String]) -> Result<(), Stop> {
    // Where nothing is written there is nothing to guard.
    let written = |store: Option<&String>| store.is_none_or(|store| held(project, store).is_none());
    if !project.config.inventory_features {
        return Ok(());
    }
    refuse(met.iter().filter(|guard| written(guard.store.as_ref())), allowed)
}

fn refuse<'g>(met: impl Iterator<Item = &'g GuardMet>, allowed: &[String]) -> Result<(), Stop> {
    let held: Vec<_> = met.filter(|guard| !allowed.iter().any(|name| name == guard.name)).collect();
    if held.is_empty() {
        return Ok(());
    }
    let say = |guard: &&GuardMet| {
        let store = guard.store.as_ref().map_or_else(String::new, |store| format!(" of store `{store}`"));
        if guard.name == "empty_stock" {
            return format!("guard `{}`: there is no stock row", guard.name);
        }
        format!("guard `{}`{store}: {} is above {}", guard.name, guard.would_be, guard.limit)
    };
    let lines: Vec<_> = held.iter().map(say).collect();
    let mut names: Vec<_> = held.iter().map(|guard| format!("--allow {}", guard.name)).collect();
    names.sort_unstable();
    names.dedup();
    Err(Stop::failed(format_args!("nothing is written: {}", lines.join("; ")))
        .with_exit(Exit::Guarded)
        .with_help(format!("look at the plan; if it is meant, repeat with {}", names.join(" "))))
}

/// Asks a person, where there is one, whether so many numbers may be written.
pub(super) fn confirm(yes: bool, changes: usize, output: &mut Output) -> Result<bool, Stop> {
    if yes || changes == 0 { Ok(true) } else { ask(&format!("write {changes} numbers?"), output) }
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
            Shown::Missing | Shown::Twice | Shown::Unknown | Shown::Unread => None,
        });
        state.observe(store.name(), &mut numbers, now)?;
    }
    Ok(())
}

/// Says what became of the numbers that were to be written.
pub(super) fn summary(done: Done, output: &mut Output) -> Result<(), Stop> {
    let Done { sent, accepted, failed, conflicts, unknown, skipped } = done;
    let parts = [
        (sent, "sent"),
        (accepted, "accepted, not shown yet"),
        (failed, "failed"),
        (conflicts, "changed meanwhile"),
        (unknown, "unknown"),
        (skipped, "left out"),
    ];
    if parts.iter().all(|(count, _)| *count == 0) {
        return Ok(());
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn met(store: Option<&str>, name: &'static str) -> GuardMet {
        let (limit, would_be) = ("30%".into(), "31%".into());
        GuardMet { store: store.map(str::to_owned), name, limit, would_be }
    }

    #[test]
    fn each_guard_that_holds_is_told_and_named_once_in_the_help() {
        let met = [
            met(None, "empty_stock"),
            met(Some("a"), "changed"),
            met(Some("a"), "to_zero"),
            met(Some("b"), "changed"),
        ];
        let stop = refuse(met.iter(), &["to_zero".to_owned()]).unwrap_err();
        assert_eq!(
            stop.message,
            "nothing is written: guard `empty_stock`: there is no stock row; guard `changed` of store `a`: 31% is above 30%; \
             guard `changed` of store `b`: 31% is above 30%"
        );
        assert_eq!(
            stop.help.as_deref(),
            Some("look at the plan; if it is meant, repeat with --allow changed --allow empty_stock")
        );
        assert_eq!(stop.exit, Exit::Guarded);
        assert!(refuse(met.iter(), &["changed", "empty_stock", "to_zero"].map(str::to_owned)).is_ok());
    }
}
