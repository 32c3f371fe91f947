//! `junit`: a suite a file and a failure a finding, for what collects results in CI.

use super::{LintReport, advice};
use crate::diagnostic::Diagnostic;
use crate::report::xml::{Lines, escaped};
use crate::source::FileId;
use std::collections::HashSet;
use std::io::{self, BufWriter, Write};

pub(super) fn render(report: &LintReport, out: &mut dyn Write) -> io::Result<()> {
    let mut out = BufWriter::new(out);
    let findings = report.diagnostics.len();
    let faulty: HashSet<FileId> = report.diagnostics.iter().filter_map(file).collect();
    let all = report.sources.iter().map(|(file, _)| file);
    let clean: Vec<FileId> = all.filter(|file| !faulty.contains(file)).collect();
    let tests = findings + clean.len();
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(
        out,
        "<testsuites name=\"stocksync lint\" tests=\"{tests}\" failures=\"{findings}\" errors=\"0\">"
    )?;
    for suite in report.diagnostics.chunk_by(|a, b| file(a) == file(b)) {
        write_suite(report, suite, &mut out)?;
    }
    for file in clean {
        let path = attribute(report.sources.get(file).path());
        writeln!(out, "  <testsuite name=\"{path}\" tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"0\">")?;
        writeln!(out, "    <testcase name=\"no findings\" classname=\"{path}\" file=\"{path}\"/>")?;
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")?;
    out.flush()
}

fn file(diagnostic: &Diagnostic) -> Option<FileId> {
    diagnostic.span.map(|span| span.file)
}

/// What belongs to no file belongs to the project.
fn path_of<'r>(report: &LintReport<'r>, diagnostic: &Diagnostic) -> &'r str {
    file(diagnostic).map_or("project", |file| report.sources.get(file).path())
}

fn write_suite(report: &LintReport, suite: &[Diagnostic], out: &mut impl Write) -> io::Result<()> {
    let path = suite.first().map_or("", |diagnostic| path_of(report, diagnostic));
    let (path, count) = (attribute(path), suite.len());
    writeln!(
        out,
        "  <testsuite name=\"{path}\" tests=\"{count}\" failures=\"{count}\" errors=\"0\" skipped=\"0\">"
    )?;
    for diagnostic in suite {
        let (mut place, mut line) = (String::new(), String::new());
        if let Some(span) = diagnostic.span {
            let start = report.sources.positions(span).0;
            place = format!(":{}:{}", start.line, start.column);
            line = format!(" file=\"{path}\" line=\"{}\"", start.line);
        }
        let (code, name, level) = (diagnostic.code.code, diagnostic.code.name, diagnostic.level.name());
        let text = format!("{}{place}: {}", path_of(report, diagnostic), advice(diagnostic));
        writeln!(out, "    <testcase name=\"{code} {name}{place}\" classname=\"{path}\"{line}>")?;
        let (message, text) = (attribute(&diagnostic.message), escaped(&text, Lines::Kept));
        writeln!(out, "      <failure message=\"{message}\" type=\"{level}\">{text}</failure>")?;
        writeln!(out, "    </testcase>")?;
    }
    writeln!(out, "  </testsuite>")
}

fn attribute(text: &str) -> String {
    escaped(text, Lines::Referenced)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{fixture, rendered};

    #[test]
    fn a_suite_a_file_and_a_failure_a_finding() -> Result<(), Box<dyn std::error::Error>> {
        let (mut sources, all) = fixture();
        sources.add("rules/clean.sync", "");
        let expected = r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="stocksync lint" tests="4" failures="3" errors="0">
  <testsuite name="project" tests="1" failures="1" errors="0" skipped="0">
    <testcase name="SS025 too-many-rules" classname="project">
      <failure message="there are 201 rules, 200 are allowed" type="deny">project: there are 201 rules, 200 are allowed</failure>
    </testcase>
  </testsuite>
  <testsuite name="rules/old.sync" tests="1" failures="1" errors="0" skipped="0">
    <testcase name="SS012 bad-name:1:6" classname="rules/old.sync" file="rules/old.sync" line="1">
      <failure message="bad name `x␛[31m|&lt;script&gt;`" type="warn">rules/old.sync:1:6: bad name `x␛[31m|&lt;script&gt;`</failure>
    </testcase>
  </testsuite>
  <testsuite name="rules/sea.sync" tests="1" failures="1" errors="0" skipped="0">
    <testcase name="SS014 unknown-store:2:26" classname="rules/sea.sync" file="rules/sea.sync" line="2">
      <failure message="no store `shoppee_my`" type="deny">rules/sea.sync:2:26: no store `shoppee_my` (did you mean `shopee_my`?)</failure>
    </testcase>
  </testsuite>
  <testsuite name="rules/clean.sync" tests="1" failures="0" errors="0" skipped="0">
    <testcase name="no findings" classname="rules/clean.sync" file="rules/clean.sync"/>
  </testsuite>
</testsuites>
"#;
        assert_eq!(rendered("junit", &sources, &all)?, expected);
        Ok(())
    }
}
