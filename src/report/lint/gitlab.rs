//! `gitlab`: a Code Quality report, which GitLab shows in a merge request.
//!
//! Source: GitLab's documentation, "Code Quality", section "Code Quality report format".

use super::fingerprint::fingerprints;
use super::{LintReport, advice};
use crate::diagnostic::{Diagnostic, Level};
use serde_json::{Value, json};
use std::io::{self, BufWriter, Write};

pub(super) fn render(report: &LintReport, out: &mut dyn Write) -> io::Result<()> {
    let mut out = BufWriter::new(out);
    let prints = fingerprints(report.sources, report.diagnostics);
    out.write_all(b"[")?;
    for (index, (diagnostic, print)) in report.diagnostics.iter().zip(&prints).enumerate() {
        out.write_all(if index == 0 { b"\n  " } else { b",\n  " })?;
        serde_json::to_writer(&mut out, &issue(report, diagnostic, print))?;
    }
    out.write_all(b"\n]\n")?;
    out.flush()
}

fn issue(report: &LintReport, diagnostic: &Diagnostic, print: &str) -> Value {
    let severity = match diagnostic.level {
        Level::Deny => "major",
        Level::Warn => "minor",
        Level::Info | Level::Allow => "info",
    };
    json!({
        "description": format!("{}: {}", diagnostic.code.code, advice(diagnostic)),
        "check_name": diagnostic.code.name,
        "fingerprint": print,
        "severity": severity,
        "location": location(report, diagnostic),
    })
}

/// A place is required: what has none is shown at the configuration.
fn location(report: &LintReport, diagnostic: &Diagnostic) -> Value {
    let Some(span) = diagnostic.span else {
        return json!({ "path": report.config_path(), "lines": { "begin": 1 } });
    };
    let (start, end) = report.sources.positions(span);
    json!({ "path": report.path(span.file), "positions": {
        "begin": { "line": start.line, "column": start.column },
        "end": { "line": end.line, "column": end.column },
    } })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{fixture, rendered};
    use serde_json::{Value, json};

    #[test]
    fn an_issue_a_finding() -> Result<(), Box<dyn std::error::Error>> {
        let (sources, all) = fixture();
        let mut issues: Value = serde_json::from_str(&rendered("gitlab", &sources, &all)?)?;
        let mut prints = std::collections::BTreeSet::new();
        for issue in issues.as_array_mut().ok_or("no list")? {
            let print = issue.as_object_mut().and_then(|issue| issue.remove("fingerprint"));
            prints.insert(print.ok_or("no fingerprint")?.to_string());
        }
        assert_eq!(prints.len(), 3);
        let at = |line, begin, end| json!({ "begin": { "line": line, "column": begin }, "end": { "line": line, "column": end } });
        let expected = json!([
            { "description": "SS025: there are 201 rules, 200 are allowed", "check_name": "too-many-rules",
              "severity": "major", "location": { "path": "shop/stocksync.yaml", "lines": { "begin": 1 } } },
            { "description": "SS012: bad name `x\u{1b}[31m|<script>`", "check_name": "bad-name",
              "severity": "minor", "location": { "path": "shop/rules/old.sync", "positions": at(1, 6, 14) } },
            { "description": "SS014: no store `shoppee_my` (did you mean `shopee_my`?)", "check_name": "unknown-store",
              "severity": "major", "location": { "path": "shop/rules/sea.sync", "positions": at(2, 26, 36) } },
        ]);
        assert_eq!(issues, expected);
        assert_eq!(rendered("gitlab", &sources, &[])?, "[\n]\n");
        Ok(())
    }
}
