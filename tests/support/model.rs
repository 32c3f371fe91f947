//! Section 4 of the language once more, as plainly as it can be said and by other means than the program: whole
//! numbers of 128 bits, no column, no cache. What the program plans must equal this.

use super::shop::{Item, Levels, List, Mapping, Piece, Rule, Shop};

/// One row that a plan must hold.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    pub store: String,
    pub store_sku: String,
    pub sku: String,
    pub rule: String,
    pub order: i128,
    pub available: i128,
    pub current: i128,
    pub planned: i128,
    pub reason: String,
}

/// Every row of `plan --all` at the moment 0, in the order of the plan.
pub fn plan(shop: &Shop) -> Vec<Row> {
    let mut rows: Vec<Row> = shop.mappings.iter().filter_map(|mapping| row(shop, mapping)).collect();
    rows.sort();
    rows
}

fn row(shop: &Shop, mapping: &Mapping) -> Option<Row> {
    let current = i128::from(mapping.live?);
    let candidates = shop.rules.iter().filter(|rule| active(rule) && takes(shop, &rule.skus, &mapping.sku));
    let rule = candidates.min_by_key(|rule| rule.order)?;
    if !rule.stores.contains(&mapping.store) {
        return None;
    }
    let available = available(shop, rule, &mapping.sku);
    let (quantity, reason) = shows(rule, mapping.store, available);
    Some(Row {
        store: format!("shop_{}", mapping.store),
        store_sku: mapping.store_sku.clone(),
        sku: mapping.sku.clone(),
        rule: rule.name.clone(),
        order: rule.order.into(),
        available,
        current,
        planned: quantity / i128::from(mapping.units),
        reason: reason.into(),
    })
}

fn active(rule: &Rule) -> bool {
    !rule.off && rule.from.is_none_or(|from| from <= 0) && rule.until.is_none_or(|until| until > 0)
}

pub fn takes(shop: &Shop, list: &List, sku: &str) -> bool {
    let any = |items: &[Item]| {
        items.iter().any(|item| match item {
            Item::All => true,
            Item::Glob(pieces) => glob(pieces, &sku.chars().collect::<Vec<_>>()),
            Item::Named(number) => takes(shop, &shop.lists[*number], sku),
        })
    };
    any(&list.items) && !any(&list.except)
}

fn glob(pieces: &[Piece], sku: &[char]) -> bool {
    match pieces.split_first() {
        None => sku.is_empty(),
        Some((Piece::Star, rest)) => (0..=sku.len()).any(|skip| glob(rest, &sku[skip..])),
        Some((Piece::One, rest)) => !sku.is_empty() && glob(rest, &sku[1..]),
        Some((Piece::Text(text), rest)) => {
            let text: Vec<char> = text.chars().collect();
            sku.starts_with(&text) && glob(rest, &sku[text.len()..])
        }
    }
}

fn available(shop: &Shop, rule: &Rule, sku: &str) -> i128 {
    let row = |sku: &str, warehouse: usize| {
        let (on_hand, reserved) = shop.stock.get(&(sku.to_owned(), warehouse)).copied().unwrap_or((0, 0));
        i128::from(on_hand) - i128::from(reserved)
    };
    let in_warehouse = |&warehouse: &usize| match shop.bundles.get(sku) {
        None => row(sku, warehouse),
        Some(parts) => {
            parts.iter().map(|(part, &units)| row(part, warehouse).max(0) / i128::from(units)).min().unwrap()
        }
    };
    rule.warehouses.iter().map(in_warehouse).sum::<i128>().max(0)
}

struct Effective {
    reserve: i128,
    rate: i128,
    plus: i128,
    round: &'static str,
    floor: i128,
    cap: Option<i128>,
}

fn effective(rule: &Levels, own: Option<&Levels>) -> Effective {
    let none = Levels::default();
    let own = own.unwrap_or(&none);
    let number =
        |own: Option<u64>, rule: Option<u64>, default: i128| own.or(rule).map_or(default, i128::from);
    Effective {
        reserve: number(own.reserve, rule.reserve, 0),
        rate: number(own.rate, rule.rate, 10_000),
        plus: number(own.plus, rule.plus, 0),
        round: own.round.or(rule.round).unwrap_or("down"),
        floor: number(own.floor, rule.floor, 0),
        cap: own.cap.or(rule.cap).map(i128::from),
    }
}

fn shows(rule: &Rule, store: usize, available: i128) -> (i128, &'static str) {
    if available < i128::from(rule.threshold) {
        return (0, "below-threshold");
    }
    let valid = rule.priority.filter(|&(_, below)| below > rule.threshold);
    let holds = valid.filter(|&(_, below)| available < i128::from(below));
    if holds.is_some_and(|(holder, _)| holder != store) {
        return (0, "held-for-priority");
    }
    let own = rule.overrides.iter().find(|(named, _)| *named == store).map(|(_, levels)| levels);
    let levels = effective(&rule.levels, own);
    let mut reason = if holds.is_some() { "priority" } else { "rate" };
    let mut quantity = match &rule.split {
        None => rated(&levels, available),
        Some(weights) => {
            let pool = rated(&effective(&rule.levels, None), available);
            if holds.is_some() {
                pool
            } else {
                reason = "split";
                share(pool, weights, store)
            }
        }
    };
    let least = levels.floor.min(available);
    if quantity < least {
        (quantity, reason) = (least, "floor");
    }
    if let Some(cap) = levels.cap
        && quantity > cap
    {
        (quantity, reason) = (cap, "cap");
    }
    (quantity, reason)
}

fn rated(levels: &Effective, available: i128) -> i128 {
    let sellable = (available - levels.reserve).max(0);
    let (whole, rest) = (sellable * levels.rate / 10_000, sellable * levels.rate % 10_000);
    let up = match levels.round {
        "up" => rest > 0,
        "nearest" => rest >= 5_000,
        _ => false,
    };
    whole + i128::from(up) + levels.plus
}

/// Largest remainder, one unit at a time.
fn share(pool: i128, weights: &[(usize, u64)], store: usize) -> i128 {
    let sum: i128 = weights.iter().map(|&(_, weight)| i128::from(weight)).sum();
    if sum == 0 {
        return 0;
    }
    let mut shares: Vec<(usize, i128, i128)> = weights
        .iter()
        .map(|&(store, weight)| (store, pool * i128::from(weight) / sum, pool * i128::from(weight) % sum))
        .collect();
    while shares.iter().map(|(_, units, _)| units).sum::<i128>() < pool {
        let largest = shares.iter().map(|&(_, _, rest)| rest).max().unwrap();
        let first = shares.iter_mut().find(|(_, _, rest)| *rest == largest).unwrap();
        first.1 += 1;
        first.2 = -1;
    }
    shares.iter().find(|(named, _, _)| *named == store).map_or(0, |&(_, units, _)| units)
}
