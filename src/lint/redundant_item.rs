//! `redundant-item`: an item that others of the same list cover.

use super::Context;
use super::items::{Why, idle};
use super::names::names;
use crate::diagnostic::{Code, Diagnostic, Fix, Level};

/// `redundant-item`.
pub(super) static REDUNDANT_ITEM: Code = Code {
    code: "SS107",
    name: "redundant-item",
    level: Level::Warn,
    what: "an item of a list that other items of the same list cover: it stands there twice, or a pattern or a list beside it takes it already",
    why: "it changes nothing, and whoever takes it out later will believe that it did; often the pattern beside it is wider than was meant",
    bad: "let nike = \"NIKE-*\", \"NIKE-42\"",
    good: "let nike = \"NIKE-*\"",
};

pub(super) fn find(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for idle in idle(context) {
        let Why::Redundant(by) = &idle.why else { continue };
        let named = names(by.iter().map(|(said, _)| said.as_str()), by.len());
        let message = match by.as_slice() {
            [(said, _)] if *said == idle.said => format!("`{said}` stands in this list twice"),
            [_] => format!("`{}` adds nothing: {named} of the same list covers it", idle.said),
            _ => format!("`{}` adds nothing: {named} of the same list cover it together", idle.said),
        };
        let fix = Fix { safe: true, message: format!("remove `{}`", idle.said), edits: idle.edits.clone() };
        let mut finding =
            Diagnostic::new(&REDUNDANT_ITEM, idle.span, message).with_help("take it out").with_fix(fix);
        if let Some((said, span)) = by.first() {
            finding = finding.with_related(*span, format!("`{said}` stands here"));
        }
        found.push(finding);
    }
}

#[cfg(test)]
#[path = "items_tests.rs"]
mod tests;
