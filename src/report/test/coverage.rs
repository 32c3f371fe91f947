//! What no test reached, for people.

use crate::report::Color;
use crate::report::text::{Style, paint, visible};
use crate::ruletest::coverage::{Branch, Count, Coverage, RuleCoverage, State};
use crate::source::{Sources, Span};
use std::io::{self, Write};

/// Writes what no test reached, a line each, and a last line with the counts.
pub fn render(coverage: &Coverage, sources: &Sources, color: Color, out: &mut dyn Write) -> io::Result<()> {
    let missing: Vec<_> = coverage.rules.iter().flat_map(missing).collect();
    let impossible: Vec<_> = coverage.rules.iter().flat_map(impossible).collect();
    write_list("no test reaches", &missing, sources, color, out)?;
    write_list("no stock can reach, so that it does not count", &impossible, sources, color, out)?;
    let Count { reached, total } = coverage.rules();
    let (fields, branches) = (coverage.fields(), coverage.branches());
    write!(out, "coverage: rules {reached} of {total}, ")?;
    write!(out, "fields {} of {}, ", fields.reached, fields.total)?;
    writeln!(out, "branches {} of {}", branches.reached, branches.total)
}

type Line = (Span, String);

/// A rule that was not reached is told as a whole, and so is a field.
fn missing(rule: &RuleCoverage) -> Vec<Line> {
    if !rule.reached {
        return vec![(rule.head, format!("rule `{}`", rule.name))];
    }
    let mut lines = Vec::new();
    for field in rule.fields() {
        if let (false, Some(branch)) = (field.is_reached, field.branches.first()) {
            lines.push((branch.span, format!("{}: {}", named(rule, branch), whole(&field.branches))));
            continue;
        }
        let missed = field.branches.iter().filter(|branch| branch.state == State::Missed);
        lines.extend(
            missed.map(|branch| (branch.span, format!("{}: {}", named(rule, branch), branch.missing))),
        );
    }
    lines
}

/// What is missing of a field of which everything is.
fn whole<'a>(branches: &[&'a Branch]) -> &'a str {
    match branches {
        [branch] => branch.missing,
        _ => "not tested at all",
    }
}

fn impossible(rule: &RuleCoverage) -> Vec<Line> {
    let branches = rule.branches.iter().filter(|branch| branch.state == State::Impossible);
    branches.map(|branch| (branch.span, format!("{}: {}", named(rule, branch), branch.missing))).collect()
}

/// `cap` of `outlet` in `The rest`.
fn named(rule: &RuleCoverage, branch: &Branch) -> String {
    let store = branch.store.as_ref().map_or_else(String::new, |store| format!(" of `{store}`"));
    format!("`{}`{store} in `{}`", branch.field, rule.name)
}

fn write_list(
    title: &str,
    lines: &[Line],
    sources: &Sources,
    color: Color,
    out: &mut dyn Write,
) -> io::Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    writeln!(out, "{}", paint(title, Style::Bold, color))?;
    for (span, text) in lines {
        let source = sources.get(span.file);
        let line = source.position(span.start).line;
        writeln!(out, "  {}:{line}: {}", visible(source.path()), visible(text))?;
    }
    Ok(())
}
