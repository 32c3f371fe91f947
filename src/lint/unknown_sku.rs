//! `unknown-sku`: a SKU that the catalog does not have.

use super::Context;
use super::texts::listed_texts;
use crate::catalog::{Catalog, SkuId};
use crate::diagnostic::{Code, Diagnostic, Edit, Fix, Level, nearest};
use crate::pattern::Pattern;
use crate::source::Span;

/// `unknown-sku`.
pub static UNKNOWN_SKU: Code = Code {
    code: "SS101",
    name: "unknown-sku",
    level: Level::Warn,
    what: "a SKU in a rule, or in a table of the catalog, that `skus.csv` does not have",
    why: "most often it is misspelt, and the goods that were meant are left to another rule or to none; it is planned all the same",
    bad: "# skus.csv has NIKE-AIR-42\nrule \"Air\" {\n  order 1\n  skus \"NIKE-AIR-24\"\n  warehouses all\n  stores all\n}",
    good: "rule \"Air\" {\n  order 1\n  skus \"NIKE-AIR-42\"\n  warehouses all\n  stores all\n}",
};

/// A name is looked for in at most this many SKUs …
const SUGGESTED_FROM_MAX: usize = 100_000;
/// … and for at most this many findings: the search is over every SKU.
const SUGGESTIONS_MAX: usize = 50;

pub(super) fn find(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let Some(catalog) = context.catalog else { return };
    let mut suggestions = 0;
    for (_, file) in context.files {
        for text in listed_texts(file) {
            let Ok(pattern) = Pattern::parse(text.raw) else { continue };
            let Some(sku) = pattern.literal() else { continue };
            if catalog.find_sku(sku).is_some_and(|sku| catalog.is_declared(sku)) {
                continue;
            }
            let mut finding =
                Diagnostic::new(&UNKNOWN_SKU, text.span, format!("no SKU `{sku}` in the catalog"));
            if suggestions < SUGGESTIONS_MAX {
                suggestions += 1;
                finding = with_suggestion(finding, text.span, suggestion(catalog, sku));
            }
            found.push(finding);
        }
    }
}

fn with_suggestion(finding: Diagnostic, span: Span, near: Option<&str>) -> Diagnostic {
    let Some(near) = near else { return finding };
    let edits = vec![Edit { span, text: literal(near) }];
    let fix = Fix { safe: false, message: format!("write `{near}`"), edits };
    finding.with_help(format!("did you mean `{near}`?")).with_fix(fix)
}

/// A SKU as it stands in a list, where some of its characters would mean more than themselves.
fn literal(sku: &str) -> String {
    let escaped =
        sku.chars().flat_map(|c| matches!(c, '"' | '\\' | '*' | '?').then_some('\\').into_iter().chain([c]));
    format!("\"{}\"", escaped.collect::<String>())
}

fn suggestion<'c>(catalog: &'c Catalog, wrong: &str) -> Option<&'c str> {
    let known = (0..catalog.sku_count() as u32).map(SkuId).filter(|&sku| catalog.is_declared(sku));
    nearest(wrong, known.take(SUGGESTED_FROM_MAX).map(|sku| catalog.sku(sku)))
}
