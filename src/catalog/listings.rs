//! Listings: by store and store SKU, and by merchant SKU.

use super::intern::{Blocking, Gathered, Names, Order, Short, TextKey, Texts};
use super::stock::range;
use super::{ListingId, SkuId};
use crate::rules::StoreId;
use std::borrow::Cow;
use std::ops::Range;
use std::sync::OnceLock;

/// Every listing. A listing's number is its store's base and its place in the store's table.
#[derive(Debug, Default)]
pub(super) struct Listings {
    stores: Vec<Table>,
    /// The number of each store's first listing, and the count of all behind them.
    bases: Vec<u32>,
    sku_count: usize,
    /// Made when it is first asked for: a plan goes store by store.
    by_sku: OnceLock<BySku>,
}

#[derive(Debug, Default)]
struct BySku {
    starts: Vec<u32>,
    listings: Vec<ListingId>,
}

/// The listings of one store: where they are many, region by region of the table of names, else in the order of the file.
#[derive(Debug, Default)]
pub(super) struct Table {
    names: Names,
    offers: Offers,
}

/// Listings of one store as they stand in a piece of the table.
#[derive(Debug, Default)]
pub(super) struct Part {
    names: Texts,
    pub(super) offers: Offers,
}

impl Part {
    /// Has room for so many listings.
    pub(super) fn with_capacity(count: usize) -> Self {
        let offers = Offers { skus: Vec::with_capacity(count), units: Vec::new() };
        Self { names: Texts::with_capacity(count), offers }
    }

    /// Adds listings: their store SKUs, given short, and by their places among them where they are long; and what they offer. `None` where there is
    /// no room.
    pub(super) fn extend<'t>(
        &mut self,
        shorts: &[Short],
        store_sku: impl Fn(usize) -> Cow<'t, str>,
        (skus, units): (&[u32], &[u32]),
    ) -> Option<()> {
        self.offers.extend(skus, units);
        self.names.extend(shorts, store_sku)
    }
}

impl Table {
    /// The listings of a store, part after part; stores are joined side by side. `None` where a store SKU is there twice.
    pub(super) fn join(mut parts: Vec<Part>) -> Option<Table> {
        let texts = Texts::joined(parts.iter_mut().map(|part| std::mem::take(&mut part.names)))?;
        let (table, is_distinct) = Self::gathered(texts, parts.into_iter().map(|part| part.offers).collect());
        is_distinct.then_some(table)
    }

    /// Listings in the order of the file, what they offer in parts; and whether no store SKU is there twice.
    fn gathered(texts: Texts, offers: Vec<Offers>) -> (Table, bool) {
        let Gathered { names, order, is_distinct } = Gathered::of(texts);
        (Table { names, offers: Offers::joined(offers, &order) }, is_distinct)
    }
}

/// What listings sell: by their places, a SKU and how many units of it.
#[derive(Debug, Default)]
pub(super) struct Offers {
    pub(super) skus: Vec<u32>,
    /// Empty while every listing sells one unit.
    units: Vec<u32>,
}

impl Offers {
    /// Those of all parts.
    fn joined(parts: Vec<Self>, order: &Order) -> Self {
        if order.is_same() {
            let mut offers = Self::default();
            offers.skus.reserve_exact(parts.iter().map(|part| part.skus.len()).sum());
            parts.iter().for_each(|part| offers.extend(&part.skus, &part.units));
            return offers;
        }
        let mut units = Vec::new();
        if parts.iter().any(|part| !part.units.is_empty()) {
            let mut room = order.room(1, Blocking::One);
            for part in &parts {
                room.put(&part.units);
                room.put(&vec![1; part.skus.len() - part.units.len()]);
            }
            units = room.all();
        }
        let mut skus = order.room(0, Blocking::One);
        parts.into_iter().for_each(|part| skus.put(&part.skus));
        Self { skus: skus.all(), units }
    }

    fn push(&mut self, sku: u32, units: u32) {
        self.extend(&[sku], if units == 1 { &[] } else { std::slice::from_ref(&units) });
    }

