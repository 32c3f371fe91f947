//! `json`: everything, for programs.

use super::{TestReport, failure};
use crate::report::why;
use crate::ruletest::coverage::{Branch, Count, Coverage, RuleCoverage, State};
use crate::ruletest::{Failure, TestResult};
use crate::source::{Sources, Span};
use serde_json::{Value, json};
use std::io::{self, Write};

pub(super) fn render(report: &TestReport, out: &mut dyn Write) -> io::Result<()> {
    let failed = report.failed();
    let mut value = json!({
        "format_version": 1,
        "passed": report.results.len() - failed,
        "failed": failed,
        "tests": report.results.iter().map(|result| test(report.sources, result)).collect::<Vec<_>>(),
    });
    if let (Some(reached), Some(object)) = (report.coverage, value.as_object_mut()) {
        object.insert("coverage".to_owned(), coverage(report.sources, reached));
    }
    serde_json::to_writer_pretty(&mut *out, &value)?;
    writeln!(out)
}

fn test(sources: &Sources, result: &TestResult<'_>) -> Value {
    let TestResult { name, span, checked, failures, visits: _ } = result;
    let failures: Vec<_> = failures.iter().map(|wrong| failure(sources, wrong)).collect();
    with_place(
        sources,
        *span,
        json!({ "name": name, "passed": failures.is_empty(), "checked": checked, "failures": failures }),
    )
}

fn failure(sources: &Sources, wrong: &Failure<'_>) -> Value {
    let Failure { span, sku, store, expected, got, rule, trace } = wrong;
    let story = json!({
        "message": failure::message(wrong),
        "sku": sku,
        "store": store,
        "expected": expected,
        "got": got.map(|(units, _)| units),
        "reason": got.map(|(_, reason)| reason.name()),
        "rule": rule,
        "why": why::story_json(trace),
    });
    with_place(sources, *span, story)
}

fn coverage(sources: &Sources, coverage: &Coverage) -> Value {
    json!({
        "rules": count(coverage.rules()),
        "fields": count(coverage.fields()),
        "branches": count(coverage.branches()),
        "by_rule": coverage.rules.iter().map(|rule| by_rule(sources, rule)).collect::<Vec<_>>(),
    })
}

fn count(count: Count) -> Value {
    let Count { reached, total } = count;
    json!({ "reached": reached, "total": total })
}

fn by_rule(sources: &Sources, rule: &RuleCoverage) -> Value {
    let RuleCoverage { name, head, reached, branches } = rule;
    let branches: Vec<_> = branches.iter().map(|one| branch(sources, one)).collect();
    with_place(sources, *head, json!({ "rule": name, "reached": reached, "branches": branches }))
}

fn branch(sources: &Sources, branch: &Branch) -> Value {
    let Branch { field, store, name, missing: _, span, state } = branch;
    let state = match state {
        State::Reached => "reached",
        State::Missed => "missed",
        State::Impossible => "impossible",
    };
    with_place(sources, *span, json!({ "field": field, "store": store, "branch": name, "state": state }))
}

fn with_place(sources: &Sources, span: Span, mut value: Value) -> Value {
    let source = sources.get(span.file);
    let place = source.position(span.start);
    if let Some(object) = value.as_object_mut() {
        object.insert("file".to_owned(), json!(source.path()));
        object.insert("line".to_owned(), json!(place.line));
        object.insert("column".to_owned(), json!(place.column));
    }
    value
}
