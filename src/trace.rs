//! How one SKU's numbers came to be: what `why` shows.

mod build;

pub use build::{Known, trace};

use crate::plan::Reason;
use jiff::Timestamp;

/// The whole story of one merchant SKU at one moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trace {
    /// The merchant SKU.
    pub sku: String,
    /// The moment it is told for.
    pub at: Timestamp,
    /// Its stock in every warehouse, in the order of the configuration.
    pub stock: Vec<WarehouseStock>,
    /// The orders that were taken off it, or off its parts.
    pub orders: Vec<TakenOrder>,
    /// What it is made of, where it is a bundle.
    pub parts: Vec<Part>,
    /// Every rule, in the order in which they are tried.
    pub considered: Vec<Considered>,
    /// What each store gets, sorted by name.
    pub stores: Vec<StoreTrace>,
}

/// The stock of one warehouse.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WarehouseStock {
    /// The warehouse's name.
    pub warehouse: String,
    /// What the file or the ledger says; `None` where there is no row.
    pub given: Option<i64>,
    /// Units that were taken off it: by orders, less what came back.
    pub orders: i64,
    /// What is left: `given` less `orders`.
    pub available: i64,
    /// Whether the winning rule counts this warehouse.
    pub counted: bool,
}

/// An order that was taken off stock.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TakenOrder {
    /// The order's id.
    pub order: String,
    /// Its store.
    pub store: String,
    /// The merchant SKU that it takes.
    pub sku: String,
    /// The warehouse it is taken from.
    pub warehouse: String,
    /// Units; below 0 where more came back than is taken.
    pub units: i64,
}

/// One part of a bundle.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    /// The part's merchant SKU.
    pub sku: String,
    /// Units of it in one bundle.
    pub units: u32,
    /// Its stock over the counted warehouses.
    pub available: i64,
}

/// One rule, and what became of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Considered {
    /// The rule's name.
    pub rule: String,
    /// Its file.
    pub file: String,
    /// The line of its head, from 1.
    pub line: u32,
    /// Its order.
    pub order: u32,
    /// Whether it won, or why not.
    pub verdict: Verdict,
}

/// What became of a rule.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It gives the numbers.
    Won,
    /// It matches, and a rule with a smaller order does too.
    LargerOrder,
    /// It is switched off.
    Off,
    /// It is active from this moment on.
    NotYetActive(Timestamp),
    /// It was active until this moment.
    NoLongerActive(Timestamp),
    /// Its patterns do not match the SKU.
    DoesNotMatch,
}

/// What one store gets.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoreTrace {
    /// The store's name.
    pub store: String,
    /// Why the number is what it is; `None` where the store is left alone.
    pub reason: Option<Reason>,
    /// What else is to be said: why it is left alone, that only a losing rule names it, that it is paused.
    pub note: Option<String>,
    /// The steps of the number, in merchant units.
    pub steps: Vec<Step>,
    /// Its listings of the SKU.
    pub listings: Vec<ListingTrace>,
}

/// One step on the way to a number.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// Which: `available`, `threshold`, `priority`, `reserve`, `rate`, `plus`, `split`, `floor`, `cap`.
    pub name: &'static str,
    /// The sum or comparison for a person: `15 x 50% = 7.5, rounded down`.
    pub text: String,
    /// The number after this step.
    pub value: u64,
}

/// One listing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListingTrace {
    /// The store SKU.
    pub store_sku: String,
    /// Merchant units in one store unit.
    pub units: u32,
    /// What the store is known to show.
    pub current: Option<i64>,
    /// What it should show; `None` where it is left alone.
    pub planned: Option<u64>,
}
