//! Tells the story of one SKU, by the same functions that `eval` uses.

use super::{Considered, ListingTrace, Part, Step, StoreTrace, TakenOrder, Trace, Verdict, WarehouseStock};
use crate::catalog::{Catalog, SkuId};
use crate::diff::{Live, Shown};
use crate::eval::{Bounds, Branch, Working, available, listed, numbers};
use crate::rules::{Declared, Levels, Round, Rule, RuleSet, StoreId, WarehouseId};
use crate::source::Sources;
use jiff::Timestamp;

/// What a story is told from.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// The rules.
    pub rules: &'a RuleSet,
    /// The catalog.
    pub catalog: &'a Catalog,
    /// The declared names.
    pub declared: &'a Declared,
    /// The texts, for places.
    pub sources: &'a Sources,
    /// What the stores show, as far as known.
    pub live: &'a Live,
    /// The stores' own bounds, by store.
    pub bounds: &'a [Bounds],
    /// The orders that were taken off.
    pub orders: &'a [TakenOrder],
    /// The moment.
    pub at: Timestamp,
}

/// The story of `sku` in every declared store, or in `only`. A SKU that the catalog does not have has no stock and no listing.
pub fn trace(known: Known<'_>, sku: &str, only: Option<StoreId>) -> Trace {
    let id = known.catalog.find_sku(sku);
    let considered = considered(known, sku);
    let winner = considered.iter().position(|rule| rule.verdict == Verdict::Won);
    let rule = winner.and_then(|rank| known.rules.rules().get(rank));
    let mut stores: Vec<StoreTrace> = (0..known.declared.stores.len() as u16)
        .map(StoreId)
        .filter(|store| only.is_none_or(|only| only == *store))
        .filter_map(|store| of_store(known, sku, id, rule, store))
        .collect();
    stores.sort_by(|a, b| a.store.cmp(&b.store));
    Trace {
        sku: sku.to_owned(),
        at: known.at,
        stock: id.map(|id| stock(known, id, rule)).unwrap_or_default(),
        orders: known.orders.to_vec(),
        parts: id.map(|id| parts(known, id, rule)).unwrap_or_default(),
        considered,
        stores,
    }
}

fn considered(known: Known<'_>, sku: &str) -> Vec<Considered> {
    let mut won = false;
    let rules = known.rules.rules().iter();
    rules
        .map(|rule| {
            let source = known.sources.get(rule.head.file);
            let verdict = verdict(rule, sku, known.at, &mut won);
            Considered {
                rule: rule.name.clone(),
                file: source.path().to_owned(),
                line: source.position(rule.head.start).line,
                order: rule.order,
                verdict,
            }
        })
        .collect()
}

fn verdict(rule: &Rule, sku: &str, at: Timestamp, won: &mut bool) -> Verdict {
    if !rule.skus.matches(sku) {
        return Verdict::DoesNotMatch;
    }
    if !rule.on {
        return Verdict::Off;
    }
    match (rule.window.from, rule.window.until) {
        (Some(from), _) if at < from => Verdict::NotYetActive(from),
        (_, Some(until)) if until <= at => Verdict::NoLongerActive(until),
        _ if std::mem::replace(won, true) => Verdict::LargerOrder,
        _ => Verdict::Won,
    }
}

fn stock(known: Known<'_>, sku: SkuId, rule: Option<&Rule>) -> Vec<WarehouseStock> {
    let names = known.declared.warehouses.iter().enumerate();
    names
        .map(|(number, name)| {
            let id = WarehouseId(number as u16);
            let row = known.catalog.stock(sku).find(|&(warehouse, _)| warehouse == id);
            let available = row.map(|(_, units)| units);
            let orders = known.catalog.stock_taken_off(sku, id);
            WarehouseStock {
                warehouse: name.clone(),
                given: available.map(|available| available.saturating_add(orders)),
                orders,
                available: available.unwrap_or(0),
                counted: rule.is_some_and(|rule| rule.warehouses.contains(&id)),
            }
        })
        .collect()
}

fn parts(known: Known<'_>, bundle: SkuId, rule: Option<&Rule>) -> Vec<Part> {
    let counted = |id: WarehouseId| rule.is_none_or(|rule| rule.warehouses.contains(&id));
    let parts = known.catalog.parts(bundle).iter();
    parts
        .map(|part| Part {
            sku: known.catalog.sku(part.sku).to_owned(),
            units: part.units,
            available: known
                .catalog
                .stock(part.sku)
                .filter(|&(id, _)| counted(id))
                .fold(0, |sum, (_, units)| i64::saturating_add(sum, units)),
        })
        .collect()
}

/// A store that neither lists the SKU nor is named by its rule has no part in the story.
fn of_store(
    known: Known<'_>,
    sku: &str,
    id: Option<SkuId>,
    rule: Option<&Rule>,
    store: StoreId,
) -> Option<StoreTrace> {
    let name = known.declared.stores.get(store.0 as usize)?.clone();
    let mut shown = Vec::new();
    let units = id.zip(rule).map_or(0, |(id, rule)| available(rule, known.catalog, id));
    if let Some(rule) = rule {
        numbers(rule, units, &mut shown);
    }
    let working = shown.iter().find(|(named, _)| *named == store).map(|(_, working)| *working);
    let listings = listings(known, id, store, working.as_ref());
    if working.is_none() && listings.is_empty() {
        return None;
    }
    let levels =
        rule.and_then(|rule| rule.stores.iter().find(|line| line.store == store)).map(|line| line.levels);
    let steps = match (rule, working, levels) {
        (Some(rule), Some(working), Some(levels)) => steps(known.declared, rule, &levels, units, &working),
        _ => Vec::new(),
    };
    let note = note(known, sku, rule, store, working.is_some(), listings.is_empty());
    Some(StoreTrace { store: name, reason: working.map(|working| working.reason), note, steps, listings })
}

