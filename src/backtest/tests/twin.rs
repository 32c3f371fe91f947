//! A plain twin of the replay: a unit at a time, everything planned anew each time, and nothing kept that could be worked out.

use super::super::{Outcome, Replayed};
use super::{KIT, SKUS, STORES, catalog, second, units};
use crate::catalog::{Catalog, ListingId};
use crate::eval::{Desired, eval};
use crate::rules::{Declared, RuleSet};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;

/// Where the orders of store `c` are taken from: first from `v`.
const C_TAKES_FROM: [&str; 2] = ["v", "w"];

type Place = (String, String);

#[derive(Clone)]
struct Unit {
    from: String,
    shipped: bool,
    back: bool,
}

#[derive(Default, Clone)]
struct PlainLine {
    /// How many lines were told of before it: of one order, that is how they are served.
    rank: usize,
    wanted: u64,
    shipped: u64,
    sold: Vec<Unit>,
}

struct Plain<'a> {
    rules: &'a RuleSet,
    declared: &'a Declared,
    now: i64,
    delay: i64,
    stock: BTreeMap<Place, i64>,
    shown: BTreeMap<Place, Option<u64>>,
    due: Vec<(i64, Place)>,
    /// By order, store, and line, which is its SKU.
    lines: BTreeMap<(String, String, String), PlainLine>,
    out: Replayed,
}

