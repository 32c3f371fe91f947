//! `json`: everything of each finding, for programs.

use super::LintReport;
use super::fingerprint::fingerprints;
use crate::diagnostic::{Diagnostic, Fix, Related};
use crate::report::json::write_list;
use crate::source::{Position, Sources, Span};
use serde::Serialize;
use std::io::{self, BufWriter, Write};

pub(super) fn render(report: &LintReport, out: &mut dyn Write) -> io::Result<()> {
    let mut out = BufWriter::new(out);
    write!(out, "{{ \"format_version\": 1, \"files\": {}, \"rules\": {}", report.files, report.rules)?;
    let prints = fingerprints(report.sources, report.diagnostics);
    let found = report.diagnostics.iter().zip(&prints);
    let found = found.map(|(diagnostic, print)| Finding::of(report.sources, diagnostic, print));
    write_list(&mut out, "diagnostics", found)?;
    out.write_all(b" }\n")?;
    out.flush()
}

#[derive(Serialize)]
struct Finding<'a> {
    code: &'static str,
    name: &'static str,
    level: &'static str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
    #[serde(flatten)]
    place: Option<Place<'a>>,
    related: Vec<Note<'a>>,
    fixes: Vec<Cure<'a>>,
    fingerprint: &'a str,
}

#[derive(Serialize)]
struct Place<'a> {
    file: &'a str,
    start: Point,
    end: Point,
}

#[derive(Serialize)]
struct Point {
    line: u32,
    column: u32,
    offset: u32,
}

#[derive(Serialize)]
struct Note<'a> {
    message: &'a str,
    #[serde(flatten)]
    place: Place<'a>,
}

#[derive(Serialize)]
struct Cure<'a> {
    safe: bool,
    message: &'a str,
    edits: Vec<Replacement<'a>>,
}

#[derive(Serialize)]
struct Replacement<'a> {
    file: &'a str,
    start: u32,
    end: u32,
    text: &'a str,
}

impl<'a> Finding<'a> {
    fn of(sources: &'a Sources, diagnostic: &'a Diagnostic, fingerprint: &'a str) -> Self {
        Self {
            code: diagnostic.code.code,
            name: diagnostic.code.name,
            level: diagnostic.level.name(),
            message: &diagnostic.message,
            help: diagnostic.help.as_deref(),
            place: diagnostic.span.map(|span| Place::of(sources, span)),
            related: diagnostic.related.iter().map(|related| Note::of(sources, related)).collect(),
            fixes: diagnostic.fixes.iter().map(|fix| Cure::of(sources, fix)).collect(),
            fingerprint,
        }
    }
}

impl<'a> Place<'a> {
    fn of(sources: &'a Sources, span: Span) -> Self {
        let (start, end) = sources.positions(span);
        Self { file: sources.get(span.file).path(), start: start.into(), end: end.into() }
    }
}

impl From<Position> for Point {
    fn from(Position { line, column, offset }: Position) -> Self {
        Self { line, column, offset }
    }
}

impl<'a> Note<'a> {
    fn of(sources: &'a Sources, related: &'a Related) -> Self {
        Self { message: &related.message, place: Place::of(sources, related.span) }
    }
}

impl<'a> Cure<'a> {
    fn of(sources: &'a Sources, fix: &'a Fix) -> Self {
        let edits = fix.edits.iter().map(|edit| Replacement {
            file: sources.get(edit.span.file).path(),
            start: edit.span.start,
            end: edit.span.end,
            text: &edit.text,
        });
        Self { safe: fix.safe, message: &fix.message, edits: edits.collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{fixture, rendered};
    use serde_json::{Value, json};

    #[test]
    fn every_key_is_there_and_right() -> Result<(), Box<dyn std::error::Error>> {
        let (sources, all) = fixture();
        let text = rendered("json", &sources, &all)?;
        let mut value: Value = serde_json::from_str(&text)?;
        for finding in value.get_mut("diagnostics").and_then(Value::as_array_mut).ok_or("no findings")? {
            let print = finding.as_object_mut().and_then(|f| f.remove("fingerprint"));
            assert_eq!(print.as_ref().and_then(Value::as_str).map(str::len), Some(32));
        }
        let point = |line, column, offset| json!({"line": line, "column": column, "offset": offset});
        let expected = json!({ "format_version": 1, "files": 2, "rules": 41, "diagnostics": [
            { "code": "SS025", "name": "too-many-rules", "level": "deny", "related": [], "fixes": [],
              "message": "there are 201 rules, 200 are allowed" },
            { "code": "SS012", "name": "bad-name", "level": "warn", "message": "bad name `x\u{1b}[31m|<script>`",
              "file": "rules/old.sync", "start": point(1, 6, 5), "end": point(1, 14, 13), "related": [], "fixes": [] },
            { "code": "SS014", "name": "unknown-store", "level": "deny", "message": "no store `shoppee_my`",
              "help": "did you mean `shopee_my`?",
              "file": "rules/sea.sync", "start": point(2, 26, 50), "end": point(2, 36, 60),
              "related": [
                { "message": "in this rule", "file": "rules/sea.sync", "start": point(1, 6, 5), "end": point(1, 13, 20) },
                { "message": "it is said here too", "file": "rules/old.sync", "start": point(1, 6, 5), "end": point(1, 14, 13) } ],
              "fixes": [ { "safe": true, "message": "write `shopee_my`",
                "edits": [ { "file": "rules/sea.sync", "start": 50, "end": 60, "text": "shopee_my" } ] } ] }
        ] });
        assert_eq!(value, expected);
        assert!(
            text.is_char_boundary(text.len()) && !text.contains('\u{1b}'),
            "control characters are escaped"
        );
        Ok(())
    }

    #[test]
    fn no_finding_is_an_empty_list() -> Result<(), Box<dyn std::error::Error>> {
        let (sources, _) = fixture();
        let value: Value = serde_json::from_str(&rendered("json", &sources, &[])?)?;
        assert_eq!(value.get("diagnostics"), Some(&json!([])));
        Ok(())
    }
}
