//! `sarif`: the Static Analysis Results Interchange Format 2.1.0, an OASIS standard, with fixes and fingerprints.
//!
//! GitHub's limits hold ("SARIF results exceed one or more limits"): what goes beyond 25,000 results goes into another run,
//! and what goes beyond 20 runs is counted in a notification.

use super::fingerprint::fingerprints;
use super::{LintReport, advice};
use crate::diagnostic::{Code, Diagnostic, Edit, Fix, Level, codes};
use crate::source::Span;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::{self, BufWriter, Write};

const RESULTS_A_RUN_MAX: usize = 25_000;
const RUNS_MAX: usize = 20;
const LOCATIONS_A_RESULT_MAX: usize = 1_000;

pub(super) fn render(report: &LintReport, out: &mut dyn Write) -> io::Result<()> {
    let mut out = BufWriter::new(out);
    let prints = fingerprints(report.sources, report.diagnostics);
    let rules: HashMap<&str, usize> = codes().enumerate().map(|(index, code)| (code.code, index)).collect();
    let found: Vec<_> = report.diagnostics.iter().zip(&prints).collect();
    let mut runs: Vec<_> = found.chunks(RESULTS_A_RUN_MAX).take(RUNS_MAX).collect();
    let untold = found.len().saturating_sub(RESULTS_A_RUN_MAX * RUNS_MAX);
    if runs.is_empty() {
        runs.push(&[]);
    }
    out.write_all(b"{ \"$schema\": \"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json\", \"version\": \"2.1.0\", \"runs\": [")?;
    for (index, run) in runs.iter().enumerate() {
        out.write_all(if index == 0 { b"\n  " } else { b",\n  " })?;
        // Runs of one tool and category would replace each other.
        let category = (runs.len() > 1).then(|| format!("stocksync-lint-{}/", index + 1));
        let untold = if index + 1 == runs.len() { untold } else { 0 };
        write_head(category, untold, &mut out)?;
        for (index, (diagnostic, print)) in run.iter().enumerate() {
            out.write_all(if index == 0 { b"\n    " } else { b",\n    " })?;
            let rule = rules.get(diagnostic.code.code).copied().unwrap_or_default();
            serde_json::to_writer(&mut out, &result(report, diagnostic, rule, print))?;
        }
        out.write_all(b"] }")?;
    }
    out.write_all(b"\n] }\n")?;
    out.flush()
}

/// A run up to its results.
fn write_head(category: Option<String>, untold: usize, out: &mut impl Write) -> io::Result<()> {
    let driver = json!({
        "name": "stocksync",
        "semanticVersion": env!("CARGO_PKG_VERSION"),
        "rules": codes().map(rule).collect::<Vec<_>>(),
    });
    write!(out, "{{ \"tool\": {{ \"driver\": {driver} }}, \"columnKind\": \"unicodeCodePoints\",")?;
    if let Some(category) = category {
        write!(out, " \"automationDetails\": {},", json!({ "id": category }))?;
    }
    let mut invocation = json!({ "executionSuccessful": true });
    if untold > 0 {
        let text = format!("{untold} more findings: a file of this format holds no more");
        invocation = json!({ "executionSuccessful": true,
            "toolExecutionNotifications": [{ "level": "warning", "message": { "text": text } }] });
    }
    write!(out, " \"invocations\": [{invocation}], \"results\": [")
}

fn rule(code: &'static Code) -> Value {
    let Code { code: id, name, level, what, why, bad, good } = *code;
    let text = format!("{what}. Why it matters: {why}.\n\nBad:\n\n{bad}\n\nGood:\n\n{good}");
    let markdown = format!(
        "{what}. Why it matters: {why}.\n\nBad:\n\n```text\n{bad}\n```\n\nGood:\n\n```text\n{good}\n```"
    );
    json!({
        "id": id,
        "name": name,
        "shortDescription": { "text": format!("{name}: {what}") },
        "fullDescription": { "text": format!("{what}. {why}.") },
        "help": { "text": text, "markdown": markdown },
        "defaultConfiguration": { "level": word(level) },
        "properties": { "tags": ["stocksync"], "problem.severity": severity(level) },
    })
}

fn word(level: Level) -> &'static str {
    match level {
        Level::Deny => "error",
        Level::Warn => "warning",
        Level::Info => "note",
        Level::Allow => "none",
    }
}

/// GitHub's word for a level.
fn severity(level: Level) -> &'static str {
    match level {
        Level::Deny => "error",
        Level::Warn => "warning",
        Level::Info | Level::Allow => "recommendation",
    }
}

fn result(report: &LintReport, diagnostic: &Diagnostic, rule: usize, print: &str) -> Value {
    let mut result = json!({
        "ruleId": diagnostic.code.code,
        "ruleIndex": rule,
        "level": word(diagnostic.level),
        "message": { "text": advice(diagnostic) },
        "locations": [location(report, diagnostic)],
        "partialFingerprints": { "stocksync/v1": print, "primaryLocationLineHash": format!("{print}:1") },
    });
    let Some(result_object) = result.as_object_mut() else { return result };
    let related: Vec<Value> = diagnostic
        .related
        .iter()
        .take(LOCATIONS_A_RESULT_MAX)
        .map(|related| {
            let mut place = place(report, related.span);
            if let Some(object) = place.as_object_mut() {
                object.insert("message".to_owned(), json!({ "text": related.message }));
            }
            place
        })
        .collect();
    if !related.is_empty() {
        result_object.insert("relatedLocations".to_owned(), related.into());
    }
    if !diagnostic.fixes.is_empty() {
        let fixes: Vec<Value> = diagnostic.fixes.iter().map(|one| fix(report, one)).collect();
        result_object.insert("fixes".to_owned(), fixes.into());
    }
    result
}

