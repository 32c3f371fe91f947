//! A rule put together from its fields, and what must hold between them.

use super::fields::{Fields, LevelFields, Located, Override};
use crate::diagnostic::{Code, Diagnostic, codes};
use crate::hash::HashMap;
use crate::rules::{BasisPoints, Declared, Levels, Priority, Rule, StoreId, StoreLevels};
use crate::source::Span;
use crate::syntax::ast;

const RATE_DEFAULT: BasisPoints = BasisPoints(10_000);

/// Finds what does not hold between the fields of one rule.
pub(super) fn check_between(fields: &Fields, declared: &Declared, out: &mut Vec<Diagnostic>) {
    check_members(fields, declared, out);
    check_duplicate_overrides(&fields.overrides, declared, out);
    check_split(fields, declared, out);
}

/// Every store that a rule speaks of is among its stores.
fn check_members(fields: &Fields, declared: &Declared, out: &mut Vec<Diagnostic>) {
    let Some(stores) = &fields.stores else { return };
    let mut check = |code: &'static Code, what: &str, store: Option<Located<StoreId>>| {
        if let Some(store) = store
            && !stores.value.0.contains(&store.value)
        {
            let name = store_name(declared, store.value);
            let found =
                Diagnostic::new(code, store.span, format!("{what} `{name}` is not among the rule's stores"));
            let help = format!("add `{name}` to `stores`, or take this away");
            out.push(found.with_related(stores.span, "the rule's stores").with_help(help));
        }
    };
    check(&codes::PRIORITY_STORE_NOT_IN_STORES, "priority store", fields.priority.and_then(|p| p.store));
    for part in fields.split.iter().flatten() {
        check(&codes::SPLIT_STORE_NOT_IN_STORES, "split store", part.store);
    }
    for block in &fields.overrides {
        check(&codes::OVERRIDE_STORE_NOT_IN_STORES, "store", block.store);
    }
}

fn check_duplicate_overrides(overrides: &[Override], declared: &Declared, out: &mut Vec<Diagnostic>) {
    let stores: Vec<_> = overrides.iter().filter_map(|block| block.store).collect();
    for (first, again) in repeated(&stores) {
        let message = format!("store `{}` has a second block", store_name(declared, again.value));
        let found = Diagnostic::new(&codes::DUPLICATE_OVERRIDE, again.span, message);
        out.push(found.with_related(first, "its first block").with_help("put both blocks into one"));
    }
}

fn check_split(fields: &Fields, declared: &Declared, out: &mut Vec<Diagnostic>) {
    let Some(split) = &fields.split else { return };
    let stores: Vec<_> = split.iter().filter_map(|part| part.store).collect();
    for (first, again) in repeated(&stores) {
        let message = format!("store `{}` stands twice in `split`", store_name(declared, again.value));
        let found = Diagnostic::new(&codes::SPLIT_CONFLICT, again.span, message);
        out.push(found.with_related(first, "first named here").with_help("give it one weight"));
    }
    let mut conflict = |span: Span, message: String, help: &str| {
        out.push(Diagnostic::new(&codes::SPLIT_CONFLICT, span, message).with_help(help));
    };
    let LevelFields { plus, floor, rate, reserve: _, round: _, cap: _ } = fields.levels;
    for (key, value) in [("plus", plus), ("floor", floor)] {
        if let Some(value) = value {
            conflict(
                value.span,
                format!("`{key}` cannot stand beside `split`"),
                "the shares add up to the pool exactly",
            );
        }
    }
    if let Some(rate) = rate.filter(|rate| rate.value > RATE_DEFAULT) {
        let message = "a rate above 100% cannot stand beside `split`".to_owned();
        conflict(rate.span, message, "a pool is at most what there is");
    }
    for key in fields.overrides.iter().flat_map(|block| &block.keys) {
        if ["reserve", "rate", "plus", "round", "floor"].contains(&key.text.as_str()) {
            let message = format!("a store's own `{}` cannot stand beside `split`", key.text);
            conflict(key.span, message, "only `cap` may stand in a store's block there");
        }
    }
}

/// Each store that came before, with the place where it first did.
fn repeated(stores: &[Located<StoreId>]) -> Vec<(Span, Located<StoreId>)> {
    let mut again = Vec::new();
    if stores.len() < 2 {
        return again;
    }
    let mut seen = HashMap::default();
    for store in stores {
        match seen.get(&store.value) {
            Some(&first) => again.push((first, *store)),
            None => {
                seen.insert(store.value, store.span);
            }
        }
    }
    again
}

fn store_name(declared: &Declared, store: StoreId) -> &str {
    declared.stores.get(usize::from(store.0)).map_or("", String::as_str)
}

/// The rule, where every field that it needs is there. It is for the caller to know that there is no fault.
pub(super) fn build(rule: &ast::Rule, fields: &Fields) -> Option<Rule> {
    let (warehouses, warehouses_named) = fields.warehouses.clone()?.value;
    let (stores, stores_named) = &fields.stores.as_ref()?.value;
    let threshold = fields.threshold.map_or(0, |threshold| threshold.value);
    let defaults = Levels {
        reserve: 0,
        rate: RATE_DEFAULT,
        plus: 0,
        round: crate::rules::Round::Down,
        floor: 0,
        cap: None,
    };
    let levels = over(defaults, &fields.levels);
    let mut stores: Vec<StoreLevels> = stores.iter().map(|&store| StoreLevels { store, levels }).collect();
    stores.sort_unstable_by_key(|store| store.store);
    for block in &fields.overrides {
        let id = block.store?.value;
        let at = stores.binary_search_by_key(&id, |store| store.store).ok()?;
        if let Some(store) = stores.get_mut(at) {
            store.levels = over(levels, &block.levels);
        }
    }
    let split = match &fields.split {
        Some(parts) => Some(
            parts.iter().map(|part| Some((part.store?.value, part.weight))).collect::<Option<Vec<_>>>()?,
        ),
        None => None,
    };
    let priority = match fields.priority {
        Some(priority) => Some(Priority { store: priority.store?.value, below: priority.below.value }),
        None => None,
    };
    Some(Rule {
        name: rule.name.text.clone(),
        head: rule.head,
        on: rule.off.is_none(),
        order: fields.order?.value,
        window: fields.active.map(|active| active.value).unwrap_or_default(),
        skus: fields.skus.clone()?.value,
        warehouses,
        warehouses_named,
        stores,
        stores_named: stores_named.clone(),
        levels,
        threshold,
        priority: priority.filter(|priority| priority.below > threshold),
        split,
    })
}

fn over(base: Levels, own: &LevelFields) -> Levels {
    let LevelFields { reserve, rate, plus, round, floor, cap } = own;
    Levels {
        reserve: reserve.map_or(base.reserve, |field| field.value),
        rate: rate.map_or(base.rate, |field| field.value),
        plus: plus.map_or(base.plus, |field| field.value),
        round: round.map_or(base.round, |field| field.value),
        floor: floor.map_or(base.floor, |field| field.value),
        cap: cap.map_or(base.cap, |field| Some(field.value)),
    }
}
