//! `stocksync records retry`: what failed, and what nobody knows the end of, is planned and written again.

use super::Run;
use super::args::{Part, Retry};
use super::exit::{Exit, Stop};
use super::output::Output;
use super::state::{First, RecordQuery, State};
use super::sync::{Asked, carry};
use crate::catalog::Catalog;
use crate::record::{Status, Trigger};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

/// Of more SKUs than this, their stores are synced whole.
const SKUS_MAX: usize = 1_000;

pub(super) fn run(args: &Retry, run: &Run, output: &mut Output) -> Result<Exit, Stop> {
    let (part, allow) = (&args.part, args.allow.as_slice());
    let asked = Asked { part, allow, yes: args.yes, trigger: Trigger::Retry, record: None };
    carry(&asked, run, output)
}

/// The part of the project whose newest records are of writes that failed, or whose end is unknown; `None` where there are none.
/// A SKU that the catalog does not have any more is left out.
pub(super) fn left(asked: &Part, catalog: &Catalog, state: &mut dyn State) -> Result<Option<Part>, Stop> {
    let mut newest: BTreeMap<(String, String), (u64, String)> = BTreeMap::new();
    for status in [Status::Failed, Status::Unknown] {
        let query = RecordQuery { status: Some(status), first: First::Newest, ..RecordQuery::default() };
        state.records(&query, &mut |record| {
            let is_asked =
                |names: &[String], name: &str| names.is_empty() || names.iter().any(|one| one == name);
            if is_asked(&asked.stores, record.store)
                && is_asked(&asked.skus, record.sku)
                && catalog.find_sku(record.sku).is_some()
            {
                let listing = (record.store.to_owned(), record.store_sku.to_owned());
                let held = newest.entry(listing).or_insert((record.id, record.sku.to_owned()));
                held.0 = held.0.max(record.id);
            }
            ControlFlow::Continue(())
        })?;
    }
    let skus: BTreeSet<String> = newest.values().map(|(_, sku)| sku.clone()).collect();
    for sku in &skus {
        drop_done(sku, &mut newest, state)?;
    }
    let stores: BTreeSet<&String> = newest.keys().map(|(store, _)| store).collect();
    let skus: BTreeSet<&String> = newest.values().map(|(_, sku)| sku).collect();
    let skus = if skus.len() > SKUS_MAX { Vec::new() } else { skus.into_iter().cloned().collect() };
    let part = Part { stores: stores.into_iter().cloned().collect(), skus };
    Ok((!newest.is_empty()).then_some(part))
}

/// Takes out the listings of a SKU that have a newer record.
fn drop_done(
    sku: &str,
    newest: &mut BTreeMap<(String, String), (u64, String)>,
    state: &mut dyn State,
) -> Result<(), Stop> {
    let query = RecordQuery { sku: Some(sku), first: First::Newest, ..RecordQuery::default() };
    state.records(&query, &mut |record| {
        let listing = (record.store.to_owned(), record.store_sku.to_owned());
        if newest.get(&listing).is_some_and(|(id, _)| *id < record.id) {
            newest.remove(&listing);
        }
        ControlFlow::Continue(())
    })?;
    Ok(())
}
