//! `stocksync drift`: what the stores show against what was last written there.

use super::Run;
use super::args::Drift;
use super::connect::{self, Connected};
use super::exit::{Exit, Stop};
use super::output::Output;
use super::plan::scope;
use super::project::{self, Sound};
use super::state::{SqliteState, State};
use crate::diff::Live;
use crate::drift::{Drifted, differs};
use crate::plan::{Keep, Scope};
use crate::report::{DRIFT_FORMATS, DriftReport};
use crate::rules::StoreId;

pub(super) fn run(args: &Drift, run: &Run, output: &mut Output) -> Result<Exit, Stop> {
    let root = project::find(run.folder.as_deref())?;
    output.progress("reading the project");
    let (project, _) = project::load(root, project::Depth::Catalog, |_| Ok(run.now))?;
    output.end_progress();
    let sound = project.sound(output)?;
    let scope = scope(&project, sound.catalog, &args.part, Keep::All)?;
    let mut state = SqliteState::open_for_reading(&super::state_path(&project)?)?;
    output.progress("reading the stores");
    let mut stores = connect::open(&project, false, |store| scope.has_store(store));
    let mut live = Live::unread(sound.catalog);
    connect::read(sound.catalog, &mut stores, &mut live);
    output.end_progress();
    let (mut rows, mut read, mut exit) = (Vec::new(), Vec::new(), Exit::Done);
    for (at, store) in stores.iter().enumerate() {
        match store {
            Connected::Open(store) => {
                let store = (StoreId(at as u16), store.name());
                let written = of_store(sound, &scope, (store, &live), &mut state, &mut rows)?;
                read.push((store.1.to_owned(), written));
            }
            Connected::Faulty(fault) => {
                exit = Exit::Failed;
                output.fault(&fault.to_string(), fault.help.as_deref());
            }
            Connected::Aside => {}
        }
    }
    rows.sort();
    let report = DriftReport { rows: &rows, stores: &read, color: output.out_color, width: output.width };
    if let Some(format) = DRIFT_FORMATS.iter().find(|format| format.name == args.format) {
        (format.render)(&report, &mut output.out)?;
    }
    Ok(exit.or(if args.exit_code && !rows.is_empty() { Exit::Findings } else { Exit::Done }))
}

/// Adds what has drifted in one store, and gives back how many listings were ever written there.
fn of_store(
    sound: Sound<'_>,
    scope: &Scope,
    ((id, name), live): ((StoreId, &str), &Live),
    state: &mut SqliteState,
    rows: &mut Vec<Drifted>,
) -> Result<u64, Stop> {
    let mut count = 0;
    state.known(name, &mut |known| {
        // What no mapping names any more is not read, and nobody's number.
        let Some(listing) = sound.catalog.find_listing(id, known.store_sku) else { return };
        let sku = sound.catalog.listing_sku(listing);
        let Some(written) = known.written.filter(|_| scope.has_sku(sku)) else { return };
        count += 1;
        rows.extend(differs(written, live.get(listing)).map(|live| Drifted {
            store: name.to_owned(),
            store_sku: known.store_sku.to_owned(),
            sku: sound.catalog.sku(sku).to_owned(),
            written,
            live,
        }));
    })?;
    Ok(count)
}