    /// Adds many; of units there are none where all of them are 1.
    fn extend(&mut self, skus: &[u32], units: &[u32]) {
        if !units.is_empty() || !self.units.is_empty() {
            self.units.resize(self.skus.len(), 1);
            self.units.extend_from_slice(units);
        }
        self.skus.extend_from_slice(skus);
        if !self.units.is_empty() {
            self.units.resize(self.skus.len(), 1);
        }
    }
}

/// One row, as it is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mapping<'a> {
    pub(super) sku: u32,
    pub(super) store: StoreId,
    pub(super) store_sku: &'a str,
    pub(super) units: u32,
    /// The byte at which its store SKU stands.
    pub(super) at: u32,
}

/// What became of a row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Mapped {
    /// It is a listing.
    New,
    /// The store SKU is mapped already.
    Before {
        /// The merchant SKU it is mapped to.
        sku: u32,
        /// The byte at which it stands in that row.
        at: u32,
    },
    /// There are too many of them to be counted.
    Full,
}

impl Listings {
    pub(super) fn len(&self) -> usize {
        self.bases.last().map_or(0, |&count| count as usize)
    }

    pub(super) fn of_store(&self, store: StoreId) -> Range<u32> {
        let at = usize::from(store.0);
        match (self.bases.get(at), self.bases.get(at + 1)) {
            (Some(&start), Some(&end)) => start..end,
            _ => 0..0,
        }
    }

    pub(super) fn of_sku(&self, sku: SkuId) -> &[ListingId] {
        let BySku { starts, listings } = self.by_sku.get_or_init(|| self.sort_by_sku());
        listings.get(range(starts, sku)).unwrap_or_default()
    }

    fn sort_by_sku(&self) -> BySku {
        let skus = self.stores.iter().flat_map(|table| table.offers.skus.iter().copied());
        let (starts, order) = super::stock::order_by_sku(skus, self.sku_count);
        BySku { starts, listings: order.into_iter().map(ListingId).collect() }
    }

    /// The SKU and units of a store's listings, from the one at `first` on.
    pub(super) fn offers_of_store(
        &self,
        store: StoreId,
        first: usize,
    ) -> impl Iterator<Item = (SkuId, u32)> + '_ {
        let table = self.stores.get(usize::from(store.0));
        let skus = table.and_then(|table| table.offers.skus.get(first..)).unwrap_or_default();
        let units = table.and_then(|table| table.offers.units.get(first..)).unwrap_or_default();
        let unit = std::iter::repeat_n(&1, skus.len() - units.len().min(skus.len()));
        skus.iter().zip(units.iter().chain(unit)).map(|(&sku, &units)| (SkuId(sku), units))
    }

    /// The listings of a SKU as its store and units, in the same order. Where every listing of a store sells one unit, no
    /// column is looked into but the one by SKU, which lies in the order of SKUs.
    pub(super) fn offers_of(&self, sku: SkuId) -> impl Iterator<Item = (StoreId, u32)> + '_ {
        let mut store = 0;
        let mut stores = self.bases.iter().zip(self.bases.iter().skip(1)).zip(&self.stores);
        let mut current = stores.next();
        self.of_sku(sku).iter().map_while(move |listing| {
            while current.is_some_and(|((_, end), _)| *end <= listing.0) {
                (store, current) = (store + 1, stores.next());
            }
            let ((base, _), table) = current?;
            let units = table.offers.units.get(listing.0.checked_sub(*base)? as usize);
            Some((StoreId(store), units.copied().unwrap_or(1)))
        })
    }

    pub(super) fn store(&self, listing: ListingId) -> StoreId {
        // Of those that start at the same listing, all but the last have none.
        let behind = self.bases.partition_point(|&base| base <= listing.0);
        StoreId(if behind < self.bases.len() { behind.saturating_sub(1) as u16 } else { 0 })
    }

    pub(super) fn sku(&self, listing: ListingId) -> SkuId {
        let sku = self.place(listing).and_then(|(table, at)| table.offers.skus.get(at as usize));
        SkuId(sku.copied().unwrap_or_default())
    }

    pub(super) fn units(&self, listing: ListingId) -> u32 {
        let units = self.place(listing).and_then(|(table, at)| table.offers.units.get(at as usize));
        units.copied().unwrap_or(1)
    }

    pub(super) fn store_sku(&self, listing: ListingId) -> &str {
        self.place(listing).map_or("", |(table, at)| table.names.get(at))
    }

    pub(super) fn key(&self, listing: ListingId) -> TextKey {
        self.place(listing).map_or_else(TextKey::default, |(table, at)| table.names.key(at))
    }

    pub(super) fn find(&self, store: StoreId, store_sku: &str) -> Option<ListingId> {
        let at = self.stores.get(usize::from(store.0))?.names.find(store_sku)?;
        Some(ListingId(self.of_store(store).start + at))
    }

    /// The table of names of a store, and the number of its first listing.
    pub(super) fn names(&self, store: StoreId) -> Option<(&Names, u32)> {
        Some((&self.stores.get(usize::from(store.0))?.names, self.of_store(store).start))
    }

    fn place(&self, listing: ListingId) -> Option<(&Table, u32)> {
        let store = usize::from(self.store(listing).0);
        Some((self.stores.get(store)?, listing.0.checked_sub(*self.bases.get(store)?)?))
    }
}

