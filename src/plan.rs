//! What will be written, and what stands in its way.

pub mod columns;
pub mod guards;
pub mod released;
pub mod tally;

pub use columns::{Columns, PlanRows};
pub use guards::{GuardLimits, StockFacts};
pub use released::{AllRows, Released};
pub use tally::{Keep, Scope, Tally, tally};

use jiff::Timestamp;

/// Why a number is what it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Reason {
    /// Available stock is below the threshold.
    BelowThreshold = 1,
    /// Priority holds for another store.
    HeldForPriority,
    /// Priority holds for this store.
    Priority,
    /// The rate gives it.
    Rate,
    /// Its share of a split pool.
    Split,
    /// The floor raised it.
    Floor,
    /// The cap lowered it.
    Cap,
    /// The store takes no more.
    StoreLimit,
    /// No rule takes it any more, and it is emptied.
    Released,
}

impl Reason {
    /// As it stands in output.
    pub const fn name(self) -> &'static str {
        match self {
            Reason::BelowThreshold => "below-threshold",
            Reason::HeldForPriority => "held-for-priority",
            Reason::Priority => "priority",
            Reason::Rate => "rate",
            Reason::Split => "split",
            Reason::Floor => "floor",
            Reason::Cap => "cap",
            Reason::StoreLimit => "store-limit",
            Reason::Released => "released",
        }
    }
}

/// One row of a plan, borrowed from the columns. Numbers are units of the store SKU, `available` of the merchant SKU.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Row<'a> {
    /// The store's name.
    pub store: &'a str,
    /// The store SKU.
    pub store_sku: &'a str,
    /// The merchant SKU.
    pub sku: &'a str,
    /// What the store shows; `None` where nobody knows (`--no-read` and never seen).
    pub current: Option<i64>,
    /// What it will show.
    pub planned: u64,
    /// Available stock of the merchant SKU under the rule, `A`.
    pub available: u64,
    /// The rule's name; empty where no rule gives the number.
    pub rule: &'a str,
    /// The rule's order.
    pub order: u32,
    /// Why the number is what it is.
    pub reason: Reason,
    /// The rule's file, relative to the project.
    pub file: &'a str,
    /// The line of the rule's head, from 1.
    pub line: u32,
}

/// Rows in order of store, then store SKU, by code point.
pub trait Rows: Sync {
    /// How many there are.
    fn len(&self) -> usize;
    /// Whether there is none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// The row at an index below `len`.
    fn row(&self, index: usize) -> Row<'_>;
    /// Looks at what some rows will be made of, before they are asked for one by one: who goes over many rows goes faster then.
    fn look(&self, _rows: std::ops::Range<usize>) {}
}

/// Counts over the rows of a plan or of one store. `raise`, `lower`, `to_zero` and `unchanged` are disjoint; their sum is `rows`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// All rows, changed or not.
    pub rows: u64,
    /// Nothing to do.
    pub unchanged: u64,
    /// To a higher number, or from an unknown one to more than 0.
    pub raise: u64,
    /// To a lower number above 0.
    pub lower: u64,
    /// To 0.
    pub to_zero: u64,
    /// Problems.
    pub problems: u64,
}

impl Counts {
    /// The sum of two.
    #[must_use]
    pub fn plus(self, other: Counts) -> Counts {
        Counts {
            rows: self.rows + other.rows,
            unchanged: self.unchanged + other.unchanged,
            raise: self.raise + other.raise,
            lower: self.lower + other.lower,
            to_zero: self.to_zero + other.to_zero,
            problems: self.problems + other.problems,
        }
    }
}

/// Something that keeps a listing or a store from being written.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Problem {
    /// The store's name.
    pub store: String,
    /// The store SKU, where it is about one.
    pub store_sku: Option<String>,
    /// `missing-listing`, `listing-twice`, `store-unreadable`, `below-store-minimum`, `released`.
    pub name: &'static str,
    /// One line for a person.
    pub message: String,
}

/// A guard that the plan meets.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct GuardMet {
    /// The store's name; `None` where the guard is about the whole plan.
    pub store: Option<String>,
    /// `to_zero`, `changed`, `missing_stock`, `max_stock_age`, `empty_stock`.
    pub name: &'static str,
    /// The limit as configured: `20%`, `24h`.
    pub limit: String,
    /// What the plan would be: `31%`, `30h`.
    pub would_be: String,
}

/// What writing a store would take.
#[derive(Clone, PartialEq, Debug)]
pub struct Calls {
    /// The store's name.
    pub store: String,
    /// Requests to the store.
    pub requests: u64,
    /// Milliseconds under the store's limits; 0 where it has none.
    pub milliseconds: u64,
}

/// Everything of a plan but its rows.
#[derive(Clone, PartialEq, Debug)]
pub struct Head {
    /// Names this plan: hexadecimal, the same for the same plan.
    pub plan_id: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// The moment it is for.
    pub at: Timestamp,
    /// `sha256:…` of the rules.
    pub rules_version: String,
    /// Counts over all stores.
    pub total: Counts,
    /// Counts by store, sorted by name.
    pub stores: Vec<(String, Counts)>,
    /// Sorted by store, then store SKU.
    pub problems: Vec<Problem>,
    /// Sorted by store, then name.
    pub guards: Vec<GuardMet>,
    /// Sorted by store.
    pub calls: Vec<Calls>,
    /// How old the oldest stock row is at `at`, in seconds, where known.
    pub stock_age_seconds: Option<i64>,
    /// How many orders were taken off the stock.
    pub orders_taken: u64,
    /// Stores that are paused, and why nothing would be written to any: `inventory_features: false`.
    pub paused: Vec<String>,
    /// Whether the master switch is off.
    pub switched_off: bool,
}
