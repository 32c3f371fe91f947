//! `shadowed-rule`: a rule that can never win.

use super::Context;
use super::names::names;
use super::precedence::{Outcome, Precedence};
use super::removal::item_with_comments;
use crate::catalog::{Catalog, SkuId};
use crate::diagnostic::{Code, Diagnostic, Edit, Fix, Level};

/// `shadowed-rule`.
pub(super) static SHADOWED_RULE: Code = Code {
    code: "SS105",
    name: "shadowed-rule",
    level: Level::Warn,
    what: "a rule that can never win: at every moment, the rules of smaller order together take every SKU that it matches",
    why: "it does nothing, though somebody wrote it to do something: its order is too large, or the rules before it take more than was meant. It is proved for every possible SKU; where the patterns are too tangled for a proof, it is found for the SKUs of today's catalog, and the message says which",
    bad: "rule \"All of Nike\" { order 10 skus \"NIKE-*\" warehouses all stores all }\nrule \"Air\" { order 20 skus \"NIKE-AIR-*\" warehouses all stores all cap 5 }",
    good: "rule \"Air\" { order 10 skus \"NIKE-AIR-*\" warehouses all stores all cap 5 }\nrule \"All of Nike\" { order 20 skus \"NIKE-*\" warehouses all stores all }",
};

/// So many covering rules are pointed at.
const RELATED_MAX: usize = 10;

pub(super) fn find(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let mut precedence = Precedence::new(context.checked);
    let mut shadowed = vec![false; precedence.rules().len()];
    let mut unknown = Vec::new();
    for rank in 0..shadowed.len() {
        // What a shadowed rule takes, others take as well: they are the ones to name.
        let wins = |rank: usize| shadowed.get(rank) != Some(&true);
        match precedence.shadow(rank, &wins) {
            Outcome::Free(..) => {}
            Outcome::Unknown => unknown.push(rank),
            Outcome::Taken(by) => {
                found.extend(proved(context, &precedence, rank, &by));
                if let Some(shadowed) = shadowed.get_mut(rank) {
                    *shadowed = true;
                }
            }
        }
    }
    let today =
        context.catalog.map(|catalog| taken_today(catalog, &precedence, &unknown)).unwrap_or_default();
    let mut today = today.into_iter();
    found.extend(unknown.into_iter().filter_map(|rank| not_proved(&precedence, rank, today.next())));
}

fn proved(
    context: &Context<'_>,
    precedence: &Precedence<'_>,
    rank: usize,
    by: &[usize],
) -> Option<Diagnostic> {
    let rule = precedence.rule(rank)?;
    let message = if by.is_empty() {
        format!(
            "rule `{}` can never win: its exceptions take every SKU away (proved for every possible SKU)",
            rule.name
        )
    } else {
        let (before, take) = if by.len() == 1 { ("rule", "takes") } else { ("rules", "take") };
        format!(
            "rule `{}` can never win: {before} {} before it {take} every SKU that it matches (proved for every possible SKU)",
            rule.name,
            named(precedence, by)
        )
    };
    let help = if by.is_empty() {
        "take an exception out, or remove the rule"
    } else {
        "give it a smaller order, narrow the rules before it, or remove it"
    };
    let removed = item_with_comments(context, precedence.checked(rank)?.span);
    let finding = Diagnostic::new(&SHADOWED_RULE, rule.head, message).with_help(help).with_fix(Fix {
        safe: false,
        message: format!("remove rule `{}`", rule.name),
        edits: vec![Edit { span: removed, text: String::new() }],
    });
    Some(with_heads(finding, precedence, by))
}

/// What can be said of a rule whose patterns are too tangled for a proof.
fn not_proved(precedence: &Precedence<'_>, rank: usize, today: Option<Today>) -> Option<Diagnostic> {
    let rule = precedence.rule(rank)?;
    match today {
        Some(Today::Wins) => None,
        Some(Today::Taken(count, by)) if count > 0 => {
            let (before, take) = if by.len() == 1 { ("rule", "takes") } else { ("rules", "take") };
            let what = if count == 1 { "the one SKU".to_owned() } else { format!("all {count} SKUs") };
            let message = format!(
                "rule `{}` wins no SKU: {before} {} before it {take} {what} that it matches (shown for the SKUs of today's catalog)",
                rule.name,
                named(precedence, &by)
            );
            let finding = Diagnostic::new(&SHADOWED_RULE, rule.head, message)
                .with_help("its patterns are too tangled to tell for every possible SKU");
            Some(with_heads(finding, precedence, &by))
        }
        _ => {
            let message = format!("it is unknown whether rule `{}` can ever win", rule.name);
            let mut finding = Diagnostic::new(&SHADOWED_RULE, rule.head, message).with_help(
                "its patterns are too tangled to tell, and no SKU of a catalog matches it; write them with fewer `*` and `?`",
            );
            finding.level = Level::Info;
            Some(finding)
        }
    }
}

enum Today {
    Wins,
    /// So many SKUs, each taken by one of these.
    Taken(u64, Vec<usize>),
}

/// What becomes of each of these rules, in order, over today's catalog.
fn taken_today(catalog: &Catalog, precedence: &Precedence<'_>, ranks: &[usize]) -> Vec<Today> {
    let mut all: Vec<Today> = ranks.iter().map(|_| Today::Taken(0, Vec::new())).collect();
    let skus = (0..catalog.sku_count() as u32).map(SkuId).filter(|sku| catalog.is_declared(*sku));
    for sku in skus.take_while(|_| !ranks.is_empty()) {
        let matching = precedence.matching(catalog.sku(sku));
        for rank in &matching {
            let today = ranks.binary_search(rank).ok().and_then(|place| all.get_mut(place));
            let Some(today) = today else { continue };
            let Today::Taken(count, by) = today else { continue };
            let Some(takers) = precedence.takers(&matching, *rank) else {
                *today = Today::Wins;
                continue;
            };
            *count += 1;
            by.extend(takers);
            by.sort_unstable();
            by.dedup();
        }
    }
    all
}

fn named(precedence: &Precedence<'_>, by: &[usize]) -> String {
    let rules = by.iter().filter_map(|rank| precedence.rule(*rank));
    names(rules.map(|rule| rule.name.as_str()), by.len())
}

fn with_heads(finding: Diagnostic, precedence: &Precedence<'_>, by: &[usize]) -> Diagnostic {
    let rules = by.iter().take(RELATED_MAX).filter_map(|rank| precedence.rule(*rank));
    rules.fold(finding, |finding, rule| {
        finding.with_related(rule.head, format!("order {}: takes SKUs of it first", rule.order))
    })
}

#[cfg(test)]
#[path = "shadowed_rule_tests.rs"]
mod tests;
