//! Rules without a fault: resolved, total, in the order in which they are tried.

mod canonical;
mod restore;

use crate::pattern::SkuSet;
use crate::source::Span;
use jiff::Timestamp;
use std::fmt;
use std::num::ParseIntError;
use std::sync::{Arc, OnceLock};

/// A declared warehouse, by its place in the configuration.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct WarehouseId(pub u16);

/// A declared store, by its place in the configuration.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct StoreId(pub u16);

/// The names that the configuration declares, and what else rules are read against.
#[derive(Clone, Debug)]
pub struct Declared {
    /// Warehouses, in the order of the configuration.
    pub warehouses: Vec<String>,
    /// Stores, in the order of the configuration.
    pub stores: Vec<String>,
    /// The project's time zone, for moments without an offset.
    pub timezone: jiff::tz::TimeZone,
    /// The most rules there may be.
    pub rules_max: usize,
}

/// A rate in basis points: hundredths of a percent, 0 … 100 000.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct BasisPoints(pub u32);

impl fmt::Display for BasisPoints {
    /// `31%`, `0.5%`, `12.25%`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0 / 100, self.0 % 100) {
            (whole, 0) => write!(out, "{whole}%"),
            (whole, rest) if rest % 10 == 0 => write!(out, "{whole}.{}%", rest / 10),
            (whole, rest) => write!(out, "{whole}.{rest:02}%"),
        }
    }
}

/// A percentage of so many digits before the point is not too large to count.
const SURELY_COUNTED: usize = 15;

/// The basis points of a percentage written as digits with at most two decimal places, exactly; nothing where it is written
/// otherwise, and an error where it is too large to count.
pub fn basis_points(percentage: &str) -> Option<Result<u64, ParseIntError>> {
    let (whole, places) = percentage.split_once('.').unwrap_or((percentage, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let well_formed = digits(whole) && digits(places) && places.len() <= 2;
    well_formed.then(|| {
        if whole.len() > SURELY_COUNTED {
            return format!("{whole}{places:0<2}").parse();
        }
        let digits = whole.bytes().chain(places.bytes()).chain(*b"00").take(whole.len() + 2);
        Ok(digits.fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0')))
    })
}

/// How a rate rounds.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Round {
    /// To the next lower whole number.
    #[default]
    Down,
    /// To the nearest whole number, a half up.
    Nearest,
    /// To the next higher whole number.
    Up,
}

/// When a rule is active. `until` is exclusive.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Window {
    /// The first moment, or always so far.
    pub from: Option<Timestamp>,
    /// The moment after the last, or for ever.
    pub until: Option<Timestamp>,
}

/// The fields that a store may override, as they take effect, in units of the merchant SKU.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Levels {
    /// Units held back before the rate is taken.
    pub reserve: u32,
    /// The share of the stock that is shown.
    pub rate: BasisPoints,
    /// Units added after the rate.
    pub plus: u32,
    /// How the rate rounds.
    pub round: Round,
    /// A store shows at least this, or all there is.
    pub floor: u32,
    /// No store shows more than this.
    pub cap: Option<u32>,
}

/// Below a quantity, only one store keeps stock. Only a valid one (above the threshold) is held here.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Priority {
    /// The store that keeps stock.
    pub store: StoreId,
    /// Available below this, in units: priority holds. Always above the rule's threshold.
    pub below: u32,
}

/// How stores or warehouses were named; `all` stays `all` when one more is declared.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Named<Id> {
    /// By name.
    Listed,
    /// `all`, perhaps except some.
    AllExcept(Vec<Id>),
}

/// A rule, total: every field has its value.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its name, unique in the project.
    pub name: String,
    /// Where its head stands.
    pub head: Span,
    /// Whether it is on; an `off` rule matches nothing.
    pub on: bool,
    /// The smallest order wins.
    pub order: u32,
    /// When it is active.
    pub window: Window,
    /// The merchant SKUs it matches.
    pub skus: SkuSet,
    /// Whose stock is summed, in the order in which orders are taken from them; never empty, no repeats.
    pub warehouses: Vec<WarehouseId>,
    /// How the warehouses were named.
    pub warehouses_named: Named<WarehouseId>,
    /// The stores it writes, with the levels that take effect there; never empty, no repeats, sorted by store.
    pub stores: Vec<StoreLevels>,
    /// How the stores were named.
    pub stores_named: Named<StoreId>,
    /// The rule's own levels, which make the pool of a split.
    pub levels: Levels,
    /// Available below this, in units: every store gets 0.
    pub threshold: u32,
    /// The priority setting, where there is a valid one.
    pub priority: Option<Priority>,
    /// The weights that share the pool, in the order written, where the rule splits; every store stands among the rule's.
    pub split: Option<Vec<(StoreId, u32)>>,
}

