//! The project's stores: their connectors opened, their live numbers read.

mod check;

pub(super) use check::{Checking, check_stores};

use super::exit::Stop;
use super::fault::{StoreFault, clean};
use super::locate::Search;
use super::net::Net;
use super::project::Project;
use super::session::Limits;
use super::state::{self, State, StateFault};
use super::store::{self, AddressChanges, SkuSource, Store, StoreSpec};
use super::{stores, threads};
use crate::catalog::{Catalog, Finder, ListingId};
use crate::config;
use crate::diff::{Live, LiveOfStore, Shown};
use crate::eval::Bounds;
use crate::rules::StoreId;
use jiff::Timestamp;
use std::path::Path;
use std::sync::Mutex;
use std::thread;

/// A declared store, as far as a run works with it.
pub(super) enum Connected {
    /// Not part of this run.
    Aside,
    /// Ready.
    Open(Box<Store>),
    /// Something is wrong with it; the others go on.
    Faulty(StoreFault),
}

/// Opens the stores that `wanted` names, every one by its place in the configuration.
pub(super) fn open(project: &Project, writes: bool, wanted: impl Fn(StoreId) -> bool) -> Vec<Connected> {
    open_of((&project.root, &project.config, &project.net), writes, wanted)
}

/// The same of a project's folder, configuration and network.
pub(super) fn open_of(
    (root, config, net): (&Path, &config::Config, &Net),
    writes: bool,
    wanted: impl Fn(StoreId) -> bool,
) -> Vec<Connected> {
    let is_wanted: Vec<bool> = (0..config.stores.len()).map(|at| wanted(StoreId(at as u16))).collect();
    let named = config.stores.iter().zip(&is_wanted);
    let specs = named
        .filter(|(_, wanted)| **wanted)
        .map(|(store, _)| StoreSpec { alone: writes, net: net.clone(), ..spec(store) })
        .collect();
    let search = Search::of(root, &config.plugins);
    let mut opened = stores::open_all(root, specs, &search, Limits::default()).into_iter();
    is_wanted
        .into_iter()
        .map(|wanted| match wanted.then(|| opened.next()).flatten() {
            None => Connected::Aside,
            Some(Ok(store)) => Connected::Open(Box::new(store)),
            Some(Err(fault)) => Connected::Faulty(fault),
        })
        .collect()
}

pub(super) fn spec(store: &config::Store) -> StoreSpec {
    let secrets = store.secrets.iter().map(|(name, secret, _)| (name.clone(), secret.source()));
    StoreSpec {
        name: store.name.clone(),
        connector: store.connector.clone(),
        settings: store.settings.clone(),
        secrets: secrets.collect(),
        requests_per_second: store.limits.requests_per_second,
        concurrency: store.limits.concurrency,
        alone: false,
        net: Net::default(),
        isolate: store.isolate,
    }
}

/// What each store takes, by store.
pub(super) fn bounds(stores: &[Connected]) -> Vec<Bounds> {
    let of = |store: &Connected| match store {
        Connected::Open(store) => {
            let quantity = &store.manifest().quantity;
            Bounds { min: quantity.min, max: quantity.max }
        }
        Connected::Aside | Connected::Faulty(_) => Bounds::default(),
    };
    stores.iter().map(of).collect()
}

/// Tells the stores what the state knows of their listings' addresses.
pub(super) fn know_addresses(stores: &mut [Connected], state: &mut dyn State) -> Result<(), StateFault> {
    for store in stores {
        let Connected::Open(store) = store else { continue };
        if !store.has_addresses() {
            continue;
        }
        let mut known = Vec::new();
        state.addresses(store.name(), &mut |found| {
            let (address, parent) = (found.address.to_owned(), found.parent.to_owned());
            known.push((found.store_sku.to_owned(), store::Address { address, parent }));
        })?;
        store.know_addresses(known);
    }
    Ok(())
}

/// What was learnt of addresses, by store; nothing of stores that said nothing new.
pub(super) fn learnt(stores: &mut [Connected]) -> Vec<(String, AddressChanges)> {
    let of = |store: &mut Connected| match store {
        Connected::Open(store) => Some((store.name().to_owned(), store.address_changes())),
        Connected::Aside | Connected::Faulty(_) => None,
    };
    let all = stores.iter_mut().filter_map(of);
    all.filter(|(_, changes)| *changes != AddressChanges::default()).collect()
}

/// Keeps what was learnt of addresses.
pub(super) fn keep_addresses(
    state: &mut dyn State,
    store: &str,
    changes: &AddressChanges,
    now: Timestamp,
) -> Result<(), StateFault> {
    if *changes == AddressChanges::default() {
        return Ok(());
    }
    let mut keep = changes.keep.iter().map(|(store_sku, address)| state::Address {
        store_sku,
        address: &address.address,
        parent: &address.parent,
    });
    state.keep_addresses(store, &mut keep, &mut changes.forget.iter().map(String::as_str), now)
}

