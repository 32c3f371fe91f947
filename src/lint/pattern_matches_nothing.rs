//! `pattern-matches-nothing`: a pattern that no SKU of the catalog matches.

use super::Context;
use super::texts::listed_texts;
use crate::catalog::SkuId;
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::hash::HashMap;
use crate::pattern::Pattern;
use std::collections::BTreeMap;

/// `pattern-matches-nothing`.
pub(super) static PATTERN_MATCHES_NOTHING: Code = Code {
    code: "SS103",
    name: "pattern-matches-nothing",
    level: Level::Warn,
    what: "a SKU pattern that no SKU of the catalog matches",
    why: "it takes nothing today: it is misspelt, or left over from goods that are gone",
    bad: "# every SKU of the maker begins with NIKE-\nlet air = \"NIKEAIR-*\"",
    good: "let air = \"NIKE-AIR-*\"",
};

pub(super) fn find(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let Some(catalog) = context.catalog else { return };
    let mut texts = Vec::new();
    let mut patterns = Vec::new();
    // An exception that takes nothing away is another lint's business.
    for text in context.files.iter().flat_map(|(_, file)| listed_texts(file)).filter(|text| !text.excepted) {
        if let Some(pattern) = Pattern::parse(text.raw).ok().filter(|pattern| pattern.literal().is_none()) {
            texts.push(text);
            patterns.push(pattern);
        }
    }
    let skus = (0..catalog.sku_count() as u32).map(SkuId).filter(|&sku| catalog.is_declared(sku));
    let idle = idle(&patterns, skus.map(|sku| catalog.sku(sku)));
    for (text, _) in texts.iter().zip(idle).filter(|(_, idle)| *idle) {
        let message = format!("no SKU of the catalog matches `{}`", text.raw);
        found.push(Diagnostic::new(&PATTERN_MATCHES_NOTHING, text.span, message));
    }
}

/// By pattern, whether none of the SKUs matches it. One pass over them, which ends where nothing is left to be found: most patterns are met
/// soon, and only those that are left are asked of a SKU, by the beginning that both have.
fn idle<'s>(patterns: &[Pattern], skus: impl Iterator<Item = &'s str>) -> Vec<bool> {
    let mut idle = vec![true; patterns.len()];
    let mut left: HashMap<&str, Vec<usize>> = HashMap::default();
    for (at, pattern) in patterns.iter().enumerate() {
        left.entry(pattern.prefix()).or_default().push(at);
    }
    // How long these beginnings are, and how many are so long.
    let mut lengths: BTreeMap<usize, usize> = BTreeMap::new();
    left.keys().for_each(|begins| *lengths.entry(begins.len()).or_default() += 1);
    for sku in skus {
        if left.is_empty() {
            break;
        }
        for (length, count) in lengths.iter_mut().filter(|(_, count)| **count > 0) {
            let Some(begins) = sku.get(..*length) else { continue };
            let Some(open) = left.get_mut(begins) else { continue };
            open.retain(|&at| {
                let matches = patterns.get(at).is_some_and(|pattern| pattern.matches(sku));
                idle.get_mut(at).into_iter().for_each(|idle| *idle &= !matches);
                !matches
            });
            if open.is_empty() {
                left.remove(begins);
                *count -= 1;
            }
        }
    }
    idle
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn one_pass_finds_what_asking_each_of_each_finds(
            raw in prop::collection::vec("[ABé]{0,3}[*?][AB?*]{0,2}", 0..12),
            skus in prop::collection::vec("[ABé]{1,5}", 0..20),
        ) {
            let patterns: Vec<Pattern> = raw.iter().map(|raw| Pattern::parse(raw).unwrap()).collect();
            let plainly: Vec<bool> =
                patterns.iter().map(|pattern| !skus.iter().any(|sku| pattern.matches(sku))).collect();
            prop_assert_eq!(idle(&patterns, skus.iter().map(String::as_str)), plainly);
        }
    }
}
