//! What differs between what the stores should show and what they show.

use crate::catalog::{Catalog, ListingId};
use crate::rules::StoreId;

/// What a store shows for a listing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shown {
    /// A number, in units of the store SKU, available ones; negative where the store says so.
    Number(i64),
    /// The store has no such listing.
    Missing,
    /// The store has it more than once: which one is meant is anybody's guess.
    Twice,
    /// Nobody knows: not read, and never seen.
    Unknown,
    /// The store could not be read, or is not part of this plan.
    Unread,
}

/// What every listing shows, by the catalog's numbers.
#[derive(Debug)]
pub struct Live {
    /// A number of nothing but zeros is an unread one: a column of them is had for nothing, and comes into memory where it is filled.
    numbers: Vec<i64>,
}

// Four numbers that no store shows stand for the other states: a column of `Shown` would be twice as large.
const MISSING: i64 = i64::MIN;
const UNKNOWN: i64 = i64::MIN + 1;
const UNREAD: i64 = i64::MIN + 2;
const TWICE: i64 = i64::MIN + 3;

impl Live {
    /// Of every listing, nothing: unread.
    pub fn unread(catalog: &Catalog) -> Self {
        Self { numbers: vec![0; catalog.listing_count()] }
    }

    /// Says the same of every listing of a store; then [`Live::set`] what is known.
    pub fn set_store(&mut self, catalog: &Catalog, store: StoreId, shown: Shown) {
        let range = catalog.listings_of_store(store);
        if let Some(numbers) = self.numbers.get_mut(range.start as usize..range.end as usize) {
            numbers.fill(encode(shown));
        }
    }

    /// What each store shows, by store, to be filled side by side.
    pub fn stores_mut(&mut self, catalog: &Catalog) -> Vec<LiveOfStore<'_>> {
        let mut rest = self.numbers.as_mut_slice();
        let of_store = |store| {
            let all = std::mem::take(&mut rest);
            let count = catalog.listings_of_store(store).len().min(all.len());
            let (numbers, behind) = all.split_at_mut(count);
            rest = behind;
            LiveOfStore { numbers }
        };
        catalog.store_ids().map(of_store).collect()
    }

    /// Says what a listing shows.
    pub fn set(&mut self, listing: ListingId, shown: Shown) {
        if let Some(cell) = self.numbers.get_mut(listing.0 as usize) {
            *cell = encode(shown);
        }
    }

    /// What a listing shows.
    pub fn get(&self, listing: ListingId) -> Shown {
        match self.numbers.get(listing.0 as usize).map_or(UNREAD, |number| number ^ UNREAD) {
            MISSING => Shown::Missing,
            UNKNOWN => Shown::Unknown,
            UNREAD => Shown::Unread,
            TWICE => Shown::Twice,
            number => Shown::Number(number),
        }
    }
}

/// What the listings of one store show, by their places in it.
#[derive(Debug)]
pub struct LiveOfStore<'l> {
    numbers: &'l mut [i64],
}

impl LiveOfStore<'_> {
    /// Says the same of all of them.
    pub fn fill(&mut self, shown: Shown) {
        self.numbers.fill(encode(shown));
    }

    /// Looks at what some listings show before it is asked for: all at once, the processor fetches them together.
    pub fn look(&self, places: impl Iterator<Item = usize>) {
        let cell = |place| self.numbers.get(place).copied().unwrap_or_default();
        std::hint::black_box(places.map(cell).fold(0, |sum, number| sum ^ number));
    }

    /// Says that the listing at `place` shows a number; whether it was missing until then.
    pub fn find(&mut self, place: usize, number: i64) -> bool {
        let Some(cell) = self.numbers.get_mut(place) else { return true };
        std::mem::replace(cell, encode(Shown::Number(number))) == MISSING ^ UNREAD
    }

    /// Says what the listing at `place` shows.
    pub fn set(&mut self, place: usize, shown: Shown) {
        if let Some(cell) = self.numbers.get_mut(place) {
            *cell = encode(shown);
        }
    }
}

fn encode(shown: Shown) -> i64 {
    let number = match shown {
        Shown::Number(number) => number.max(TWICE + 1),
        Shown::Missing => MISSING,
        Shown::Unknown => UNKNOWN,
        Shown::Unread => UNREAD,
        Shown::Twice => TWICE,
    };
    number ^ UNREAD
}

/// What becomes of a listing. The four are disjoint.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Change {
    /// To 0, from anything else, also from an unknown number.
    ToZero,
    /// To a lower number above 0.
    Lower,
    /// To a higher number, or from an unknown one to more than 0.
    Raise,
    /// None.
    Unchanged,
}

impl Change {
    /// From what is shown (`None`: nobody knows) to `planned`.
    pub fn of(current: Option<i64>, planned: u64) -> Self {
        // A negative number is none that could be planned.
        match current.map(u64::try_from) {
            Some(Ok(current)) if current == planned => Change::Unchanged,
            _ if planned == 0 => Change::ToZero,
            Some(Ok(current)) if planned < current => Change::Lower,
            _ => Change::Raise,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn a_change_is_of_one_kind() {
        assert_eq!(Change::of(Some(5), 5), Change::Unchanged);
        assert_eq!(Change::of(Some(0), 0), Change::Unchanged);
        assert_eq!(Change::of(Some(5), 0), Change::ToZero);
        assert_eq!(Change::of(Some(-3), 0), Change::ToZero);
        assert_eq!(Change::of(None, 0), Change::ToZero);
        assert_eq!(Change::of(Some(5), 4), Change::Lower);
        assert_eq!(Change::of(Some(5), 6), Change::Raise);
        assert_eq!(Change::of(None, 6), Change::Raise);
        assert_eq!(Change::of(Some(i64::MAX), u64::MAX), Change::Raise);
    }
}