/// Reads every open store into `live`; one that cannot be read becomes faulty.
pub(super) fn read(catalog: &Catalog, stores: &mut [Connected], live: &mut Live) {
    let (mut near, mut far) = (Vec::new(), Vec::new());
    for (store, (id, live)) in stores.iter_mut().zip((0..).map(StoreId).zip(live.stores_mut(catalog))) {
        if let Connected::Open(open) = &store {
            if open.manifest().hosts.is_empty() { &mut near } else { &mut far }.push((store, id, live));
        }
    }
    // What one store needed for being looked up serves the next one too.
    let finders: Mutex<Vec<Finder>> = Mutex::default();
    let read = |(store, id, live): &mut (&mut Connected, StoreId, LiveOfStore<'_>)| {
        let Connected::Open(open) = store else { return };
        let spare = finders.lock().ok().and_then(|mut finders| finders.pop());
        let mut finder = spare.unwrap_or_default();
        if let Err(fault) = read_one(catalog, *id, open, live, &mut finder) {
            live.fill(Shown::Unread);
            **store = Connected::Faulty(fault);
            finder.clear();
        }
        if let Ok(mut finders) = finders.lock() {
            finders.push(finder);
        }
    };
    // Stores that are reached over the network are waited for. Others are work: more at once than there are processors would only push one another out of
    // the processors' memory.
    thread::scope(|scope| {
        scope.spawn(|| stores::few_side_by_side(threads().count(), &mut near, read));
        stores::side_by_side(&mut far, read);
    });
}

fn read_one(
    catalog: &Catalog,
    id: StoreId,
    store: &mut Store,
    live: &mut LiveOfStore<'_>,
    finder: &mut Finder,
) -> Result<(), StoreFault> {
    let listings = catalog.listings_of_store(id);
    let wanted = Listings { catalog, first: listings.start, len: listings.len() };
    live.fill(Shown::Missing);
    let mut numbers = Numbers { first: wanted.first, live, twice: None };
    store.read_columns(&wanted, &mut |store_skus, quantities| {
        finder.take(catalog, id, (store_skus, quantities), |listings, found| numbers.take(listings, found));
    })?;
    finder.finish(catalog, id, |listings, found| numbers.take(listings, found));
    if let Some(listing) = numbers.twice {
        // Which of the two would be written is anybody's guess.
        return Err(StoreFault {
            store: store.name().to_owned(),
            connector: store.connector().to_owned(),
            what: format!("has the store SKU `{}` twice", clean(catalog.store_sku(listing))),
            help: Some("give each listing of the store a SKU of its own".to_owned()),
        });
    }
    for listing in store.listed_twice().filter_map(|sku| catalog.find_listing(id, sku)) {
        live.set(listing.0.saturating_sub(wanted.first) as usize, Shown::Twice);
    }
    Ok(())
}

/// Numbers that a store gives, on their way to the listings they are of.
struct Numbers<'n, 'l> {
    /// The first listing of the store.
    first: u32,
    live: &'n mut LiveOfStore<'l>,
    /// The first listing that was there before.
    twice: Option<ListingId>,
}

impl Numbers<'_, '_> {
    fn take(&mut self, listings: &[Option<ListingId>], numbers: &[i64]) {
        let first = self.first;
        let place = |listing: ListingId| listing.0.saturating_sub(first) as usize;
        self.live.look(listings.iter().flatten().map(|&listing| place(listing)));
        for (listing, &number) in listings.iter().zip(numbers) {
            // What no mapping names is none of our business.
            let Some(listing) = *listing else { continue };
            if !self.live.find(place(listing), number) {
                self.twice.get_or_insert(listing);
            }
        }
    }
}

/// The listings of one store, as a connector is asked for them.
struct Listings<'a> {
    catalog: &'a Catalog,
    first: u32,
    len: usize,
}

impl SkuSource for Listings<'_> {
    fn len(&self) -> usize {
        self.len
    }
    fn store_sku(&self, index: usize) -> &str {
        self.catalog.store_sku(ListingId(self.first + index as u32))
    }
}

/// One store, or what is wrong with it.
pub(super) fn open_one(project: &Project, id: StoreId) -> Result<Store, Stop> {
    let opened = open(project, false, |store| store == id).into_iter().nth(id.0 as usize);
    match opened {
        Some(Connected::Open(store)) => Ok(*store),
        Some(Connected::Faulty(fault)) => Err(stop(&fault)),
        Some(Connected::Aside) | None => Err(Stop::failed("no such store")),
    }
}

/// A store's fault as the end of a run.
pub(super) fn stop(fault: &StoreFault) -> Stop {
    Stop { help: fault.help.clone(), ..Stop::failed(fault) }
}
