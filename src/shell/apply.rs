//! `stocksync apply`: a saved plan, exactly and once.

use super::Run;
use super::args::{Apply, Part};
use super::carry_out::{Order, carry_out};
use super::connect::Connected;
use super::exit::{Exit, Stop};
use super::held::HeldCount;
use super::output::Output;
use super::plan::{Ask, Planning, Source, scope};
use super::project;
use super::saved::{self, Saved, SavedRow};
use super::state::{Covers, PlanStatus, State};
use super::{forget, sync, taken};
use crate::plan::{Keep, Reason, Released, Row};
use crate::record::{Skip, Trigger};

pub(super) fn run(args: &Apply, run: &Run, output: &mut Output) -> Result<Exit, Stop> {
    let saved = saved::load(&args.file)?;
    let root = project::find(run.folder.as_deref())?;
    output.progress("reading the project");
    let (mut project, at) = project::load(root, project::Depth::Catalog, |_| Ok(run.now))?;
    project.net = project.net.taped(args.record.as_deref(), None);
    output.end_progress();
    project.sound(output)?;
    let mut state = sync::open_state(&project, "apply", run.now)?;
    let orders_taken = taken::take_off(&mut project, &mut state, run.now)?.orders;
    let sound = project.sound(output)?;
    let part = Part { stores: saved.stores.clone(), skus: saved.skus.clone() };
    let scope =
        scope(&project, sound.catalog, &part, Keep::All).map_err(|stop| stop.with_exit(Exit::Stale))?;
    refuse_unfit(&saved, sound.rules.version(), state.plan_status(&saved.plan_id)?)?;
    let ask = Ask { at, now: run.now, scope, source: Source::Stores, orders_taken, writes: true };
    output.progress("reading the stores");
    let mut planning = Planning::make(&project, sound, ask, &mut state)?;
    output.end_progress();
    planning.say_faults(output);
    refuse_other_plugins(&saved, &planning)?;
    sync::recover(&planning, &mut state, run.now)?;
    if state.plan_status(&saved.plan_id)? == PlanStatus::Finished {
        output.say("nothing is left to do: a run that was broken off had sent everything");
        return Ok(Exit::Done);
    }
    let judged: Vec<Fit> = saved.rows.iter().map(|row| fit(row, &planning)).collect();
    let stale = say_stale(&saved, &judged, output);
    if stale > 0 && !args.skip_stale {
        return Err(Stop::failed(format_args!(
            "nothing is written: {stale} of {} rows no longer fit",
            saved.rows.len()
        ))
        .with_exit(if unreadable(&saved, &planning.stores) { Exit::Failed } else { Exit::Stale })
        .with_help("plan again; or repeat with --skip-stale to write the rows that fit"));
    }
    sync::refuse_guarded(&project, &planning.guards(), &args.allow)?;
    let writing = saved.rows.iter().zip(&judged).filter(|(_, fit)| matches!(fit, Fit::Write(_)));
    let count = HeldCount::of(&project, writing.map(|(row, _)| row.store.as_str()));
    if !sync::confirm(args.yes, count.written, output)? {
        return Ok(Exit::Findings);
    }
    let mut stores = std::mem::take(&mut planning.stores);
    let order = Order {
        project: &project,
        plan_id: &saved.plan_id,
        trigger: Trigger::Apply,
        now: run.now,
        version: &saved.rules_version,
        canonical: sound.rules.canonical(),
        covers: Covers::Written,
    };
    sync::observe(&planning, &stores, &mut state, run.now)?;
    let mut rows = saved.rows.iter().zip(&judged).filter_map(|(row, fit)| match fit {
        Fit::Done => None,
        Fit::Write(live) => Some((as_row(row, Some(*live)), None)),
        Fit::Stale(_) => Some((as_row(row, row.current), Some(Skip::Stale))),
    });
    let done = carry_out(&order, &mut rows, &mut stores, &mut state, output)?;
    sync::remember(&planning, &mut state)?;
    forget::old_records(&project, &mut state, run.now)?;
    count.say(&project, output)?;
    sync::summary(done, output)?;
    Ok(done.exit().or(if stale > 0 { Exit::Partial } else { Exit::Done }))
}

/// Whether a row of the plan still fits.
#[derive(Clone, PartialEq, Eq)]
enum Fit {
    /// The store shows this number, as the plan has it.
    Write(i64),
    /// The store shows it already.
    Done,
    /// Why it does not.
    Stale(String),
}

