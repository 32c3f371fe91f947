//! `ambiguous-order`: two rules of one order that some possible SKU matches both.

use super::CheckedRule;
use super::fields::Located;
use crate::diagnostic::{Diagnostic, codes};
use crate::pattern::{Effort, Index, Overlap, SkuSet, Sought, find};
use crate::rules::Window;

/// How much all searches of a project may take together.
const STEPS_MAX: u64 = 50_000_000;

/// One finding for each rule that an earlier one conflicts with: a new order for it puts every conflict right.
///
/// Where the search is given up, that is said as a finding too: to let it pass would leave a number to chance, and
/// another order costs nothing.
pub(super) fn check_orders(rules: &[CheckedRule], out: &mut Vec<Diagnostic>) {
    let mut by_order: Vec<Contender<'_>> = rules.iter().filter_map(Contender::new).collect();
    by_order.sort_by_key(|rule| rule.order.value);
    let mut effort = Effort::new(STEPS_MAX);
    let equal = by_order.chunk_by(|one, next| one.order.value == next.order.value);
    for rules in equal.filter(|rules| rules.len() > 1) {
        let index = Index::new(&rules.iter().map(|rule| rule.skus).collect::<Vec<_>>());
        for (at, rule) in rules.iter().enumerate() {
            let near = index.near(rule.skus).into_iter().take_while(|place| *place < at);
            let earlier = near.filter_map(|place| rules.get(place));
            out.extend(conflict(rule, earlier, &mut effort));
        }
    }
}

/// With the first of the earlier rules that surely conflicts, or else with the first that may.
fn conflict<'a>(
    rule: &Contender<'_>,
    earlier: impl Iterator<Item = &'a Contender<'a>>,
    effort: &mut Effort,
) -> Option<Diagnostic> {
    let mut unknown = None;
    for first in earlier.filter(|first| first.window.overlap(&rule.window).is_some()) {
        match find(&Sought { within: first.skus, and: Some(rule.skus), outside: &[] }, effort) {
            Overlap::Witness(sku) => return Some(ambiguous(first, rule, &sku)),
            Overlap::Unknown => unknown = unknown.or(Some(first)),
            Overlap::Disjoint => {}
        }
    }
    unknown.map(|first| perhaps_ambiguous(first, rule))
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

fn perhaps_ambiguous(first: &Contender<'_>, rule: &Contender<'_>) -> Diagnostic {
    let message = format!(
        "rules `{}` and `{}` both have order {}, and it cannot be told whether a SKU matches both",
        first.name, rule.name, rule.order.value
    );
    Diagnostic::new(&codes::AMBIGUOUS_ORDER, rule.order.span, message)
        .with_related(first.order.span, format!("the order of `{}`", first.name))
        .with_help("give one of them another order: their patterns are too tangled to be compared")
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