/// Listings while they are read.
#[derive(Debug, Default)]
pub(super) struct Mappings {
    stores: Vec<Table>,
    /// By store: the byte at which each store SKU stands.
    at: Vec<Vec<u32>>,
    count: u32,
}

impl Mappings {
    pub(super) fn new(stores: usize) -> Self {
        let empty = |_| Table::default();
        Self { stores: (0..stores).map(empty).collect(), at: vec![Vec::new(); stores], count: 0 }
    }

    /// Looks at the places of store SKUs that are about to be pushed: all at once, the processor fetches them together.
    pub(super) fn fetch<'a>(&self, names: impl Iterator<Item = (StoreId, &'a str)>) {
        for (store, store_sku) in names {
            if let Some(table) = self.stores.get(usize::from(store.0)) {
                std::hint::black_box(table.names.may_hold(store_sku));
            }
        }
    }

    pub(super) fn push(&mut self, row: Mapping<'_>) -> Mapped {
        let store = usize::from(row.store.0);
        let (Some(table), Some(places)) = (self.stores.get_mut(store), self.at.get_mut(store)) else {
            return Mapped::Full;
        };
        let Some((id, new)) = table.names.intern(row.store_sku) else { return Mapped::Full };
        if !new {
            let id = id as usize;
            let before = table.offers.skus.get(id).copied().zip(places.get(id).copied());
            return before.map_or(Mapped::Full, |(sku, at)| Mapped::Before { sku, at });
        }
        table.offers.push(row.sku, row.units);
        places.push(row.at);
        match self.count.checked_add(1) {
            Some(count) => self.count = count,
            None => return Mapped::Full,
        }
        Mapped::New
    }

    /// Takes the listings of every store in at once, in the place of those there are.
    pub(super) fn replace(&mut self, stores: Vec<Table>) {
        self.at = vec![Vec::new(); stores.len()];
        self.count = stores.iter().map(|table| table.offers.skus.len() as u32).sum();
        self.stores = stores;
    }

    /// The listings, found by store and by SKU.
    pub(super) fn finish(self, sku_count: usize) -> Listings {
        let mut stores = self.stores;
        let mut bases = vec![0_u32];
        let mut count = 0;
        for (table, pushed) in stores.iter_mut().zip(&self.at) {
            if !pushed.is_empty() {
                let Table { names, offers } = std::mem::take(table);
                (*table, _) = Table::gathered(names.into_texts(), vec![offers]);
            }
            table.names.shrink();
            count += table.offers.skus.len() as u32;
            bases.push(count);
        }
        Listings { stores, bases, sku_count, by_sku: OnceLock::new() }
    }
}
