//! `stocksync catalog`: fills the tables of SKUs and mappings. What stands in them stays as it is; rows are added at the end.

mod map;
mod skus;
mod table;

use super::Run;
use super::args::Catalog;
use super::connect;
use super::exit::{Exit, Stop};
use super::output::Output;
use super::project::{self, Project};
use super::store::Store;
use crate::mapping::Listed;

pub(super) fn run(args: &Catalog, run: &Run, output: &mut Output) -> Result<Exit, Stop> {
    let root = project::find(run.folder.as_deref())?;
    // Faults of the rules are no reason not to fill the catalog; faults of the configuration are.
    let (project, _) = project::load(root, project::Depth::Unjudged, |_| Ok(run.now))?;
    refuse_faulty(&project, output)?;
    match args {
        Catalog::Skus(args) => skus::run(args, &project, output),
        Catalog::Map(args) => map::run(args, &project, output),
    }
}

/// Reports what is wrong with the configuration, and ends.
fn refuse_faulty(project: &Project, output: &mut Output) -> Result<(), Stop> {
    let config = project.sources.iter().next().map(|(file, _)| file);
    let found =
        project.diagnostics.iter().filter(|found| found.span.is_none_or(|span| Some(span.file) == config));
    let found: Vec<_> = found.cloned().collect();
    table::refuse(&project.sources, &found, output)
}

/// Every listing of a store, as the store has them, sorted.
fn listings(project: &Project, name: &str, output: &mut Output) -> Result<Vec<Listed>, Stop> {
    output.progress(format_args!("reading the listings of {name}"));
    let mut store: Store = connect::open_one(project, project.store(name)?)?;
    let mut listings = Vec::new();
    let read = store.listings(&mut |listing| {
        listings.push(Listed { store_sku: listing.store_sku.to_owned(), title: listing.title.to_owned() });
    });
    output.end_progress();
    read.map_err(|fault| connect::stop(&fault))?;
    listings.sort();
    Ok(listings)
}
