//! All stores of a project: each opened and worked with by itself, so that what goes wrong with one hurts no other.

use super::fault::{PluginFault, StoreFault};
use super::locate::Search;
use super::plugin::{self, Opened};
use super::session::Limits;
use super::store::{Store, StoreSpec};
use std::collections::BTreeMap;
use std::path::Path;
use std::thread;

/// How many stores are worked with side by side.
pub const STORES_SIDE_BY_SIDE: usize = 16;

/// Opens every store, each library once; in the order of `specs`.
pub fn open_all(
    project: &Path,
    specs: Vec<StoreSpec>,
    search: &Search,
    limits: Limits,
) -> Vec<Result<Store, StoreFault>> {
    let mut plugins: BTreeMap<(String, bool), Result<Opened, PluginFault>> = BTreeMap::new();
    for spec in &specs {
        plugins.entry((spec.connector.clone(), spec.isolate)).or_insert_with(|| {
            let open = if spec.isolate { plugin::open_apart } else { plugin::open };
            open(&spec.connector, search)
        });
    }
    let mut specs: Vec<_> = specs.into_iter().map(Some).collect();
    side_by_side(&mut specs, |spec| {
        let spec = spec.take()?;
        let opened = match plugins.get(&(spec.connector.clone(), spec.isolate))? {
            Ok(plugin) => Store::open(project, spec, plugin, limits),
            Err(fault) => Err(StoreFault {
                store: spec.name,
                connector: spec.connector,
                what: fault.what.clone(),
                help: fault.help.clone(),
            }),
        };
        Some(opened)
    })
    .into_iter()
    .flatten()
    .collect()
}

/// Does some work with every store, a bounded number side by side; results in the order of the stores.
pub fn side_by_side<S: Send, T: Send>(stores: &mut [S], work: impl Fn(&mut S) -> T + Sync) -> Vec<T> {
    let mut results = Vec::new();
    for group in stores.chunks_mut(STORES_SIDE_BY_SIDE) {
        thread::scope(|scope| {
            let threads: Vec<_> = group.iter_mut().map(|store| scope.spawn(|| work(store))).collect();
            for thread in threads {
                match thread.join() {
                    Ok(result) => results.push(result),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
        });
    }
    results
}
