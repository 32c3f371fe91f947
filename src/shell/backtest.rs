//! `stocksync backtest`: orders as they came, replayed against the rules and variations of them.

use super::args::Backtest;
use super::exit::{Exit, Stop};
use super::output::Output;
use super::project::{self, Depth, Project};
use super::{Run, event_file, save, taken};
use crate::backtest::{Aside, Grid, Ground, History, Replayed, Unfit, Variation};
use crate::diagnostic::nearest;
use crate::orders::{Event, Refused, UnknownLine};
use crate::report::backtest::plot;
use crate::report::{BACKTEST_FORMATS, BacktestReport, clean};

/// Store SKUs that no mapping knows: more are counted only.
const UNKNOWN_MAX: usize = 20;

pub(super) fn run(args: &Backtest, run: &Run, output: &mut Output) -> Result<Exit, Stop> {
    let grid = Grid {
        delays: args.delay.clone(),
        rates: args.rate.clone(),
        thresholds: args.threshold.clone(),
        reserves: args.reserve.clone(),
    };
    let variations = grid.variations().map_err(unfit)?;
    let mut project = load(args, run)?;
    project.sound(output)?;
    known_rules(&project, &args.rules)?;
    let (events, refused) = events(args, &project, run, output)?;
    let history = {
        let sound = project.sound(output)?;
        History::new(&events, sound.catalog, &project.declared)
    };
    drop(events);
    if history.line_count() == 0 {
        let message = format_args!("`{}` tells of no order that a mapping knows", args.orders.display());
        return Err(Stop::failed(message).with_help("it holds events as `stocksync orders` takes them"));
    }
    say_aside(&history.aside, output);
    let rows = replay(&mut project, &history, &variations, &args.rules, output)?;
    if let Some((_, Replayed { unruled, .. })) = rows.first().filter(|(_, replayed)| replayed.unruled > 0) {
        output.say(format_args!("left out: {unruled} units of listings that no rule takes"));
    }
    let stores = &project.declared.stores;
    let report = BacktestReport { history: &history, stores, rows: &rows, color: output.out_color };
    if let Some(file) = &args.plot {
        save::replace(file, |out| plot::render(&report, out))?;
    }
    if let Some(format) = BACKTEST_FORMATS.iter().find(|format| format.name == args.format) {
        (format.render)(&report, &mut output.out)?;
    }
    Ok(if refused > 0 { Exit::Findings } else { Exit::Done })
}

fn unfit(fault: Unfit) -> Stop {
    Stop::failed(fault.message).with_help(fault.help)
}

/// The project, perhaps with another table of stock.
fn load(args: &Backtest, run: &Run) -> Result<Project, Stop> {
    let root = project::find(run.folder.as_deref())?;
    let Some(stock) = &args.stock else {
        return Ok(project::load(root, Depth::Catalog, |_| Ok(run.now))?.0);
    };
    let (mut project, _) = project::load(root, Depth::Rules, |_| Ok(run.now))?;
    project.config.catalog.stock.clone_from(stock);
    project.read_catalog(project.declared.clone())?;
    Ok(project)
}

fn known_rules(project: &Project, named: &[String]) -> Result<(), Stop> {
    let rules = project.checked.rule_set().map(|rules| rules.rules()).unwrap_or_default();
    let names = || rules.iter().map(|rule| rule.name.as_str());
    let Some(unknown) = named.iter().find(|named| !names().any(|name| name == named.as_str())) else {
        return Ok(());
    };
    let stop = Stop::failed(format_args!("no rule `{unknown}`"));
    Err(match nearest(unknown, names()) {
        Some(near) => stop.with_help(format!("did you mean `{near}`?")),
        None => stop.with_help("`--rule` takes the name of a rule, as it stands in its head"),
    })
}

/// The events, and how many could not be read; those are told at their line.
fn events(
    args: &Backtest,
    project: &Project,
    run: &Run,
    output: &mut Output,
) -> Result<(Vec<Event>, u64), Stop> {
    let Some(goods) = taken::goods(project, run.now) else { return Ok(Default::default()) };
    let (mut events, mut refused) = (Vec::new(), 0);
    let name = args.orders.display().to_string();
    output.progress("reading the orders");
    event_file::read(&args.orders, args.orders_format, &project.config.timezone, &mut |line, read| {
        match read.and_then(|event| goods.judge(&event).map(|()| event)) {
            Ok(event) => events.push(event),
            Err(Refused { message, help }) => {
                refused += 1;
                output.fault(&format!("{name}:{line}: {}", clean(&message)), help.as_deref());
            }
        }
        Ok(())
    })?;
    output.end_progress();
    Ok((events, refused))
}

fn say_aside(aside: &Aside, output: &mut Output) {
    let Aside { repeated, homeless, lines, unknown, stock } = aside;
    for UnknownLine { store, store_sku } in unknown.iter().take(UNKNOWN_MAX) {
        output.say(format_args!("no mapping knows `{}` of `{}`", clean(store_sku), clean(store)));
    }
    if unknown.len() > UNKNOWN_MAX {
        output.say(format_args!("in all {} store SKUs that no mapping knows", unknown.len()));
    }
    let parts = [
        (*lines, "order lines that no mapping knows"),
        (*repeated, "events that stand there twice"),
        (*homeless, "events of orders whose store is not known"),
        (*stock, "stock changes of SKUs that the catalog does not know"),
    ];
    for (count, what) in parts.iter().filter(|(count, _)| *count > 0) {
        output.say(format_args!("left out: {count} {what}"));
    }
}

fn replay(
    project: &mut Project,
    history: &History,
    variations: &[Variation],
    only: &[String],
    output: &mut Output,
) -> Result<Vec<(Variation, Replayed)>, Stop> {
    let fulfil_from: Vec<_> = project.config.stores.iter().map(|store| store.fulfil_from.clone()).collect();
    let (Some(rules), Some(catalog)) = (project.checked.rule_set(), project.catalog.as_mut()) else {
        return Ok(Vec::new());
    };
    let declared = &project.declared;
    let mut ground = Ground { catalog, rules, declared, fulfil_from: &fulfil_from };
    let mut rows = Vec::with_capacity(variations.len());
    for (at, variation) in variations.iter().enumerate() {
        output.progress(format_args!("replaying {} of {}", at + 1, variations.len()));
        rows.push((*variation, ground.replay(history, variation, only).map_err(unfit)?));
    }
    output.end_progress();
    Ok(rows)
}