impl Plain<'_> {
    fn parts(sku: &str) -> Vec<(String, u64)> {
        let parts = if sku == "KIT" { KIT.to_vec() } else { vec![(sku, 1)] };
        parts.into_iter().map(|(part, needs)| (part.to_owned(), needs * units(sku))).collect()
    }

    fn anew(&self) -> (Catalog, Desired) {
        let rows: Vec<_> =
            self.stock.iter().map(|((sku, place), units)| (sku.as_str(), place.as_str(), *units)).collect();
        let catalog = catalog(self.declared, &rows);
        let desired = eval(self.rules, &catalog, second(self.now), &[]);
        (catalog, desired)
    }

    fn planned(&self, (store, sku): &Place) -> Option<u64> {
        let (catalog, desired) = self.anew();
        let at = STORES.iter().position(|name| name == store)? * SKUS.len();
        let at = at + SKUS.iter().position(|name| name == sku)?;
        assert_eq!(catalog.store_sku(ListingId(at as u32)), sku);
        desired.number(ListingId(at as u32)).map(|number| number.planned)
    }

    fn turn(&self, store: &str, sku: &str) -> Vec<String> {
        if store == "c" {
            return C_TAKES_FROM.map(str::to_owned).to_vec();
        }
        let (catalog, desired) = self.anew();
        let winner = catalog.find_sku(sku).and_then(|sku| desired.winner(sku));
        let name = winner.map(|rank| self.rules.rules()[rank].name.as_str());
        let turn: &[&str] = match name {
            Some("held") => &["w"],
            Some("sale") => &["v", "w"],
            _ => &["w", "v"],
        };
        turn.iter().map(|name| (*name).to_owned()).collect()
    }

    fn one_is_in(&self, sku: &str, warehouse: &str) -> bool {
        Self::parts(sku).into_iter().all(|(part, needs)| {
            self.stock.get(&(part, warehouse.to_owned())).is_some_and(|units| *units >= needs as i64)
        })
    }

    fn move_one(&mut self, sku: &str, warehouse: &str, sign: i64) {
        for (part, needs) in Self::parts(sku) {
            *self.stock.entry((part, warehouse.to_owned())).or_default() += sign * needs as i64;
        }
    }

    fn want(&mut self, name: &(String, String, String), wanted: u64) {
        let (_, store, sku) = name;
        let mut line = self.lines.remove(name).unwrap_or_default();
        if wanted > line.wanted {
            let more = wanted.saturating_sub(line.wanted.max(line.sold.len() as u64));
            self.sell(store, sku, more, &mut line);
        }
        line.wanted = wanted;
        while line.sold.len() as u64 > wanted {
            // Of what came last first, warehouse by warehouse.
            let places = places(&line.sold);
            let free = places.iter().rev().find_map(|place| {
                line.sold.iter().rposition(|unit| unit.from == *place && !unit.shipped && !unit.back)
            });
            let Some(free) = free else { break };
            let unit = line.sold.remove(free);
            self.move_one(sku, &unit.from, 1);
        }
        self.lines.insert(name.clone(), line);
    }

    fn sell(&mut self, store: &str, sku: &str, wanted: u64, line: &mut PlainLine) {
        let place = (store.to_owned(), sku.to_owned());
        let Some(shown) = self.shown[&place] else {
            self.out.unruled += wanted * units(sku);
            return;
        };
        let planned = self.planned(&place).unwrap_or(shown);
        let mut outcome = Outcome { ordered: wanted * units(sku), ..Outcome::default() };
        let turn = self.turn(store, sku);
        let before = self.stock.clone();
        for at in 0..wanted {
            let from = turn.iter().find(|warehouse| self.one_is_in(sku, warehouse));
            let counted = match (at < shown, from) {
                (true, Some(_)) => &mut outcome.sold,
                (true, None) => {
                    outcome.sold += units(sku);
                    &mut outcome.oversold
                }
                (false, Some(_)) if at < planned => &mut outcome.late,
                (false, Some(_)) => &mut outcome.held_back,
                (false, None) => &mut outcome.out_of_stock,
            };
            *counted += units(sku);
            let from = from.unwrap_or(&turn[0]).clone();
            self.move_one(sku, &from, -1);
            if at < shown {
                line.sold.push(Unit { from, shipped: false, back: false });
            }
        }
        // What was only looked for stays where it is.
        let sold = line.sold.iter().rev().take(wanted.min(shown) as usize).cloned().collect::<Vec<_>>();
        self.stock = before;
        sold.iter().for_each(|unit| self.move_one(sku, &unit.from, -1));
        self.shown.insert(place, Some(shown - wanted.min(shown)));
        let at = STORES.iter().position(|name| *name == store).expect("a store");
        self.out.stores[at] += outcome;
    }

    fn push(&mut self, until: i64) {
        self.due.sort_by_key(|(due, _)| *due);
        while let Some((_, place)) = self.due.first().filter(|(due, _)| *due <= until).cloned() {
            self.due.remove(0);
            let Some(planned) = self.planned(&place) else { continue };
            if self.shown[&place] != Some(planned) {
                self.shown.insert(place.clone(), Some(planned));
                let at = STORES.iter().position(|name| *name == place.0).expect("a store");
                self.out.stores[at].pushes += 1;
            }
        }
    }

    fn mark(&mut self) {
        for place in self.shown.keys().cloned().collect::<Vec<_>>() {
            let planned = self.planned(&place);
            let waits = self.due.iter().any(|(_, waiting)| *waiting == place);
            if planned.is_some() && planned != self.shown[&place] && !waits {
                self.due.push((self.now + self.delay, place));
            }
        }
    }

    fn at(&mut self, now: i64) {
        for edge in [20, 40] {
            if self.now < edge && edge <= now {
                self.push(edge);
                self.now = edge;
                self.mark();
            }
        }
        self.push(now);
        self.now = now;
    }

    fn take(&mut self, event: &Value) {
        let text = |key: &str| event[key].as_str().unwrap_or_default().to_owned();
        let (order, store) = (text("order"), text("store"));
        let quantity = |value: &Value| value["quantity"].as_u64();
        let told: Vec<(String, Option<u64>)> = event["lines"]
            .as_array()
            .map(|lines| {
                lines
                    .iter()
                    .map(|line| (line["line"].as_str().expect("a name").to_owned(), quantity(line)))
                    .collect()
            })
            .unwrap_or_default();
        let mut mine: Vec<_> =
            self.lines.keys().filter(|(of, at, _)| *of == order && *at == store).cloned().collect();
        mine.sort_by_key(|name| self.lines[name].rank);
        let named: Vec<_> = if told.is_empty() {
            mine.iter().map(|name| (name.clone(), None)).collect()
        } else {
            told.iter().map(|(line, units)| ((order.clone(), store.clone(), line.clone()), *units)).collect()
        };
        let known = |name: &(String, String, String)| mine.contains(name);
        match text("type").as_str() {
            "order-placed" | "order-edited" => {
                for name in &mine {
                    let now = named.iter().find(|(named, _)| named == name);
                    self.want(name, now.and_then(|(_, units)| *units).unwrap_or(0));
                }
            }
            "order-cancelled" => {
                for (name, units) in named.into_iter().filter(|(name, _)| known(name)) {
                    let line = &self.lines[&name];
                    let left = units.map_or(0, |units| line.wanted.saturating_sub(units));
                    self.want(&name, left.max(line.shipped.min(line.wanted)));
                }
            }
            "order-shipped" => {
                for (name, units) in named.into_iter().filter(|(name, _)| known(name)) {
                    let line = self.lines.get_mut(&name).expect("known");
                    let open = line.wanted.saturating_sub(line.shipped);
                    line.shipped += units.unwrap_or(open).min(open);
                    let gone = line.sold.iter().filter(|unit| unit.shipped).count() as u64;
                    let more = line.shipped.min(line.sold.len() as u64).saturating_sub(gone);
                    for _ in 0..more {
                        first(&mut line.sold, |unit| !unit.shipped).expect("unshipped").shipped = true;
                    }
                }
            }
            "order-returned" => {
                for (name, units) in named.into_iter().filter(|(name, _)| known(name)) {
                    for _ in 0..units.unwrap_or(u64::MAX) {
                        let line = self.lines.get_mut(&name).expect("known");
                        let Some(unit) = first(&mut line.sold, |unit| !unit.back) else { break };
                        unit.back = true;
                        let to = event["warehouse"].as_str().map_or_else(|| unit.from.clone(), str::to_owned);
                        self.move_one(&name.2, &to, 1);
                    }
                }
            }
            "stock-adjust" => {
                *self.stock.entry((text("sku"), text("warehouse"))).or_default() +=
                    event["by"].as_i64().expect("units");
            }
            _ => self.tell(event, (text("sku"), text("warehouse"))),
        }
    }

    fn tell(&mut self, event: &Value, place: Place) {
        let mut units = event["available"].as_i64().or(event["on_hand"].as_i64()).expect("units");
        if event["available"].is_null() {
            for ((_, _, sku), line) in &self.lines {
                let open = line.sold.iter().filter(|unit| !unit.shipped && unit.from == place.1).count();
                let needs = Self::parts(sku).into_iter().filter(|(part, _)| *part == place.0);
                units -= needs.map(|(_, needs)| (needs * open as u64) as i64).sum::<i64>();
            }
        }
        self.stock.insert(place, units);
    }
}

