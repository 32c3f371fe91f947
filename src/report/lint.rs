//! Findings, in every format.

mod concise;
pub mod fingerprint;
#[cfg(feature = "miette")]
mod full;
mod github;
mod gitlab;
mod json;
mod junit;
mod sarif;

use super::Color;
use super::text::count;
use crate::diagnostic::{Diagnostic, Level};
use crate::source::{FileId, Sources};
use std::io::{self, Write};

/// Everything that a report of findings is made from.
pub struct LintReport<'a> {
    /// The texts that the findings point into.
    pub sources: &'a Sources,
    /// The findings, in the order of [`sort`].
    pub diagnostics: &'a [Diagnostic],
    /// How many files were checked.
    pub files: usize,
    /// How many rules were checked.
    pub rules: usize,
    /// Whether the terminal shows colours.
    pub color: Color,
    /// How many columns the terminal has.
    pub width: usize,
    /// Where the project lies, seen from where the program was started: empty, or a path that ends in `/`. What other
    /// programs put beside the lines of a repository needs it.
    pub prefix: &'a str,
}

impl LintReport<'_> {
    /// A file as seen from where the program was started.
    fn path(&self, file: FileId) -> String {
        format!("{}{}", self.prefix, self.sources.get(file).path())
    }

    /// The configuration, which stands in where a place is required and there is none.
    fn config_path(&self) -> String {
        format!("{}stocksync.yaml", self.prefix)
    }
}

/// One format of findings.
pub struct LintFormat {
    /// As it is named on the command line.
    pub name: &'static str,
    /// Writes a report.
    pub render: fn(&LintReport, &mut dyn Write) -> io::Result<()>,
}

/// Every format of findings; the first is the default.
pub static LINT_FORMATS: &[LintFormat] = &[
    #[cfg(feature = "miette")]
    LintFormat { name: "full", render: full::render },
    LintFormat { name: "concise", render: concise::render },
    LintFormat { name: "json", render: json::render },
    LintFormat { name: "github", render: github::render },
    LintFormat { name: "gitlab", render: gitlab::render },
    LintFormat { name: "junit", render: junit::render },
    LintFormat { name: "sarif", render: sarif::render },
];

/// The rendering for people; see [`LINT_FORMATS`].
#[cfg(feature = "miette")]
pub fn render_full(report: &LintReport, out: &mut dyn Write) -> io::Result<()> {
    full::render(report, out)
}

/// Brings findings into the order in which they are shown: by file, place, code and message; first those without a place.
pub fn sort(sources: &Sources, diagnostics: &mut [Diagnostic]) {
    diagnostics.sort_by(|a, b| {
        let key = |d: &Diagnostic| d.span.map(|span| (span.start, span.end));
        let path = |d: &Diagnostic| d.span.map(|span| sources.get(span.file).path());
        (path(a), key(a), a.code.code, &a.message).cmp(&(path(b), key(b), b.code.code, &b.message))
    });
}

/// What is wrong, and how to put it right.
fn advice(diagnostic: &Diagnostic) -> String {
    match &diagnostic.help {
        Some(help) => format!("{} ({help})", diagnostic.message),
        None => diagnostic.message.clone(),
    }
}

/// The closing line: `2 errors, 1 warning in 3 files, 41 rules`.
fn summary(report: &LintReport) -> String {
    let number = |level| report.diagnostics.iter().filter(|d| d.level == level).count() as u64;
    let found = [
        (number(Level::Deny), "error", "errors"),
        (number(Level::Warn), "warning", "warnings"),
        (number(Level::Info), "note", "notes"),
    ];
    let found: Vec<_> =
        found.iter().filter(|(n, ..)| *n > 0).map(|&(n, one, many)| count(n, one, many)).collect();
    let found = if found.is_empty() { "no findings".to_owned() } else { found.join(", ") };
    let files = count(report.files as u64, "file", "files");
    format!("{found} in {files}, {}", count(report.rules as u64, "rule", "rules"))
}

/// How a level is called in text for people.
fn level_word(level: Level) -> &'static str {
    match level {
        Level::Deny => "error",
        Level::Warn => "warning",
        Level::Info | Level::Allow => "note",
    }
}

#[cfg(test)]
mod testing {
    use super::*;
    use crate::diagnostic::{Edit, Fix, codes};
    use crate::source::Span;

    /// Two files, with an error that has everything, a warning with a hostile name and a finding without a place.
    pub(super) fn fixture() -> (Sources, Vec<Diagnostic>) {
        let mut sources = Sources::new();
        let sea =
            sources.add("rules/sea.sync", "rule \"鞋 กี่\" {\n  stores  shopee_id, \"鞋\" shoppee_my\n}\n");
        let old = sources.add("rules/old.sync", "rule \"x\x1b[31m\" off {\n}\n");
        let edit = Edit { span: Span::new(sea, 50, 60), text: "shopee_my".to_owned() };
        let fix = Fix { safe: true, message: "write `shopee_my`".to_owned(), edits: vec![edit] };
        let unknown = Diagnostic::new(&codes::UNKNOWN_STORE, Span::new(sea, 50, 60), "no store `shoppee_my`")
            .with_help("did you mean `shopee_my`?")
            .with_related(Span::new(sea, 5, 20), "in this rule")
            .with_related(Span::new(old, 5, 13), "it is said here too")
            .with_fix(fix);
        let mut name =
            Diagnostic::new(&codes::BAD_NAME, Span::new(old, 5, 13), "bad name `x\x1b[31m|<script>`");
        name.level = Level::Warn;
        let rules = Diagnostic::new(&codes::TOO_MANY_RULES, None, "there are 201 rules, 200 are allowed");
        let mut all = vec![unknown, name, rules];
        sort(&sources, &mut all);
        (sources, all)
    }

    /// What a format makes of findings, at 80 columns without colour.
    pub(super) fn rendered(
        name: &str,
        sources: &Sources,
        diagnostics: &[Diagnostic],
    ) -> Result<String, Box<dyn std::error::Error>> {
        let report = LintReport {
            sources,
            diagnostics,
            files: 2,
            rules: 41,
            color: Color::Never,
            width: 80,
            prefix: "shop/",
        };
        let format = LINT_FORMATS.iter().find(|format| format.name == name).ok_or("no such format")?;
        let mut out = Vec::new();
        (format.render)(&report, &mut out)?;
        Ok(String::from_utf8(out)?)
    }
}
