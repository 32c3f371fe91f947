//! A file at a glance: its items, and what its rules take.

use super::View;
use crate::catalog::SkuId;
use crate::eval::Candidates;
use crate::pattern::{Matcher, Scratch};
use crate::rules::Rule;
use crate::source::{FileId, Span};
use crate::syntax::ast::{Item, TermKind};

/// An item of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Symbol {
    /// `rule`, `let` or `test`.
    pub what: &'static str,
    /// Its name.
    pub name: String,
    /// A rule's order, and whether it is off.
    pub detail: String,
    /// All of it.
    pub span: Span,
    /// Its name's place.
    pub name_span: Span,
}

/// The items of a file that are whole, in the order of the text.
pub fn symbols(view: &View<'_>, file: FileId) -> Vec<Symbol> {
    let Some(parsed) = view.file(file) else { return Vec::new() };
    let symbol = |item: &Item| {
        let (what, detail) = match item {
            Item::Let(_) => ("let", String::new()),
            Item::Test(_) => ("test", String::new()),
            Item::Rule(rule) => {
                let order = rule.fields.iter().find(|field| field.key.text == "order");
                let order = order.and_then(|field| field.value.first()).map(|term| match &term.kind {
                    TermKind::Atom(text) => format!("order {text}"),
                    _ => String::new(),
                });
                let off = rule.off.map(|_| "off".to_owned());
                let said: Vec<String> = order.into_iter().chain(off).collect();
                ("rule", said.join(", "))
            }
        };
        let name = item.name();
        Symbol { what, name: name.text.clone(), detail, span: item.span(), name_span: name.span }
    };
    parsed.items.iter().map(symbol).collect()
}

/// What stands above a rule or a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lens {
    /// The head of the rule.
    pub span: Span,
    /// `takes 1,204 SKUs in 5 stores; 3 shadowed`.
    pub text: String,
}

/// What each sound rule of a file takes of the catalog; nothing without one.
pub fn lenses(view: &View<'_>, file: FileId) -> Vec<Lens> {
    let Some(takes) = takes(view) else { return Vec::new() };
    let of_file = view.checked.rules.iter().filter(|rule| rule.head.file == file);
    let lens = |(span, rule): (Span, &Rule)| {
        let text = if !rule.on {
            "off".to_owned()
        } else {
            let (won, matched) = takes.of(&rule.name);
            let stores = counted(rule.stores.len(), "store", "stores");
            let shadowed = matched - won;
            let lost = if shadowed > 0 { format!("; {} shadowed", grouped(shadowed)) } else { String::new() };
            let when = if rule.is_candidate(view.at) { "" } else { " (not active now)" };
            format!("takes {} in {stores}{lost}{when}", counted(won, "SKU", "SKUs"))
        };
        Lens { span, text }
    };
    of_file.filter_map(|checked| Some((checked.head, checked.rule.as_ref()?))).map(lens).collect()
}

/// How many SKUs each rule wins, and how many it matches.
pub(super) struct Takes<'a> {
    counts: Vec<(&'a str, usize, usize)>,
}

impl Takes<'_> {
    pub(super) fn of(&self, rule: &str) -> (usize, usize) {
        let found = self.counts.iter().find(|(name, ..)| *name == rule);
        found.map_or((0, 0), |&(_, won, matched)| (won, matched))
    }
}

/// More pairs of a SKU and a rule behind the one that takes it are not looked at: it is asked while somebody types.
const PAIRS_MAX: usize = 2_000_000;

/// Over the whole catalog: once for all rules. A rule outside its window matches and wins nothing; in a very large project what a rule
/// matches and does not win is not counted.
pub(super) fn takes<'a>(view: &View<'a>) -> Option<Takes<'a>> {
    let (rules, catalog) = (view.checked.rule_set()?, view.catalog?);
    let mut counts: Vec<_> = rules.rules().iter().map(|rule| (rule.name.as_str(), 0, 0)).collect();
    let candidates = Candidates::new(rules, view.at);
    let matchers: Vec<Option<Matcher>> = rules
        .rules()
        .iter()
        .map(|rule| rule.is_candidate(view.at).then(|| Matcher::new(&[(0, &rule.skus)])))
        .collect();
    let counts_lost = catalog.sku_count().saturating_mul(rules.rules().len()) <= PAIRS_MAX;
    let mut scratch = Scratch::default();
    for sku in (0..catalog.sku_count() as u32).map(|sku| catalog.sku(SkuId(sku))) {
        let Some(winner) = candidates.winner(sku, &mut scratch) else { continue };
        if let Some((_, won, matched)) = counts.get_mut(winner) {
            *won += 1;
            *matched += 1;
        }
        if !counts_lost {
            continue;
        }
        // Rules before the winner do not match.
        for (rule, matcher) in matchers.iter().enumerate().skip(winner + 1) {
            let matches = matcher.as_ref().is_some_and(|matcher| matcher.first(sku, &mut scratch).is_some());
            if let Some((.., matched)) = counts.get_mut(rule).filter(|_| matches) {
                *matched += 1;
            }
        }
    }
    Some(Takes { counts })
}

pub(super) fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

/// `1,204`.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
