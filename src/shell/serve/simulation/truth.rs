//! What must hold once everything has come to rest, each by a sum of its own.

use super::project::{SKUS, STORES};
use super::shoppers::Sum;
use super::world::World;
use crate::catalog::Catalog;
use crate::config::{Drift, OnRelease};
use crate::eval::{Desired, eval};
use crate::orders::StockTake;
use crate::record::Status;
use crate::rules::{RuleSet, StoreId};
use crate::shell::state::{First, Known, RecordQuery, State};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// Every invariant.
pub(super) fn holds(world: &mut World) {
    every_event_is_kept(world);
    stock_is_the_plain_sum(world);
    memory_is_what_is_on_disk(world);
    orders_are_what_was_reserved_and_shipped(world);
    nothing_waits(world);
    nothing_went_back_to_older_rules(world);
    every_listing_shows_its_number(world);
}

fn every_event_is_kept(world: &mut World) {
    let ids: Vec<String> = world.shoppers.events.iter().map(|event| event.id.clone()).collect();
    for id in ids {
        assert!(world.engine().state().has_event(&id).expect("read"), "the event {id} is lost");
    }
}

/// The catalog with stock as the state has it.
fn stocked(world: &mut World) -> Catalog {
    let mut catalog = world.project.catalog();
    let rows = {
        let mut take = StockTake::new(&catalog, &world.project.declared.warehouses);
        let state = world.engine.as_mut().expect("it runs").state();
        state.stock_told(&mut |set| take.set(set)).expect("read");
        state.movements(&mut |order, movement| take.movement(order, movement)).expect("read");
        take.finish().0
    };
    catalog.lay_stock(&rows);
    catalog
}

fn stock_is_the_plain_sum(world: &mut World) {
    let catalog = stocked(world);
    for (sku, available) in world.shoppers.available(&world.project.stock) {
        let id = catalog.find_sku(sku).expect("known");
        let kept: i64 = catalog.stock(id).map(|(_, units)| units).sum();
        assert_eq!(kept, available, "stock of {sku}");
    }
}

/// The engine goes by the same stock as one would that starts now.
fn memory_is_what_is_on_disk(world: &mut World) {
    let kept = stocked(world);
    for sku in SKUS {
        let of = |catalog: &Catalog| -> Vec<(String, i64)> {
            let id = catalog.find_sku(sku).expect("known");
            let stock = catalog.stock(id).filter(|(_, units)| *units != 0);
            stock.map(|(place, units)| (catalog.warehouse_name(place).to_owned(), units)).collect()
        };
        let memory = of(world.engine().columns().catalog);
        assert_eq!(memory, of(&kept), "stock of {sku} in memory, and on disk");
    }
}

fn orders_are_what_was_reserved_and_shipped(world: &mut World) {
    let mut sums: BTreeMap<String, Sum> = BTreeMap::new();
    let state = world.engine().state();
    state
        .movements(&mut |order, movement| {
            if order.is_some() {
                let sum = sums.entry(movement.sku.clone()).or_default();
                sum.reserved += movement.reserved;
                sum.on_hand += movement.on_hand;
            }
        })
        .expect("read");
    for (sku, plain) in world.shoppers.sums() {
        assert_eq!(sums.get(sku).copied().unwrap_or_default(), plain, "what orders did to {sku}");
    }
}

/// What is still to be written, or read, or has no end yet, by store.
pub(super) fn waiting(world: &mut World) -> Vec<String> {
    let state = world.engine().state();
    let mut waiting = Vec::new();
    for store in STORES {
        let pending = state.pending(store, usize::MAX).expect("read");
        let unresolved = state.unresolved(store, usize::MAX).expect("read");
        let accepted = state.accepted(store, usize::MAX).expect("read");
        let looks = state.notes(&format!("look {store} ")).expect("read");
        if !pending.is_empty() || !unresolved.is_empty() || !accepted.is_empty() || !looks.is_empty() {
            waiting.push(format!("{store}: {pending:?} {unresolved:?} {accepted:?} {looks:?}"));
        }
    }
    waiting
}

fn nothing_waits(world: &mut World) {
    assert_eq!(waiting(world), [""; 0]);
    let state = world.engine().state();
    let open = RecordQuery { status: Some(Status::Pending), ..RecordQuery::default() };
    let mut waiting = Vec::new();
    state
        .records(&open, &mut |record| {
            waiting.push(format!("{} of {}", record.id, record.store_sku));
            ControlFlow::Continue(())
        })
        .expect("read");
    assert_eq!(waiting, [""; 0], "records that never end");
}

