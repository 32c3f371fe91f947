//! What differs between what the stores should show and what they show.

use crate::catalog::{Catalog, ListingId};
use crate::rules::StoreId;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

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
    /// A cell of nothing but zeros is an unread one: a column of them is had for nothing, and comes into memory where it is filled.
    cells: Vec<i32>,
    large: Large,
}

/// The numbers that no cell has room for, by listing.
type Large = Mutex<BTreeMap<u32, i64>>;

/// What a listing shows, in half the room that a number takes: few stores show more than two billion of anything.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Cell(i32);

impl Cell {
    // Numbers that stand for something else.
    const MISSING: Self = Self::new(i32::MIN);
    const UNKNOWN: Self = Self::new(i32::MIN + 1);
    const UNREAD: Self = Self::new(Self::AS_ZERO);
    const TWICE: Self = Self::new(i32::MIN + 3);
    /// The number stands elsewhere.
    const LARGE: Self = Self::new(Self::LAST_STATE);

    /// The number that is nothing but zeros.
    const AS_ZERO: i32 = i32::MIN + 2;
    /// Those above it stand for themselves.
    const LAST_STATE: i32 = i32::MIN + 4;

    const fn new(number: i32) -> Self {
        Self(number ^ Self::AS_ZERO)
    }

    /// What stands for what is shown; and the number, where there is no room for it.
    #[inline]
    fn of(shown: Shown) -> (Self, Option<i64>) {
        match shown {
            Shown::Number(number) => match i32::try_from(number) {
                Ok(small) if small > Self::LAST_STATE => (Self::new(small), None),
                _ => (Self::LARGE, Some(number)),
            },
            Shown::Missing => (Self::MISSING, None),
            Shown::Unknown => (Self::UNKNOWN, None),
            Shown::Unread => (Self::UNREAD, None),
            Shown::Twice => (Self::TWICE, None),
        }
    }

    fn shown(self, large: impl FnOnce() -> Option<i64>) -> Shown {
        match self {
            Self::MISSING => Shown::Missing,
            Self::UNKNOWN => Shown::Unknown,
            Self::UNREAD => Shown::Unread,
            Self::TWICE => Shown::Twice,
            Self::LARGE => large().map_or(Shown::Unknown, Shown::Number),
            Self(number) => Shown::Number(i64::from(number ^ Self::AS_ZERO)),
        }
    }
}

/// Says what a listing shows.
#[inline]
fn put(to: &mut i32, large: &Large, listing: u32, shown: Shown) {
    let (cell, number) = Cell::of(shown);
    *to = cell.0;
    if let Some(number) = number {
        large.lock().unwrap_or_else(PoisonError::into_inner).insert(listing, number);
    }
}

impl Live {
    /// Of every listing, nothing: unread.
    pub fn unread(catalog: &Catalog) -> Self {
        Self { cells: vec![0; catalog.listing_count()], large: Large::default() }
    }

    /// Says the same of every listing of a store; then [`Live::set`] what is known.
    pub fn set_store(&mut self, catalog: &Catalog, store: StoreId, shown: Shown) {
        if let Some(of_store) = self.stores_mut(catalog).get_mut(usize::from(store.0)) {
            of_store.fill(shown);
        }
    }

    /// What each store shows, by store, to be filled side by side.
    pub fn stores_mut(&mut self, catalog: &Catalog) -> Vec<LiveOfStore<'_>> {
        let Self { cells, large } = self;
        let mut rest = cells.as_mut_slice();
        let of_store = |store| {
            let listings = catalog.listings_of_store(store);
            let cells = rest.split_off_mut(..listings.len()).unwrap_or_default();
            LiveOfStore { first: listings.start, cells, large }
        };
        catalog.store_ids().map(of_store).collect()
    }

    /// Says what a listing shows.
    pub fn set(&mut self, listing: ListingId, shown: Shown) {
        if let Some(to) = self.cells.get_mut(listing.0 as usize) {
            put(to, &self.large, listing.0, shown);
        }
    }

    /// What a listing shows.
    pub fn get(&self, listing: ListingId) -> Shown {
        let cell = self.cells.get(listing.0 as usize).map_or(Cell::UNREAD, |&cell| Cell(cell));
        cell.shown(|| self.large.lock().unwrap_or_else(PoisonError::into_inner).get(&listing.0).copied())
    }
}

/// What the listings of one store show, by their places in it.
#[derive(Debug)]
pub struct LiveOfStore<'l> {
    /// The number of the first of them.
    first: u32,
    cells: &'l mut [i32],
    large: &'l Large,
}

impl LiveOfStore<'_> {
    /// Says the same of all of them.
    pub fn fill(&mut self, shown: Shown) {
        for (to, listing) in self.cells.iter_mut().zip(self.first..) {
            put(to, self.large, listing, shown);
        }
    }

    /// Looks at what some listings show before it is asked for: all at once, the processor fetches them together.
    pub fn look(&self, places: impl Iterator<Item = usize>) {
        let cell = |place| self.cells.get(place).copied().unwrap_or_default();
        std::hint::black_box(places.map(cell).fold(0, |sum, cell| sum ^ cell));
    }

    /// Says that the listing at `place` shows a number; whether it was missing until then.
    pub fn find(&mut self, place: usize, number: i64) -> bool {
        let was_missing = self.cells.get(place).is_none_or(|&cell| Cell(cell) == Cell::MISSING);
        self.set(place, Shown::Number(number));
        was_missing
    }

    /// Says what the listing at `place` shows.
    #[inline]
    pub fn set(&mut self, place: usize, shown: Shown) {
        if let Some(to) = self.cells.get_mut(place) {
            put(to, self.large, self.first.saturating_add(place as u32), shown);
        }
    }
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
    use crate::catalog::Rows;

    #[test]
    fn what_is_shown_is_kept_however_large_it_is() {
        let stores = ["a".to_owned(), "b".to_owned()];
        let mappings = [("S", "a", "1", 1), ("S", "a", "2", 1), ("S", "b", "1", 1), ("S", "b", "2", 1)];
        let catalog = Catalog::build(Rows { stores: &stores, mappings: &mappings, ..Rows::default() });
        let small = i64::from(i32::MIN);
        let large = i64::from(i32::MAX);
        let numbers = [0, 1, -1, large, large + 1, i64::MAX, i64::MIN];
        let numbers = numbers.into_iter().chain(small - 2..small + 9).map(Shown::Number);
        let states = [Shown::Missing, Shown::Twice, Shown::Unknown, Shown::Unread];
        let mut live = Live::unread(&catalog);
        let listings = || (0..4).map(ListingId);
        assert!(listings().all(|listing| live.get(listing) == Shown::Unread));
        assert_eq!(live.get(ListingId(4)), Shown::Unread);
        for shown in numbers.chain(states) {
            live.set(ListingId(1), shown);
            assert_eq!(live.get(ListingId(1)), shown);
            let [_, other] = &mut live.stores_mut(&catalog)[..] else { panic!("two stores") };
            other.fill(Shown::Missing);
            other.set(1, shown);
            if let Shown::Number(number) = shown {
                assert!(other.find(0, number) && !other.find(0, number));
            }
            let first = if matches!(shown, Shown::Number(_)) { shown } else { Shown::Missing };
            assert_eq!(
                listings().map(|listing| live.get(listing)).collect::<Vec<_>>(),
                [Shown::Unread, shown, first, shown]
            );
        }
    }

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
