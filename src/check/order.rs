//! `ambiguous-order`: two rules of one order that some possible SKU matches both.

use super::CheckedRule;
use super::fields::Located;
use crate::diagnostic::{Diagnostic, codes};
use crate::pattern::{Overlap, SkuSet, overlap};
use crate::rules::Window;
use std::collections::BTreeMap;

/// One finding for each rule that an earlier one conflicts with: a new order for it puts every conflict right.
/// Where the patterns are too large to tell, there is no finding.
pub(super) fn check_orders(rules: &[CheckedRule], out: &mut Vec<Diagnostic>) {
    let mut by_order: BTreeMap<u32, Vec<Contender<'_>>> = BTreeMap::new();
    for rule in rules.iter().filter_map(Contender::new) {
        by_order.entry(rule.order.value).or_default().push(rule);
    }
    for rules in by_order.values() {
        for (at, rule) in rules.iter().enumerate() {
            let conflict = rules.iter().take(at).find_map(|first| Some((first, first.shares(rule)?)));
            if let Some((first, witness)) = conflict {
                out.push(ambiguous(first, rule, &witness));
            }
        }
    }
}

struct Contender<'a> {
    name: &'a str,
    order: Located<u32>,
    window: Window,
    skus: &'a SkuSet,
}

impl<'a> Contender<'a> {
    /// A rule that is on, as far as its order, window and SKUs could be read.
    fn new(rule: &'a CheckedRule) -> Option<Self> {
        let fields = &rule.fields;
        let knows_window = !fields.faulty.iter().any(|key| key == "active");
        (rule.on && knows_window).then_some(())?;
        Some(Self {
            name: &rule.name.text,
            order: fields.order?,
            window: fields.active.map(|active| active.value).unwrap_or_default(),
            skus: &fields.skus.as_ref()?.value,
        })
    }

    fn shares(&self, other: &Contender<'_>) -> Option<String> {
        if !meet(&self.window, &other.window) {
            return None;
        }
        match overlap(self.skus, other.skus) {
            Overlap::Witness(sku) => Some(sku),
            Overlap::Disjoint | Overlap::Unknown => None,
        }
    }
}

fn meet(a: &Window, b: &Window) -> bool {
    let starts_before_end =
        |a: &Window, b: &Window| a.from.zip(b.until).is_none_or(|(from, until)| from < until);
    starts_before_end(a, b) && starts_before_end(b, a)
}

fn ambiguous(first: &Contender<'_>, rule: &Contender<'_>, witness: &str) -> Diagnostic {
    let message = format!(
        "rules `{}` and `{}` both have order {} and both match `\"{}\"`",
        first.name,
        rule.name,
        rule.order.value,
        quoted(witness)
    );
    Diagnostic::new(&codes::AMBIGUOUS_ORDER, rule.order.span, message)
        .with_related(first.order.span, format!("the order of `{}`", first.name))
        .with_help("give one of them another order, or take the SKU out of one of them with `except`")
}

fn quoted(sku: &str) -> String {
    sku.chars().fold(String::with_capacity(sku.len()), |mut text, char| {
        if matches!(char, '"' | '\\' | '*' | '?') {
            text.push('\\');
        }
        text.push(char);
        text
    })
}