/// GitHub shows nothing that has no place: what belongs to none is shown at the configuration.
fn location(report: &LintReport, diagnostic: &Diagnostic) -> Value {
    match diagnostic.span {
        Some(span) => place(report, span),
        None => json!({ "physicalLocation": {
            "artifactLocation": artifact(&report.config_path()), "region": { "startLine": 1 } } }),
    }
}

fn place(report: &LintReport, span: Span) -> Value {
    json!({ "physicalLocation": {
        "artifactLocation": artifact(&report.path(span.file)), "region": region(report, span) } })
}

fn region(report: &LintReport, span: Span) -> Value {
    let (start, end) = report.sources.positions(span);
    json!({ "startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column })
}

/// A path as a URI reference (RFC 3986): relative, its bytes escaped where they are no plain characters of a path.
fn artifact(path: &str) -> Value {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    json!({ "uri": uri })
}

fn fix(report: &LintReport, fix: &Fix) -> Value {
    let safety = if fix.safe { "safe" } else { "unsafe: it may change what stores show" };
    let changes: Vec<Value> = fix
        .edits
        .chunk_by(|a, b| a.span.file == b.span.file)
        .filter_map(|edits| {
            let file = edits.first()?.span.file;
            let all: Vec<Value> = edits.iter().map(|edit| replacement(report, edit)).collect();
            Some(json!({ "artifactLocation": artifact(&report.path(file)), "replacements": all }))
        })
        .collect();
    json!({ "description": { "text": format!("{} ({safety})", fix.message) }, "artifactChanges": changes })
}

fn replacement(report: &LintReport, edit: &Edit) -> Value {
    json!({ "deletedRegion": region(report, edit.span), "insertedContent": { "text": edit.text } })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{fixture, rendered};
    use super::*;
    use crate::diagnostic::codes::SYNTAX;
    use crate::source::Sources;

    fn parsed(sources: &Sources, all: &[Diagnostic]) -> Result<Value, Box<dyn std::error::Error>> {
        Ok(serde_json::from_str(&rendered("sarif", sources, all)?)?)
    }

    #[test]
    fn everything_of_a_finding() -> Result<(), Box<dyn std::error::Error>> {
        let (sources, all) = fixture();
        let report = parsed(&sources, &all)?;
        let at = |pointer: &str| report.pointer(pointer).cloned().unwrap_or_default();
        let results = at("/runs/0/results");
        assert_eq!(results.as_array().map(Vec::len), Some(3));
        for n in 0..3 {
            let (id, index) =
                (at(&format!("/runs/0/results/{n}/ruleId")), at(&format!("/runs/0/results/{n}/ruleIndex")));
            assert_eq!(at(&format!("/runs/0/tool/driver/rules/{index}/id")), id);
        }
        let region = json!({ "startLine": 2, "startColumn": 26, "endLine": 2, "endColumn": 36 });
        assert_eq!(at("/runs/0/results/2/locations/0/physicalLocation/region"), region);
        assert_eq!(at("/runs/0/results/2/relatedLocations/1/message/text"), "it is said here too");
        let change = "/runs/0/results/2/fixes/0/artifactChanges/0";
        assert_eq!(at(&format!("{change}/artifactLocation/uri")), "shop/rules/sea.sync");
        assert_eq!(at(&format!("{change}/replacements/0/deletedRegion")), region);
        assert_eq!(at(&format!("{change}/replacements/0/insertedContent/text")), "shopee_my");
        let uri = "/runs/0/results/0/locations/0/physicalLocation/artifactLocation/uri";
        assert_eq!(at(uri), "shop/stocksync.yaml");
        assert_eq!(at("/runs/0/automationDetails"), Value::Null);
        Ok(())
    }

    #[test]
    fn more_than_a_run_holds_goes_into_another() -> Result<(), Box<dyn std::error::Error>> {
        let mut sources = Sources::new();
        let file = sources.add("ก ข.sync", "x");
        let many = vec![Diagnostic::new(&SYNTAX, Span::new(file, 0, 1), "no"); RESULTS_A_RUN_MAX + 1];
        let report = parsed(&sources, &many)?;
        let runs = report.get("runs").and_then(Value::as_array).cloned().unwrap_or_default();
        let sizes: Vec<_> =
            runs.iter().map(|run| run.get("results").and_then(Value::as_array).map(Vec::len)).collect();
        assert_eq!(sizes, [Some(RESULTS_A_RUN_MAX), Some(1)]);
        let id = runs.last().and_then(|run| run.pointer("/automationDetails/id"));
        assert_eq!(id, Some(&json!("stocksync-lint-2/")));
        let uri = report.pointer("/runs/1/results/0/locations/0/physicalLocation/artifactLocation/uri");
        assert_eq!(uri, Some(&json!("shop/%E0%B8%81%20%E0%B8%82.sync")));
        Ok(())
    }
}
