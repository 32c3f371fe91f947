//! What people do, told as events, and the plain sum of all of it.

use super::project::{Listing, Project, SKUS, STORES};
use super::random::Random;
use crate::orders::{Event, read_event};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Everything that happened.
#[derive(Debug, Default)]
pub(super) struct Shoppers {
    pub(super) orders: Vec<Order>,
    /// Every event, in the order in which it happened.
    pub(super) events: Vec<Event>,
    /// The last number that was told of `SNAP`, and when it was true, in milliseconds.
    snapshot: Option<(i64, i64)>,
    /// What is in the ledger, without orders.
    ledger: i64,
    is_ledger_set: bool,
    last_ms: i64,
}

#[derive(Clone, Debug)]
pub(super) struct Order {
    pub(super) store: usize,
    placed_ms: i64,
    lines: Vec<Line>,
    is_cancelled: bool,
}

/// A line: numbers are units of the store SKU.
#[derive(Clone, Debug)]
struct Line {
    store_sku: String,
    sku: &'static str,
    units: i64,
    ordered: i64,
    cancelled: i64,
    shipped: i64,
    /// What came back, and when, in milliseconds.
    returned: Vec<(i64, i64)>,
}

impl Line {
    fn open(&self) -> i64 {
        self.ordered - self.cancelled - self.shipped
    }

    fn back(&self) -> i64 {
        self.returned.iter().map(|(_, units)| units).sum()
    }
}

/// What became of the stock of a SKU in all warehouses together.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Sum {
    /// By how much reserved stock changed.
    pub(super) reserved: i64,
    /// By how much stock on hand changed.
    pub(super) on_hand: i64,
}

impl Shoppers {
    /// No two things happen at the same millisecond.
    fn moment(&mut self, now_ms: i64) -> i64 {
        self.last_ms = now_ms.max(self.last_ms + 1);
        self.last_ms
    }

    fn tell(&mut self, mut event: Value) {
        event["id"] = json!(format!("e{}", self.events.len()));
        let event =
            read_event(&event, &TimeZone::UTC).unwrap_or_else(|refused| panic!("{event}: {refused:?}"));
        self.events.push(event);
    }

    /// Somebody bought units of listings of one store.
    pub(super) fn buys(&mut self, store: usize, bought: &[(&Listing, i64)], now_ms: i64) {
        let placed_ms = self.moment(now_ms);
        let lines = bought
            .iter()
            .map(|((_, store_sku, sku, units), ordered)| Line {
                store_sku: store_sku.clone(),
                sku,
                units: *units,
                ordered: *ordered,
                cancelled: 0,
                shipped: 0,
                returned: Vec::new(),
            })
            .collect();
        let order = Order { store, placed_ms, lines, is_cancelled: false };
        self.tell(
            json!({ "type": "order-placed", "order": Self::name(self.orders.len()), "store": STORES[store],
            "placed_at": at(placed_ms).to_string(), "lines": told(&order.lines) }),
        );
        self.orders.push(order);
    }

    fn name(order: usize) -> String {
        format!("o{order}")
    }

    /// Something happens to an order. What the store shows again because of it, by store SKU.
    pub(super) fn goes_on(
        &mut self,
        random: &mut Random,
        now_ms: i64,
    ) -> Option<(usize, Vec<(String, i64)>)> {
        if self.orders.is_empty() {
            return None;
        }
        let number = random.below(self.orders.len());
        let now_ms = self.moment(now_ms);
        let name = Self::name(number);
        let order = &mut self.orders[number];
        let mut event = json!({ "order": name, "store": STORES[order.store], "at": at(now_ms).to_string() });
        let at_line = random.below(order.lines.len());
        let line = &mut order.lines[at_line];
        let part = |units: i64| json!([{ "line": at_line.to_string(), "quantity": units }]);
        let mut shown = Vec::new();
        match random.below(7) {
            0 if !order.is_cancelled && line.open() > 0 => {
                let units = random.between(1, line.open());
                line.cancelled += units;
                event["type"] = json!("order-cancelled");
                event["lines"] = part(units);
                shown.push((line.store_sku.clone(), units));
            }
            1 if !order.is_cancelled => {
                for line in &mut order.lines {
                    shown.push((line.store_sku.clone(), line.open()));
                    line.cancelled += line.open();
                }
                order.is_cancelled = true;
                event["type"] = json!("order-cancelled");
            }
            2 | 3 if !order.is_cancelled && line.open() > 0 => {
                let units = random.between(1, line.open());
                line.shipped += units;
                event["type"] = json!("order-shipped");
                event["lines"] = part(units);
            }
            4 if line.shipped > line.back() => {
                let units = random.between(1, line.shipped - line.back());
                line.returned.push((now_ms, units));
                event["type"] = json!("order-returned");
                event["lines"] = part(units);
                if random.percent(50) && !["SNAP", "LEDGER"].contains(&line.sku) {
                    event["warehouse"] = json!(random.of(&super::project::WAREHOUSES));
                }
            }
            5 if !order.is_cancelled && order.lines.iter().all(|line| line.cancelled == 0) => {
                let line = &mut order.lines[at_line];
                line.ordered = line.shipped.max(1) + random.between(0, 4);
                event["type"] = json!("order-edited");
                event["lines"] = told(&order.lines);
            }
            _ => return None,
        }
        let store = order.store;
        self.tell(event);
        Some((store, shown))
    }