fn listings(
    known: Known<'_>,
    sku: Option<SkuId>,
    store: StoreId,
    working: Option<&Working>,
) -> Vec<ListingTrace> {
    let bounds = known.bounds.get(store.0 as usize).copied().unwrap_or_default();
    let all = sku.map(|sku| known.catalog.listings_of_sku(sku)).unwrap_or_default();
    all.iter()
        .filter(|&&listing| known.catalog.listing_store(listing) == store)
        .map(|&listing| {
            let units = known.catalog.listing_units(listing);
            let current = match known.live.get(listing) {
                Shown::Number(number) => Some(number),
                Shown::Missing | Shown::Twice | Shown::Unknown | Shown::Unread => None,
            };
            ListingTrace {
                store_sku: known.catalog.store_sku(listing).to_owned(),
                units,
                current,
                planned: working.map(|working| listed(working, units, bounds).planned),
            }
        })
        .collect()
}

fn note(
    known: Known<'_>,
    sku: &str,
    rule: Option<&Rule>,
    store: StoreId,
    named: bool,
    unlisted: bool,
) -> Option<String> {
    let Some(rule) = rule else { return Some("left alone: no rule takes the SKU".into()) };
    if named {
        return unlisted.then(|| "no listing of the SKU is mapped here, nothing is written".into());
    }
    let loses = |other: &&Rule| {
        other.is_candidate(known.at)
            && other.stores.iter().any(|line| line.store == store)
            && other.skus.matches(sku)
    };
    Some(match known.rules.rules().iter().find(loses) {
        Some(other) => format!(
            "left alone: `{}` takes the SKU and does not name this store; `{}` names it, and loses by its order",
            rule.name, other.name
        ),
        None => format!("left alone: `{}` takes the SKU and does not name this store", rule.name),
    })
}

fn steps(declared: &Declared, rule: &Rule, levels: &Levels, units: u64, working: &Working) -> Vec<Step> {
    let mut steps = vec![Step {
        name: "available",
        text: format!("{units} available under `{}`", rule.name),
        value: units,
    }];
    if rule.threshold > 0 || working.branch == Branch::BelowThreshold {
        let below = working.branch == Branch::BelowThreshold;
        let sign = if below { "<" } else { ">=" };
        let text = format!("{units} {sign} threshold {}", rule.threshold);
        steps.push(Step { name: "threshold", text, value: if below { 0 } else { units } });
        if below {
            return steps;
        }
    }
    if let Some(priority) = rule.priority {
        let holder = declared.stores.get(priority.store.0 as usize).map_or("", String::as_str);
        let text = match working.branch {
            Branch::Held => format!("{units} < {}: held for `{holder}`", priority.below),
            Branch::Priority => format!("{units} < {}: kept for this store alone", priority.below),
            _ => format!("{units} >= {}: priority of `{holder}` does not hold", priority.below),
        };
        steps.push(Step {
            name: "priority",
            text,
            value: if working.branch == Branch::Held { 0 } else { units },
        });
        if working.branch == Branch::Held {
            return steps;
        }
    }
    let base = if rule.split.is_some() { &rule.levels } else { levels };
    rate_steps(base, units, working, &mut steps);
    limit_steps(rule, levels, working, &mut steps);
    steps
}

fn rate_steps(levels: &Levels, units: u64, working: &Working, steps: &mut Vec<Step>) {
    if levels.reserve > 0 {
        let text = format!("{units} - {} held back", levels.reserve);
        steps.push(Step { name: "reserve", text, value: working.sellable });
    }
    let round = match levels.round {
        Round::Down => "down",
        Round::Nearest => "to the nearest",
        Round::Up => "up",
    };
    let rounded = if u128::from(working.sellable) * u128::from(levels.rate.0) % 10_000 == 0 {
        String::new()
    } else {
        format!(", rounded {round}")
    };
    let text = format!("{} x {}{rounded}", working.sellable, levels.rate);
    steps.push(Step { name: "rate", text, value: working.rated });
    if levels.plus > 0 {
        let value = working.rated.saturating_add(u64::from(levels.plus));
        steps.push(Step { name: "plus", text: format!("{} + {}", working.rated, levels.plus), value });
    }
}

fn limit_steps(rule: &Rule, levels: &Levels, working: &Working, steps: &mut Vec<Step>) {
    if let Some(weights) = &rule.split {
        let text = if working.branch == Branch::Priority {
            "the whole pool, while priority holds".to_owned()
        } else {
            let sum: u64 = weights.iter().map(|&(_, weight)| u64::from(weight)).sum();
            format!("its share of the pool of {}, of weights that sum to {sum}", working.rated)
        };
        steps.push(Step { name: "split", text, value: working.quantity });
    }
    if working.floored > working.quantity {
        let text = format!("raised to the floor {}, as far as there is stock", levels.floor);
        steps.push(Step { name: "floor", text, value: working.floored });
    }
    if let (true, Some(cap)) = (working.capped < working.floored, levels.cap) {
        steps.push(Step { name: "cap", text: format!("lowered to the cap {cap}"), value: working.capped });
    }
}
