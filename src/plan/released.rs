//! Listings that no rule takes any more and that are emptied: their rows among the others.

use super::{PlanRows, Reason, Row, Rows};

/// A listing that we wrote last, that no rule takes any more, and that is to show 0.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Released {
    /// The store's name.
    pub store: String,
    /// The store SKU. It may have no mapping any more.
    pub store_sku: String,
    /// The merchant SKU that it was written for.
    pub sku: String,
    /// What the store shows; `None` where nobody knows.
    pub current: Option<i64>,
}

impl Released {
    fn row(&self) -> Row<'_> {
        let Self { store, store_sku, sku, current } = self;
        Row {
            store,
            store_sku,
            sku,
            current: *current,
            planned: 0,
            available: 0,
            rule: "",
            order: 0,
            reason: Reason::Released,
            file: "",
            line: 0,
        }
    }
}

/// The rows that the rules give, and those of what they have released, in their common order.
pub struct AllRows<'a> {
    planned: PlanRows<'a>,
    released: Vec<&'a Released>,
    /// The index of each that was released.
    places: Vec<usize>,
}

impl<'a> AllRows<'a> {
    /// Both, those that were released in any order.
    pub fn new(planned: PlanRows<'a>, mut released: Vec<&'a Released>) -> Self {
        released.sort();
        let place = |(before, one): (usize, &&Released)| {
            let key = (one.store.as_str(), one.store_sku.as_str());
            before + first_not_before(&planned, key)
        };
        let places = released.iter().enumerate().map(place).collect();
        Self { planned, released, places }
    }
}

/// How many rows stand before this store and store SKU.
fn first_not_before(rows: &PlanRows<'_>, key: (&str, &str)) -> usize {
    let (mut least, mut most) = (0, rows.len());
    while least < most {
        let middle = least.midpoint(most);
        let row = rows.row(middle);
        if (row.store, row.store_sku) < key { least = middle + 1 } else { most = middle }
    }
    least
}

impl Rows for AllRows<'_> {
    fn len(&self) -> usize {
        self.planned.len() + self.released.len()
    }

    fn row(&self, index: usize) -> Row<'_> {
        match self.places.binary_search(&index) {
            Ok(at) => self.released.get(at).map_or_else(|| self.planned.row(0), |one| one.row()),
            Err(before) => self.planned.row(index - before),
        }
    }

    fn look(&self, rows: std::ops::Range<usize>) {
        let before = self.released.len();
        self.planned.look(rows.start.saturating_sub(before)..rows.end.min(self.planned.len()));
    }
}
