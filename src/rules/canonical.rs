//! The canonical form of rules: equal for rules that mean the same, and what their version is the hash of.

use super::{Declared, Levels, Named, Round, Rule, StoreId, StoreLevels, WarehouseId};
use crate::hex::hex;
use crate::pattern::{SkuSet, SkuTerm};
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// Written once in front, so that a change of this form is a change of every version.
pub(super) const FORM: &str = "stocksync rules 1\n";

/// The rules that are on, one field a line. `rules` are sorted by order, then name.
pub(super) fn canonical(rules: &[Rule], declared: &Declared) -> String {
    let mut text = FORM.to_owned();
    for rule in rules.iter().filter(|rule| rule.on) {
        write_rule(&mut text, rule, declared);
    }
    text
}

/// `sha256:` and the hash of a canonical form.
pub(super) fn version(canonical: &str) -> String {
    format!("sha256:{}", hex(&Sha256::digest(canonical.as_bytes())))
}

/// Every field of a rule, so that a new one cannot be forgotten here.
fn write_rule(text: &mut String, rule: &Rule, declared: &Declared) {
    let Rule {
        name,
        head: _,
        on: _,
        order,
        window,
        skus,
        warehouses,
        warehouses_named,
        stores,
        stores_named,
        levels,
        threshold,
        priority,
        split,
    } = rule;
    let store = |id: &StoreId| name_of(&declared.stores, id.0);
    let warehouse = |id: &WarehouseId| name_of(&declared.warehouses, id.0);
    _ = writeln!(text, "rule {}", quoted(name));
    _ = writeln!(text, "  order {order}");
    if let Some(from) = window.from {
        _ = writeln!(text, "  from {from}");
    }
    if let Some(until) = window.until {
        _ = writeln!(text, "  until {until}");
    }
    _ = writeln!(text, "  skus {}", sku_set(skus));
    _ = match warehouses_named {
        Named::Listed => writeln!(text, "  warehouses {}", join(warehouses.iter().map(warehouse))),
        Named::AllExcept(gone) => writeln!(text, "  warehouses {}", all_except(gone.iter().map(warehouse))),
    };
    _ = writeln!(text, "  threshold {threshold}");
    if let Some(priority) = priority {
        _ = writeln!(text, "  priority {} {}", store(&priority.store), priority.below);
    }
    if let Some(split) = split {
        let parts = reduced(split).into_iter().map(|(id, weight)| format!("{} {weight}", store(&id)));
        _ = writeln!(text, "  split {}", parts.collect::<Vec<_>>().join(", "));
    }
    // A store that is declared later gets the rule's own levels, where it is one of `all`; elsewhere they show only
    // in what they make of the stores.
    let mut own: Vec<&StoreLevels> = stores.iter().collect();
    if let Named::AllExcept(gone) = stores_named {
        _ = writeln!(text, "  stores {}", all_except(gone.iter().map(store)));
        _ = writeln!(text, "  each {}", effective(levels));
        own.retain(|own| effective(&own.levels) != effective(levels));
    }
    own.sort_by_key(|own| store(&own.store));
    for own in own {
        _ = writeln!(text, "  store {} {}", store(&own.store), effective(&own.levels));
    }
}

fn name_of(names: &[String], id: u16) -> &str {
    names.get(usize::from(id)).map_or("?", String::as_str)
}

fn join<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(" ")
}

fn all_except<'a>(gone: impl Iterator<Item = &'a str>) -> String {
    let mut gone: Vec<&str> = gone.collect();
    gone.sort_unstable();
    gone.dedup();
    if gone.is_empty() { "all".to_owned() } else { format!("all except {}", gone.join(" ")) }
}

/// A whole multiple of 100% leaves nothing to round.
fn effective(levels: &Levels) -> String {
    let Levels { reserve, rate, plus, round, floor, cap } = levels;
    let round = match round {
        _ if rate.0.is_multiple_of(10_000) => "down",
        Round::Down => "down",
        Round::Nearest => "nearest",
        Round::Up => "up",
    };
    let cap = cap.map_or("none".to_owned(), |cap| cap.to_string());
    format!("reserve {reserve} rate {} plus {plus} round {round} floor {floor} cap {cap}", rate.0)
}

/// Weights of 0 are those of unnamed stores, and only proportions count.
fn reduced(split: &[(StoreId, u32)]) -> Vec<(StoreId, u32)> {
    let divisor =
        split.iter().fold(0, |divisor, &(_, weight)| greatest_common_divisor(divisor, weight)).max(1);
    split.iter().filter(|(_, weight)| *weight > 0).map(|&(store, weight)| (store, weight / divisor)).collect()
}

fn greatest_common_divisor(a: u32, b: u32) -> u32 {
    let (mut a, mut b) = (a, b);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// A list that stands alone in another is written as if its items stood there: `(a except b) except c` takes what
/// `a except b, c` takes. How deep sets lie within each other, and their size written out, are bounded by `check`.
fn sku_set(set: &SkuSet) -> String {
    let mut except: Vec<&SkuTerm> = set.except.iter().collect();
    let mut set = set;
    while let [SkuTerm::Set(inner)] = set.terms.as_slice() {
        except.extend(&inner.except);
        set = inner;
    }
    let terms = sorted(set.terms.iter());
    if except.is_empty() { terms } else { format!("{terms} except {}", sorted(except.into_iter())) }
}

fn sorted<'a>(terms: impl Iterator<Item = &'a SkuTerm>) -> String {
    let mut texts: Vec<String> = terms.map(sku_term).collect();
    texts.sort_unstable();
    texts.dedup();
    texts.join(", ")
}

fn sku_term(term: &SkuTerm) -> String {
    match term {
        SkuTerm::All => "all".to_owned(),
        SkuTerm::Pattern(pattern) => format!("\"{pattern}\""),
        SkuTerm::Set(set) => format!("({})", sku_set(set)),
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
