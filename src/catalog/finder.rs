//! Finds the listings of one store by many store SKUs, in whatever order those come.

use super::intern::{Names, Short};
use super::{Catalog, ListingId};
use crate::rules::StoreId;
use std::borrow::Cow;

/// Store SKUs, each with a number that is said of it, on their way to the listings they are of.
///
/// Where a store has many listings, they wait until all of a region of its table have come, or until there is no more room: one by one, each would be looked for
/// somewhere else in memory. One after another store may be looked up; the room that was needed is used again.
#[derive(Debug, Default)]
pub struct Finder {
    /// Region by region, room for [`OF_REGION_MAX`]; of zeros, which come into memory where they are written.
    waiting: Vec<Waiting>,
    /// How many of each region wait.
    counts: Vec<usize>,
    count: usize,
    keys: Vec<Short>,
    numbers: Vec<i64>,
    found: Vec<Option<u32>>,
    listings: Vec<Option<ListingId>>,
}

/// The words of a short text, and a number.
type Waiting = [u64; 4];

/// So many of a region wait at most: somewhat more than it has. No power of two, and not near one: the places that are next to be written would push one another
/// out of the processor's memory.
const OF_REGION_MAX: usize = 10_246;

/// So many wait at most in all.
const WAITING_MAX: usize = 1 << 20;

/// For fewer than these a region is not looked at as a whole before.
const LOOKED_THROUGH_MIN: usize = 1 << 10;

/// So many are told together.
const TOGETHER: usize = 512;

impl Finder {
    /// Takes store SKUs and as many numbers. `tell` is given listings, as many together as are worth it, and their numbers: at once, or only by
    /// [`Finder::finish`].
    pub fn take(
        &mut self,
        catalog: &Catalog,
        store: StoreId,
        (store_skus, numbers): (&[&str], &[i64]),
        mut tell: impl FnMut(&[Option<ListingId>], &[i64]),
    ) {
        let Some((names, first)) = catalog.listings.names(store) else { return };
        let regions = names.regions();
        if regions.count() == 1 {
            names.find_all(store_skus, &mut self.found);
            self.tell(first, numbers, &mut tell);
            return;
        }
        if self.counts.len() < regions.count() {
            // Nothing waits yet.
            self.counts = vec![0; regions.count()];
            self.waiting = vec![[0; 4]; regions.count() * OF_REGION_MAX];
        }
        for (store_sku, &number) in store_skus.iter().zip(numbers) {
            let key = Short::of(store_sku);
            if key.is_long() {
                names.find_all(&[store_sku], &mut self.found);
                self.tell(first, &[number], &mut tell);
                continue;
            }
            let region = regions.of_short(&key);
            if self.push(region, &key, number) {
                self.look_up(region, names, first, &mut tell);
            }
            if self.count >= WAITING_MAX {
                self.look_all_up(names, first, &mut tell);
            }
        }
    }

    /// Tells of all that wait.
    pub fn finish(
        &mut self,
        catalog: &Catalog,
        store: StoreId,
        mut tell: impl FnMut(&[Option<ListingId>], &[i64]),
    ) {
        if let Some((names, first)) = catalog.listings.names(store) {
            self.look_all_up(names, first, &mut tell);
        }
    }

    /// Forgets what waits.
    pub fn clear(&mut self) {
        self.counts.fill(0);
        self.count = 0;
    }

    /// Whether there is no room for another of the region.
    #[inline]
    fn push(&mut self, region: usize, key: &Short, number: i64) -> bool {
        let Some(count) = self.counts.get_mut(region) else { return false };
        let [one, two, three] = key.words();
        if let Some(place) = self.waiting.get_mut(region * OF_REGION_MAX + *count) {
            *place = [one, two, three, number.cast_unsigned()];
        }
        *count += 1;
        self.count += 1;
        *count >= OF_REGION_MAX
    }

    fn look_all_up(
        &mut self,
        names: &Names,
        first: u32,
        tell: &mut impl FnMut(&[Option<ListingId>], &[i64]),
    ) {
        for region in 0..self.counts.len() {
            self.look_up(region, names, first, tell);
        }
    }

