//! `stocksync why`.

use super::args::{TextOrJson, Why};
use super::exit::{Exit, Stop};
use super::output::Output;
use super::plan::{Ask, Planning, Source};
use super::project;
use super::state::SqliteState;
use super::{Run, taken};
use crate::plan::{Keep, Scope};
use crate::report::why::{WHY_FORMATS, WhyReport};
use crate::trace::{Known, trace};

pub(super) fn run(args: &Why, run: &Run, output: &mut Output) -> Result<Exit, Stop> {
    let root = project::find(run.folder.as_deref())?;
    let at = |config: &_| project::moment(args.at.as_deref(), config, run.now);
    let (mut project, at) = project::load(root, project::Depth::Catalog, at)?;
    project.sound(output)?;
    let mut state = SqliteState::open_for_reading(&super::state_path(&project)?)?;
    let taken = taken::take_off(&mut project, &mut state, run.now)?;
    let sound = project.sound(output)?;
    let only = args.store.as_deref().map(|name| project.store(name)).transpose()?;
    if sound.catalog.find_sku(&args.sku).is_none() {
        output.say(format_args!(
            "`{}` is not in the catalog: no stock, no listing",
            crate::report::clean(&args.sku)
        ));
        if let Some(help) = project::meant_sku(sound.catalog, &args.sku) {
            output.say(format_args!("  help: {}", crate::report::clean(&help)));
        }
    }
    let scope = Scope { stores: only.into_iter().collect(), skus: Vec::new(), keep: Keep::Changes };
    let sku = sound.catalog.find_sku(&args.sku);
    let orders = sku.map(|sku| taken::orders_of(sound.catalog, sku, &taken, &mut state)).transpose()?;
    let (source, orders_taken) = (Source::LastKnown, taken.orders);
    let ask = Ask { at, now: run.now, scope, source, orders_taken, writes: false };
    let planning = Planning::make(&project, sound, ask, &mut state)?;
    let story = trace(
        Known {
            rules: sound.rules,
            catalog: sound.catalog,
            declared: &project.declared,
            sources: &project.sources,
            live: &planning.live,
            bounds: &planning.bounds,
            orders: orders.as_deref().unwrap_or_default(),
            at,
        },
        &args.sku,
        only,
    );
    let name = if args.format == TextOrJson::Json { "json" } else { "text" };
    if let Some(format) = WHY_FORMATS.iter().find(|format| format.name == name) {
        (format.render)(&WhyReport { trace: &story, color: output.out_color }, &mut output.out)?;
    }
    Ok(Exit::Done)
}
