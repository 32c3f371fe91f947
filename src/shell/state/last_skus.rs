//! Of which merchant SKU a listing was, where no mapping knows it any more.

use super::{First, RecordQuery, State, StateFault};
use std::collections::{BTreeSet, HashMap};
use std::ops::ControlFlow;

/// The merchant SKUs that listings of a store were written for last, by store SKU: their newest records are kept for ever.
///
/// # Errors
/// The state cannot be read.
pub fn last_skus(
    state: &mut dyn State,
    store: &str,
    mut store_skus: BTreeSet<&str>,
) -> Result<HashMap<String, String>, StateFault> {
    let mut skus = HashMap::new();
    let query = RecordQuery { store: Some(store), first: First::Newest, ..RecordQuery::default() };
    state.records(&query, &mut |record| {
        if store_skus.remove(record.store_sku) {
            skus.insert(record.store_sku.to_owned(), record.sku.to_owned());
        }
        if store_skus.is_empty() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    Ok(skus)
}