/// In the order in which a listing was written, its activations never fall. A store is given records in their order.
fn nothing_went_back_to_older_rules(world: &mut World) {
    let mut last: BTreeMap<(String, String), u64> = BTreeMap::new();
    let all = RecordQuery { first: First::Oldest, status: Some(Status::Sent), ..RecordQuery::default() };
    world
        .engine()
        .state()
        .records(&all, &mut |record| {
            let activation = record.activation.expect("what is sent has one");
            let before = last.entry((record.store.to_owned(), record.store_sku.to_owned())).or_default();
            assert!(*before <= activation, "{} goes back from {before} to {activation}", record.store_sku);
            *before = activation;
            ControlFlow::Continue(())
        })
        .expect("read");
}

/// Under the rules that its SKU was planned under last, for the stock that there is.
fn every_listing_shows_its_number(world: &mut World) {
    let catalog = stocked(world);
    let bounds = world.project.outlets.iter().map(|outlet| outlet.bounds).collect::<Vec<_>>();
    let activations = world.engine().state().activations().expect("read");
    let current = activations.iter().map(|one| one.number).max();
    let ours = ours(world);
    for sku in SKUS {
        let Some(number) = synced(world, sku) else { continue };
        let version = &activations.iter().find(|one| one.number == number).expect("an activation").version;
        let rules = world.project.editions.iter().find(|rules| rules.version() == version);
        let rules = rules.expect("rules of ours");
        // The edges of older rules are nobody's: a number of theirs is that of when it was planned.
        let moments =
            if current == Some(number) { vec![world.clock()] } else { moments(rules, world.clock()) };
        let desired: Vec<Desired> =
            moments.iter().map(|moment| eval(rules, &catalog, *moment, &bounds)).collect();
        for (store, store_sku, ..) in world.project.listings.iter().filter(|listing| listing.2 == sku) {
            let market = &world.markets[*store];
            let is_ours = ours.contains_key(&(*store, store_sku.clone()));
            let empties = world.project.on_release == OnRelease::Zero && is_ours;
            let shown = market.shown.get(store_sku).copied().expect("a listing");
            let Some(listing) = catalog.find_listing(StoreId(*store as u16), store_sku) else {
                // What others set after that stays.
                let is_right = !empties || shown == 0 || market.edited.contains(store_sku);
                assert!(is_right, "no mapping knows {store_sku} any more, and it shows {shown}");
                continue;
            };
            // What others set stays where nobody wants it put right, and where it was never ours.
            let is_repaired = world.project.outlets[*store].drift == Drift::Repair && is_ours;
            if market.edited.contains(store_sku) && !is_repaired {
                continue;
            }
            let released = empties.then_some(0);
            let planned =
                |desired: &Desired| desired.number(listing).map_or(released, |one| Some(one.planned));
            let planned: Vec<Option<u64>> = desired.iter().map(planned).collect();
            let is_right =
                |planned: &Option<u64>| planned.is_none_or(|number| i128::from(number) == i128::from(shown));
            assert!(
                planned.iter().any(is_right),
                "{store_sku} shows {shown} and not one of {planned:?} under {version}, {} available",
                desired[0].available(catalog.find_sku(sku).expect("known"))
            );
        }
    }
}

/// Listings that were written, as far as is known, and the number that was written last.
fn ours(world: &mut World) -> BTreeMap<(usize, String), i64> {
    let mut ours = BTreeMap::new();
    for (at, store) in STORES.iter().enumerate() {
        let mut each = |known: Known<'_>| {
            ours.extend(known.written.map(|number| ((at, known.store_sku.to_owned()), number)));
        };
        world.engine().state().known(store, &mut each).expect("read");
    }
    ours
}

/// A moment between any two edges of rules.
fn moments(rules: &RuleSet, now: Timestamp) -> Vec<Timestamp> {
    let (mut moments, mut earlier, mut later) = (vec![now], rules.edges(now).0, rules.edges(now).1);
    while let Some(edge) = earlier {
        let before = edge.checked_sub(SignedDuration::from_millis(1)).expect("a moment");
        moments.push(before);
        earlier = rules.edges(before).0;
    }
    while let Some(edge) = later {
        moments.push(edge);
        later = rules.edges(edge).1;
    }
    moments
}

/// The activation that a SKU was planned under last.
fn synced(world: &mut World, sku: &str) -> Option<u64> {
    world.engine().state().synced(sku).expect("read")
}
