//! What no rule takes any more: it keeps its number and is told of, or is emptied where the configuration says so.

use crate::catalog::ListingId;
use crate::config::OnRelease;
use crate::diff::{Live, Shown};
use crate::eval::{Bounds, Desired};
use crate::plan::{Problem, Released, Scope, Tally};
use crate::rules::StoreId;
use crate::shell::connect::Connected;
use crate::shell::exit::Stop;
use crate::shell::fault::StoreFault;
use crate::shell::project::{Project, Sound};
use crate::shell::state::{Known, State, last_skus};
use std::collections::{BTreeMap, HashMap};

/// A listing that we wrote last and that no rule takes.
pub(super) struct Left {
    store: StoreId,
    store_sku: String,
    /// `None` where no mapping knows it any more.
    listing: Option<ListingId>,
    written: i64,
    /// What the store showed when it was last looked at.
    known: i64,
}

/// What was found of them.
#[derive(Default)]
pub(super) struct Found {
    /// What is to be told.
    pub(super) problems: Vec<Problem>,
    /// What is to show 0, those among it that do.
    pub(super) released: Vec<Released>,
    /// Stores that could not be asked for some.
    pub(super) faults: Vec<StoreFault>,
}

impl Left {
    /// Whether a listing that the state knows is one.
    pub(super) fn of(
        sound: Sound<'_>,
        (store, known): (StoreId, Known<'_>),
        desired: &Desired,
        scope: &Scope,
    ) -> Option<Self> {
        let written = known.written?;
        let listing = sound.catalog.find_listing(store, known.store_sku);
        let is_taken = listing.is_some_and(|listing| desired.number(listing).is_some());
        let in_scope = scope.skus.is_empty()
            || listing.is_some_and(|listing| scope.has_sku(sound.catalog.listing_sku(listing)));
        let store_sku = || known.store_sku.to_owned();
        (!is_taken && in_scope).then(|| Self {
            store,
            store_sku: store_sku(),
            listing,
            written,
            known: known.quantity,
        })
    }
}

/// What becomes of what is left. `read` says whether stores are asked, or what was last known counts.
pub(super) fn find(
    (project, sound): (&Project, Sound<'_>),
    left: Vec<Left>,
    (stores, live, bounds): (&mut [Connected], &Live, &[Bounds]),
    read: bool,
    state: &mut dyn State,
) -> Result<Found, Stop> {
    let mut found = Found::default();
    let name = |store: StoreId| project.declared.stores.get(usize::from(store.0)).map_or("", String::as_str);
    if project.config.on_release == OnRelease::Keep {
        found.problems = left.iter().map(|one| kept(name(one.store), one)).collect();
        return Ok(found);
    }
    let mut gone: BTreeMap<StoreId, Vec<Left>> = BTreeMap::new();
    for one in left {
        let least = bounds.get(usize::from(one.store.0)).map_or(0, |bounds| bounds.min);
        if least > 0 {
            found.problems.push(too_small(name(one.store), &one, least));
            continue;
        }
        let Some(listing) = one.listing else {
            gone.entry(one.store).or_default().push(one);
            continue;
        };
        let current = match live.get(listing) {
            Shown::Number(number) => Some(number),
            Shown::Unknown => None,
            Shown::Missing | Shown::Twice | Shown::Unread => continue,
        };
        let sku = sound.catalog.sku(sound.catalog.listing_sku(listing)).to_owned();
        let (store, store_sku) = (name(one.store).to_owned(), one.store_sku);
        found.released.push(Released { store, store_sku, sku, current });
    }
    for (store, left) in gone {
        let names = left.iter().map(|one| one.store_sku.as_str()).collect();
        let skus = last_skus(state, name(store), names)?;
        let shown = if read {
            let Some(Connected::Open(open)) = stores.get_mut(usize::from(store.0)) else { continue };
            let names: Vec<String> = left.iter().map(|one| one.store_sku.clone()).collect();
            let mut shown = HashMap::new();
            let read = open.read(names.as_slice(), &mut |store_sku, number| {
                shown.insert(store_sku.to_owned(), number);
            });
            if let Err(fault) = read {
                found.faults.push(fault);
                continue;
            }
            shown
        } else {
            left.iter().map(|one| (one.store_sku.clone(), one.known)).collect()
        };
        found.released.extend(left.into_iter().filter_map(|Left { store_sku, .. }| {
            let current = Some(*shown.get(&store_sku)?);
            let sku = skus.get(&store_sku).cloned().unwrap_or_default();
            Some(Released { store: name(store).to_owned(), store_sku, sku, current })
        }));
    }
    Ok(found)
}

/// Counts what is emptied with the other rows.
pub(super) fn count(project: &Project, released: &[Released], tally: &mut Tally) {
    for one in released {
        let at = project.declared.stores.iter().position(|name| *name == one.store);
        let Some(of_store) = at.and_then(|at| tally.stores.get_mut(at)) else { continue };
        let is_above = one.current.is_some_and(|current| current > 0);
        of_store.above_zero += u64::from(is_above);
        of_store.dropped += u64::from(is_above);
        of_store.counts.rows += 1;
        if one.current == Some(0) {
            of_store.counts.unchanged += 1;
        } else {
            of_store.counts.to_zero += 1;
        }
    }
}

fn kept(store: &str, left: &Left) -> Problem {
    let message =
        format!("no rule takes this listing any more: it keeps the {} that was written last", left.written);
    problem(store, left, "released", message)
}

fn too_small(store: &str, left: &Left, least: u64) -> Problem {
    let message = format!("no rule takes this listing any more, and the store takes no less than {least}");
    problem(store, left, "below-store-minimum", message)
}

fn problem(store: &str, left: &Left, name: &'static str, message: String) -> Problem {
    Problem { store: store.to_owned(), store_sku: Some(left.store_sku.clone()), name, message }
}
