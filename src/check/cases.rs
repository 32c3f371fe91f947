//! Cases of the check: every fault by its name, at its place, once.

mod faults;
mod many;
mod restored;
mod shuffled;
mod versions;

use super::{Checked, check};
use crate::diagnostic::Diagnostic;
use crate::rules::Declared;
use crate::source::Sources;
use crate::syntax::parse;
use jiff::tz::TimeZone;

pub(super) fn declared() -> Declared {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Declared {
        warehouses: names(&["jakarta", "batam"]),
        stores: names(&["shopee_id", "shopee_my", "lazada_id", "tiktok_id"]),
        timezone: TimeZone::get("Asia/Jakarta").unwrap_or(TimeZone::UTC),
        rules_max: 20_000,
    }
}

/// Checks files as a project would: what was found by the parser comes first.
pub(super) fn check_texts(texts: &[&str]) -> (Sources, Checked, Vec<Diagnostic>) {
    let mut sources = Sources::new();
    let mut found = Vec::new();
    let mut files = Vec::new();
    for (index, text) in texts.iter().enumerate() {
        let file = sources.add(format!("rules/{index}.sync"), *text);
        let (parsed, faults) = parse(file, text);
        found.extend(faults);
        files.push((file, parsed));
    }
    let (checked, faults) = check(&files, &declared());
    found.extend(faults);
    (sources, checked, found)
}

/// A rule that has what every rule needs; the body begins on line 6.
pub(super) fn rule(body: &str) -> String {
    format!("rule \"r\" {{\norder 1\nskus \"A\"\nwarehouses all\nstores shopee_id, lazada_id\n{body}\n}}\n")
}
