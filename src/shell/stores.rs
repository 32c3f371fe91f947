//! All stores of a project: each opened and worked with by itself, so that what goes wrong with one hurts no other.

use super::fault::{PluginFault, StoreFault};
use super::locate::Search;
use super::plugin::{self, Opened};
use super::session::Limits;
use super::store::{Store, StoreSpec};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::thread;

/// How many stores are worked with side by side: they wait for their stores more than they work.
pub const STORES_SIDE_BY_SIDE: usize = 64;

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

/// Does some work with every store, a bounded number side by side, the next as soon as one is done; results in the order of the stores.
pub fn side_by_side<S: Send, T: Send>(stores: &mut [S], work: impl Fn(&mut S) -> T + Sync) -> Vec<T> {
    few_side_by_side(STORES_SIDE_BY_SIDE, stores, work)
}

/// The same, `at_once` of them at most.
pub fn few_side_by_side<S: Send, T: Send>(
    at_once: usize,
    stores: &mut [S],
    work: impl Fn(&mut S) -> T + Sync,
) -> Vec<T> {
    let threads = stores.len().min(at_once);
    let waiting = Mutex::new(stores.iter_mut().enumerate());
    let one_after_another = || {
        let mut done = Vec::new();
        loop {
            let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some((at, store)) = next else { return done };
            done.push((at, work(store)));
        }
    };
    let mut results: Vec<(usize, T)> = thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(one_after_another)).collect();
        let joined = threads.into_iter().flat_map(|thread| match thread.join() {
            Ok(done) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        joined.collect()
    });
    results.sort_unstable_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;
    use std::time::Duration;

    #[test]
    fn a_slow_store_holds_none_of_those_behind_it() {
        let last = STORES_SIDE_BY_SIDE + 5;
        let (tell, told) = channel();
        let told = Mutex::new(told);
        let mut stores: Vec<usize> = (0..=last).collect();
        let results = side_by_side(&mut stores, |store| {
            if *store == last {
                tell.send(()).unwrap();
            }
            // The first ends when the last has been worked with.
            *store > 0 || told.lock().unwrap().recv_timeout(Duration::from_secs(60)).is_ok()
        });
        assert_eq!(results, vec![true; last + 1]);
    }

    #[test]
    fn results_stand_in_the_order_of_the_stores() {
        let mut stores: Vec<usize> = (0..3 * STORES_SIDE_BY_SIDE).collect();
        let doubled = side_by_side(&mut stores, |store| 2 * *store);
        assert_eq!(doubled, (0..3 * STORES_SIDE_BY_SIDE).map(|store| 2 * store).collect::<Vec<_>>());
        assert_eq!(side_by_side(&mut [0_u8; 0], |store| *store), Vec::<u8>::new());
    }
}