/// The first unit that fits, warehouse by warehouse.
fn first(sold: &mut [Unit], fits: impl Fn(&Unit) -> bool) -> Option<&mut Unit> {
    let places = places(sold);
    let at =
        places.iter().find_map(|place| sold.iter().position(|unit| unit.from == *place && fits(unit)))?;
    sold.get_mut(at)
}

/// The warehouses that units came from, in the order in which they were first taken from.
fn places(sold: &[Unit]) -> Vec<String> {
    let mut places: Vec<String> = Vec::new();
    for unit in sold {
        if !places.contains(&unit.from) {
            places.push(unit.from.clone());
        }
    }
    places
}

/// What the twin says of events, which are sorted by time already.
pub(super) fn plainly(
    rules: &RuleSet,
    declared: &Declared,
    stock: &[(&str, &str, i64)],
    events: &[Value],
    delay: i64,
) -> Replayed {
    let begin = events.iter().map(time).min().unwrap_or(0);
    let mut plain = Plain {
        rules,
        declared,
        now: begin,
        delay,
        stock: stock
            .iter()
            .map(|(sku, place, units)| (((*sku).to_owned(), (*place).to_owned()), *units))
            .collect(),
        shown: BTreeMap::new(),
        due: Vec::new(),
        lines: BTreeMap::new(),
        out: Replayed { stores: vec![Outcome::default(); 3], unruled: 0 },
    };
    for store in STORES {
        for sku in SKUS {
            let place = (store.to_owned(), sku.to_owned());
            let planned = plain.planned(&place);
            plain.shown.insert(place, planned);
        }
    }
    // Lines are there from the start, and nobody wants them yet.
    for event in events
        .iter()
        .filter(|event| ["order-placed", "order-edited"].contains(&event["type"].as_str().expect("a type")))
    {
        for line in event["lines"].as_array().expect("lines") {
            let text = |value: &Value| value.as_str().expect("a text").to_owned();
            let rank = plain.lines.len();
            let name = (text(&event["order"]), text(&event["store"]), text(&line["line"]));
            plain.lines.entry(name).or_insert(PlainLine { rank, ..PlainLine::default() });
        }
    }
    for event in events {
        plain.at(time(event));
        plain.take(event);
        plain.mark();
    }
    plain.push(i64::MAX);
    plain.out
}

fn time(event: &Value) -> i64 {
    let key = ["placed_at", "as_of", "at"].into_iter().find(|key| !event[*key].is_null()).expect("a time");
    event[key].as_str().and_then(|text| text.parse::<Timestamp>().ok()).expect("a moment").as_second()
}