fn fit(row: &SavedRow, planning: &Planning<'_>) -> Fit {
    if row.rule.is_empty() {
        return fit_released(row, planning);
    }
    let catalog = planning.sound.catalog;
    let store = planning.project.declared.stores.iter().position(|name| *name == row.store);
    let listing = store.and_then(|at| catalog.find_listing(crate::rules::StoreId(at as u16), &row.store_sku));
    let Some(listing) = listing.filter(|&listing| catalog.sku(catalog.listing_sku(listing)) == row.sku)
    else {
        return Fit::Stale("it is not mapped any more".into());
    };
    match planning.desired.number(listing).map(|number| number.planned) {
        Some(planned) if planned == row.planned => {}
        Some(planned) => return Fit::Stale(format!("the rules now give {planned}, not {}", row.planned)),
        None => return Fit::Stale("no rule takes it now".into()),
    }
    fit_live(row, planning.columns().current(listing))
}

/// A number that no rule gave: the listing was to be emptied since none took it.
fn fit_released(row: &SavedRow, planning: &Planning<'_>) -> Fit {
    let is_it = |one: &&Released| (&one.store, &one.store_sku) == (&row.store, &row.store_sku);
    match planning.released().iter().find(is_it) {
        Some(one) => fit_live(row, one.current),
        None => Fit::Stale("a rule takes it again, or the store could not be read".into()),
    }
}

fn fit_live(row: &SavedRow, live: Option<i64>) -> Fit {
    if live.map(i128::from) == Some(i128::from(row.planned)) {
        return Fit::Done;
    }
    match (live, row.current) {
        (Some(live), Some(current)) if live == current => Fit::Write(live),
        // Nobody knew the number when the plan was made: there is nothing to hold it against.
        (Some(live), None) => Fit::Write(live),
        (Some(live), Some(current)) => Fit::Stale(format!("the store shows {live}, not {current}")),
        (None, _) => Fit::Stale("the store could not be read, or does not have it".into()),
    }
}

/// Whether a store that the plan writes could not be read.
fn unreadable(saved: &Saved, stores: &[Connected]) -> bool {
    let faulty = |name: &str| stores.iter().any(|s| matches!(s, Connected::Faulty(f) if f.store == name));
    saved.rows.iter().any(|row| faulty(&row.store))
}

fn refuse_unfit(saved: &Saved, version: &str, status: PlanStatus) -> Result<(), Stop> {
    let stale = |message: String| Err(Stop::failed(message).with_exit(Exit::Stale).with_help("plan again"));
    if saved.at_given {
        return stale(format!("the plan was made for {}, not for now: it is for looking only", saved.at));
    }
    if status == PlanStatus::Finished {
        return stale(format!("plan {} was carried out already", saved.plan_id));
    }
    if saved.rules_version != version {
        return stale("the plan was made for other rules".into());
    }
    Ok(())
}

fn refuse_other_plugins(saved: &Saved, planning: &Planning<'_>) -> Result<(), Stop> {
    let now = saved::plugins(&planning.stores);
    let other = saved.plugins.iter().find(|(name, hash)| now.get(*name).is_some_and(|now| now != *hash));
    match other {
        Some((name, _)) => {
            Err(Stop::failed(format_args!("the plan was made with another build of connector `{name}`"))
                .with_exit(Exit::Stale)
                .with_help("plan again"))
        }
        None => Ok(()),
    }
}

/// So many stale rows are named.
const STALE_SHOWN_MAX: usize = 20;

fn say_stale(saved: &Saved, judged: &[Fit], output: &mut Output) -> usize {
    let mut count = 0;
    for (row, fit) in saved.rows.iter().zip(judged) {
        let Fit::Stale(why) = fit else { continue };
        count += 1;
        if count <= STALE_SHOWN_MAX {
            output
                .say(crate::report::clean(&format!("stale: `{}` in `{}`: {why}", row.store_sku, row.store)));
        }
    }
    if count > STALE_SHOWN_MAX {
        output.say(format_args!("… and {} more", count - STALE_SHOWN_MAX));
    }
    count
}

fn as_row(row: &SavedRow, current: Option<i64>) -> Row<'_> {
    Row {
        store: &row.store,
        store_sku: &row.store_sku,
        sku: &row.sku,
        current,
        planned: row.planned,
        available: 0,
        rule: &row.rule,
        order: 0,
        reason: Reason::Rate,
        file: "",
        line: 0,
    }
}
