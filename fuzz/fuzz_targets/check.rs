//! Any program is checked; only one without a fault is a rule set, and its version does not change when it is formatted.

#![no_main]

use libfuzzer_sys::fuzz_target;
use stocksync::check::check;
use stocksync::diagnostic::{Diagnostic, Level};
use stocksync::lint::{Context, Survey, lint};
use stocksync::source::{FileId, Sources};
use stocksync::syntax::ast::{Broken, File, Item};
use stocksync::syntax::parse;

fuzz_target!(|text: &str| {
    let declared = stocksync_fuzz::declared();
    let mut sources = Sources::new();
    let file = sources.add("a.sync", text);
    let (ast, syntax) = parse(file, text);
    let files = [(file, ast)];
    let (checked, found) = check(&files, declared);
    let at = jiff::Timestamp::UNIX_EPOCH;
    let context =
        Context { files: &files, checked: &checked, rules: checked.rule_set(), catalog: None, sources: &sources, history: None, declared, at, survey: Survey::default() };
    let all = [&syntax[..], &found, &lint(&context, |_| true)].concat();
    stocksync_fuzz::judge(&sources, &all);

    let denied: Vec<&Diagnostic> = found.iter().filter(|found| found.level == Level::Deny).collect();
    let whole = syntax.is_empty() && denied.is_empty();
    assert!(!whole || checked.rule_set().is_some(), "no fault, and no rules");
    let Some(rules) = checked.rule_set() else { return };
    let [(_, ast)] = &files;
    for fault in denied {
        assert!(in_test(ast, fault), "rules in spite of {fault:?}");
    }
    if syntax.is_empty() {
        let formatted = stocksync::fmt::format(file, text).expect("no fault of syntax");
        assert_eq!(version(file, &formatted).as_deref(), Some(rules.version()));
    }
});

fn in_test(file: &File, fault: &Diagnostic) -> bool {
    let start = fault.span.map_or(0, |span| span.start);
    let broken = |broken: &Broken| matches!(broken, Broken::Test(name) if name.span.start == start);
    file.items
        .iter()
        .any(|item| matches!(item, Item::Test(test) if (test.span.start..=test.span.end).contains(&start)))
        || file.broken.iter().any(broken)
}

fn version(file: FileId, text: &str) -> Option<String> {
    let (checked, _) = check(&[(file, parse(file, text).0)], stocksync_fuzz::declared());
    checked.rule_set().map(|rules| rules.version().to_owned())
}