    /// Somebody counts, or goods come.
    pub(super) fn stock(&mut self, random: &mut Random, now_ms: i64) {
        let now_ms = self.moment(now_ms);
        if random.percent(50) {
            let units = random.between(0, 40);
            self.snapshot = Some((now_ms, units));
            let as_of = at(now_ms).to_string();
            return self.tell(json!({ "type": "stock-set", "sku": "SNAP", "warehouse": "west", "available": units, "as_of": as_of }));
        }
        if !self.is_ledger_set {
            self.is_ledger_set = true;
            // It was counted before anything happened.
            let as_of = at(super::project::STOCK_AT * 1_000).to_string();
            self.ledger = random.between(5, 50);
            return self.tell(json!({ "type": "stock-set", "sku": "LEDGER", "warehouse": "west", "on_hand": self.ledger, "as_of": as_of }));
        }
        let by = random.between(-5, 10);
        self.ledger += by;
        self.tell(json!({ "type": "stock-adjust", "sku": "LEDGER", "warehouse": "west", "by": by, "at": at(now_ms).to_string() }));
    }

    /// What orders did to each SKU, that of bundles to their parts.
    pub(super) fn sums(&self) -> BTreeMap<&'static str, Sum> {
        let mut sums: BTreeMap<&'static str, Sum> = SKUS.iter().map(|sku| (*sku, Sum::default())).collect();
        for line in self.orders.iter().flat_map(|order| &order.lines) {
            for (part, needs) in Project::parts(line.sku) {
                let part = SKUS.iter().find(|sku| **sku == part).copied().unwrap_or(line.sku);
                let sum = sums.entry(part).or_default();
                sum.reserved += line.open() * line.units * needs;
                sum.on_hand += (line.back() - line.shipped) * line.units * needs;
            }
        }
        sums
    }

    /// What is available of each SKU in all warehouses together; `stock` is that of the file.
    pub(super) fn available(
        &self,
        stock: &[(&'static str, &'static str, i64)],
    ) -> BTreeMap<&'static str, i64> {
        let mut available = BTreeMap::new();
        for (sku, sum) in self.sums() {
            let first: i64 = stock.iter().filter(|(of, ..)| *of == sku).map(|(_, _, units)| units).sum();
            let first = if sku == "LEDGER" { self.ledger } else { first };
            available.insert(sku, first + sum.on_hand - sum.reserved);
        }
        if let Some((as_of, units)) = self.snapshot {
            available.insert("SNAP", units + self.after(as_of, "SNAP"));
        }
        available
    }

    /// What orders did to the available stock of a SKU after a moment.
    fn after(&self, moment: i64, sku: &str) -> i64 {
        let mut sum = 0;
        for order in &self.orders {
            for line in order.lines.iter().filter(|line| line.sku == sku) {
                if order.placed_ms > moment {
                    sum -= (line.ordered - line.cancelled) * line.units;
                }
                let back = line.returned.iter().filter(|(at, _)| *at > moment);
                sum += back.map(|(_, units)| units * line.units).sum::<i64>();
            }
        }
        sum
    }
}

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).expect("a moment")
}

fn told(lines: &[Line]) -> Value {
    let lines = lines.iter().enumerate();
    lines
        .map(|(at, line)| json!({ "line": at.to_string(), "store_sku": line.store_sku, "quantity": line.ordered }))
        .collect()
}
