//! What the targets have in common.

use std::sync::LazyLock;
use stocksync::diagnostic::Diagnostic;
use stocksync::report::Color;
use stocksync::report::lint::{LINT_FORMATS, LintReport, sort};
use stocksync::rules::Declared;
use stocksync::source::{Sources, Span};

/// The names of the example project.
pub fn declared() -> &'static Declared {
    static DECLARED: LazyLock<Declared> = LazyLock::new(example);
    &DECLARED
}

fn example() -> Declared {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Declared {
        warehouses: names(&["jakarta", "batam", "singapore"]),
        stores: names(&["shopee_id", "lazada_id", "tiktok_id", "outlet"]),
        timezone: jiff::tz::TimeZone::get("Asia/Jakarta").unwrap(),
        rules_max: 200,
    }
}

/// A place must lie within its text, between characters.
#[track_caller]
pub fn sound(sources: &Sources, span: Span) {
    let text = sources.get(span.file).text();
    assert!(
        span.start <= span.end && text.get(span.start as usize..span.end as usize).is_some(),
        "{span:?} in {text:?}"
    );
}

/// Every place of every finding is sound, every message is one line, and every format can write them.
pub fn judge(sources: &Sources, diagnostics: &[Diagnostic]) {
    for found in diagnostics {
        found.span.into_iter().for_each(|span| sound(sources, span));
        found.related.iter().for_each(|related| sound(sources, related.span));
        found.fixes.iter().flat_map(|fix| &fix.edits).for_each(|edit| sound(sources, edit.span));
        assert!(!found.message.is_empty() && !found.message.contains(['\n', '\r']), "{:?}", found.message);
    }
    // Rendering is the slow part: a few findings are enough.
    let mut sorted = diagnostics[..diagnostics.len().min(4)].to_vec();
    sort(sources, &mut sorted);
    let report =
        LintReport { sources, diagnostics: &sorted, files: 1, rules: 1, color: Color::Always, width: 60, prefix: "" };
    for format in LINT_FORMATS {
        let mut out = Vec::new();
        (format.render)(&report, &mut out).expect("memory takes everything");
        String::from_utf8(out).expect("a report is UTF-8");
    }
}