/// A store of a rule, with the levels that take effect there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StoreLevels {
    /// The store.
    pub store: StoreId,
    /// The rule's levels, with the store's own in their place.
    pub levels: Levels,
}

/// Every rule of a project, without a fault.
#[derive(Clone, Debug)]
pub struct RuleSet {
    /// By order, then name; `off` ones among them.
    rules: Vec<Rule>,
    /// The names of warehouses and stores, for the canonical form.
    declared: Declared,
    /// The canonical form and its hash: `lint` never asks for them.
    identity: Arc<OnceLock<Identity>>,
}

/// What tells one set of rules from another.
#[derive(Clone, Debug)]
struct Identity {
    canonical: String,
    version: String,
}

impl Identity {
    fn of(canonical: String) -> Self {
        Self { version: canonical::version(&canonical), canonical }
    }
}

impl Rule {
    /// Whether it is on and active at `at`.
    pub fn is_candidate(&self, at: Timestamp) -> bool {
        self.on && self.window.contains(at)
    }

    fn renumber(&mut self, warehouses: &[WarehouseId], stores: &[StoreId]) {
        let warehouse =
            |id: &mut WarehouseId| *id = warehouses.get(usize::from(id.0)).copied().unwrap_or(*id);
        let store = |id: &mut StoreId| *id = stores.get(usize::from(id.0)).copied().unwrap_or(*id);
        self.warehouses.iter_mut().for_each(warehouse);
        if let Named::AllExcept(except) = &mut self.warehouses_named {
            except.iter_mut().for_each(warehouse);
        }
        if let Named::AllExcept(except) = &mut self.stores_named {
            except.iter_mut().for_each(store);
        }
        self.stores.iter_mut().for_each(|levels| store(&mut levels.store));
        self.stores.sort_by_key(|levels| levels.store);
        self.priority.iter_mut().for_each(|priority| store(&mut priority.store));
        self.split.iter_mut().flatten().for_each(|(id, _)| store(id));
    }
}

impl Window {
    /// Whether a moment lies in it.
    pub fn contains(&self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until)
    }

    /// The moments that lie in both.
    pub fn overlap(&self, other: &Window) -> Option<Window> {
        let from = self.from.max(other.from);
        let until = self.until.into_iter().chain(other.until).min();
        from.zip(until).is_none_or(|(from, until)| from < until).then_some(Window { from, until })
    }

    /// Whether every moment of the other lies in it.
    pub fn covers(&self, other: &Window) -> bool {
        self.overlap(other) == Some(*other)
    }
}

impl RuleSet {
    /// Rules that are known to have no fault, in any order.
    pub(crate) fn new(mut rules: Vec<Rule>, declared: &Declared) -> Self {
        rules.sort_by(|a, b| (a.order, &a.name).cmp(&(b.order, &b.name)));
        Self { rules, declared: declared.clone(), identity: Arc::default() }
    }

    /// The rules in the order in which they are tried; `off` ones among them.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The moments between which the same rules are active as at `at`: the last edge of a window that is not after it, and the first
    /// one that is. `None` where there is no such edge.
    pub fn edges(&self, at: Timestamp) -> (Option<Timestamp>, Option<Timestamp>) {
        let windows = self.rules.iter().filter(|rule| rule.on).map(|rule| rule.window);
        let edges = windows.flat_map(|window| window.from.into_iter().chain(window.until));
        let (mut last, mut next) = (None, None);
        for edge in edges {
            if edge <= at {
                last = last.max(Some(edge));
            } else {
                next = Some(next.map_or(edge, |next: Timestamp| next.min(edge)));
            }
        }
        (last, next)
    }

    /// The same rules where warehouses and stores go by other numbers: the new one of each stands at the old one's place.
    pub fn renumbered(&self, warehouses: &[WarehouseId], stores: &[StoreId]) -> Self {
        // Its form names warehouses and stores by the old numbers.
        self.identity();
        let mut set = self.clone();
        set.rules.iter_mut().for_each(|rule| rule.renumber(warehouses, stores));
        set
    }

    /// The canonical form that the version is the hash of.
    pub fn canonical(&self) -> &str {
        &self.identity().canonical
    }

    /// The version: `sha256:` and the hash of the canonical form.
    pub fn version(&self) -> &str {
        &self.identity().version
    }

    fn identity(&self) -> &Identity {
        self.identity.get_or_init(|| Identity::of(canonical::canonical(&self.rules, &self.declared)))
    }
}
