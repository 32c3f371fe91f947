//! From a project to what the engine must know of it, with its stores opened.

use super::engine::{Outlet, Setup};
use crate::config::{self, Config};
use crate::dispatch::{CircuitLimits, RetryLimits, Terms};
use crate::plan::GuardLimits;
use crate::rules::RuleSet;
use crate::shell::connect::{self, Connected};
use crate::shell::project::Project;
use crate::shell::store::Store;
use crate::shell::{carry_out, threads};
use std::sync::Arc;

/// The most sessions of a store side by side.
pub(super) const SESSIONS_MAX: usize = 8;

/// So many writes of a store are at hand; the others wait on disk.
const WINDOW_MAX: usize = 2_000;

/// The most listings that are read at once before they are written.
const READS_MAX: usize = 200;

/// How long such a read counts, in milliseconds.
const FRESH_MS: u64 = 5_000;

/// Opens the stores of a sound project, and takes its catalog.
pub(super) fn open(project: &mut Project) -> Option<(Setup, Vec<Connected>)> {
    let rules: RuleSet = project.checked.rule_set()?.clone();
    let catalog = project.catalog.take()?;
    let stores = connect::open(project, true, |_| true);
    let outlets = project.config.stores.iter().zip(&stores).map(|(config, store)| outlet(config, store));
    let setup = Setup {
        rules: Arc::new(rules),
        catalog,
        declared: project.declared.clone(),
        stores: outlets.collect(),
        inventory_features: project.config.inventory_features,
        guards: guard_limits(&project.config),
        on_release: project.config.on_release,
        commit: carry_out::commit(&project.root),
        reconcile_seconds: project.config.serve.reconcile_seconds,
        orders_seconds: project.config.serve.orders_seconds,
        threads: threads(),
    };
    Some((setup, stores))
}

/// What the engine must know of a store.
pub(super) fn outlet(config: &config::Store, store: &Connected) -> Outlet {
    let bounds = connect::bounds(std::slice::from_ref(store)).first().copied().unwrap_or_default();
    let store = match store {
        Connected::Open(store) => Some(&**store),
        Connected::Aside | Connected::Faulty(_) => None,
    };
    Outlet {
        fulfil_from: config.fulfil_from.clone(),
        paused: config.paused,
        drift: config.drift,
        bounds,
        terms: terms(config, store),
        has_orders: store.is_some_and(Store::has_orders),
        can_poll: store.is_some_and(Store::can_poll),
    }
}

fn guard_limits(config: &Config) -> GuardLimits {
    let config::Guards { to_zero, changed, missing_stock, max_stock_age_seconds } = config.guards;
    GuardLimits { to_zero, changed, missing_stock, max_stock_age_seconds }
}

/// How a store is written. One that cannot be opened is written as carefully as can be, once it can.
fn terms(config: &config::Store, store: Option<&Store>) -> Terms {
    let batch = store.map(|store| &store.manifest().batch);
    Terms {
        items_max: batch.map_or(1, |batch| batch.items_max as usize),
        concurrency: store.map_or(1, |store| store.sessions_max().min(SESSIONS_MAX)),
        all_or_nothing: batch.is_some_and(|batch| batch.all_or_nothing && !batch.whole_groups),
        conditional: store.is_some_and(|store| store.manifest().write.conditional),
        read_before: config.read_before,
        reads_max: READS_MAX,
        window_max: WINDOW_MAX,
        retry: RetryLimits::default(),
        circuit: CircuitLimits::default(),
        fresh_ms: FRESH_MS,
    }
}
