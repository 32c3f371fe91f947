//! `pattern-matches-nothing`: a pattern that no SKU of the catalog matches.

use super::Context;
use super::texts::listed_texts;
use crate::catalog::{Catalog, SkuId};
use crate::diagnostic::{Code, Diagnostic, Level};
use crate::pattern::Pattern;

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
    let mut sorted = None;
    for (_, file) in context.files {
        // An exception that takes nothing away is another lint's business.
        for text in listed_texts(file).filter(|text| !text.excepted) {
            let Ok(pattern) = Pattern::parse(text.raw) else { continue };
            if pattern.literal().is_some() {
                continue;
            }
            let sorted = sorted.get_or_insert_with(|| sorted_skus(catalog));
            if !matches_any(catalog, sorted, &pattern) {
                let message = format!("no SKU of the catalog matches `{}`", text.raw);
                found.push(Diagnostic::new(&PATTERN_MATCHES_NOTHING, text.span, message));
            }
        }
    }
}

fn sorted_skus(catalog: &Catalog) -> Vec<SkuId> {
    let mut skus: Vec<SkuId> =
        (0..catalog.sku_count() as u32).map(SkuId).filter(|&sku| catalog.is_declared(sku)).collect();
    skus.sort_unstable_by_key(|&sku| catalog.sku(sku));
    skus
}

/// Only SKUs with the pattern's literal beginning can match, and they stand side by side.
fn matches_any(catalog: &Catalog, sorted: &[SkuId], pattern: &Pattern) -> bool {
    let prefix = pattern.prefix();
    let from = sorted.partition_point(|&sku| catalog.sku(sku) < prefix);
    let behind = sorted.get(from..).unwrap_or_default();
    let mut near = behind.iter().map(|&sku| catalog.sku(sku)).take_while(|sku| sku.starts_with(prefix));
    near.any(|sku| pattern.matches(sku))
}
