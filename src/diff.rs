//! What differs between what the stores should show and what they show.

use crate::catalog::{Catalog, ListingId};
use crate::eval::Desired;
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
        let planned = i128::from(planned);
        match current.map(i128::from) {
            Some(current) if current == planned => Change::Unchanged,
            _ if planned == 0 => Change::ToZero,
            Some(current) if planned < current => Change::Lower,
            _ => Change::Raise,
        }
    }
}

/// The listings that rules and stores both know, with what is to be done. What is missing in its store or unread is left out.
pub fn diff<'a>(
    catalog: &'a Catalog,
    desired: &'a Desired,
    live: &'a Live,
) -> impl Iterator<Item = (ListingId, Change)> + 'a {
    diff_of(0..catalog.listing_count() as u32, desired, live)
}

/// The same of a run of listings.
pub fn diff_of<'a>(
    listings: std::ops::Range<u32>,
    desired: &'a Desired,
    live: &'a Live,
) -> impl Iterator<Item = (ListingId, Change)> + 'a {
    listings.map(ListingId).filter_map(|listing| {
        let number = desired.number(listing)?;
        let current = match live.get(listing) {
            Shown::Number(number) => Some(number),
            Shown::Unknown => None,
            Shown::Missing | Shown::Twice | Shown::Unread => return None,
        };
        Some((listing, Change::of(current, number.planned)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Rows;
    use crate::eval::{Bounds, eval};
    use crate::rules::Declared;
    use crate::source::Sources;
    use proptest::prelude::*;

    fn shop(stock: &[i64]) -> (Declared, Catalog) {
        let declared = Declared {
            warehouses: vec!["w".into()],
            stores: vec!["a".into(), "b".into()],
            timezone: jiff::tz::TimeZone::UTC,
            rules_max: 10,
        };
        let names: Vec<String> = (0..stock.len()).map(|n| format!("S{n}")).collect();
        let rows: Vec<_> =
            names.iter().zip(stock).map(|(name, &units)| (name.as_str(), "w", units)).collect();
        let stores = ["a", "b"];
        let mappings: Vec<_> = stores
            .iter()
            .flat_map(|store| names.iter().map(move |name| (name.as_str(), *store, name.as_str(), 1)))
            .collect();
        let catalog = Catalog::build(Rows {
            warehouses: &declared.warehouses,
            stores: &declared.stores,
            stock: &rows,
            mappings: &mappings,
            ..Rows::default()
        });
        (declared, catalog)
    }

    proptest! {
        #[test]
        fn applying_a_diff_leaves_none(
            stock in proptest::collection::vec(-5_i64..60, 1..20),
            shown in proptest::collection::vec(-3_i64..60, 40),
        ) {
            let (declared, catalog) = shop(&stock);
            let text = r#"rule "R" { order 1 skus all warehouses all stores a, b threshold 5 rate 50% }"#;
            let mut sources = Sources::new();
            let file = sources.add("a.sync", text);
            let (checked, _) = crate::check::check(&[(file, crate::syntax::parse(file, text).0)], &declared);
            let desired = eval(checked.rule_set().unwrap(), &catalog, jiff::Timestamp::UNIX_EPOCH, &[Bounds::default(); 2]);
            let mut live = Live::unread(&catalog);
            for (at, number) in (0..catalog.listing_count() as u32).zip(shown) {
                live.set(ListingId(at), Shown::Number(number));
            }
            let changes: Vec<_> = diff(&catalog, &desired, &live).collect();
            prop_assert_eq!(changes.len(), catalog.listing_count());
            for (listing, _) in changes {
                let planned = desired.number(listing).unwrap().planned;
                live.set(listing, Shown::Number(planned as i64));
            }
            prop_assert!(diff(&catalog, &desired, &live).all(|(_, change)| change == Change::Unchanged));
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
