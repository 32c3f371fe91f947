//! `stocksync plan`: the dry run.

mod planning;
mod released;

pub(super) use planning::{Ask, Planning, Source};

use super::args::Plan;
use super::connect::{self, Connected};
use super::exit::{Exit, Stop};
use super::output::Output;
use super::project::{self, Project};
use super::{Run, saved, sync, taken, threads};
use crate::plan::{Keep, Scope};
use crate::report::{PLAN_FORMATS, PlanFormat, PlanReport};
use jiff::Timestamp;

pub(super) fn run(args: &Plan, run: &Run, output: &mut Output) -> Result<Exit, Stop> {
    let root = project::find(run.folder.as_deref())?;
    let at = |config: &_| project::moment(args.at.as_deref(), config, run.now);
    output.progress("reading the project");
    let (mut project, at) = project::load(root, project::Depth::Catalog, at)?;
    project.net = project.net.taped(args.record.as_deref(), args.replay.as_deref());
    output.end_progress();
    output.took(&project.phases);
    project.sound(output)?;
    let mut state = super::state::SqliteState::open_for_reading(&super::state_path(&project)?)?;
    let orders_taken = taken::take_off(&mut project, &mut state, run.now)?.orders;
    let sound = project.sound(output)?;
    let keep = if args.all { Keep::All } else { Keep::Changes };
    let scope = scope(&project, sound.catalog, &args.part, keep)?;
    let source = if args.no_read { Source::LastKnown } else { Source::Stores };
    let ask = Ask { at, now: run.now, scope, source, orders_taken, writes: false };
    output.progress("reading the stores");
    let mut planning = Planning::make(&project, sound, ask, &mut state)?;
    output.end_progress();
    output.done("reading the stores and planning");
    let head = planning.head()?;
    let rows = planning.rows();
    let report = PlanReport {
        head: &head,
        rows: &rows,
        color: output.out_color,
        width: output.width,
        threads: threads(),
    };
    let format = PLAN_FORMATS.iter().find(|format| format.name == args.format);
    let render = format.or(PLAN_FORMATS.first()).map(|PlanFormat { render, .. }| *render);
    if let Some(render) = render {
        render(&report, &mut output.out)?;
    }
    output.done("printing");
    planning.say_faults(output);
    if args.replay.is_none() {
        keep_addresses(&project, &mut planning.stores, run.now);
        output.done("keeping addresses");
    }
    if let Some(file) = &args.out {
        saved::save(file, &planning, &head, args.at.is_some())?;
        output.say(format_args!("saved as {}: stocksync apply {0}", file.display()));
    }
    let changed = args.exit_code && head.total.rows > head.total.unchanged;
    Ok(planning.exit().or(if changed { Exit::Findings } else { Exit::Done }))
}

/// Keeps what the stores said of their listings' addresses, so that the next run need not ask. Where the state cannot be written now, or another run holds it,
/// nothing is kept: a plan does not fail for that.
fn keep_addresses(project: &Project, stores: &mut [Connected], now: Timestamp) {
    let learnt = connect::learnt(stores);
    if learnt.is_empty() {
        return;
    }
    if let Ok(mut state) = sync::open_state(project, "plan", now) {
        let mut each = learnt.iter();
        let _ =
            each.try_for_each(|(store, changes)| connect::keep_addresses(&mut state, store, changes, now));
    }
}

/// The part of the project that `--store` and `--sku` name.
pub(super) fn scope(
    project: &Project,
    catalog: &crate::catalog::Catalog,
    part: &super::args::Part,
    keep: Keep,
) -> Result<Scope, Stop> {
    let stores = part.stores.iter().map(|name| project.store(name)).collect::<Result<_, _>>()?;
    let find = |text: &String| {
        catalog.find_sku(text).ok_or_else(|| {
            let form = || "`--sku` takes a merchant SKU, as in the catalog's tables".to_owned();
            Stop::failed(format_args!("no SKU `{text}` in the catalog"))
                .with_help(project::meant_sku(catalog, text).unwrap_or_else(form))
        })
    };
    let skus = part.skus.iter().map(find).collect::<Result<_, _>>()?;
    Ok(Scope { stores, skus, keep })
}
