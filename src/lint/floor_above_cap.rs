//! `floor-above-cap`: a floor that the cap takes back.

use super::Context;
use crate::check::{CheckedRule, Located};
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::rules::Declared;

/// `floor-above-cap`.
pub(super) static FLOOR_ABOVE_CAP: Code = Code {
    code: "SS116",
    name: "floor-above-cap",
    level: Level::Warn,
    what: "a `floor` that is larger than the `cap` that holds in the same place, in a rule or in a store's block",
    why: "the cap is taken last, so the floor is never shown: one of the two is not what was meant",
    bad: "rule \"Air\" {\n  order 1\n  skus \"NIKE-*\"\n  warehouses all\n  stores all\n  floor 10\n  cap 5\n}",
    good: "rule \"Air\" {\n  order 1\n  skus \"NIKE-*\"\n  warehouses all\n  stores all\n  floor 5\n  cap 10\n}",
};

pub(super) fn find(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for rule in &context.checked.rules {
        // Beside a `split` a floor is an error already, and of what could not be read nothing is known.
        if rule.fields.split.is_some() || !rule.fields.faulty.is_empty() {
            continue;
        }
        of_rule(rule, found);
        of_stores(rule, context.declared, found);
    }
}

/// The rule's own floor and cap, unless every store has one of its own.
fn of_rule(rule: &CheckedRule, found: &mut Vec<Diagnostic>) {
    let (Some(floor), Some(cap)) = (rule.fields.levels.floor, rule.fields.levels.cap) else { return };
    let has_own = |store| {
        let blocks = rule.fields.overrides.iter().filter(|block| block.store.map(|s| s.value) == Some(store));
        blocks.into_iter().any(|block| block.levels.floor.is_some() || block.levels.cap.is_some())
    };
    let stores = rule.fields.stores.as_ref().map(|stores| &stores.value.0);
    if floor.value > cap.value && stores.is_none_or(|stores| stores.iter().any(|&store| !has_own(store))) {
        let message = format!("the floor of {} is above the cap of {}", floor.value, cap.value);
        found.push(finding(message, floor, cap));
    }
}

/// The blocks that have a floor or a cap of their own, each with the other from the rule.
fn of_stores(rule: &CheckedRule, declared: &Declared, found: &mut Vec<Diagnostic>) {
    let own = rule.fields.levels;
    for block in &rule.fields.overrides {
        let levels = block.levels;
        let Some(store) = block.store.filter(|_| levels.floor.is_some() || levels.cap.is_some()) else {
            continue;
        };
        let (Some(floor), Some(cap)) = (levels.floor.or(own.floor), levels.cap.or(own.cap)) else { continue };
        if floor.value > cap.value {
            let name = declared.stores.get(usize::from(store.value.0)).map_or("", String::as_str);
            let message =
                format!("in store `{name}` the floor of {} is above the cap of {}", floor.value, cap.value);
            found.push(finding(message, floor, cap));
        }
    }
}

fn finding(message: String, floor: Located<u32>, cap: Located<u32>) -> Diagnostic {
    Diagnostic::new(&FLOOR_ABOVE_CAP, floor.span, message)
        .with_related(cap.span, "the cap")
        .with_help(format!("no store shows more than {}: lower the floor, or raise the cap", cap.value))
}