    fn look_up(
        &mut self,
        region: usize,
        names: &Names,
        first: u32,
        tell: &mut impl FnMut(&[Option<ListingId>], &[i64]),
    ) {
        let count = self.counts.get_mut(region).map_or(0, std::mem::take);
        self.count -= count;
        if count >= LOOKED_THROUGH_MIN {
            names.look_through(region);
        }
        let start = region * OF_REGION_MAX;
        for from in (start..start + count).step_by(TOGETHER) {
            let waiting = self.waiting.get(from..(from + TOGETHER).min(start + count)).unwrap_or_default();
            let (keys, mut numbers) = (&mut self.keys, std::mem::take(&mut self.numbers));
            keys.clear();
            numbers.clear();
            for &[one, two, three, number] in waiting {
                keys.push(Short::from_words([one, two, three]));
                numbers.push(number.cast_signed());
            }
            names.find_short(keys, |_| Cow::Borrowed(""), &mut self.found);
            self.tell(first, &numbers, tell);
            self.numbers = numbers;
        }
    }

    fn tell(&mut self, first: u32, numbers: &[i64], tell: &mut impl FnMut(&[Option<ListingId>], &[i64])) {
        self.listings.clear();
        self.listings.extend(self.found.iter().map(|at| at.map(|at| ListingId(first + at))));
        tell(&self.listings, numbers);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Rows;

    /// Two stores of several regions, and a small one.
    fn catalog() -> (Catalog, Vec<String>) {
        let text = |number: u32| match number % 40 {
            0 => format!("longer-than-what-is-short-{number}"),
            1 => format!("between-{number}-and"),
            _ => format!("{number}"),
        };
        let texts: Vec<String> = (0..30_000).map(text).collect();
        let of_store =
            |store, texts: &'static [&'static str]| texts.iter().map(move |text| ("S", store, *text, 1));
        let all: &'static [&'static str] =
            texts.iter().map(|text| &*text.clone().leak()).collect::<Vec<_>>().leak();
        let mappings: Vec<_> = of_store("a", &all[..25_000])
            .chain(of_store("b", &all[5_000..]))
            .chain(of_store("c", &all[..9]))
            .collect();
        let stores = ["a", "b", "c"].map(String::from);
        (Catalog::build(Rows { stores: &stores, mappings: &mappings, ..Rows::default() }), texts)
    }

    #[test]
    fn each_store_sku_is_told_once_with_the_listing_that_it_is() {
        let (catalog, texts) = catalog();
        let mut finder = Finder::default();
        // In no order; some that no store has, and one more often than a region has room.
        let asked: Vec<&str> = (0..30_000)
            .map(|at| &*texts[at * 7_919 % 30_000])
            .chain(["", "nobody's"])
            .chain(std::iter::repeat_n("7", OF_REGION_MAX + 9))
            .collect();
        let numbers: Vec<i64> = (0..asked.len() as i64).collect();
        for store in catalog.store_ids() {
            let mut told = vec![Vec::new(); asked.len()];
            let mut tell = |listings: &[Option<ListingId>], numbers: &[i64]| {
                assert_eq!(listings.len(), numbers.len());
                listings
                    .iter()
                    .zip(numbers)
                    .for_each(|(&listing, &number)| told[number as usize].push(listing));
            };
            // What was given up before is not told.
            finder.take(&catalog, store, (&["9", "10"], &[0, 0]), |_, _| {});
            finder.clear();
            for (store_skus, numbers) in asked.chunks(1_000).zip(numbers.chunks(1_000)) {
                finder.take(&catalog, store, (store_skus, numbers), &mut tell);
            }
            finder.finish(&catalog, store, &mut tell);
            finder.finish(&catalog, store, &mut tell);
            for (store_sku, told) in asked.iter().zip(told) {
                assert_eq!(told, [catalog.find_listing(store, store_sku)], "{store_sku}");
            }
        }
    }

    #[test]
    fn listings_of_a_large_store_are_what_they_were() {
        let (catalog, texts) = catalog();
        for (at, text) in texts.iter().enumerate() {
            let listing = catalog.find_listing(StoreId(0), text);
            assert_eq!(listing.is_some(), at < 25_000, "{text}");
            assert!(listing.is_none_or(|listing| catalog.store_sku(listing) == text && listing.0 < 25_000));
        }
    }
}
